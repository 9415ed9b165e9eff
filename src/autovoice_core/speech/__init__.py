"""Text said and lyrics sung, by engines and in stored voices."""
