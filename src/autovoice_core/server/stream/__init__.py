"""Live singing over WebSocket: one protocol, one process for each stream."""
