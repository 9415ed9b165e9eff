"""Resumable downloads of pinned weights.

An unfinished download is kept as ``<file>.part``, next to a note of its source in
``<file>.part.json``. The next call requests the rest, provided that the server's file is still the
same (``Range`` and ``If-Range``, RFC 9110); if the server answers with the whole file, the
download starts again.
"""

from __future__ import annotations

import json
import logging
import re
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from autovoice_core._errors import ModelError
from autovoice_core._regular_files import open_own, open_regular, write_own
from autovoice_core._types import Progress
from autovoice_core.backends.weights import Weights, format_file_size
from autovoice_core.models.checksum import sha256_of, space_fault
from autovoice_core.models.deadline import Deadline
from autovoice_core.models.https import FetchError, open_url

_logger = logging.getLogger(__name__)

BLOCK_BYTES = 1 << 16
"""Size of the blocks that the response is read in."""
STALL_SECONDS = 60.0
"""Seconds in which at least ``MIN_BYTES`` must arrive; headers and redirects count towards it."""
MIN_BYTES = 1 << 19
"""Bytes that must arrive within ``STALL_SECONDS``: 9 kB/s, so 84 MB end within 2.7 h."""
MAX_NOTE_BYTES = 1 << 16
"""Bytes that are read of the note about an unfinished download."""

FREE_BLOCKS, MIN_BLOCK_BYTES = 10_000, 256
"""Blocks that may be of any size, and the least mean size of those after them: networks send more
at a time, and each takes microseconds."""

_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)")
_VALIDATOR = re.compile(r"[\x20-\x7e\xa0-\xff]{0,1000}")
"""Text that may be sent in a header."""


def part_of(weights: Weights) -> Path:
    """Return the path of an unfinished download."""
    return weights.place.with_name(f"{weights.file}.part")


def note_of(weights: Weights) -> Path:
    """Return the path of the note about an unfinished download."""
    return weights.place.with_name(f"{weights.file}.part.json")


def download(weights: Weights, progress: Progress | None = None) -> Path:
    """Download the weights, or the rest of them, and return the complete, checked file.

    Raises
    ------
    ModelError
        The server can't be reached, sends something other than what is pinned, or breaks off;
        or the disk is full. What arrived is kept for the next call to resume, unless it is
        useless.
    OSError
        The folder can't be written.
    """
    part = part_of(weights)
    resumed = _size(part) > 0
    _fetch(weights, part, progress)
    digest = _wrong_digest(weights, part)
    if digest and resumed:
        # The two parts are of different files, which can be known at the end only.
        discard(weights)
        _fetch(weights, part, progress)
        digest = _wrong_digest(weights, part)
    if digest:
        discard(weights)
        raise ModelError(
            f"{weights.name}: what {_host(weights)} sent has the SHA-256 {digest[:16]}…, not "
            f"{weights.sha256[:16]}… as pinned, and was deleted; the file was changed or tampered "
            "with, so ask the plugin's authors before you use it"
        )
    return part


def discard(weights: Weights) -> None:
    """Delete an unfinished download."""
    part_of(weights).unlink(missing_ok=True)
    note_of(weights).unlink(missing_ok=True)


def _fetch(weights: Weights, part: Path, progress: Progress | None) -> None:
    done = _size(part)
    if done == weights.size:
        return
    note = _read_note(weights) if done else {}
    if done > weights.size or note is None:
        discard(weights)
        done, note = 0, {}
    fault = space_fault(shutil.disk_usage(part.parent).free, weights.size - done, part.parent)
    if fault:
        raise ModelError(f"{weights.name} {fault}")
    host = _host(weights)
    _logger.info("%s: downloading from %s, from byte %d", weights.name, host, done)
    try:
        deadline = Deadline(STALL_SECONDS)
        with open_url(weights.url, _request_headers(note, done), deadline) as response:
            start = _start_byte(response, done, weights)
            _receive(response, weights, part, start, deadline, progress)
    except FetchError as error:
        if error.status == 416 and done:  # the server's file ends before our part does
            discard(weights)
            _fetch(weights, part, progress)
            return
        raise ModelError(f"{weights.name}: {host} {error}; {_advice(weights, error)}") from error


def _request_headers(note: dict[str, str] | None, done: int) -> dict[str, str]:
    """Return the headers that request what follows ``done`` bytes of the same file."""
    headers = {"User-Agent": "autovoice", "Accept-Encoding": "identity"}
    if done:
        headers["Range"] = f"bytes={done}-"
        if note and note["validator"]:
            headers["If-Range"] = note["validator"]
    return headers


def _start_byte(response: Any, done: int, weights: Weights) -> int:
    """Return the byte at which the response begins; refuse one of another than the pinned size."""
    length, start = response.headers.get("Content-Length"), 0
    if response.status == 206:
        match = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if not match or int(match[1]) != done or match[3] not in {str(weights.size), "*"}:
            text = "answered with another part of the file than requested"
            raise FetchError(text, final=True)
        start = done
    if length is not None and length != str(weights.size - start):
        text = f"offers {length[:20]} bytes, not the {weights.size - start} pinned"
        raise FetchError(text, final=True)
    return start


def _receive(
    response: Any,
    weights: Weights,
    part: Path,
    start: int,
    deadline: Deadline,
    progress: Progress | None,
) -> None:
    """Write the response after the first ``start`` bytes of the part; never more than is pinned."""
    _write_note(weights, response)
    done = mark = start
    blocks = 0
    with open_own(part) as file:
        file.truncate(start)
        file.seek(start)
        while block := response.read1(BLOCK_BYTES):
            done, blocks = done + len(block), blocks + 1
            if blocks > FREE_BLOCKS + (done - start) // MIN_BLOCK_BYTES:
                raise FetchError("sends the file in pieces of a few bytes", final=True)
            if done > weights.size:
                discard(weights)
                text = f"sends more than the {weights.size} bytes pinned"
                raise FetchError(text, final=True)
            file.write(block)
            if progress is not None:
                progress(done / weights.size)
            if done - mark >= MIN_BYTES:
                mark = done
                deadline.restart()
    if done < weights.size:
        raise FetchError(
            f"broke off after {format_file_size(done)} of {format_file_size(weights.size)}"
        )


def _write_note(weights: Weights, response: Any) -> None:
    etag = response.headers.get("ETag", "")
    # A weak validator does not say that files are equal byte by byte, as ranges require.
    validator = etag if etag.startswith('"') else response.headers.get("Last-Modified", "")
    note = {"url": weights.url, "validator": validator if _VALIDATOR.fullmatch(validator) else ""}
    write_own(note_of(weights), json.dumps(note))


def _read_note(weights: Weights) -> dict[str, str] | None:
    """Return the note about an unfinished download, empty if there is none; None if it's unusable.

    Then nothing says what the download is a part of.
    """
    try:
        with open_regular(note_of(weights)) as file:
            note = json.loads(file.read(MAX_NOTE_BYTES))
        validator = str(note["validator"])
        known = note["url"] == weights.url and _VALIDATOR.fullmatch(validator)
    except OSError:
        return {}
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return {"validator": validator} if known else None


def _wrong_digest(weights: Weights, part: Path) -> str | None:
    """Return the hash of the file if it is not the pinned one."""
    with open_regular(part) as file:
        digest = sha256_of(file, weights.size)
    return None if digest == weights.sha256 else digest


def _size(file: Path) -> int:
    """Return the size of what is left of a download; 0 where anything else lies."""
    with suppress(FileNotFoundError):
        status = file.lstat()
        return status.st_size if stat.S_ISREG(status.st_mode) else 0
    return 0


def _host(weights: Weights) -> str:
    return urlsplit(weights.url).netloc


def _advice(weights: Weights, error: FetchError) -> str:
    done = _size(part_of(weights))
    if done and not error.final:
        return f"run the same command again to resume from {format_file_size(done)}"
    again = "ask the plugin's authors" if error.final else "try again"
    return (
        f"{again}, or download {weights.url} elsewhere and run "
        f"`autovoice models get {weights.name} --from FILE`"
    )
