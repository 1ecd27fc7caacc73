"""What a team needs, from what one request, image and mask cost: processes, connections, storage, hours, money."""

import argparse
from dataclasses import dataclass, fields
from math import ceil
from typing import Any

DAY_SECONDS = 8 * 3600  # of work, in which a day's uploads come
BUSY = 0.6  # more of a process, and what comes at once waits noticeably
WEB_THREADS = 8  # backend.config.commands; each keeps a connection to the database
WORKER_THREADS = 4
TERA = 1e12


@dataclass(frozen=True)
class Unit:
    """Costs of one of each. Defaults were measured where docs/scale.md says so; prices are examples."""

    web_seconds: float = 0.11  # of a core, for opening an image, its masks, its embedding, saving a mask
    mask_every: float = 10.0  # seconds from one mask of a person to the next
    encode_seconds: float = 0.25  # of a worker, for an image
    image_bytes: float = 1.0e6  # the file as it came
    copy_bytes: float = 0.1e6  # thumbnail, preview
    embedding_bytes: float = 1_048_576
    image_row_bytes: float = 2000  # image, work, embedding, with their indexes
    mask_row_bytes: float = 1000  # mask, its indexes, its part of sums
    worker_hour: float = 0.10  # of two cores, or of a GPU, in the money of your choice
    core_hour: float = 0.05
    terabyte_month: float = 23.0


@dataclass(frozen=True)
class Team:
    """People at work at once, images a day, and all there will be."""

    annotators: int
    images_a_day: int
    images: int
    masks_an_image: float = 20.0


def needs(team: Team, unit: Unit) -> dict[str, float]:
    """By name, in the order in which it is printed."""
    web = ceil(team.annotators / unit.mask_every * unit.web_seconds / BUSY) or 1
    workers = ceil(team.images_a_day / DAY_SECONDS * unit.encode_seconds / BUSY) or 1
    hours = team.images * unit.encode_seconds / 3600
    masks = team.images * team.masks_an_image
    files = team.images * (unit.image_bytes + unit.copy_bytes)
    embeddings = team.images * unit.embedding_bytes
    database = team.images * unit.image_row_bytes + masks * unit.mask_row_bytes
    return {
        "web processes": web,
        "embedding workers": workers,
        # and the clock, a migration, somebody's psql
        "connections": web * WEB_THREADS + workers * WORKER_THREADS + 5,
        "worker hours": hours,
        "files, TB": files / TERA,
        "embeddings, TB": embeddings / TERA,
        "database, TB": database / TERA,
        "money, encoding once": hours * unit.worker_hour,
        "money, storage a month": (files + embeddings + database) / TERA * unit.terabyte_month,
        "money, web a month": web * unit.core_hour * 24 * 30,
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A flag for each figure of `Team` and `Unit`."""
    for field in fields(Team):
        flag = f"--{field.name.replace('_', '-')}"
        if field.name == "masks_an_image":
            parser.add_argument(flag, type=float, default=field.default)
        else:
            parser.add_argument(flag, type=int, required=True)
    for field in fields(Unit):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=float, default=field.default)


def planned(options: argparse.Namespace) -> dict[str, Any]:
    """Prints the table."""
    given = vars(options)
    team = Team(**{field.name: given[field.name] for field in fields(Team)})
    unit = Unit(**{field.name: given[field.name] for field in fields(Unit)})
    found = needs(team, unit)
    for name, value in found.items():
        print(f"{name:24}{value:14,.3f}" if name.endswith("TB") else f"{name:24}{value:14,.0f}")
    return {"team": vars(team), "unit": vars(unit), "needs": found}
