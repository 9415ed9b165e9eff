"""Sound files, resampling, pitch shift, loudness, breaths, and windows over any length."""
