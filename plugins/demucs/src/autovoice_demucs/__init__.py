"""AutoVoice with Hybrid Transformer Demucs, in torch."""
