"""Fetching pinned weights into a file that grows, from where it ends.

What is there already is kept under the name ``<file>.part``, with a note of where it came from
beside it. The server is asked for the rest, on condition that its file is still the same (``Range``
and ``If-Range``, RFC 9110); it may answer with all of it, and then we begin again.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from autovoice_core._errors import ModelError
from autovoice_core._types import Progress
from autovoice_core.backends.weights import Weights, human_size
from autovoice_core.models.checking import sha256_of, short_of_space
from autovoice_core.models.web import FetchError, opened

CHUNK = 1 << 16
PATIENCE = 60.0
"""Seconds in which at least ``LEAST`` bytes must come."""
LEAST = 1 << 16

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


def part_of(weights: Weights) -> Path:
    """Return the name that unfinished weights have."""
    return weights.place.with_name(f"{weights.file}.part")


def note_of(weights: Weights) -> Path:
    """Return the name of the note beside them."""
    return weights.place.with_name(f"{weights.file}.part.json")


def download(weights: Weights, progress: Progress | None = None) -> Path:
    """Fetch the weights, or the rest of them, and return the file, whole and checked.

    Raises
    ------
    ModelError
        The server can't be reached, answers something else than what is pinned, or breaks off;
        or there is no room. What came is kept, and the next call goes on from there, unless it
        is of no use.
    OSError
        The folder can't be written.
    """
    part = part_of(weights)
    resumed = _size(part) > 0
    _fetch(weights, part, progress)
    digest = _wrong(weights, part)
    if digest and resumed:
        # The halves are of different files: this can be known at the end only.
        discard(weights)
        _fetch(weights, part, progress)
        digest = _wrong(weights, part)
    if digest:
        discard(weights)
        raise ModelError(
            f"{weights.name}: what {_host(weights)} sent has the SHA-256 {digest[:16]}…, not "
            f"{weights.sha256[:16]}… as pinned, and was deleted; the file was changed or tampered "
            "with, so ask the plugin's authors before you use it"
        )
    return part


def discard(weights: Weights) -> None:
    """Forget what was fetched so far."""
    part_of(weights).unlink(missing_ok=True)
    note_of(weights).unlink(missing_ok=True)


def _fetch(weights: Weights, part: Path, progress: Progress | None) -> None:
    done = _size(part)
    if done > weights.size:
        discard(weights)
        done = 0
    if done == weights.size:
        return
    problem = short_of_space(shutil.disk_usage(part.parent).free, weights.size - done, part.parent)
    if problem:
        raise ModelError(f"{weights.name} {problem}")
    host = _host(weights)
    try:
        with opened(weights.url, _condition(weights, done)) as response:
            start = _start(response, done, weights)
            _take(response, weights, part, start, progress)
    except FetchError as error:
        if error.status == 416 and done:  # the server's file ends before our part does
            discard(weights)
            _fetch(weights, part, progress)
            return
        raise ModelError(f"{weights.name}: {host} {error}; {_advice(weights, error)}") from error


def _condition(weights: Weights, done: int) -> dict[str, str]:
    """Return the headers that ask for what lies behind ``done`` bytes of the same file."""
    headers = {"User-Agent": "autovoice", "Accept-Encoding": "identity"}
    if done:
        headers["Range"] = f"bytes={done}-"
        validator = _note(weights).get("validator")
        if validator:
            headers["If-Range"] = validator
    return headers


def _start(response: Any, done: int, weights: Weights) -> int:
    """Return at which byte the answer begins; refuse one that is not of the pinned size."""
    length, start = response.headers.get("Content-Length"), 0
    if response.status == 206:
        match = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if not match or int(match[1]) != done or match[3] not in {str(weights.size), "*"}:
            text = "answered with another part of the file than was asked for"
            raise FetchError(text, final=True)
        start = done
    if length is not None and length != str(weights.size - start):
        text = f"offers {length[:20]} bytes, not the {weights.size - start} that are pinned"
        raise FetchError(text, final=True)
    return start


def _take(
    response: Any, weights: Weights, part: Path, start: int, progress: Progress | None
) -> None:
    """Write the answer behind the first ``start`` bytes of the part; never more than is pinned."""
    _keep_note(weights, response)
    done, since, mark = start, time.monotonic(), start
    with part.open("r+b" if start else "wb") as file:
        file.seek(start)
        while block := response.read1(CHUNK):
            done += len(block)
            if done > weights.size:
                discard(weights)
                text = f"sends more than the {weights.size} bytes that are pinned"
                raise FetchError(text, final=True)
            file.write(block)
            if progress is not None:
                progress(done / weights.size)
            now = time.monotonic()
            if done - mark >= LEAST:
                since, mark = now, done
            elif now - since > PATIENCE:
                raise FetchError(f"sent less than {human_size(LEAST)} in {PATIENCE:g} s")
    if done < weights.size:
        raise FetchError(f"broke off after {human_size(done)} of {human_size(weights.size)}")


def _keep_note(weights: Weights, response: Any) -> None:
    etag = response.headers.get("ETag", "")
    # A weak validator says that files mean the same, not that their bytes are: no use for ranges.
    strong = etag if etag.startswith('"') else response.headers.get("Last-Modified", "")
    note_of(weights).write_text(json.dumps({"url": weights.url, "validator": strong}))


def _note(weights: Weights) -> dict[str, str]:
    try:
        note = json.loads(note_of(weights).read_text())
        return {"validator": str(note["validator"])} if note["url"] == weights.url else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _wrong(weights: Weights, part: Path) -> str | None:
    digest = sha256_of(part, weights.size)
    return None if digest == weights.sha256 else digest


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _host(weights: Weights) -> str:
    return urlsplit(weights.url).netloc


def _advice(weights: Weights, error: FetchError) -> str:
    done = _size(part_of(weights))
    if done and not error.final:
        return f"run the same command again to go on from {human_size(done)}"
    again = "ask the plugin's authors" if error.final else "try again"
    return (
        f"{again}, or fetch {weights.url} elsewhere and run "
        f"`autovoice models get {weights.name} --from FILE`"
    )
