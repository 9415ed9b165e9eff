"""Conversion of singing to another voice, of whole recordings and block by block."""
