"""Anymask as a server for a team: PostgreSQL, Redis, two web processes of eight threads, and a worker."""

import json
import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anymask import Source
from tests.bench.annotators.people import Person
from tests.bench.team_server import team_server
from tests.builders import encode_mask, make_file, make_pixels, rectangle

SIDE = (640, 480)
MASKS_BEFORE = 10  # on each image, as somebody left it

PEOPLE = """
import json
from backend.projects.models import Project
from backend.projects.members import membership_set
from backend.projects.models import Membership
from backend.users.models import User
from backend.users.tokens import token_create_for_script
project = Project.objects.order_by("pk").last()
# Reviewers: they may help with images that somebody else has begun.
tokens = []
for number in range({count}):
    # Without a password, whose hash takes longer than all the rest: they come with tokens.
    user = User.objects.create_user(username=f"person{{number}}")
    membership_set(project=project, user=user, role=Membership.Role.REVIEWER)
    tokens.append(token_create_for_script(user=user))
print(json.dumps(tokens))
"""


@dataclass(frozen=True)
class Site:
    """What runs: its address, each person's headers, the images and the label masks get."""

    address: str
    everybody: list[dict[str, str]]
    images: list[int]
    label: int
    model: str

    async def cycle(self, person: Person, rng: random.Random) -> None:
        """Open an image as the annotator does, fetch its embedding, save a mask."""
        image = rng.choice(self.images)
        opened = await person.ask("open image", "GET", f"/api/v1/images/{image}/", 200)
        await person.ask("its masks", "GET", f"/api/v1/images/{image}/masks/", 200)
        if opened is not None:
            await person.ask("embedding", "GET", opened.json()["embedding_url"], 200)
        await person.ask(
            "save mask", "POST", f"/api/v1/images/{image}/masks/", 201, mask_body(self.label, self.model, rng)
        )


def mask_body(label: int, model: str, rng: random.Random) -> dict[str, Any]:
    """A square of 60 to 200 pixels, clicked once."""
    width, height = SIDE
    across = rng.randrange(60, 200)
    top, left = rng.randrange(height - across), rng.randrange(width - across)
    return {
        "id": str(uuid.uuid4()),
        "label": label,
        "segmentation": encode_mask(rectangle(height, width, top, left, top + across, left + across)),
        "prompts": {
            "points": [[left + across / 2, top + across / 2, 1]],
            "box": None,
            "candidate": 1,
        },
        "model": model,
        "predicted_iou": 0.91,
        "stability_score": 0.97,
        "stage": "assisted_manual",
        "seconds_spent": 8.0,
    }


@contextmanager
def running(folder: Path, database: str, redis: str, people: int, images: int) -> Iterator[Site]:
    """A project with photographs that are encoded by the default model, and people who label it."""
    knobs = {"EMBEDDING_BATCH_SIZE": "4", "OMP_NUM_THREADS": "2"}
    system = team_server(folder, "anymask_s", database=database, redis=redis, **knobs)
    try:
        system.begin()
        project = system.client.project_create("Load")
        label = system.client.label_create(project["id"], "thing")
        sources = []
        for number in range(images):
            path = folder / f"photo{number}.jpg"
            path.write_bytes(make_file(make_pixels(*SIDE, seed=number), "JPEG"))
            sources.append(Source(path, path.name))
        created = system.client.upload(project["id"], sources).created
        tokens = json.loads(system.manage("shell", "-c", PEOPLE.format(count=people)).splitlines()[-1])
        system.wait(
            lambda: system.client.project(project["id"])["embedding_counts"]["ready"] == images,
            "embeddings",
            900,
        )
        site = Site(
            system.address,
            [{"Authorization": f"Token {token}"} for token in tokens],
            [image["id"] for image in created],
            label["id"],
            "{name}@{version}".format(**created[0]["embedding"]["model"]),
        )
        rng = random.Random(0)
        for image in site.images:
            for _ in range(MASKS_BEFORE):
                answer = system.session.post(
                    system.url(f"images/{image}/masks/"), json=mask_body(site.label, site.model, rng)
                )
                assert answer.status_code == 201, answer.text
        yield site
    finally:
        system.stop()
