"""Pitch: the tracking of f0, and what is done with a pitch track."""
