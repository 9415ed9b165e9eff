"""The contract of speech engines."""
