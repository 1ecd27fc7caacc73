"""What is in a system: counted past the application, in tables and storage, and compared with what people know."""

import json
from collections import Counter
from contextlib import closing
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.drills.people import Ledger
from tests.workers.processes import System
from tests.workers.tables import connected

# Rows that should be one each. A name, then a query of how often each thing is there.
DOUBLES = {
    "images": (
        "SELECT COUNT(*) FROM images_image WHERE original_id IS NULL GROUP BY project_id, sha256 HAVING COUNT(*) > 1"
    ),
    # Those that were put there past everybody have no author.
    "masks": (
        "SELECT COUNT(*) FROM annotations_mask WHERE author_id IS NOT NULL"
        " GROUP BY image_id, counts, seconds_spent HAVING COUNT(*) > 1"
    ),
    "embeddings": (
        'SELECT COUNT(*) FROM embeddings_embedding GROUP BY image_sha256, model_version_id, "window"'
        " HAVING COUNT(*) > 1"
    ),
    "jobs": "SELECT COUNT(*) FROM jobs_job GROUP BY uuid HAVING COUNT(*) > 1",
    "acceptances": (
        "SELECT COUNT(*) FROM work_statuschange WHERE after = 'accepted' GROUP BY image_id HAVING COUNT(*) > 1"
    ),
}
UNFINISHED_JOBS = "SELECT COUNT(*) FROM jobs_job WHERE state IN ('queued', 'running')"
UNREADY = (
    "SELECT COUNT(*) FROM images_image LEFT JOIN embeddings_embedding"
    " ON embeddings_embedding.id = images_image.embedding_id"
    " WHERE embeddings_embedding.id IS NULL OR embeddings_embedding.state <> 'ready'"
)
UNTOLD = (
    "SELECT COUNT(*) FROM webhooks_delivery WHERE next_try_at IS NOT NULL OR lease_expires_at IS NOT NULL"
)
MASKS = "SELECT id, image_id, counts, seconds_spent, revision FROM annotations_mask"
ACCEPTED = "SELECT image_id FROM work_workitem WHERE status = 'accepted'"
JOBS = "SELECT uuid, state, error_code, file_key FROM jobs_job"
EMBEDDING_FILES = "SELECT file_key FROM embeddings_embedding WHERE state = 'ready'"
DELIVERIES = "SELECT event, payload, state FROM webhooks_delivery WHERE event <> 'ping'"


@dataclass
class Counts:
    """At one moment. What people know of is what the server acknowledged."""

    acknowledged: int = 0
    masks: int = 0
    missing: int = 0
    changed: int = 0
    unknown: int = 0
    accepted_known: int = 0
    accepted: int = 0
    accepted_lost: int = 0
    images_lost: int = 0
    unready: int = 0
    jobs_known: int = 0
    jobs: int = 0
    jobs_unfinished: int = 0
    jobs_failed: int = 0
    events: int = 0
    untold: int = 0
    # Of which there are two, by what it is.
    doubles: dict[str, int] = field(default_factory=dict)
    # Files of jobs that no row names: of a worker that was killed after it wrote one and before it could say so.
    orphans: int = 0
    # What sums say too much or too little.
    sums_off: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def ask(connection: Any, query: str) -> list[Any]:
    cursor = connection.cursor()
    cursor.execute(query)
    return list(cursor.fetchall())


def number(connection: Any, query: str) -> int:
    [[count]] = ask(connection, query)
    return int(count)


def rests(system: System) -> bool:
    """Whether nothing waits and nothing is under way."""
    with closing(connected(system)) as connection:
        return not any(number(connection, query) for query in (UNFINISHED_JOBS, UNREADY, UNTOLD))


def count(system: System, ledger: Ledger, *, made: int = 0) -> Counts:
    """Now; `made` masks were put there past everybody."""
    counts = Counts()
    with ledger.lock:
        known = dict(ledger.masks)
        finished = {image: set(masks) for image, masks in ledger.accepted.items()}
        uploaded, ordered = dict(ledger.uploaded), set(ledger.jobs)
    with closing(connected(system)) as connection:
        stored = {
            str(pk).replace("-", ""): (image, rle, seconds, revision)
            for pk, image, rle, seconds, revision in ask(connection, MASKS)
        }
        counts.acknowledged, counts.masks = len(known), len(stored) - made
        for mask_id, saved in known.items():
            found = stored.get(mask_id.replace("-", ""))
            if found is None:
                counts.missing += 1
            elif found[1] != saved.counts or found[0] != saved.image or found[2] != saved.seconds:
                counts.changed += found[3] <= saved.revision
        counts.unknown = max(0, counts.masks - counts.acknowledged + counts.missing)
        accepted = {row[0] for row in ask(connection, ACCEPTED)}
        counts.accepted_known, counts.accepted = len(finished), len(accepted)
        counts.accepted_lost = sum(
            image not in accepted or any(mask.replace("-", "") not in stored for mask in masks)
            for image, masks in finished.items()
        )
        images = {row[0] for row in ask(connection, "SELECT id FROM images_image")}
        counts.images_lost = len(set(uploaded) - images)
        counts.unready = number(connection, UNREADY)
        jobs = {str(row[0]).replace("-", ""): row for row in ask(connection, JOBS)}
        counts.jobs_known, counts.jobs = len(ordered), len(jobs)
        counts.jobs_unfinished = number(connection, UNFINISHED_JOBS)
        counts.jobs_failed = sum(row[1] == "failed" for row in jobs.values())
        counts.jobs_failed += sum(job.replace("-", "") not in jobs for job in ordered)
        counts.untold = number(connection, UNTOLD)
        for name, query in DOUBLES.items():
            counts.doubles[name] = len(ask(connection, query))
        counts.events, counts.doubles["events"] = _events(ask(connection, DELIVERIES))
        names = [row[0] for row in ask(connection, EMBEDDING_FILES)]
        counts.doubles["embedding files"] = len(_files(system, "embeddings") - set(names))
        kept = {row[3] for row in jobs.values() if row[3]}
        counts.orphans = len(_files(system, "jobs") - kept)
    return counts


def _events(rows: list[Any]) -> tuple[int, int]:
    """How many events are told, and how many of them twice."""
    told: Counter[tuple[str, str]] = Counter()
    for event, payload, _ in rows:
        data = (json.loads(payload) if isinstance(payload, str) else payload)["data"]
        what = data.get("image", {}).get("id") or data.get("job", {}).get("id")
        told[(event, str(what))] += 1
    return sum(told.values()), sum(count > 1 for count in told.values())


def _files(system: System, folder: str) -> set[str]:
    """Keys of what the storage holds below the folder, where that is a folder of this machine."""
    if "STORAGE_URL" in system.environment:
        return set()
    root = system.data_dir / "files"
    return {
        str(path.relative_to(root))
        for path in (root / folder).rglob("*")
        if path.is_file() and ".parts" not in path.parts
    }
