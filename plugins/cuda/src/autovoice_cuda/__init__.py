"""AutoVoice's backends for NVIDIA GPUs: CuPy arrays, and CUDA C++ compiled on first use."""
