"""The contract of converters."""
