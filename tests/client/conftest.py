"""One running system, web server, worker and clock, and the client that talks to it; each test has its own project."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
import skimage.data

from anymask import Client
from backend.launch.layout import ROOT
from tests.builders import rectangle
from tests.workers.processes import System, running_system

SAMPLE = ROOT / "tests" / "data" / "sample" / "images"


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory, tiny_artifacts: Path) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("client") / "data", tiny_artifacts) as system:
        yield system


@pytest.fixture
def client(system: System) -> Client:
    return system.client


@pytest.fixture
def project(client: Client) -> int:
    return client.project_create(f"Cats {uuid.uuid4().hex[:8]}")["id"]


@pytest.fixture
def labelled(client: Client, project: int, tmp_path: Path) -> dict[str, list[np.ndarray]]:
    """Six photographs in the project, the first two with masks, a cat and a dog; by file name, in their order."""
    folder = tmp_path / "photographs"
    shutil.copytree(SAMPLE, folder)
    for name in ("astronaut", "coffee"):
        PIL.Image.fromarray(getattr(skimage.data, name)()).save(folder / f"0-{name}.png")
    client.upload(project, sorted(folder.iterdir()))
    labels = [client.label_create(project, name, color="#0072b2")["id"] for name in ("cat", "dog")]
    made: dict[str, list[np.ndarray]] = {}
    for place, image in enumerate(client.images(project)):
        height, width = image["height"], image["width"]
        # What is bright has many parts and holes, and can be learnt.
        bright = np.asarray(PIL.Image.open(folder / image["file_name"]).convert("L")) > 128
        masks = [rectangle(height, width, 5, 7, height // 2, width // 2), bright] if place < 2 else []
        for pixels, label in zip(masks, labels, strict=False):
            client.mask_create(image["id"], pixels, label)
        made[image["file_name"]] = masks
    return made


@dataclass(frozen=True)
class Ended:
    """What became of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "anymask", *map(str, arguments)]


def environment_of(url: str, token: str, home: Path) -> dict[str, str]:
    """Of a person with nothing configured but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANYMASK_")}
    own = {"ANYMASK_URL": url, "ANYMASK_TOKEN": token} if url else {}
    return kept | own | {"XDG_CONFIG_HOME": str(home)}


@pytest.fixture
def anymask(system: System, tmp_path: Path) -> Callable[..., Ended]:
    """The command, in a process of its own and the test's folder: anymask("projects", url=..., token=..., typed=...)."""

    def run(*arguments: object, url: str | None = None, token: str | None = None, typed: str = "") -> Ended:
        environment = environment_of(
            system.address if url is None else url,
            system.token if token is None else token,
            tmp_path / "home",
        )
        done = subprocess.run(
            command(*arguments),
            cwd=tmp_path,
            env=environment,
            input=typed,
            text=True,
            capture_output=True,
            check=False,
            timeout=120,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return run
