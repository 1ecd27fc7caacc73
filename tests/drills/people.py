"""Who uses the system while something is done to it: simulated annotators and others, through the public API alone.

Each notes in a ledger what the server acknowledged, and sends again what it did not, as the client is told to.
"""

import io
import random
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from anymask import ApiError, Client, Source
from anymask.errors import AnymaskError, ConnectionFailed
from anymask.transport import Transport
from tests.builders import encode_mask, make_file, make_pixels, rectangle

CONNECTION = (0, "connection")
# Answers to a request that was done before, whose first answer was lost.
DONE_BEFORE = frozenset({(409, "mask.stale_revision"), (409, "work.transition")})


@dataclass
class Saved:
    """A mask as the server last acknowledged it."""

    image: int
    counts: str
    seconds: float
    revision: int = 1


@dataclass
class Ledger:
    """What all of them know together."""

    masks: dict[str, Saved] = field(default_factory=dict)
    uploaded: dict[int, str] = field(default_factory=dict)
    # Images that were accepted, with the masks they had.
    accepted: dict[int, set[str]] = field(default_factory=dict)
    jobs: set[str] = field(default_factory=set)
    # Failures by (status, code), of each try.
    failures: Counter[tuple[int, str]] = field(default_factory=Counter)
    # What was sent again after the client had given it up.
    resent: int = 0
    pictures_seen: int = 0
    broken: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def failed(self, error: Exception) -> None:
        key = (error.status, error.code) if isinstance(error, ApiError) else CONNECTION
        with self.lock:
            self.failures[key] += 1


class NotingTransport(Transport):
    """The client's own, which also notes every failure; it gives up soon, so that others are heard too."""

    def __init__(self, url: str, token: str, ledger: Ledger) -> None:
        super().__init__(url, token, tries=4)
        self._ledger = ledger

    def pause(self, attempt: int, error: Any, **options: Any) -> None:
        self._ledger.failed(error)
        super().pause(attempt, error, **options)


class Person(threading.Thread, ABC):
    """Somebody who does one thing after the other until told to stop, and then ends what was begun."""

    pause_seconds = 0.3

    def __init__(self, url: str, token: str, ledger: Ledger, seed: int) -> None:
        super().__init__(daemon=True, name=f"{type(self).__name__}-{seed}")
        self.ledger = ledger
        self.random = random.Random(seed)
        self.client = Client(url, token)
        self.client.transport = NotingTransport(url, token, ledger)
        self.must_stop = threading.Event()

    def run(self) -> None:
        try:
            while not self.must_stop.is_set():
                self.step()
                self.must_stop.wait(self.pause_seconds)
        except Exception as error:
            with self.ledger.lock:
                self.ledger.broken.append(f"{self.name}: {type(error).__name__}: {error}")

    @abstractmethod
    def step(self) -> None:
        """One thing, done to its end."""

    def insist(self, ask: Callable[[], Any]) -> Any:
        """Asks until it is answered: what was drawn is kept and sent again, as the page's journal does. Raises what no
        repetition helps against."""
        while True:
            try:
                return ask()
            except ConnectionFailed:
                pass
            except ApiError as error:
                if error.status != 429 and error.status < 500:
                    raise
            with self.ledger.lock:
                self.ledger.resent += 1
            time.sleep(0.5)

    def drawn(self, height: int, width: int) -> dict[str, Any]:
        top, left = self.random.randrange(height - 8), self.random.randrange(width - 8)
        bottom, right = self.random.randint(top + 4, height), self.random.randint(left + 4, width)
        return encode_mask(rectangle(height, width, top, left, bottom, right))

    def save(self, image: dict[str, Any], label: int) -> str:
        """A new mask; the same id however often it is sent."""
        shape = self.drawn(image["height"], image["width"])
        mask_id, seconds = str(uuid.uuid4()), round(self.random.uniform(1, 20), 2)
        self.insist(
            lambda: self.client.mask_create(image["id"], shape, label, mask_id=mask_id, seconds_spent=seconds)
        )
        with self.ledger.lock:
            self.ledger.masks[mask_id] = Saved(image["id"], shape["counts"], seconds)
        return mask_id


class Annotator(Person):
    """Saves masks on images of their own, and changes some of them."""

    def __init__(self, *common: Any, images: list[Any], label: int) -> None:
        super().__init__(*common)
        self.images, self.label = images, label
        self.mine: list[tuple[str, Any]] = []

    def step(self) -> None:
        if self.mine and self.random.random() < 0.3:
            self.change(*self.random.choice(self.mine))
            return
        image = self.random.choice(self.images)
        self.mine.append((self.save(image, self.label), image))

    def change(self, mask_id: str, image: Any) -> None:
        """From the revision that is known. Where the answer was lost the same again is refused, and a look tells why."""
        known = self.ledger.masks[mask_id]
        shape = self.drawn(image["height"], image["width"])
        body = {"revision": known.revision, "segmentation": shape}

        def ask() -> Any:
            try:
                return self.client.transport.send("PATCH", f"masks/{mask_id}/", json=body).json()
            except ApiError as error:
                if (error.status, error.code) not in DONE_BEFORE:
                    raise
                return self.client.get(f"masks/{mask_id}/")

        stored = self.insist(ask)
        if stored["segmentation"]["counts"] != shape["counts"]:
            raise AssertionError(f"mask {mask_id} was changed by nobody we know")
        with self.ledger.lock:
            self.ledger.masks[mask_id] = Saved(
                known.image, shape["counts"], known.seconds, stored["revision"]
            )


class Finisher(Person):
    """Uploads a photograph, draws on it, hands it in and accepts it; then the next one."""

    pause_seconds = 1.0

    def __init__(self, *common: Any, project: int, label: int) -> None:
        super().__init__(*common)
        self.project, self.label = project, label
        self.number = 0

    def step(self) -> None:
        self.number += 1
        name = f"new{self.number}.png"
        content = make_file(make_pixels(240, 180, seed=10_000 + self.number))
        image = self.insist(lambda: self.uploaded(name, content))
        with self.ledger.lock:
            self.ledger.uploaded[image["id"]] = image["sha256"]
        masks = {self.save(image, self.label) for _ in range(2)}
        for step, after in (("submit", "submitted"), ("accept", "accepted")):
            self.insist(lambda step=step, after=after: self.moved(image["id"], step, after))
        with self.ledger.lock:
            self.ledger.accepted[image["id"]] = masks

    def uploaded(self, name: str, content: bytes) -> Any:
        with TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(content)
            report = self.client.upload(self.project, [Source(path, name)])
        if report.created:
            return report.created[0]
        if report.errors:
            first = report.errors[0]
            # Told with the file, of an upload that was answered.
            status = 507 if first["code"] == "storage.full" else 500
            error = ApiError(first["code"], first["message"], status)
            self.ledger.failed(error)
            raise error
        # An upload that was done, and whose answer was lost.
        return next(image for image in self.client.images(self.project, name=name))

    def moved(self, image: int, step: str, after: str) -> None:
        try:
            self.client.transport.send("POST", f"images/{image}/work/{step}/")
        except ApiError as error:
            if (error.status, error.code) not in DONE_BEFORE:
                raise
            if (status := self.client.get(f"images/{image}/work/")["status"]) != after:
                raise AssertionError(f"image {image} is {status}, not {after}") from error


class Exporter(Person):
    """Orders exports: jobs, each under an id of its own."""

    pause_seconds = 4.0

    def __init__(self, *common: Any, project: int) -> None:
        super().__init__(*common)
        self.project = project

    def step(self) -> None:
        body = {"id": str(uuid.uuid4()), "kind": "export.coco", "params": {"unlabelled": "include"}}
        path = f"projects/{self.project}/jobs/"
        self.insist(lambda: self.client.transport.send("POST", path, json=body, is_repeatable=True))
        with self.ledger.lock:
            self.ledger.jobs.add(body["id"])


class Viewer(Person):
    """Looks at photographs and fetches embeddings, whole."""

    def __init__(self, *common: Any, project: int) -> None:
        super().__init__(*common)
        self.project = project
        self.known: list[Any] = []

    def step(self) -> None:
        if not self.known or self.random.random() < 0.1:
            found = self.insist(lambda: list(self.client.images(self.project, state="ready")))
            self.known = found
        if self.known:
            image = self.random.choice(self.known)
            for path in ("embedding", "thumbnail"):
                self.insist(lambda path=path: self.fetched(f"images/{image['id']}/{path}/"))
            self.ledger.pictures_seen += 1

    def fetched(self, path: str) -> None:
        """Raises as the client does. A file that breaks off is a broken connection."""
        try:
            with self.client.transport.opened(path, {}) as answer:
                content = io.BytesIO()
                for piece in answer.iter_bytes():
                    content.write(piece)
                if answer.is_success:
                    return
                body: Any = {}
                with suppress(ValueError):
                    body = httpx.Response(answer.status_code, content=content.getvalue()).json()
                code = body.get("code", f"http.{answer.status_code}") if isinstance(body, dict) else "http"
                error: AnymaskError = ApiError(code, "", answer.status_code)
        except httpx.TransportError:
            error = ConnectionFailed("The connection broke.")
        self.ledger.failed(error)
        raise error
