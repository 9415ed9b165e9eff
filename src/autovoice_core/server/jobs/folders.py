"""``Folders``: the places of a server's files, and their change from half made to final."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

from filelock import FileLock, Timeout

from autovoice_core._errors import InputError
from autovoice_core.server.jobs.schemas import JobSource

SCRATCH = ".scratch"
"""Folder of a task's temporary files, in the folder of the task."""


class Folders:
    """The folders of uploads and results under the folder of a server.

    What is half made lies apart, under ``incoming`` and ``work``, and is moved to its place when
    it is complete: a server that is killed leaves no half-made file under a final name.

    Attributes
    ----------
    incoming, uploads
        Uploads that arrive, and those that are complete, each a file called as its id.
    work, results
        Jobs that run, and those that are done, each a folder; the latter called as their ids.
    database
        The file of what is known of them all.
    """

    def __init__(self, folder: Path) -> None:
        folder = folder.absolute()
        self.incoming, self.uploads = folder / "incoming", folder / "uploads"
        self.work, self.results = folder / "work", folder / "results"
        self.database = folder / "jobs.db"
        self._folder, self._lock = folder, FileLock(folder / ".lock", timeout=0)
        self._all = (self.incoming, self.uploads, self.work, self.results)

    def take(self) -> None:
        """Make the folders, for this user alone, and keep other servers out of them.

        Raises
        ------
        InputError
            They can't be made, or another server uses them.
        """
        try:
            for folder in (self._folder, *self._all):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout as error:
            raise InputError(
                f"{self._folder}: is used by another server; end it or choose another folder"
            ) from error
        except OSError as error:
            raise InputError(
                f"{self._folder}: the folder can't be used ({error.strerror}); choose another"
            ) from error

    def leave(self) -> None:
        """Let other servers use the folders."""
        self._lock.release()

    def keep_upload(self, upload: str) -> None:
        """Move an upload that has arrived to its place."""
        (self.incoming / upload).replace(self.uploads / upload)

    def keep_result(self, work: Path, job: str) -> None:
        """Move the folder that a job worked in, and that is done, to its place."""
        remove(self.results / job)
        work.replace(self.results / job)

    def source(self, source: JobSource) -> Path:
        """Return the file of a source.

        Raises
        ------
        FileNotFoundError
            There is none.
        """
        if source.job is not None and source.output is not None:
            return result_file(self.results / source.job, source.output)
        return self.uploads / (source.upload or "")

    def remove_unknown(self, uploads: Collection[str], results: Collection[str]) -> None:
        """Remove what is half made, and every upload and result but those named."""
        known = {self.uploads: uploads, self.results: results}
        for folder in self._all:
            for path in folder.iterdir():
                if path.name not in known.get(folder, ()):
                    remove(path)

    def free_bytes(self) -> int:
        """Return the free space of the disk."""
        return shutil.disk_usage(self.uploads).free


def remove(path: Path) -> None:
    """Remove a file, a link or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def result_file(folder: Path, output: str) -> Path:
    """Return the file of an output, which is called as the output but for its suffix.

    Raises
    ------
    FileNotFoundError
        There is none.
    """
    for path in sorted(folder.glob("*")):
        if path.stem == output and path.is_file():
            return path
    raise FileNotFoundError(f"{output}: is not among the files of the job")
