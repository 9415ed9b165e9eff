"""AutoVoice's backend for Hybrid Transformer Demucs, in torch."""
