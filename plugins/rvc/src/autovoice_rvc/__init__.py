"""AutoVoice's backend for RVC voices, in torch."""
