"""Workers of the page as coroutines of one process: plain sockets, one question or grid at a time.

Each has a connection of its own, answers what it is asked in the way it is asked, and keeps an
answer until it hears what became of it, as the page's script does: after a broken connection
the same answer is sent again.
"""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from benchmarks.page_load import Client

RETRY_SECONDS = 0.1
BROKEN = (OSError, asyncio.IncompleteReadError)
SAID = ("no", "yes-all", "no", "yes-all", "unsure")


@dataclass
class Worker(Client):
    """One worker, who may pause."""

    pause_seconds: float = 0.0
    """From one clip to the next; 0: none."""
    draw: random.Random = field(default_factory=random.Random)
    waits: list[float] = field(default_factory=list)
    """Seconds of each request, from when it was due."""
    first: dict[str, Any] = field(default_factory=dict)
    """What lies before the worker when the run begins."""
    num_early: int = 0
    """Answers that were saved before the time that is measured."""

    async def work_on(self, begin: float, measured_from: float, until: float) -> None:
        """Answer from one moment to another; before a grid for as long as its clips take.

        Whoever pauses begins somewhere in the time that is not measured: people do not end their
        tasks all at once.
        """
        shown = self.first
        due = begin + self.draw.random() * (measured_from - begin)
        while shown["next"] is not None:
            slots = [one["slot"] for one in (shown["next"], *shown["following"])]
            is_grid = shown["way"] == "grid"
            due += self.pause_seconds * (len(slots) if is_grid else 1)
            due = max(due, 0 if self.pause_seconds else time.perf_counter())
            await asyncio.sleep(max(0.0, min(due, until) - time.perf_counter()))
            if time.perf_counter() >= until:
                return
            shown = await (self.send_grid(slots) if is_grid else self.send_one(slots))
            if due >= measured_from:
                self.waits.append(time.perf_counter() - due)
            if time.perf_counter() < measured_from:
                self.num_early = len(self.saved)

    async def send_one(self, slots: Sequence[int]) -> dict[str, Any]:
        """Answer the first question; the page holds the others already."""
        holds = quote(",".join(map(str, slots[1:])))
        said = self.draw.choice(SAID)
        form = f"answer={said}&seconds=1&go_on=1&holds={holds}"
        reply = await self.insist("POST", f"/slots/{slots[0]}/answer", form)
        if reply["saved"]:
            self.saved.append(slots[0])
        following = {one["slot"]: one for one in (reply["next"], *reply["following"]) if one}
        return {**reply, "following": list(following.values())[1:]}

    async def send_grid(self, slots: Sequence[int]) -> dict[str, Any]:
        """Answer all of a grid at once."""
        answers = [
            {"slot": slot, "answer": self.draw.choice(("no", "yes-seen")), "seconds": 2}
            for slot in slots
        ]
        form = f"answers={quote(json.dumps(answers))}&go_on=1"
        reply = await self.insist("POST", "/answers", form)
        self.saved += [one["slot"] for one in reply["results"] if one["saved"]]
        return reply

    async def insist(self, method: str, path: str, form: str = "") -> dict[str, Any]:
        """Ask until there is an answer, on new connections if need be."""
        while True:
            try:
                _, body = await self.ask(method, path, form)
                found: dict[str, Any] = json.loads(body)
            except BROKEN:
                await asyncio.sleep(RETRY_SECONDS)
                await self.connect_again()
                continue
            self.token = found.get("csrf_token", self.token)
            return found

    async def connect_again(self) -> None:
        """Open another connection as soon as somebody listens."""
        self.writer.close()
        while True:
            try:
                return await self.connect()
            except BROKEN:
                await asyncio.sleep(RETRY_SECONDS)


async def come(address: str, codes: Sequence[str], pause_seconds: float) -> list[Worker]:
    """Log all workers in, one after another; each takes a task."""
    host, port = address.removeprefix("http://").split(":")
    crowd = []
    for number, code in enumerate(codes):
        worker = Worker(f"worker {number}", host, int(port), pause_seconds=pause_seconds)
        worker.draw = random.Random(number)
        await worker.log_in(code)
        worker.first = await worker.insist("GET", "/task.json")
        crowd.append(worker)
    return crowd


async def let_work(crowd: Sequence[Worker], warm_up: float, seconds: float) -> float:
    """Let them all work, for a time that is not measured first; return how long the other took."""
    begun = time.perf_counter()
    times = begun, begun + warm_up, begun + warm_up + seconds
    await asyncio.gather(*(worker.work_on(*times) for worker in crowd))
    return time.perf_counter() - times[1]
