"""Conversion of songs and streams into a voice of RVC."""
