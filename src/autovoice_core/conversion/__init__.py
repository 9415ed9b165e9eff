"""Singing again in another voice: of whole recordings, and live."""
