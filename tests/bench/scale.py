"""How fast lists and the dashboard answer in a large project: 200,000 images and 5,000,000 masks on PostgreSQL, asked
over HTTP.

python -m tests.bench.scale --database postgres://user@host/empty [--images 200000] [--masks 5000000]
        [--rounds 40] [--keep] [--json PATH]

Not a test: times depend on the machine. Rows are made by the database itself; `--keep` leaves them, and a second run with
`--keep` finds and uses them.
"""

import argparse
import json
import os
import random
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import psycopg2
import requests

from tests.workers.processes import System

WARM_UP = 3
PASSWORD = "scale-secret-1"
PEOPLE = 50
LABELS = 30
STATUSES = ("ready", "in_progress", "submitted", "accepted", "rejected")
# Everybody works on every one of these days with every label: as many different sums as there can be.
DAYS = 365

# One step, what it says, and the statement; %(...)s are the numbers asked for.
FILL = [
    (
        "model and project",
        """
        INSERT INTO embeddings_modelversion (name, version, manifest, prepare_key, prepare_sha256, prepare_bytes,
            click_key, click_sha256, click_bytes, text_files, metrics, is_default, created_at)
        VALUES ('scale', '0', '{}', '', '', 0, '', '', 0, '{}', '{}', true, now());
        INSERT INTO projects_project (name, description, licence_note, guidelines, is_class_free, order_hint, created_at,
            model_id)
        SELECT 'Scale ' || n, '', '', '', false, '', now(), max(m.id)
        FROM embeddings_modelversion m, generate_series(1, 3) n GROUP BY n;
        INSERT INTO projects_membership (role, created_at, project_id, user_id)
        SELECT CASE WHEN u.username = 'ada' THEN 'owner' ELSE 'annotator' END, now(), p.id, u.id
        FROM projects_project p, users_user u;
        INSERT INTO projects_label (name, supercategory, color, category_id, project_id)
        SELECT 'label ' || n, '', '#0072b2', n, p.id
        FROM generate_series(1, %(labels)s) n, projects_project p ORDER BY p.id, n;
        """,
    ),
    (
        "embeddings",
        """
        INSERT INTO embeddings_embedding (image_sha256, "window", priority, state, attempts, claimed_by, error_code,
            error_message, seconds, file_key, byte_size, etag, created_at, queued_at, ready_at, model_version_id)
        SELECT lpad(n::text, 64, '0'), '', 0, 'ready', 1, '', '', '', 0.5, 'e/' || n, 1, lpad(n::text, 32, '0'),
            now(), now(), now(), (SELECT max(id) FROM embeddings_modelversion)
        FROM generate_series(1, %(images)s) n;
        """,
    ),
    (
        "images",
        """
        INSERT INTO images_image (file_name, sha256, width, height, byte_size, media_type, original_key, display_key,
            display_media_type, display_bytes, thumbnail_key, thumbnail_bytes, preview_key, preview_bytes, licence_note,
            created_at, project_id, embedding_id, is_withheld, blurred_kinds, blurred_count, blurred_by, source_sha256,
            source_key, source_bytes, source_media_type)
        SELECT 'photo-' || n || '.jpg', lpad(n::text, 64, '0'), 640, 480, 1, 'image/jpeg', 'o/' || n, 'o/' || n,
            'image/jpeg', 1, 't/' || n, 1, '', 0, '', now() - (n %% %(days)s) * interval '1 day',
            (SELECT min(id) FROM projects_project), e.id, false, '[]', 0, '', '', '', 0, ''
        FROM generate_series(1, %(images)s) n JOIN embeddings_embedding e ON e.image_sha256 = lpad(n::text, 64, '0');
        """,
    ),
    (
        "work",
        """
        INSERT INTO work_workitem (image_id, project_id, status, status_since, assignee_id, is_taken, review_reason,
            mask_count, is_replica, hold)
        SELECT i.id, i.project_id,
            (ARRAY['ready', 'accepted', 'submitted', 'in_progress', 'rejected', 'accepted'])[1 + i.id %% 6], now(),
            CASE WHEN i.id %% 6 = 0 THEN NULL ELSE (SELECT min(id) FROM users_user) + i.id %% %(people)s END,
            i.id %% 6 = 3, '', 0, false, ''
        FROM images_image i;
        INSERT INTO work_statuschange (image_id, before, after, actor_id, assignee_id, reason, created_at)
        SELECT w.image_id, s.before, s.after,
            CASE WHEN s.number < 3 THEN w.assignee_id ELSE (SELECT min(id) FROM users_user) + w.image_id %% 7 END,
            w.assignee_id, '', now() - ((w.image_id * 31 + s.number) %% %(days)s) * interval '1 day'
        FROM work_workitem w JOIN (VALUES (1, 'ready', 'in_progress', 'in_progress submitted accepted rejected'),
            (2, 'in_progress', 'submitted', 'submitted accepted rejected'), (3, 'submitted', 'accepted', 'accepted'),
            (3, 'submitted', 'rejected', 'rejected')) s (number, before, after, statuses)
            ON w.status = ANY (string_to_array(s.statuses, ' '))
        ORDER BY w.image_id, s.number;
        """,
    ),
    (
        "masks",
        """
        INSERT INTO annotations_mask (id, z, attributes, counts, bbox_x, bbox_y, bbox_width, bbox_height, area, prompts,
            predicted_iou, stability_score, model_iou, stage, seconds_spent, revision, sequence, created_at, updated_at,
            author_id, image_id, label_id, model_version_id, updated_by_id)
        SELECT gen_random_uuid(), 0, '{}', 'PPYo04Z>0000000000000000000000000', n %% 500, n %% 400, 40, 30,
            (100 + (n / 13) %% 50000), '{"points": [[5.5, 6.5, 1]], "box": null, "candidate": 1}', 0.9, 0.95,
            CASE WHEN n %% 3 = 0 THEN 0.9 ELSE 1 END,
            (ARRAY['assisted_manual', 'semi_automatic', 'fully_automatic'])[1 + n %% 3], 3.5, 1, n,
            now() - (n / 97 %% %(days)s) * interval '1 day', now(), (SELECT min(id) FROM users_user) + n %% %(people)s,
            (SELECT min(id) FROM images_image) + n %% %(images)s,
            (SELECT min(id) FROM projects_label) + (n / 7) %% %(labels)s,
            (SELECT max(id) FROM embeddings_modelversion), NULL
        FROM generate_series(1, %(masks)s) n;
        """,
    ),
]


def main() -> None:
    """Fill, ask, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", required=True, help="an empty one, of PostgreSQL")
    parser.add_argument("--images", type=int, default=200_000)
    parser.add_argument("--masks", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--keep", action="store_true", help="leave the rows, or use those left before")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        system = System(Path(folder), Path(folder), DATABASE_URL=options.database, LOGIN_RATE="1000/min")
        system.manage("migrate", "--no-input")
        if not options.keep or not is_filled(options.database):
            fill(system, options.database, options.images, options.masks)
        system.start("web")
        try:
            rows = measure(system, options.rounds)
        finally:
            system.stop()
    print(table(rows, options))
    if options.json:
        options.json.write_text(json.dumps({"cores": os.cpu_count(), "rows": rows}, indent=2) + "\n")


def is_filled(url: str) -> bool:
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM images_image)")
        return bool(cursor.fetchone()[0])  # type: ignore[index]


def fill(system: System, url: str, images: int, masks: int) -> None:
    """All rows, by the database itself, and its statistics of them."""
    create = f"""
from backend.users.services import user_create
user_create(username="ada", password="{PASSWORD}")
from backend.users.models import User
User.objects.bulk_create([User(username=f"person{{n}}") for n in range({PEOPLE - 1})])
"""
    system.manage("shell", "-c", create)
    numbers = {"images": images, "masks": masks, "labels": LABELS, "people": PEOPLE, "days": DAYS}
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for what, statement in FILL:
            started = time.monotonic()
            cursor.execute(statement, numbers)
            print(f"{what}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
        started = time.monotonic()
        system.manage("tallies_recount")
        cursor.execute("VACUUM ANALYZE")
        print(f"sums and statistics: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    connection.close()


def measure(system: System, rounds: int) -> list[dict[str, Any]]:
    """One row per endpoint: median and 95th percentile in milliseconds, the answer's size."""
    session = requests.Session()
    while True:
        try:
            token = session.post(
                system.url("auth/token/"), json={"username": "ada", "password": PASSWORD}, timeout=60
            )
            break
        except requests.ConnectionError:
            time.sleep(0.2)
    session.headers["Authorization"] = f"Token {token.json()['token']}"
    projects = session.get(system.url("projects/"), timeout=600).json()["results"]
    project = max(projects, key=lambda one: one["image_count"])["id"]
    first = session.get(system.url(f"projects/{project}/images/?page_size=1"), timeout=600).json()
    lowest = first["results"][0]["id"]
    people = session.get(system.url(f"projects/{project}/members/"), timeout=60).json()
    chance = random.Random(0)
    with psycopg2.connect(system.environment["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM images_image")
        images = int(cursor.fetchone()[0])  # type: ignore[index]

    def image() -> int:
        return lowest + chance.randrange(images)

    def person() -> int:
        return int(chance.choice(people)["user_id"])

    labels = session.get(system.url(f"projects/{project}/labels/"), timeout=60).json()

    def label() -> int:
        return int(chance.choice(labels)["id"])

    at = f"projects/{project}/"
    activity = f"{at}dashboard/activity/"
    since = f"since={date.today() - timedelta(days=90)}"
    endpoints: dict[str, Callable[[], str]] = {
        "projects/": lambda: "projects/",
        "projects/{id}/": lambda: at,
        "projects/{id}/labels/": lambda: f"{at}labels/",
        "projects/{id}/members/": lambda: f"{at}members/",
        "projects/{id}/work/": lambda: f"{at}work/",
        "images, first page": lambda: f"{at}images/?page_size=60",
        "images, a page far down": lambda: f"{at}images/?page_size=60&cursor={cursor_at(image())}",
        "images by status": lambda: f"{at}images/?page_size=60&status={chance.choice(STATUSES)}",
        "images by person": lambda: f"{at}images/?page_size=60&assignee={person()}",
        "images by status and person": lambda: (
            f"{at}images/?page_size=60&status=rejected&assignee={person()}"
        ),
        "images of nobody": lambda: f"{at}images/?page_size=60&assigned=false",
        "images without masks": lambda: f"{at}images/?page_size=60&annotated=false",
        "images by name": lambda: f"{at}images/?page_size=60&name=photo-{chance.randrange(images)}.jpg",
        "images that were skipped": lambda: f"{at}images/?page_size=60&skipped=true",
        "images/{id}/": lambda: f"images/{image()}/",
        "images/{id}/masks/": lambda: f"images/{image()}/masks/",
        "images/{id}/masks/changes/": lambda: f"images/{image()}/masks/changes/",
        "images/{id}/work/": lambda: f"images/{image()}/work/",
        "masks by day": lambda: f"{activity}?by=day",
        "masks by week and person": lambda: f"{activity}?by=week&split=person",
        "masks by day and person, 90 days": lambda: f"{activity}?by=day&split=person&{since}",
        "masks by day, 90 days": lambda: f"{activity}?by=day&split=stage&{since}",
        "masks by person": lambda: f"{activity}?by=person",
        "masks by label": lambda: f"{activity}?by=label",
        "masks by size": lambda: f"{activity}?by=size",
        "masks by model": lambda: f"{activity}?by=model&split=stage",
        "masks of a person by label": lambda: f"{activity}?by=label&person={person()}",
        "masks of a person by size": lambda: f"{activity}?by=size&person={person()}",
        "masks of a label by person": lambda: f"{activity}?by=person&label={label()}",
        "masks of a label by size": lambda: f"{activity}?by=size&label={label()}",
        "masks of both by day": lambda: f"{activity}?by=day&person={person()}&label={label()}",
        "masks by person, as CSV": lambda: f"{activity}?by=person&format=csv",
        "images by status over time": lambda: f"{at}dashboard/statuses/",
        "reviews by author": lambda: f"{at}dashboard/reviews/?by=author",
        "reviews by reviewer": lambda: f"{at}dashboard/reviews/?by=reviewer",
        "reviews of a person": lambda: f"{at}dashboard/reviews/?by=reviewer&author={person()}",
        "storage": lambda: f"{at}dashboard/storage/",
        "dashboard across projects": lambda: "dashboard/activity/?by=project",
    }
    rows = []
    for name, address in endpoints.items():
        times, size = [], 0
        for turn in range(WARM_UP + rounds):
            started = time.perf_counter()
            answer = session.get(system.url(address()), timeout=600)
            seconds = time.perf_counter() - started
            answer.raise_for_status()
            size = len(answer.content)
            if turn >= WARM_UP:
                times.append(1000 * seconds)
            if turn >= WARM_UP + 2 and seconds > 5:
                break  # three of these say it all
        row = {
            "endpoint": name,
            "p50_ms": round(median(times), 1),
            "p95_ms": round(percentile(times), 1),
            "bytes": size,
        }
        print(row, file=sys.stderr, flush=True)
        rows.append(row)
    return rows


def percentile(times: list[float]) -> float:
    return quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]


def cursor_at(key: int) -> str:
    """DRF's cursor to the page after a primary key."""
    return quote(b64encode(f"p={key}".encode()).decode())


def table(rows: list[dict[str, Any]], options: argparse.Namespace) -> str:
    """For people."""
    lines = [
        f"{options.images:,} images, {options.masks:,} masks, {options.rounds} requests each, {os.cpu_count()} cores"
    ]
    lines.append(f"{'endpoint':<34}{'p50 ms':>9}{'p95 ms':>9}{'bytes':>10}")
    lines += [
        f"{row['endpoint']:<34}{row['p50_ms']:>9.1f}{row['p95_ms']:>9.1f}{row['bytes']:>10,}" for row in rows
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
