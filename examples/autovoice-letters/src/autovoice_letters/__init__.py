"""Speech that spells words."""
