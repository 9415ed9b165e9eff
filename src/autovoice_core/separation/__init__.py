"""Songs taken apart into vocals and accompaniment."""
