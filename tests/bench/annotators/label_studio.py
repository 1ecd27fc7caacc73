"""Label Studio doing the same, by its own REST API: open a task with its annotation, save a mask.

It keeps all regions of an annotation in one document, so that a save sends all of them, as its page does. It has no
embedding to fetch. Two processes of eight threads serve it, as they serve us; it runs from an environment of its own.
"""

import json
import os
import random
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.bench.annotators.ours import MASKS_BEFORE, SIDE
from tests.bench.annotators.people import Person
from tests.builders import make_file, make_pixels

CONFIG = """<View><Image name="image" value="$image"/>
<BrushLabels name="tag" toName="image"><Label value="thing"/></BrushLabels></View>"""
PREPARE = """
import json, random, sys
import numpy as np
from label_studio_sdk.converter.brush import mask2rle
width, height, count = map(int, sys.argv[1:])
rng, made = random.Random(0), []
for _ in range(count):
    across = rng.randrange(60, 200)
    top, left = rng.randrange(height - across), rng.randrange(width - across)
    mask = np.zeros((height, width), np.uint8)
    mask[top:top + across, left:left + across] = 255
    made.append(mask2rle(mask))
print(json.dumps(made))
"""


@dataclass(frozen=True)
class LabelStudio:
    """What runs: its address, people's headers, the annotation of each task, and masks to save in its own coding."""

    address: str
    everybody: list[dict[str, str]]
    annotations: dict[int, int]
    codes: list[list[int]]

    async def cycle(self, person: Person, rng: random.Random) -> None:
        """Open a task, save its annotation with one more mask."""
        task, annotation = rng.choice(list(self.annotations.items()))
        await person.ask("open image", "GET", f"/api/tasks/{task}/", 200)
        await person.ask(
            "save mask",
            "PATCH",
            f"/api/annotations/{annotation}/",
            200,
            annotation_body(self.codes, MASKS_BEFORE + 1, rng),
        )


def annotation_body(codes: list[list[int]], count: int, rng: random.Random) -> dict[str, Any]:
    """So many regions, as its page sends them."""
    width, height = SIDE
    return {
        "lead_time": 8.0,
        "result": [
            {
                "id": secrets.token_hex(5),
                "type": "brushlabels",
                "from_name": "tag",
                "to_name": "image",
                "original_width": width,
                "original_height": height,
                "image_rotation": 0,
                "value": {"format": "rle", "rle": rng.choice(codes), "brushlabels": ["thing"]},
            }
            for _ in range(count)
        ],
    }


@contextmanager
def running(
    folder: Path, environment: Path, database: str, people: int, images: int
) -> Iterator[LabelStudio]:
    """A project with tasks that somebody annotated; `environment` is a virtual one with label-studio and gunicorn."""
    python, token = environment / "bin" / "python", secrets.token_hex(20)
    parts = urlsplit(database)
    knobs = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DJANGO")},
        "DJANGO_DB": "default",
        "DJANGO_SETTINGS_MODULE": "core.settings.label_studio",
        "POSTGRE_NAME": parts.path.lstrip("/"),
        "POSTGRE_USER": parts.username or "",
        "POSTGRE_PASSWORD": parts.password or "",
        "POSTGRE_HOST": parts.hostname or "",
        "POSTGRE_PORT": str(parts.port or 5432),
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
    }
    package = subprocess.run(
        [
            python,
            "-c",
            "import importlib.util as u; print(u.find_spec('label_studio').submodule_search_locations[0])",
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    account = ["--username", "bench@example.org", "--password", "bench-secret-1", "--user-token", token]
    init = [environment / "bin" / "label-studio", "init", "Load", *account, "--no-browser"]
    log = (folder / "label-studio.log").open("ab")
    subprocess.run(init, env=knobs, check=True, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serve = [environment / "bin" / "gunicorn", "core.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    options = ["--worker-class", "gthread", "--workers", "2", "--threads", "8", "--keep-alive", "75"]
    server = subprocess.Popen(
        [*serve, *options, "--timeout", "120"],
        cwd=package,
        env=knobs | {"PYTHONPATH": package},
        stdout=log,
        stderr=log,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(address, folder / "label-studio.log")
        made = subprocess.run(
            [python, "-c", PREPARE, *map(str, (*SIDE, 40))], check=True, capture_output=True, text=True
        )
        codes = json.loads(made.stdout.splitlines()[-1])
        headers = {"Authorization": f"Token {token}"}
        annotations = _fill(address, headers, codes, images)
        yield LabelStudio(address, [headers] * people, annotations, codes)
    finally:
        server.terminate()
        server.wait(30)
        log.close()


def _wait(address: str, log: Path) -> None:
    deadline = time.monotonic() + 600
    while True:
        try:
            if requests.get(f"{address}/health", timeout=5).ok:
                return
        except requests.RequestException:
            pass
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.5)


def _fill(address: str, headers: dict[str, str], codes: list[list[int]], images: int) -> dict[int, int]:
    """Uploads the photographs; the annotation of each task."""
    session = requests.Session()
    session.headers.update(headers)

    def sent(method: str, path: str, **options: Any) -> Any:
        answer = session.request(method, address + path, timeout=120, **options)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    project = sent("POST", "/api/projects/", json={"title": "Load", "label_config": CONFIG})["id"]
    for number in range(images):
        content = make_file(make_pixels(*SIDE, seed=number), "JPEG")
        files = {"file": (f"photo{number}.jpg", content, "image/jpeg")}
        sent("POST", f"/api/projects/{project}/import", files=files)
    tasks = sent("GET", f"/api/tasks/?project={project}&page_size={images}")
    found = tasks["tasks"] if isinstance(tasks, dict) else tasks
    rng = random.Random(0)
    return {
        task["id"]: sent(
            "POST", f"/api/tasks/{task['id']}/annotations/", json=annotation_body(codes, MASKS_BEFORE, rng)
        )["id"]
        for task in found
    }
