"""What a drill is, how one is run, and what must be true afterwards."""

import shutil
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from anymask import AnymaskError
from tests.backend.webhooks.receiver import running_receiver
from tests.drills.clocks import SetClock
from tests.drills.counts import Counts, count, rests
from tests.drills.disks import small_disk
from tests.drills.failing_bucket import failing_bucket
from tests.drills.leases import LeaseWatch
from tests.drills.people import CONNECTION, DONE_BEFORE, Ledger
from tests.drills.scene import Ground, Scene, people_at_work, supervisor
from tests.drills.servers import Postgres, RabbitMQ, Redis
from tests.workers.buckets import BUCKET, bucket_address, bucket_client, running_bucket
from tests.workers.processes import System

LEASE_SECONDS = 3.0
SWEEP_SECONDS = 2.0
# The doorbell of a process keeps still for so long after a broker did not take a message (`backend.common.jobs`), and a
# sweep is one.
DOORBELL_SECONDS = 15.0
BEFORE_SECONDS = 5.0
AFTER_SECONDS = 5.0
REST_SECONDS = 180.0
# Those that the client sends again by itself, whatever the request; others of 5xx are looked at one by one.
RETRIED = frozenset({429, 503})
# Whether it was done is not known; what is safe to send again the client sends again.
UNKNOWN = frozenset({(500, "database.failed"), (500, "storage.failed")})
IN_FLIGHT = (409, "idempotency.in_flight")


@dataclass(frozen=True)
class Drill:
    """`fault` does what goes wrong and returns when it is over, with all services back."""

    name: str
    says: str
    fault: Callable[[Scene], None]
    database: Literal["sqlite", "postgresql"] = "postgresql"
    broker: Literal["folder", "redis", "rabbitmq"] = "redis"
    storage: Literal["folder", "bucket", "small disk"] = "folder"
    sets_clock: bool = False
    # Whether somebody orders exports all the time.
    with_exports: bool = True
    # Refusals that belong to the fault, by (status, code): nothing was done, and it may be asked for again later.
    refusals: frozenset[tuple[int, str]] = frozenset()
    environment: Mapping[str, str] = field(default_factory=dict)
    # Done to the prepared system before anything of it runs.
    before: Callable[[Scene], None] | None = None


@dataclass
class Report:
    """What came of one drill; without problems it is passed."""

    name: str
    seconds: float = 0.0
    before: Counts = field(default_factory=Counts)
    after: Counts = field(default_factory=Counts)
    failures: Counter[tuple[int, str]] = field(default_factory=Counter)
    resent: int = 0
    told_again: int = 0
    longest_held: float = 0.0
    # What that was.
    held: str = ""
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    # Why it could not be held here; then nothing else is said.
    left_out: str = ""

    @property
    def is_passed(self) -> bool:
        return not self.problems and not self.left_out

    def as_dict(self) -> dict[str, Any]:
        failures = {f"{status} {code}": number for (status, code), number in sorted(self.failures.items())}
        return asdict(self) | {"failures": failures, "is_passed": self.is_passed}


def run(drill: Drill, ground: Ground) -> Report:
    """Raises ServerMissing where it cannot be held on this machine."""
    report = Report(drill.name)
    begun = time.monotonic()
    with ExitStack() as stack:
        scene = stack.enter_context(built(drill, ground))
        system, ledger, watch = scene.system, scene.ledger, scene.watch
        receiver = stack.enter_context(running_receiver())
        try:
            if drill.before:
                drill.before(scene)
            system.begin()
            system.wait_all_ready()
            watch.start()
            with supervisor(scene), people_at_work(scene, receiver, with_exports=drill.with_exports):
                scene.go_on(BEFORE_SECONDS)
                scene.until(lambda: len(ledger.masks) >= 10 and len(ledger.accepted) >= 1, "people work", 180)
                report.before = count(system, ledger, made=scene.made)
                begun = time.monotonic()
                drill.fault(scene)
                scene.go_on(AFTER_SECONDS)
            with supervisor(scene):
                if (rest := _rest(scene)) is not None:
                    report.problems.append(rest)
            report.seconds = time.monotonic() - begun
        except (AssertionError, AnymaskError, OSError, TimeoutError) as error:
            report.problems.append(str(error)[:4000])
        watch.end()
        report.after = count(system, ledger, made=scene.made)
        report.after.sums_off = _sums_off(scene, report.after)
        report.failures, report.resent = ledger.failures, ledger.resent
        messages = Counter(request.message_id for request in receiver.received)
        report.told_again = sum(number - 1 for number in messages.values())
        report.longest_held, report.held = watch.longest, watch.what
        report.notes = scene.notes
        if report.after.orphans:
            report.notes.append(f"{report.after.orphans} files of killed workers, for `files_remove_orphans`")
        if watch.silent >= 1:
            report.notes.append(f"for {watch.silent:.0f} s no worker gave a sign of life")
        if system.ended:
            report.notes.append(f"ended by itself and was started again: {', '.join(system.ended)}")
        report.problems += [*_problems(report, drill), *ledger.broken]
        if report.problems:
            report.notes.append(system.log()[-6000:])
    return report


@contextmanager
def built(drill: Drill, ground: Ground) -> Iterator[Scene]:
    """The drill's system, with servers, disk and clock as it wants them; nothing of it runs yet."""
    folder = ground.folder / drill.name
    data = folder / "data"
    environment = dict(drill.environment) | {
        "WEBHOOK_ALLOW_HTTP": "true",
        "WEBHOOK_ALLOWED_HOSTS": "127.0.0.1",
        "EMBEDDING_LEASE_SECONDS": str(int(LEASE_SECONDS)),
        "JOB_LEASE_SECONDS": str(int(LEASE_SECONDS)),
        "WEBHOOK_LEASE_SECONDS": str(int(LEASE_SECONDS)),
        "SWEEP_SECONDS": str(SWEEP_SECONDS),
        "API_RATE": "",
    }
    with ExitStack() as stack:
        scene_parts: dict[str, Any] = {}
        prepared = ground.prepared(drill.database)
        if drill.storage == "small disk":
            scene_parts["disk"] = stack.enter_context(small_disk(data, 96))
        shutil.copytree(prepared, data, dirs_exist_ok=True, symlinks=True)
        if drill.database == "postgresql":
            postgres = scene_parts["postgres"] = ground.server(Postgres)
            name = f"drill_{uuid.uuid4().hex[:8]}"
            environment["DATABASE_URL"] = stack.enter_context(postgres.fresh(name, "prepared"))
        if drill.broker == "redis":
            server = scene_parts["redis"] = ground.server(Redis)
            environment |= {
                "CELERY_BROKER_URL": server.url,
                "CACHE_URL": server.cache_url,
                "API_RATE": "60000/min",
            }
        elif drill.broker == "rabbitmq":
            server = scene_parts["rabbitmq"] = ground.server(RabbitMQ)
            environment["CELERY_BROKER_URL"] = server.url
        if drill.storage == "bucket":
            port = stack.enter_context(running_bucket())
            client = bucket_client(port)
            for path in (data / "files").rglob("*"):
                if path.is_file():
                    client.upload_file(str(path), BUCKET, f"files/{path.relative_to(data / 'files')}")
            bucket = scene_parts["bucket"] = stack.enter_context(failing_bucket(port))
            environment["STORAGE_URL"] = bucket_address(bucket.port)
        if drill.sets_clock:
            clock = scene_parts["clock"] = SetClock(folder / "shift")
            environment |= clock.environment
        models = folder / "models"
        shutil.copytree(ground.models, models)
        system = System(data, models, **environment)
        if scene_parts.get("redis"):
            scene_parts["redis"].flush()
        scene = Scene(system, Ledger(), LeaseWatch(system), **scene_parts)
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(system.stop)
        yield scene


def _rest(scene: Scene) -> str | None:
    """Waits until nothing waits and nothing is under way; what is still there otherwise."""
    deadline = time.monotonic() + REST_SECONDS
    while time.monotonic() < deadline:
        if rests(scene.system):
            return None
        time.sleep(0.3)
    return f"after {REST_SECONDS:.0f} s there is still something waiting or under way"


def _sums_off(scene: Scene, after: Counts) -> int:
    """How far the sums that pages show are from the rows, once the sweeps had their time; of what was put there past
    everybody they know nothing."""
    off = 0
    for _ in range(40):
        try:
            project = scene.system.project()
        except AnymaskError:
            return -1
        off = abs(project["mask_count"] - after.masks)
        if not off:
            break
        time.sleep(0.5)
    return off


def _problems(report: Report, drill: Drill) -> Iterator[str]:
    after = report.after
    must_be_none = {
        "acknowledged masks are missing": after.missing,
        "acknowledged masks are not what was acknowledged": after.changed,
        "masks are there that nobody was told of": after.unknown,
        "accepted images are no longer accepted, or lost masks": after.accepted_lost,
        "uploaded images are gone": after.images_lost,
        "images have no embedding": after.unready,
        "jobs have not ended": after.jobs_unfinished,
        "jobs failed or are gone": after.jobs_failed,
        "events are still to be told": after.untold,
        "masks stand in the sums and not in the table, or the other way round": after.sums_off,
        **{f"{name} are there twice": number for name, number in after.doubles.items()},
    }
    yield from (f"{number} {what}" for what, number in must_be_none.items() if number)
    limit = LEASE_SECONDS + SWEEP_SECONDS + DOORBELL_SECONDS
    if report.longest_held > limit:
        yield f"{report.held} was held for {report.longest_held:.1f} s without a renewal, more than {limit:.0f} s"
    allowed = DONE_BEFORE | UNKNOWN | drill.refusals | {CONNECTION, IN_FLIGHT}
    for (status, code), number in sorted(report.failures.items()):
        is_coded = not code.startswith("http.") and code != "server_error"
        if (status, code) not in allowed and not (status in RETRIED and is_coded):
            yield f"{number} answers were {status} {code}, which nobody is told to send again"
