from __future__ import annotations

import hashlib
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from model_server import BODY, HALF, Handler, Server, break_off, left, refusal
from waiting import PATIENCE

from autovoice_core import AutoVoiceWarning, models
from autovoice_core.backends import Weights
from autovoice_core.models import download as downloading

ZEROS = hashlib.sha256(bytes(len(BODY))).hexdigest()


def test_weights_are_fetched_checked_and_left_alone_with_a_card(
    server: Server, weights: Weights, store: Path
) -> None:
    told: list[float] = []
    place = models.get(weights, progress=told.append)
    assert place == store / "toy/net/net.safetensors"
    assert place.read_bytes() == BODY
    assert told == sorted(told)
    assert told[-1] == 1
    assert f'"sha256": "{weights.sha256}"' in (place.parent / "weights.json").read_text()
    assert {file.name for file in place.parent.iterdir()} <= {place.name, "weights.json", ".lock"}


def test_weights_that_are_here_are_not_fetched_again(server: Server, weights: Weights) -> None:
    assert models.get(weights) == models.get(weights)
    assert len(server.asked) == 1


def test_weights_that_were_damaged_are_fetched_again(server: Server, weights: Weights) -> None:
    models.get(weights).write_bytes(b"x" * weights.size)
    assert models.get(weights).read_bytes() == BODY


def test_a_broken_connection_leaves_a_part_and_the_next_call_goes_on(
    server: Server, weights: Weights
) -> None:
    server.answer = break_off
    assert refusal(weights) == (
        f"toy/net: {server.host} broke off after 80 kB of 160 kB; "
        "run the same command again to resume from 80 kB"
    )
    assert left(weights) == HALF
    server.answer = Handler.serve
    assert models.get(weights).read_bytes() == BODY
    assert server.asked[-1].headers["Range"] == f"bytes={HALF}-"
    assert server.asked[-1].headers["If-Range"] == '"v1"'
    assert left(weights) == -1


def test_a_server_that_knows_no_ranges_is_taken_from_the_start(
    server: Server, weights: Weights
) -> None:
    server.answer = break_off
    refusal(weights)
    server.answer = lambda handler: handler.give(BODY)
    assert models.get(weights).read_bytes() == BODY


def test_a_file_that_changed_in_between_is_taken_from_the_start(
    server: Server, weights: Weights
) -> None:
    other = bytes(len(BODY))
    server.answer = lambda handler: handler.serve(other, '"v0"', stop=HALF)
    refusal(weights)
    server.answer = Handler.serve
    assert models.get(weights).read_bytes() == BODY
    assert server.asked[-1].headers["If-Range"] == '"v0"'


@pytest.mark.parametrize("etag", ['W/"weak"', ""])
def test_halves_of_two_files_are_noticed_where_nothing_says_that_it_changed(
    server: Server, weights: Weights, etag: str
) -> None:
    server.answer = lambda handler: handler.serve(bytes(len(BODY)), etag, stop=HALF)
    refusal(weights)
    server.answer = Handler.serve
    assert models.get(weights).read_bytes() == BODY
    ranges = [handler.headers.get("Range") for handler in server.asked]
    assert ranges == [None, f"bytes={HALF}-", None]
    assert all("If-Range" not in handler.headers for handler in server.asked)


@pytest.mark.parametrize(
    "note",
    [
        *("", "[]", '{"url": 1}', "\0", "[" * 60_000),
        '{"url": "https://other", "validator": "x"}',
        '{"url": "URL", "validator": "a\\nb"}',
        '{"url": "URL", "validator": "\\u20ac"}',
    ],
)
def test_with_a_note_of_no_use_the_download_begins_anew(
    server: Server, weights: Weights, note: str
) -> None:
    server.answer = break_off
    refusal(weights)
    downloading.note_of(weights).write_text(note.replace("URL", weights.url))
    server.answer = Handler.serve
    assert models.get(weights).read_bytes() == BODY
    assert "Range" not in server.asked[-1].headers
    assert "If-Range" not in server.asked[-1].headers


def test_a_validator_that_cannot_be_sent_again_is_not_noted(
    server: Server, weights: Weights
) -> None:
    server.answer = lambda handler: handler.serve(BODY, '"' + "x" * 2000 + '"', stop=HALF)
    refusal(weights)
    server.answer = Handler.serve
    assert models.get(weights).read_bytes() == BODY
    assert server.asked[-1].headers["Range"] == f"bytes={HALF}-"
    assert "If-Range" not in server.asked[-1].headers


@pytest.mark.parametrize("size", [len(BODY), len(BODY) + 1])
def test_a_part_as_long_as_the_file_or_longer_is_judged_by_its_hash(
    server: Server, weights: Weights, size: int
) -> None:
    part = downloading.part_of(weights)
    part.parent.mkdir(parents=True)
    part.write_bytes((BODY + b"more")[:size])
    assert models.get(weights).read_bytes() == BODY
    assert len(server.asked) == size - len(BODY)


def test_a_part_that_the_server_says_is_too_long_is_dropped(
    server: Server, weights: Weights
) -> None:
    server.answer = break_off
    refusal(weights)

    def answer(handler: Handler) -> None:
        if "Range" in handler.headers:
            handler.give(status=416)
        else:
            handler.serve()

    server.answer = answer
    assert models.get(weights).read_bytes() == BODY


def test_other_bytes_of_the_same_number_are_deleted(server: Server, weights: Weights) -> None:
    server.answer = lambda handler: handler.give(bytes(len(BODY)))
    assert refusal(weights) == (
        f"toy/net: what {server.host} sent has the SHA-256 {ZEROS[:16]}…, not "
        f"{weights.sha256[:16]}… as pinned, and was deleted; the file was changed or tampered "
        "with, so ask the plugin's authors before you use it"
    )
    assert left(weights) == -1
    assert not weights.place.exists()


def test_a_full_disk_is_known_before_anything_is_fetched(
    server: Server, weights: Weights, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type(shutil.disk_usage("/"))(10**9, 10**9, 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    assert refusal(weights) == (
        f"toy/net needs 160 kB more, but {store / 'toy/net'} has 1 kB free; "
        "free space or set AUTOVOICE_MODELS to another folder"
    )
    assert server.asked == []


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    resource = pytest.importorskip("resource", reason="no limits of files here")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_fills_up_is_named(server: Server, weights: Weights) -> None:
    with no_file_longer_than(HALF):
        assert refusal(weights) == (
            f"toy/net: {weights.place.parent} can't be written (File too large); free space or set "
            "AUTOVOICE_MODELS to another folder, and run the same command again"
        )


def test_what_progress_raises_stops_the_download_and_leaves_a_part(
    server: Server, weights: Weights
) -> None:
    def stop(fraction: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        models.get(weights, progress=stop)
    assert left(weights) > 0
    assert models.get(weights).read_bytes() == BODY
    assert "Range" in server.asked[-1].headers


def test_two_at_once_fetch_once(server: Server, weights: Weights) -> None:
    gate = threading.Event()

    def answer(handler: Handler) -> None:
        gate.wait(PATIENCE)
        handler.serve()

    server.answer = answer
    found: list[Path] = []
    threads = [threading.Thread(target=lambda: found.append(models.get(weights))) for _ in "ab"]
    with pytest.warns(AutoVoiceWarning) as warned:  # noqa: PT031  # one of two threads warns
        for thread in threads:
            thread.start()
        while not warned.list:
            time.sleep(0.01)
        gate.set()
        for thread in threads:
            thread.join()
    assert str(warned.list[0].message) == (
        "toy/net: another process is using these weights; waiting for it to finish"
    )
    assert found == [weights.place, weights.place]
    assert len(server.asked) == 1
