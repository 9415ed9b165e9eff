"""Retrieval fed block by block."""
