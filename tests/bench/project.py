"""A project to measure on: photographs of shapes, one of them crowded with masks, all embeddings computed."""

import http.client
import io
import json
import time
import uuid
import zipfile
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlparse

import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask

_LARGE = (2000, 3000)  # (height, width)
_USUAL = (480, 640)
_EMBEDDING_SECONDS = 1800


@dataclass(frozen=True)
class BenchProject:
    """Ids in work order; the last two are alike in size, and only the very last has masks: all of them."""

    images: list[int]
    bare_image: int
    crowded_image: int
    mask_count: int


def project_make(url: str, *, images: int, masks: int) -> BenchProject:
    """Uploads `images` photographs and two large ones, one with `masks` masks; returns when every embedding is ready."""
    server = _Server(url)
    project = server.call("POST", "projects/", {"name": "Bench"})
    address = f"projects/{project['id']}/"
    label = server.call("POST", address + "labels/", {"name": "disc", "color": "#0072b2"})
    server.upload(address + "images/", _photographs(images))
    listed = server.call("GET", address + "images/?page_size=500")["results"]
    ids = [image["id"] for image in listed]
    for body in _discs(masks, label["id"]):
        server.call("POST", f"images/{ids[-1]}/masks/", body)
    deadline = time.monotonic() + _EMBEDDING_SECONDS
    while server.call("GET", address)["embedding_counts"]["ready"] < len(ids):
        if time.monotonic() > deadline:
            raise SystemExit("the embeddings were not computed in time")
        time.sleep(1)
    return BenchProject(ids[:-2], ids[-2], ids[-1], masks)


class _Server:
    """The API, a connection per request: the server closes idle ones while photographs are made."""

    def __init__(self, url: str) -> None:
        address = urlparse(url)
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=600)
        self._headers: dict[str, str] = {}
        token = self.call("POST", "auth/token/", {"username": "demo", "password": "demo"})["token"]
        self._headers = {"Authorization": f"Token {token}"}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        return self._send(method, path, data, "application/json")

    def upload(self, path: str, archive: bytes) -> None:
        """A zip of photographs, as the one file of a form."""
        boundary = uuid.uuid4().hex
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="photographs.zip"\r\n'
            "Content-Type: application/zip\r\n\r\n"
        )
        form = head.encode() + archive + f"\r\n--{boundary}--\r\n".encode()
        self._send("POST", path, form, f"multipart/form-data; boundary={boundary}")

    def _send(self, method: str, path: str, data: bytes | None, media_type: str) -> Any:
        headers = {"Content-Type": media_type, **self._headers}
        self._connection.request(method, f"/api/v1/{path}", data, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        self._connection.close()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {text[:500].decode(errors='replace')}")
        return json.loads(text)


def _photographs(count: int) -> bytes:
    """A zip of `count` usual photographs, the bare and the crowded one, in the order of their names."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for index in range(count):
            file.writestr(f"photograph{index:03}.jpg", _photograph(_USUAL, index))
        file.writestr("zy_bare.jpg", _photograph(_LARGE, count))
        file.writestr("zz_crowded.jpg", _photograph(_LARGE, count + 1))
    return archive.getvalue()


def _photograph(size: tuple[int, int], seed: int) -> bytes:
    random = np.random.default_rng(seed)
    height, width = size
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    pixels = np.stack([60 + 80 * xs / width, 60 + 80 * ys / height, np.full_like(xs, 90)], axis=-1)
    for _ in range(9):
        x, y, radius = random.uniform(0, width), random.uniform(0, height), random.uniform(0.05, 0.2) * height
        pixels[(xs - x) ** 2 + (ys - y) ** 2 < radius**2] = random.uniform(0, 255, 3)
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


def _discs(count: int, label: int) -> list[dict[str, Any]]:
    """Overlapping discs all over the crowded photograph, as bodies of new masks."""
    random = np.random.default_rng(1)
    height, width = _LARGE
    bodies = []
    for _ in range(count):
        x, y, radius = random.uniform(40, width - 40), random.uniform(40, height - 40), random.uniform(15, 60)
        turns = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        corners = np.stack([x + radius * np.cos(turns), y + radius * np.sin(turns)], axis=-1).ravel()
        [segmentation] = coco_mask.frPyObjects([corners.tolist()], height, width)
        bodies.append(
            {
                "id": str(uuid.uuid4()),
                "label": label,
                "segmentation": {"size": [height, width], "counts": segmentation["counts"].decode()},
                "prompts": {"points": [], "box": None, "candidate": 0},
                "model": None,
                "predicted_iou": None,
                "stability_score": None,
                "stage": "assisted_manual",
                "seconds_spent": 1.0,
            }
        )
    return bodies
