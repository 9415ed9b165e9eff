from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob: list[str] = []

if find_spec("torch") is None:
    collect_ignore_glob = ["test_*.py"]
else:
    import torch

    # Several threads on a busy machine spend their time waiting for one another.
    torch.set_num_threads(1)
