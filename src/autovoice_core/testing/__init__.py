"""Truth to test with: synthesised singing and songs whose every part is known."""
