"""The same on a real installation: web processes, workers and clock, PostgreSQL, Redis, the default model."""

import os
import signal
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg2

from anymask import Source
from tests.bench.queueing.simulation import Arrival
from tests.bench.team_server import team_server
from tests.builders import make_file, make_pixels
from tests.workers.processes import System

SIDE = (640, 480)
SWEEP_SECONDS = 10.0
LIMIT_SECONDS = 900.0


@dataclass(frozen=True)
class Embedded:
    """A row: when it was asked for and ready, seconds since 1970; its share of the seconds its batch was computed."""

    queued: float
    ready: float
    encoded: float
    priority: int


class Site:
    """An installation whose workers are told apart, and photographs that no other has."""

    def __init__(self, system: System, database: str, folder: Path, workers: int, batch: int) -> None:
        self.system, self.database, self.folder, self.batch = system, database, folder, batch
        self.workers = ["worker" if number == 1 else f"worker {number}" for number in range(1, workers + 1)]
        self.project = system.client.project_create("Queue")["id"]
        # A picture that is known is not embedded again.
        self.seeds = count(int(time.time() * 10) % 2**31)

    def photographs(self, number: int) -> list[Source]:
        made = []
        for _ in range(number):
            path = self.folder / f"photo{next(self.seeds)}.jpg"
            path.write_bytes(make_file(make_pixels(*SIDE, seed=int(path.stem[5:])), "JPEG"))
            made.append(Source(path, path.name))
        return made

    def upload(self, sources: Sequence[Source]) -> list[int]:
        return [image["id"] for image in self.system.client.upload(self.project, list(sources)).created]

    def rows(self, after: int) -> list[Embedded]:
        """Those that are ready, of later rows than `after`."""
        with psycopg2.connect(self.database) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT extract(epoch FROM queued_at)::float8, extract(epoch FROM ready_at)::float8, seconds, priority "
                "FROM embeddings_embedding WHERE id > %s AND state = 'ready' ORDER BY queued_at, id",
                [after],
            )
            return [Embedded(*row) for row in cursor.fetchall()]

    def last(self) -> int:
        with psycopg2.connect(self.database) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(id), 0) FROM embeddings_embedding")
            return int(cursor.fetchone()[0])

    def embedded(self, after: int, number: int) -> list[Embedded]:
        """So many rows, once they are ready."""
        self.system.wait(lambda: len(self.rows(after)) == number, f"{number} embeddings ready", LIMIT_SECONDS)
        return self.rows(after)

    def warm_up(self) -> None:
        """Until each worker has loaded the model, which it does once."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while not all("model_loaded" in self._log(name) for name in self.workers):
            assert time.monotonic() < deadline, self.system.log()
            after = self.last()
            self.embedded(after, len(self.upload(self.photographs(2 * self.batch))))

    def _log(self, name: str) -> str:
        return (self.system.data_dir / f"{name}.log").read_text(errors="replace")

    def paused(self, signal_number: int) -> None:
        for name in self.workers:
            os.killpg(self.system.running[name].pid, signal_number)


def seconds_of_one(site: Site, singles: int) -> float:
    """Median from upload to ready of one photograph while nothing else waits."""
    took = []
    for _ in range(singles):
        after = site.last()
        site.upload(site.photographs(1))
        [row] = site.embedded(after, 1)
        took.append(row.ready - row.queued)
    return statistics.median(took)


def seconds_of_full(site: Site, batches: int) -> tuple[float, float]:
    """Of a full batch while all workers are at work, and what the encoder takes for an image of it.

    All rows wait before the workers may begin, so that no batch is smaller.
    """
    after = site.last()
    site.paused(signal.SIGSTOP)
    site.upload(site.photographs(batches * len(site.workers) * site.batch))
    began = time.time()
    site.paused(signal.SIGCONT)
    rows = site.embedded(after, batches * len(site.workers) * site.batch)
    seconds = (max(row.ready for row in rows) - began) / batches
    return seconds, statistics.median(row.encoded for row in rows)


def burst(site: Site, images: int, open_every: float) -> list[Embedded]:
    """So many photographs uploaded at once; meanwhile somebody looks closer at an image that is ready, again and again.

    All their embeddings.
    """
    [open_image] = site.upload(site.photographs(1))
    site.system.wait(
        lambda: site.system.client.image(open_image)["embedding"]["state"] == "ready", "the open image"
    )
    after, sources, asked = site.last(), site.photographs(images), 0
    sending = threading.Thread(target=site.upload, args=(sources,))
    sending.start()
    while sending.is_alive() or len(site.rows(after)) < images + asked:
        time.sleep(open_every)
        if sending.is_alive() or len(site.rows(after)) < images + asked - site.batch:
            across = 100 + asked % 300
            window = {"x0": 0, "y0": 0, "x1": across, "y1": across}
            answer = site.system.session.post(
                site.system.url(f"images/{open_image}/crops/"), json={"window": list(window.values())}
            )
            assert answer.status_code == 201, answer.text
            asked += 1
    sending.join()
    return site.embedded(after, images + asked)


def arrivals_of(rows: Sequence[Embedded]) -> list[Arrival]:
    """What the simulation is given: when each was asked for, and its priority."""
    first = min(row.queued for row in rows)
    return [Arrival(row.queued - first, row.priority) for row in rows]


@contextmanager
def running(
    folder: Path, model: str, database: str, redis: str, *, workers: int, batch: int, threads: int
) -> Iterator[Site]:
    """`workers` embedding workers; the database is empty, or what was left of it in the same folder."""
    system = team_server(
        folder,
        model,
        database=database,
        redis=redis,
        EMBEDDING_BATCH_SIZE=str(batch),
        SWEEP_SECONDS=str(SWEEP_SECONDS),
        WORKER_BEAT_SECONDS="10",
        OMP_NUM_THREADS=str(threads),
    )
    try:
        system.begin()
        for number in range(2, workers + 1):
            system.start(f"worker {number}")
        site = Site(system, database, folder, workers, batch)
        site.warm_up()
        yield site
    finally:
        system.stop()
