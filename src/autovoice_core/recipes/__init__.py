"""The algorithms, written once against the array API and a handful of kernels."""
