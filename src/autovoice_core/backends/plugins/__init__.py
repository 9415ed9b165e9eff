"""The plugins that are installed: found, trusted, loaded, probed, and registered once."""
