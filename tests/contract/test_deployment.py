"""Images and the compose file run what the code documents, name what it reads, and hold no secret."""

import re
from pathlib import Path

import pytest

from backend.config import commands
from backend.launch.commands import COMMANDS
from backend.launch.layout import ROOT
from backend.launch.node_env import OLDEST_NODE
from tests.contract.deployment import DECLARED, DEPLOY, OF_OTHERS, SECRETS, Image, documents, variables_of

[COMPOSE] = documents(ROOT / "compose.yaml")
SERVICES = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if str(service["image"]).startswith("anymask-")]
WEB, WORKER = Image("web"), Image("worker")
TENSOR_LIBRARIES = {"torch", "onnx", "onnxscript"}


def packages(path: Path) -> set[str]:
    """Names of the packages that a requirements file installs, with the files it includes."""
    found: set[str] = set()
    for line in path.read_text().splitlines():
        if line.startswith("-r "):
            found |= packages(path.parent / line[3:])
        elif line and not line.startswith("#"):
            found.add(re.split(r"[=\[<> ]", line)[0].lower())
    return found


def test_commands_are_those_the_code_documents() -> None:
    assert WEB.command == SERVICES["web"]["command"] == commands.web("0.0.0.0:8000")
    assert WORKER.command == commands.worker()
    assert SERVICES["worker"]["command"] == commands.worker(clock="/tmp/beat-schedule")
    assert SERVICES["prepare"]["command"] == commands.PREPARE
    assert SERVICES["web"]["healthcheck"]["test"] == ["CMD", *commands.WEB_HEALTH]
    assert SERVICES["worker"]["healthcheck"]["test"] == ["CMD", *commands.WORKER_HEALTH]
    assert WEB.health == commands.WEB_HEALTH
    assert WORKER.health == commands.WORKER_HEALTH
    assert commands.PREPARE[-1] in COMMANDS


def test_six_services_at_most_start_in_order() -> None:
    assert len(SERVICES) <= 6
    assert [name for name, service in SERVICES.items() if service.get("profiles")] == ["minio"]
    assert {**SERVICES["web"]["depends_on"]} == {**SERVICES["worker"]["depends_on"]}
    wanted = {name: one["condition"] for name, one in SERVICES["web"]["depends_on"].items()}
    assert wanted == {
        "prepare": "service_completed_successfully",
        "postgres": "service_healthy",
        "redis": "service_healthy",
    }
    assert SERVICES["prepare"]["restart"] == "no"
    for name, condition in wanted.items():
        assert ("test" in SERVICES[name]["healthcheck"]) == (condition == "service_healthy")


def test_every_variable_is_one_that_is_read() -> None:
    for name in OURS:
        assert set(SERVICES[name].get("environment", {})) <= set(DECLARED), name
    [gpu] = documents(DEPLOY / "compose.gpu.yaml")
    assert set(gpu["services"]["worker"]["environment"]) <= set(DECLARED)
    text = (ROOT / "compose.yaml").read_text()
    interpolated = set(re.findall(r"(?<!\$)\$\{([A-Z_0-9]+)", text))
    assert interpolated <= set(DECLARED) | OF_OTHERS
    assert set(variables_of(ROOT / ".env.example")) <= set(DECLARED) | OF_OTHERS
    told = set(re.findall(r"\b([A-Z][A-Z0-9_]{3,})=", (ROOT / "docs" / "deployment.md").read_text()))
    assert told <= set(DECLARED) | OF_OTHERS
    for image in (WEB, WORKER):
        assert set(image.environment) - {"PATH", "PYTHONUNBUFFERED"} <= set(DECLARED)


def test_no_secret_has_a_default() -> None:
    example = variables_of(ROOT / ".env.example")
    assert {"SECRET_KEY", "POSTGRES_PASSWORD"} <= set(example)
    without_password = {"STORAGE_URL"}
    for name in SECRETS & set(example) - without_password:
        assert example[name] == "", name
    assert "key" not in example["STORAGE_URL"]
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "POSTGRES_PASSWORD"):
        given = re.findall(rf"\$\{{{name}([^}}]*)\}}", (ROOT / "compose.yaml").read_text())
        assert given, name
        assert all(one.startswith(":?") for one in given), name
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()
    assert all(SERVICES[name]["env_file"] == ".env" for name in OURS)


def test_ports_and_folders_agree() -> None:
    environment = SERVICES["web"]["environment"]
    [published] = SERVICES["web"]["ports"]
    port = environment["PORT"]
    assert published.rpartition(":")[2] == port == WEB.last("EXPOSE")
    assert commands.web(f"{environment['BIND']}:{port}") == WEB.command
    for name in OURS:
        assert SERVICES[name]["volumes"] == ["data:" + SERVICES[name]["environment"]["DATA_DIR"]]
    for image in (WEB, WORKER):
        assert image.environment["DATA_DIR"] == environment["DATA_DIR"] == image.last("VOLUME")
    used = {mount.partition(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


@pytest.mark.parametrize("image", [WEB, WORKER], ids=["web", "worker"])
def test_an_image_is_made_of_what_is_there(image: Image) -> None:
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for text in image.all("COPY"):
        if text.startswith("--from="):
            continue
        for source in text.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source.split("/")[0] in allowed, source
    assert image.last("USER") == "10001"
    for base in image.all("FROM"):
        if base.startswith("node:"):
            assert int(re.findall(r"\d+", base)[0]) >= OLDEST_NODE[0]
        else:
            # The version that the tests run with.
            assert base.startswith("python:3.11-")


def test_the_web_image_holds_no_tensor_library() -> None:
    [requirements] = {text.split()[0] for text in WEB.all("COPY") if text.startswith("requirements")}
    assert requirements == "requirements/web.txt"
    assert packages(ROOT / requirements) & TENSOR_LIBRARIES == set()
    assert not {"models", "workers"} & {source for text in WEB.all("COPY") for source in text.split()}
    assert packages(ROOT / "requirements" / "worker.txt") >= TENSOR_LIBRARIES


def test_the_worker_image_takes_torch_from_where_it_is_told() -> None:
    assert WORKER.all("ARG") == ['TORCH_INDEX=""']
    for name in ("prepare", "worker"):
        build = SERVICES[name]["build"]
        assert set(build["args"]) == {"TORCH_INDEX"}
        assert (ROOT / build["dockerfile"]) == WORKER.path
    assert (ROOT / SERVICES["web"]["build"]["dockerfile"]) == WEB.path
