"""The jobs on whole songs: convert, separate, remix."""
