"""Separation by one filter for every song."""
