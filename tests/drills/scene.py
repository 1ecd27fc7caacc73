"""One installation with people at work on it, in which something is about to go wrong."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anymask import token_create
from tests.backend.webhooks.receiver import Receiver
from tests.builders import make_file, make_pixels
from tests.drills.clocks import SetClock
from tests.drills.counts import ask
from tests.drills.failing_bucket import FailingBucket
from tests.drills.leases import LeaseWatch
from tests.drills.people import Annotator, Exporter, Finisher, Ledger, Person, Viewer
from tests.drills.servers import Postgres, RabbitMQ, Redis
from tests.workers.processes import System
from tests.workers.tables import connected

ANNOTATORS = 3
PASSWORD = "drawn-by-a-program"
# As `System.prepare`, in one process: on a busy machine each takes half a minute to begin.
PREPARE = f"""
from django.core.management import call_command
call_command("migrate", interactive=False, verbosity=0)
call_command("register_models", default="tiny")
call_command("demo_create")
from backend.projects.members import membership_set
from backend.projects.models import Membership, Project
from backend.users.services import user_create
for number in range({ANNOTATORS}):
    person = user_create(username=f"annotator{{number}}", password="{PASSWORD}")
    membership_set(project=Project.objects.get(), user=person, role=Membership.Role.ANNOTATOR)
"""


@dataclass
class Scene:
    """What a fault may lay hands on. Times of the drill are real ones."""

    system: System
    ledger: Ledger
    watch: LeaseWatch
    postgres: Postgres | None = None
    redis: Redis | None = None
    rabbitmq: RabbitMQ | None = None
    # Where the small disk is mounted.
    disk: Path | None = None
    bucket: FailingBucket | None = None
    clock: SetClock | None = None
    # Masks that were put there past everybody.
    made: int = 0
    notes: list[str] = field(default_factory=list)
    supervised: threading.Lock = field(default_factory=threading.Lock)

    def say(self, what: str) -> None:
        """Stands below the table."""
        self.notes.append(what)

    def go_on(self, seconds: float) -> None:
        time.sleep(seconds)

    def kill(self, name: str) -> None:
        """kill -9, which no supervisor mends before the drill does."""
        with self.supervised:
            self.system.kill(name)

    def start(self, name: str) -> None:
        with self.supervised:
            self.system.start(name)

    def worker_lost(self) -> None:
        """Kills the worker, and starts another that is up when this returns: nobody could sweep meanwhile."""
        log = self.system.data_dir / "worker.log"
        with self.watch.excused():
            self.kill("worker")
            said = log.read_text(errors="replace").count("ready.")
            self.start("worker")
            self.until(
                lambda: log.read_text(errors="replace").count("ready.") > said, "another worker is up", 120
            )

    def until(self, condition: Any, what: str, seconds: float = 120) -> None:
        """As `System.wait`, which the supervisor here helps."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"never happened: {what}\n{self.system.log()}"
            time.sleep(0.1)

    def sql(self, query: str) -> list[Any]:
        with closing(connected(self.system)) as connection:
            return ask(connection, query)


@contextmanager
def supervisor(scene: Scene) -> Iterator[None]:
    """Starts again what ended by itself, as `make run`, systemd and Kubernetes do."""
    end = threading.Event()

    def look() -> None:
        while not end.wait(0.5):
            with scene.supervised:
                scene.system.keep_alive()

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join(10)


@contextmanager
def people_at_work(scene: Scene, receiver: Receiver, *, with_exports: bool) -> Iterator[list[Person]]:
    """Annotators, one who finishes images, one who exports, one who looks; a webhook that is told of it."""
    system = scene.system
    project = system.project()["id"]
    at = system.url(f"projects/{project}/webhooks/")
    body = {"url": receiver.url, "events": ["image.submitted", "image.accepted", "export.ready"]}
    answer = system.session.post(at, json=body, timeout=30)
    assert answer.status_code == 201, answer.text
    label = system.client.labels(project)[0]["id"]
    images = [image for image in system.client.images(project) if image["work"]["status"] != "accepted"]
    if not images:
        # What a training learns from is nobody's to change any more.
        files = {
            f"free{n}.png": make_file(make_pixels(240, 180, seed=20_000 + n)) for n in range(2 * ANNOTATORS)
        }
        images = system.upload(**files)
    crowd: list[Person] = []
    for number in range(ANNOTATORS):
        token = token_create(system.address, f"annotator{number}", PASSWORD)
        mine = images[number::ANNOTATORS]
        crowd.append(Annotator(system.address, token, scene.ledger, number, images=mine, label=label))
    owner = (system.address, system.token, scene.ledger)
    crowd.append(Finisher(*owner, 10, project=project, label=label))
    if with_exports:
        crowd.append(Exporter(*owner, 11, project=project))
    crowd.append(Viewer(*owner, 12, project=project))
    for person in crowd:
        person.start()
    yield crowd
    for person in crowd:
        person.must_stop.set()
    deadline = time.monotonic() + 120
    for person in crowd:
        person.join(max(0.1, deadline - time.monotonic()))
        if person.is_alive():
            scene.ledger.broken.append(f"{person.name} is still trying")


@dataclass
class Ground:
    """What all drills of a run stand on, made when first asked for: servers, prepared folders and databases."""

    folder: Path
    models: Path
    _stack: ExitStack = field(default_factory=ExitStack)
    _servers: dict[type, Any] = field(default_factory=dict)
    _prepared: dict[str, Path] = field(default_factory=dict)

    def server(self, kind: type) -> Any:
        if kind not in self._servers:
            made = kind(self.folder / kind.__name__.lower())
            self._stack.callback(made.close)
            made.start()
            self._servers[kind] = made
        return self._servers[kind]

    def prepared(self, database: str) -> Path:
        """A data folder with demo project and people; on PostgreSQL, the database of this name goes with it."""
        if database not in self._prepared:
            folder = self.folder / f"prepared-{database}"
            folder.mkdir()
            environment = {}
            if database == "postgresql":
                postgres = self.server(Postgres)
                postgres.execute("CREATE DATABASE prepared")
                environment = {"DATABASE_URL": postgres.database("prepared")}
            system = System(folder, self.models, **environment)
            system.manage("shell", "-v", "0", "-c", PREPARE)
            self._prepared[database] = folder
        return self._prepared[database]

    def close(self) -> None:
        self._stack.close()
        shutil.rmtree(self.folder, ignore_errors=True)
