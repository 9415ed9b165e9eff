"""The page: files that the server hands to browsers, and their routes."""
