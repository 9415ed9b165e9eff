"""The contract of separators."""
