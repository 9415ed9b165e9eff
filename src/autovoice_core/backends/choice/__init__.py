"""The choice of a backend: settings and names given, offers matched with a need and ranked."""
