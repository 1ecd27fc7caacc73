"""The files of `deploy/` and compose.yaml, read for the tests that hold them against the code."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from backend.config import env
from backend.launch.layout import ROOT

DEPLOY = ROOT / "deploy"
DECLARED = env.setting.declared
SECRETS = {name for name, one in DECLARED.items() if one.is_secret} | {"POSTGRES_PASSWORD"}
# What images and compose files have names of their own for, and no process of ours reads.
OF_OTHERS = {"POSTGRES_PASSWORD", "TORCH_INDEX", "COMPOSE_FILE", "COMPOSE_PROFILES"}


@cache
def documents(path: Path) -> list[dict[str, Any]]:
    """The YAML documents of a file."""
    return [one for one in yaml.safe_load_all(path.read_text()) if one]


@cache
def kubernetes_objects() -> list[tuple[Path, dict[str, Any]]]:
    """Every object of the base and the overlays, with its file; kustomizations are none."""
    paths = sorted((DEPLOY / "kubernetes").rglob("*.yaml"))
    return [(path, one) for path in paths if path.stem != "kustomization" for one in documents(path)]


def kubernetes_named(kind: str, name: str) -> dict[str, Any]:
    """The object of the base."""
    [found] = [
        one
        for path, one in kubernetes_objects()
        if (one["kind"], one["metadata"]["name"]) == (kind, name) and path.parent.name == "base"
    ]
    return found


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, pod) of every Deployment and Job."""
    for _, one in kubernetes_objects():
        if one["kind"] in ("Deployment", "Job"):
            yield one["metadata"]["name"], one["spec"]["template"]["spec"]


class Image:
    """What a Dockerfile's last stage says."""

    def __init__(self, name: str) -> None:
        self.path = DEPLOY / f"{name}.Dockerfile"
        lines = re.sub(r"\\\n\s*", "", self.path.read_text()).splitlines()
        self.instructions = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
        starts = [index for index, (word, _) in enumerate(self.instructions) if word == "FROM"]
        self.last_stage = self.instructions[starts[-1] :]

    def all(self, word: str) -> list[str]:
        """Arguments of every such instruction of the file."""
        return [text for found, text in self.instructions if found == word]

    def last(self, word: str) -> str:
        """Arguments of the only such instruction of the last stage."""
        [found] = [text for one, text in self.last_stage if one == word]
        return found

    @property
    def command(self) -> list[str]:
        command: list[str] = json.loads(self.last("CMD"))
        return command

    @property
    def health(self) -> list[str]:
        command: list[str] = json.loads(self.last("HEALTHCHECK").partition("CMD ")[2])
        return command

    @property
    def environment(self) -> dict[str, str]:
        return dict(pair.split("=", 1) for pair in self.last("ENV").split())


def variables_of(path: Path) -> dict[str, str]:
    """NAME=value lines of an environment file, those that are commented out too."""
    return dict(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=(.*)$", path.read_text(), re.MULTILINE))
