"""What a demo leaves behind: files, figures, and how long each stage took."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from autovoice_core._provenance import Provenance
from autovoice_core.demo.measuring import Measured


@frozen(eq=False)
class Demo:
    """What the demo left and found.

    Attributes
    ----------
    folder
        Where everything lies.
    files
        What was written, in the order in which it is worth a look.
    measured
        The figures, with what they were measured against.
    seconds
        How long each stage took.
    made_by
        What did each operation.
    """

    folder: Path
    files: tuple[Path, ...]
    measured: tuple[Measured, ...]
    seconds: dict[str, float]
    made_by: tuple[Provenance, ...]
