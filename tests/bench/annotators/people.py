"""People who each do the same again and again, at a fixed rate: what they waited for, and what failed."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import httpx
import numpy as np

PERCENTILES = (50, 95, 99)
LIMITS = httpx.Limits(max_connections=1, max_keepalive_connections=1)


@dataclass
class Answers:
    """Of one stage: `waited`, seconds by what was asked for; `failed`, how often what went wrong."""

    waited: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    seconds: float = 0.0

    @property
    def requests(self) -> int:
        return sum(map(len, self.waited.values()))

    def percentiles(self, kind: str | None = None) -> list[float]:
        """In milliseconds, of one kind or of all."""
        waited = self.waited[kind] if kind else [one for some in self.waited.values() for one in some]
        return [float(value) for value in np.percentile(np.array(waited or [0.0]) * 1e3, PERCENTILES)]


class Person:
    """One browser: a connection that is kept, and answers that are counted."""

    def __init__(self, address: str, headers: dict[str, str], answers: Answers) -> None:
        self.client = httpx.AsyncClient(base_url=address, headers=headers, limits=LIMITS, timeout=60)
        self.answers = answers

    async def ask(
        self, kind: str, method: str, path: str, expected: int, body: object = None
    ) -> httpx.Response | None:
        """The answer, timed to its last byte; None for one that is not the expected one."""
        begun = time.perf_counter()
        try:
            answer = await self.client.request(method, path, json=body)
        except httpx.HTTPError as error:
            self.answers.failed[f"{kind}: {type(error).__name__}"] += 1
            return None
        self.answers.waited[kind].append(time.perf_counter() - begun)
        if answer.status_code != expected:
            self.answers.failed[f"{kind}: {answer.status_code}"] += 1
            return None
        return answer


Cycle = Callable[[Person, random.Random], Awaitable[None]]


async def work(
    address: str,
    everybody: Sequence[dict[str, str]],
    cycle: Cycle,
    *,
    every_seconds: float,
    seconds: float,
    answers: Answers,
) -> None:
    """Everybody, told apart by their headers, begins a cycle each `every_seconds`, not all at once, for so long."""
    end = time.monotonic() + seconds

    async def one(number: int, headers: dict[str, str]) -> None:
        rng = random.Random(number)
        person = Person(address, headers, answers)
        turn = time.monotonic() + rng.random() * every_seconds
        async with person.client:
            while turn < end:
                await asyncio.sleep(max(0.0, turn - time.monotonic()))
                await cycle(person, rng)
                # Who waited for longer than a cycle lasts goes on at once, as people do.
                turn += every_seconds

    begun = time.monotonic()
    await asyncio.gather(*(one(number, headers) for number, headers in enumerate(everybody)))
    answers.seconds = time.monotonic() - begun


def observe(
    address: str, everybody: Sequence[dict[str, str]], cycle: Cycle, every_seconds: float, seconds: float
) -> Answers:
    """`work`, from outside of an event loop."""
    answers = Answers()
    asyncio.run(
        work(address, everybody, cycle, every_seconds=every_seconds, seconds=seconds, answers=answers)
    )
    return answers
