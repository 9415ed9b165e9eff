"""The result of a demo: files, figures, and the duration of each stage."""

from __future__ import annotations

from pathlib import Path

from attrs import evolve, frozen

from autovoice_core._provenance import Provenance
from autovoice_core.demo.measurements import Measurement


@frozen(eq=False)
class Demo:
    """The result of :func:`~autovoice_core.demo.run_demo` or ``run_sung_demo``.

    Attributes
    ----------
    folder
        The folder of the files.
    files
        The files that were written, the most interesting first.
    measured
        The figures.
    song_seconds
        Length of the song.
    seconds
        How long each stage took.
    made_by
        The backend of each operation.
    """

    folder: Path
    files: tuple[Path, ...]
    measured: tuple[Measurement, ...]
    song_seconds: float
    seconds: dict[str, float]
    made_by: tuple[Provenance, ...]

    def in_folder(self, folder: Path) -> Demo:
        """Return this demo with its files in another folder, to which they have been copied."""
        files = tuple(folder / file.relative_to(self.folder) for file in self.files)
        return evolve(self, folder=folder, files=files)
