"""The queue of embeddings as a discrete-event simulation: arrivals, batches, priorities, and a doorbell that busy workers
do not hear. What `backend.embeddings` and `workers.tasks.embeddings` do, with seconds in the place of work."""

import random
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

import simpy

RUNS = 100
MESSAGE_SECONDS = 0.01  # from ringing to the claim


@dataclass(frozen=True)
class Costs:
    """Measured. `slower`: how many times as long a batch takes while one, two, ... workers compute."""

    one_seconds: float  # a batch of one image, from claim to stored
    full_seconds: float  # a batch of `batch` images
    batch: int
    slower: tuple[float, ...] = (1.0,)

    def seconds(self, images: int, busy: int) -> float:
        """Of a batch of so many images while so many workers are at work."""
        more = (self.full_seconds - self.one_seconds) / max(1, self.batch - 1)
        return (self.one_seconds + more * (images - 1)) * self.slower[min(busy, len(self.slower)) - 1]


@dataclass(frozen=True, order=True)
class Arrival:
    """An image that is uploaded, or a window that somebody asks for from an open page (a higher priority)."""

    at: float
    priority: int = 0


@dataclass
class Queue:
    """The table, its workers and the broker between them."""

    env: simpy.Environment
    costs: Costs
    worker_count: int
    rng: random.Random
    waiting: list[tuple[int, float, int]] = field(default_factory=list)
    at_work: set[int] = field(default_factory=set)
    ready: dict[int, float] = field(default_factory=dict)

    def ring(self) -> None:
        """The broker hands the message to any worker; one that is at work drops it."""
        worker = self.rng.randrange(self.worker_count)
        if worker not in self.at_work:
            self.at_work.add(worker)
            self.env.process(self.work(worker))

    def arrive(self, number: int, arrival: Arrival) -> Generator[simpy.Event, Any, None]:
        yield self.env.timeout(arrival.at)
        heappush(self.waiting, (-arrival.priority, arrival.at, number))
        self.ring()

    def work(self, worker: int) -> Generator[simpy.Event, Any, None]:
        """Batch after batch while rows wait; each claim that leaves some rings for another worker."""
        yield self.env.timeout(MESSAGE_SECONDS)
        while self.waiting:
            taken = [heappop(self.waiting) for _ in range(min(self.costs.batch, len(self.waiting)))]
            if self.waiting:
                self.ring()
            yield self.env.timeout(self.costs.seconds(len(taken), len(self.at_work)))
            for _, _, number in taken:
                self.ready[number] = self.env.now
        self.at_work.remove(worker)

    def sweep(self, every_seconds: float) -> Generator[simpy.Event, Any, None]:
        """The clock's ring, for what messages lost."""
        while True:
            yield self.env.timeout(every_seconds)
            if self.waiting:
                self.ring()


def waits(
    arrivals: Sequence[Arrival], costs: Costs, workers: int, *, seed: int = 0, sweep_seconds: float = 10.0
) -> list[float]:
    """Seconds from each arrival until its embedding is ready, in one run."""
    env = simpy.Environment()
    queue = Queue(env, costs, workers, random.Random(seed))
    for number, arrival in enumerate(arrivals):
        env.process(queue.arrive(number, arrival))
    env.process(queue.sweep(sweep_seconds))
    while len(queue.ready) < len(arrivals):
        env.step()
    return [queue.ready[number] - arrival.at for number, arrival in enumerate(arrivals)]


def many_waits(
    arrivals: Sequence[Arrival], costs: Costs, workers: int, *, runs: int = RUNS, sweep_seconds: float = 10.0
) -> list[list[float]]:
    """`waits` of so many runs: whom the broker rings is a matter of chance."""
    return [waits(arrivals, costs, workers, seed=seed, sweep_seconds=sweep_seconds) for seed in range(runs)]
