"""AutoVoice's backends for NVIDIA GPUs: torch tensors, and kernels in Triton."""
