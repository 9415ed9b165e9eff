"""Files in and out, resampling, loudness, and windows for audio of any length."""
