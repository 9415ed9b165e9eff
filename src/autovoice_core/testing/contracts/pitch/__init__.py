"""The contract of pitch estimators."""
