"""AutoVoice's backends for Spleeter's networks, in torch."""
