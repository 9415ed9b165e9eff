from __future__ import annotations

import asyncio

from autovoice_core.server.jobs.queue import JobQueue


def test_jobs_come_out_in_their_order_and_know_their_place() -> None:
    async def run() -> list[object]:
        queue = JobQueue()
        for job in "abc":
            queue.put(job)
        places: list[object] = [queue.position("a"), queue.position("c"), queue.position("x")]
        taken = [await queue.get(), await queue.get()]
        return [*places, *taken, queue.position("c"), len(queue)]

    assert asyncio.run(run()) == [1, 3, None, "a", "b", 1, 1]


def test_a_job_that_is_taken_out_is_not_given_to_anyone() -> None:
    async def run() -> list[object]:
        queue = JobQueue()
        queue.put("a")
        queue.put("b")
        return [queue.remove("a"), queue.remove("a"), await queue.get(), len(queue)]

    assert asyncio.run(run()) == [True, False, "b", 0]


def test_one_of_several_who_wait_gets_a_job_and_the_others_go_on_waiting() -> None:
    async def run() -> list[str]:
        queue = JobQueue()
        waiting = [asyncio.create_task(queue.get()) for _ in range(3)]
        await asyncio.sleep(0)
        for job in "abc":
            queue.put(job)
            await asyncio.sleep(0)
        return sorted(await asyncio.gather(*waiting))

    assert asyncio.run(run()) == ["a", "b", "c"]


def test_no_job_is_lost_with_one_who_waited_for_it() -> None:
    async def run() -> str:
        queue = JobQueue()
        waiting = asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        queue.put("a")
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return await queue.get()

    assert asyncio.run(run()) == "a"
