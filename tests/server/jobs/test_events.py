from __future__ import annotations

import asyncio
import json

from autovoice_core.server.jobs.events import IDS_PER_BOOT, MAX_EVENTS, Event, EventLog


async def all_of(log: EventLog, after: int = 0) -> list[Event]:
    """Return the events of a log that is closed or has ended."""
    followed = [event async for event in log.follow(after, 60)]
    return [event for event in followed if event is not None]


def log_with(*events: tuple[str, object]) -> EventLog:
    log = EventLog(1)
    for name, data in events:
        log.add(name, data)  # type: ignore[arg-type]
    return log


def test_an_event_is_sent_with_its_id_name_and_data() -> None:
    assert Event(7, "progress", b'{"a":1}').encode() == (
        b'id: 7\nevent: progress\ndata: {"a":1}\n\n'
    )


def test_a_follower_gets_what_was_what_comes_and_then_the_end() -> None:
    async def follow() -> list[str]:
        log = log_with(("state", 1))
        following = asyncio.create_task(all_of(log))
        await asyncio.sleep(0)
        log.add("log", "a")
        await asyncio.sleep(0)
        log.add("end", 2)
        return [event.name for event in await following]

    assert asyncio.run(follow()) == ["state", "log", "end"]


def test_a_follower_resumes_after_the_event_that_it_has_seen() -> None:
    log = log_with(("state", 1), ("log", "a"), ("log", "b"))
    log.close()
    seen = asyncio.run(all_of(log))[1].id
    assert [json.loads(event.data) for event in asyncio.run(all_of(log, seen))] == ["b"]


def test_of_progress_only_the_latest_is_kept() -> None:
    log = log_with(("state", 1), *(("progress", number) for number in range(50)))
    log.close()
    events = asyncio.run(all_of(log))
    assert [event.name for event in events] == ["state", "progress"]
    assert json.loads(events[-1].data) == 49


def test_a_log_that_has_ended_keeps_warnings_and_its_end() -> None:
    log = log_with(("state", 1), ("log", "a"), ("progress", 0.5), ("end", "x"))
    assert [event.name for event in asyncio.run(all_of(log))] == ["log", "end"]


def test_a_long_log_drops_its_oldest_events() -> None:
    log = log_with(*(("log", number) for number in range(MAX_EVENTS + 5)))
    log.close()
    events = asyncio.run(all_of(log))
    assert len(events) == MAX_EVENTS
    assert json.loads(events[0].data) == 5


def test_ids_after_a_restart_are_above_those_of_before() -> None:
    before, after = EventLog(3), EventLog(4)
    for _ in range(1000):
        before.add("progress", 0.5)
    after.add("state", 1)
    assert before.last_id == 3 * IDS_PER_BOOT + 1000 < after.last_id


def test_the_log_of_a_job_that_had_ended_keeps_the_id_of_its_end() -> None:
    log = EventLog.of_ended(1_000_057, {"state": "done"})
    (event,) = asyncio.run(all_of(log, 1_000_056))
    assert (event.id, event.name) == (1_000_057, "end")
    assert asyncio.run(all_of(log, 1_000_057)) == []


def test_a_follower_hears_that_nothing_happens() -> None:
    async def first() -> object:
        async for event in EventLog(1).follow(0, 0.01):
            return event
        return "ended"

    assert asyncio.run(first()) is None


def test_closing_the_log_ends_those_who_follow_it() -> None:
    async def follow() -> list[Event]:
        log = EventLog(1)
        following = asyncio.create_task(all_of(log))
        await asyncio.sleep(0)
        log.close()
        return await following

    assert asyncio.run(follow()) == []
