"""AutoVoice on torch tensors: kernels in Triton."""
