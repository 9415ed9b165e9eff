"""The fundamental frequency of a voice: tracking, and what is done with a track."""
