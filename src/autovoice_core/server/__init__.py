"""A server: jobs over HTTP, live singing over WebSocket, and a page; needs the extra ``server``."""
