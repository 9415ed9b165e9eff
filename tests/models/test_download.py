from __future__ import annotations

import hashlib
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from model_server import BODY, Handler, Server

from autovoice_core import AutoVoiceWarning, ModelError, models
from autovoice_core.backends import Weights
from autovoice_core.models import download as downloading
from autovoice_core.models import web

HALF = len(BODY) // 2
ZEROS = hashlib.sha256(bytes(len(BODY))).hexdigest()


def refusal(weights: Weights) -> str:
    with pytest.raises(ModelError) as caught:
        models.get(weights)
    return str(caught.value)


def advice(weights: Weights) -> str:
    return f"or fetch {weights.url} elsewhere and run `autovoice models get toy/net --from FILE`"


def left(weights: Weights) -> int:
    """Return how many bytes an unfinished download has left; -1 for no file."""
    part = downloading.part_of(weights)
    return part.stat().st_size if part.exists() else -1


def break_off(handler: Handler) -> None:
    handler.serve(stop=HALF)


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
        "run the same command again to go on from 80 kB"
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


def test_the_note_of_another_address_is_not_believed(server: Server, weights: Weights) -> None:
    server.answer = break_off
    refusal(weights)
    downloading.note_of(weights).write_text('{"url": "https://other", "validator": "x"}')
    server.answer = Handler.serve
    assert models.get(weights).read_bytes() == BODY
    assert "If-Range" not in server.asked[-1].headers


@pytest.mark.parametrize("note", ["", "[]", '{"url": 1}', "\0"])
def test_a_damaged_note_is_as_none(server: Server, weights: Weights, note: str) -> None:
    server.answer = break_off
    refusal(weights)
    downloading.note_of(weights).write_text(note)
    server.answer = Handler.serve
    assert models.get(weights).read_bytes() == BODY


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


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (
            lambda handler: handler.give(b"short"),
            "offers 5 bytes, not the {size} that are pinned; ask the plugin's authors, {advice}",
        ),
        (
            lambda handler: handler.give(BODY, length=10**15),
            "offers 1000000000000000 bytes, not the {size} that are pinned; "
            "ask the plugin's authors, {advice}",
        ),
        (
            lambda handler: handler.give(
                status=206, length=len(BODY), headers={"Content-Range": f"bytes 0-9/{len(BODY)}0"}
            ),
            "answered with another part of the file than was asked for; "
            "ask the plugin's authors, {advice}",
        ),
        (
            lambda handler: handler.give(status=206, length=len(BODY)),
            "answered with another part of the file than was asked for; "
            "ask the plugin's authors, {advice}",
        ),
        (lambda handler: handler.give(status=404), "answered 404 Not Found; try again, {advice}"),
        (
            lambda handler: handler.give(status=500),
            "answered 500 Internal Server Error; try again, {advice}",
        ),
        (lambda handler: handler.give(status=204), "answered 204; try again, {advice}"),
        (
            lambda handler: handler.give(status=302, headers={"Location": handler.path}),
            "redirects in circles; try again, {advice}",
        ),
        (
            lambda handler: handler.give(status=302, headers={"Location": handler.path + "x"}),
            "redirects in circles; try again, {advice}",
        ),
        (
            lambda handler: handler.give(
                status=302, headers={"Location": "http://example.org/net.safetensors"}
            ),
            "redirects to 'http://example.org/net.safetensors', which is not one of https://; "
            "ask the plugin's authors, {advice}",
        ),
        (
            lambda handler: handler.give(status=302, headers={"Location": "file:///etc/passwd"}),
            "redirects to what is not one of https://; ask the plugin's authors, {advice}",
        ),
        (
            lambda handler: handler.give(status=302, headers={"Location": "http://[no"}),
            "redirects to no address (Invalid IPv6 URL); ask the plugin's authors, {advice}",
        ),
        (
            lambda handler: handler.wfile.write(b"nonsense\r\n\r\n"),
            "broke off (nonsense); try again, {advice}",
        ),
        (
            lambda handler: setattr(handler, "close_connection", True),
            "broke off (Remote end closed connection without response); try again, {advice}",
        ),
    ],
)
def test_an_answer_of_no_use_is_refused(
    server: Server, weights: Weights, answer: Callable[[Handler], None], fault: str
) -> None:
    server.answer = answer
    filled = fault.format(size=weights.size, advice=advice(weights))
    assert refusal(weights) == f"toy/net: {server.host} {filled}"
    assert left(weights) <= 0


def test_an_endless_answer_is_cut_off_and_deleted(server: Server, weights: Weights) -> None:
    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(1000):
            handler.wfile.write(BODY)

    server.answer = answer
    assert refusal(weights) == (
        f"toy/net: {server.host} sends more than the {weights.size} bytes that are pinned; "
        f"ask the plugin's authors, {advice(weights)}"
    )
    assert left(weights) == -1


def test_an_answer_of_unknown_length_is_taken(server: Server, weights: Weights) -> None:
    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for i in range(0, len(BODY), 50_000):
            chunk = BODY[i : i + 50_000]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        handler.wfile.write(b"0\r\n\r\n")

    server.answer = answer
    assert models.get(weights).read_bytes() == BODY


def test_a_redirect_is_followed_with_the_range(server: Server, weights: Weights) -> None:
    def answer(handler: Handler) -> None:
        if handler.path == "/moved":
            handler.serve()
        else:
            handler.give(status=302, headers={"Location": f"http://{server.host}/moved"})

    server.answer = break_off
    refusal(weights)
    server.answer = answer
    assert models.get(weights).read_bytes() == BODY
    assert server.asked[-1].headers["Range"] == f"bytes={HALF}-"


@pytest.mark.parametrize(
    ("origin", "target", "followed"),
    [
        ("https://a.org/x", "https://b.org/x", True),
        ("https://a.org/x", "http://b.org/x", False),
        ("https://a.org/x", "http://127.0.0.1/x", False),
        ("http://127.0.0.1/x", "http://localhost:1/x", True),
        ("http://127.0.0.1/x", "https://b.org/x", True),
        ("http://127.0.0.1/x", "ftp://b.org/x", False),
        ("https://a.org/x", "https:///x", False),
    ],
)
def test_no_redirect_leads_away_from_https(origin: str, target: str, followed: bool) -> None:
    request = web.urllib.request.Request(origin)
    arguments: Any = (request, None, 302, "Found", {}, target)
    if followed:
        found = web._SafeRedirects().redirect_request(*arguments)
        assert found is not None
        assert found.full_url == target
    else:
        with pytest.raises(web.FetchError, match="which is not one of https://"):
            web._SafeRedirects().redirect_request(*arguments)


def test_a_server_that_is_not_there_is_named(server: Server, weights: Weights) -> None:
    server.shutdown()
    server.socket.close()
    assert refusal(weights) == (
        f"toy/net: {server.host} can't be reached (Connection refused); "
        f"try again, {advice(weights)}"
    )


def test_a_silent_server_is_given_up(
    server: Server, weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "TIMEOUT", 0.1)
    over = threading.Event()
    server.answer = lambda handler: bool(over.wait(5)) and None
    try:
        assert refusal(weights) == (
            f"toy/net: {server.host} was silent for 0.1 s; try again, {advice(weights)}"
        )
    finally:
        over.set()


def test_a_server_that_falls_silent_leaves_a_part(
    server: Server, weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "TIMEOUT", 0.1)
    over = threading.Event()

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(BODY)))
        handler.end_headers()
        handler.wfile.write(BODY[:HALF])
        handler.wfile.flush()
        over.wait(5)
        handler.close_connection = True

    server.answer = answer
    try:
        assert refusal(weights) == (
            f"toy/net: {server.host} was silent for 0.1 s; "
            "run the same command again to go on from 80 kB"
        )
    finally:
        over.set()
    assert left(weights) == HALF


def test_a_server_that_drips_is_given_up(
    server: Server, weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloading, "PATIENCE", 0.05)

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(BODY)))
        handler.end_headers()
        handler.close_connection = True
        for i in range(1000):
            handler.wfile.write(BODY[i : i + 1])
            time.sleep(0.005)

    server.answer = answer
    assert "sent less than 66 kB in 0.05 s; run the same command again" in refusal(weights)


def test_a_full_disk_is_known_before_anything_is_fetched(
    server: Server, weights: Weights, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type(shutil.disk_usage("/"))(10**9, 10**9, 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    assert refusal(weights) == (
        f"toy/net needs 160 kB more, but {store / 'toy/net'} has 1 kB free; "
        "make room or set AUTOVOICE_MODELS to another folder"
    )
    assert server.asked == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here is always full")
def test_a_disk_that_fills_up_is_named(server: Server, weights: Weights) -> None:
    part = downloading.part_of(weights)
    part.parent.mkdir(parents=True)
    part.symlink_to("/dev/full")
    assert refusal(weights) == (
        f"toy/net: {part.parent} can't be written (No space left on device); make room or set "
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
        gate.wait(10)
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
        "toy/net: another process is at it; waiting for it to finish"
    )
    assert found == [weights.place, weights.place]
    assert len(server.asked) == 1
