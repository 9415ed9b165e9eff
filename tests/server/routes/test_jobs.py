from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from server_clients import Answer, request, running_server, settings_in

from autovoice_core.server.settings import Settings

SOURCE = {"upload": "song0001"}


@pytest.fixture
def server(tmp_path: Path, voice_file: Path, vocal_file: Path) -> Iterator[Settings]:
    """A server with the voice Ada and a sound."""
    settings = settings_in(tmp_path, limits={"job_niceness": 0, "queue": 1}, db=voice_file)
    with running_server(settings) as running:
        assert (
            request(running, "PUT", "/v1/uploads/song0001", vocal_file.read_bytes()).status == 201
        )
        yield running


def begin(server: Settings, **job: Any) -> dict[str, Any]:
    answer = request(server, "POST", "/v1/jobs", {"source": SOURCE, **job})
    assert answer.status == 202
    begun: dict[str, Any] = json.loads(answer.body)
    return begun


def events(answer: Answer) -> list[tuple[int, str, dict[str, Any]]]:
    """Return the ids, names and data of the events in an answer, which has ended."""
    found = []
    body = b"".join(
        line for line in answer.body.splitlines(keepends=True) if not is_chunk_size(line)
    )
    for text in body.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in text.split("\n") if ": " in line)
        if "data" in fields:
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


def is_chunk_size(line: bytes) -> bool:
    """Return whether a line of a chunked body is not of the body itself."""
    return line.endswith(b"\r\n")


def follow(server: Settings, job: str, after: int | None = None) -> Answer:
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    return request(server, "GET", f"/v1/jobs/{job}/events", headers=headers)


def test_a_job_is_begun_followed_to_its_end_and_read(server: Settings) -> None:
    job = begin(server, kind="pitch")
    answer = follow(server, job["id"])
    assert answer.headers["content-type"].startswith("text/event-stream")
    names = [name for _, name, _ in events(answer)]
    assert (names[0], names[-1], names.count("end")) == ("state", "end", 1)
    done = events(answer)[-1][2]
    assert (done["state"], done["progress"]) == ("done", 1.0)
    assert json.loads(request(server, "GET", f"/v1/jobs/{job['id']}").body) == done
    assert json.loads(request(server, "GET", "/v1/jobs").body) == {"jobs": [done]}
    track = request(server, "GET", f"/v1/jobs/{job['id']}/outputs/pitch")
    assert track.headers["content-type"] == "text/csv; charset=utf-8"
    assert track.body.startswith(b"time_s,f0_hz,voiced,confidence\n")
    assert len(track.body) == done["outputs"][0]["bytes"]
    part = request(
        server, "GET", f"/v1/jobs/{job['id']}/outputs/pitch", headers={"Range": "bytes=0-5"}
    )
    assert (part.status, part.body) == (206, b"time_s")
    unknown = request(server, "GET", f"/v1/jobs/{job['id']}/outputs/result")
    assert (unknown.status, unknown.error["code"]) == (404, "output_unknown")
    assert request(server, "DELETE", f"/v1/jobs/{job['id']}").status == 204
    assert request(server, "GET", f"/v1/jobs/{job['id']}").error["code"] == "job_unknown"


def test_events_resume_after_the_last_that_was_seen_and_end_for_good(server: Settings) -> None:
    job = begin(server, kind="pitch")
    ids = [number for number, _, _ in events(follow(server, job["id"]))]
    assert ids == sorted(set(ids))
    (end,) = events(follow(server, job["id"], ids[-1] - 1))
    assert end[:2] == (ids[-1], "end")
    # Without a body: a browser's EventSource does not ask again.
    assert follow(server, job["id"], ids[-1]).status == 204


def test_what_is_no_event_id_is_refused(server: Settings) -> None:
    job = begin(server, kind="pitch")
    for given in ("x", "-1", "1e9", "9" * 30):
        answer = request(
            server, "GET", f"/v1/jobs/{job['id']}/events", headers={"Last-Event-ID": given}
        )
        assert answer.status == 422
        assert answer.error["message"] == "Last-Event-ID: is not the id of an event"


def test_the_report_is_a_page_that_can_reach_nothing(server: Settings) -> None:
    options = {"vocals_only": True, "report": True}
    job = begin(server, kind="convert", voice="Ada", options=options)
    done = events(follow(server, job["id"]))[-1][2]
    assert done["error"] is None
    page = request(server, "GET", f"/v1/jobs/{job['id']}/outputs/report")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-scripts;" in policy
    assert page.headers["content-disposition"].startswith("inline")


def test_a_full_queue_is_answered_with_a_time_to_try_again(server: Settings) -> None:
    body = {"kind": "separate", "source": SOURCE}
    answers = [request(server, "POST", "/v1/jobs", body) for _ in range(4)]
    refused = [answer for answer in answers if answer.status == 429]
    assert refused
    assert refused[0].error["code"] == "queue_full"
    assert int(refused[0].headers["retry-after"]) > 0
    jobs = [json.loads(answer.body)["id"] for answer in answers if answer.status == 202]
    for job in jobs:
        cancelled = request(server, "DELETE", f"/v1/jobs/{job}")
        assert cancelled.status in (202, 204)
    kept = json.loads(request(server, "GET", "/v1/jobs").body)["jobs"]
    assert {job["state"] for job in kept} <= {"cancelled"}


def test_a_request_of_another_form_is_refused_with_the_field(server: Settings) -> None:
    body = {"kind": "convert", "source": SOURCE, "voice": "Ada", "options": {"key": 99}}
    answer = request(server, "POST", "/v1/jobs", body)
    assert (answer.status, answer.error["field"]) == (422, "options.key")
