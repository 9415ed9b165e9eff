"""AutoVoice's speech engines."""
