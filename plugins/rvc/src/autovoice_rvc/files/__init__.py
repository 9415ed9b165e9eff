"""Files of RVC voices as people share them, read without running anything from them."""
