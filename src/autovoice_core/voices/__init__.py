"""Voice profiles and the file they are kept in."""
