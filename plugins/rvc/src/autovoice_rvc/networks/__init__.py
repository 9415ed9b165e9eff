"""The networks that RVC is made of, in torch, float32.

Modules carry the names that the public files give to their arrays, so that arrays are loaded by
name; weight norm is folded into the weights at that time. Nothing here waits for a GPU.
"""
