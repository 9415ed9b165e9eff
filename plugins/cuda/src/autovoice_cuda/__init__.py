"""AutoVoice on NVIDIA GPUs: CuPy arrays, and CUDA C++ kernels compiled where they run."""
