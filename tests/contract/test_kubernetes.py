"""Kubernetes' objects run what the code documents, name what is there, and hold no secret."""

import shutil
import subprocess
import tomllib
from typing import Any

import pytest
import yaml
from django.db import connection
from django.urls import resolve

from backend.config import commands, env
from backend.launch.layout import ROOT
from tests.contract.deployment import (
    DECLARED,
    DEPLOY,
    SECRETS,
    Image,
    documents,
    kubernetes_named,
    kubernetes_objects,
    pods,
)

FOLDER = DEPLOY / "kubernetes"
CONFIG = kubernetes_named("ConfigMap", "anymask")["data"]
SECRET = kubernetes_named("Secret", "anymask")["stringData"]
PODS = dict(pods())
COMMANDS = {
    "anymask-web": commands.web("0.0.0.0:8000"),
    "anymask-worker-cpu": commands.worker(("default",)),
    "anymask-worker-gpu": commands.worker(("gpu",)),
    "anymask-clock": commands.clock("/tmp/beat-schedule"),
    "anymask-prepare": commands.PREPARE,
}
SCALED = [one for _, one in kubernetes_objects() if one["kind"] == "ScaledObject"]


def containers(name: str) -> list[dict[str, Any]]:
    return [*PODS[name]["containers"], *PODS[name].get("initContainers", [])]


def test_commands_are_those_the_code_documents() -> None:
    assert {name: pod["containers"][0]["command"] for name, pod in PODS.items()} == COMMANDS
    queues = {queue for name in ("cpu", "gpu") for queue in COMMANDS[f"anymask-worker-{name}"][5].split(",")}
    assert queues == set(commands.QUEUES)
    for name in set(PODS) - {"anymask-prepare"}:
        [waits] = PODS[name]["initContainers"]
        assert waits["command"] == commands.PREPARED
    for name in ("anymask-worker-cpu", "anymask-worker-gpu"):
        for probe in ("startupProbe", "livenessProbe"):
            assert PODS[name]["containers"][0][probe]["exec"]["command"] == commands.WORKER_HEALTH


def test_every_variable_is_one_that_is_read_and_secrets_are_apart() -> None:
    assert set(CONFIG) | set(SECRET) <= set(DECLARED)
    assert set(SECRET) & set(CONFIG) == set()
    assert set(CONFIG) & SECRETS == {"STORAGE_URL"}
    assert "key" not in CONFIG["STORAGE_URL"]
    assert set(SECRET.values()) == {""}
    resources = documents(FOLDER / "base" / "kustomization.yaml")[0]["resources"]
    assert "secret.example.yaml" not in resources
    for name in PODS:
        for container in containers(name):
            assert {one["name"] for one in container.get("env", [])} <= set(DECLARED)
            assert container["envFrom"] == [
                {"configMapRef": {"name": "anymask"}},
                {"secretRef": {"name": "anymask"}},
            ]


@pytest.mark.parametrize("name", PODS)
def test_a_pod_may_do_nothing_but_its_work(name: str) -> None:
    pod = PODS[name]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    image = Image("web" if name == "anymask-web" else "worker")
    assert str(pod["securityContext"]["runAsUser"]) == image.last("USER")
    volumes = {volume["name"] for volume in pod["volumes"]}
    for container in containers(name):
        assert container["image"] == f"anymask-{image.path.name.partition('.')[0]}"
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        assert set(mounted) <= volumes
        assert (mounted["data"], mounted["tmp"]) == (CONFIG["DATA_DIR"], "/tmp")
        assert mounted.get("models", CONFIG["MODELS_DIR"]) == CONFIG["MODELS_DIR"]
        assert "memory" in container["resources"]["limits"]
    assert {mount["name"] for mount in pod["containers"][0]["volumeMounts"]} == volumes


def test_the_web_server_is_reached_and_probed_where_it_listens() -> None:
    [container] = PODS["anymask-web"]["containers"]
    [port] = container["ports"]
    assert f"0.0.0.0:{port['containerPort']}" in container["command"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container[probe]["httpGet"]
        assert resolve(asked["path"]).view_name == "healthz"
        assert asked["port"] == port["name"]
        # By another name than its own the server is not to be asked.
        assert asked["httpHeaders"] == [{"name": "Host", "value": CONFIG["ALLOWED_HOSTS"]}]
    service = kubernetes_named("Service", "anymask-web")["spec"]
    assert [one["targetPort"] for one in service["ports"]] == [port["name"]]
    ingress = kubernetes_named("Ingress", "anymask-web")
    [rule] = ingress["spec"]["rules"]
    assert rule["host"] == CONFIG["ALLOWED_HOSTS"] == ingress["spec"]["tls"][0]["hosts"][0]
    backend = rule["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": "anymask-web", "port": {"name": service["ports"][0]["name"]}}
    limit = ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"]
    assert int(limit.removesuffix("g")) * 1024**3 == env.MAX_REQUEST_BYTES


def test_selectors_find_their_pods() -> None:
    for name in set(PODS) - {"anymask-prepare"}:
        deployment = kubernetes_named("Deployment", name)["spec"]
        labels = deployment["template"]["metadata"]["labels"]
        assert deployment["selector"]["matchLabels"] == labels == {"app.kubernetes.io/name": name}
    web = {"app.kubernetes.io/name": "anymask-web"}
    assert kubernetes_named("Service", "anymask-web")["spec"]["selector"] == web
    budget = kubernetes_named("PodDisruptionBudget", "anymask-web")["spec"]
    scaler = kubernetes_named("HorizontalPodAutoscaler", "anymask-web")["spec"]
    assert budget["selector"]["matchLabels"] == web
    assert scaler["minReplicas"] > budget["minAvailable"]
    for target in (scaler["scaleTargetRef"], *(one["spec"]["scaleTargetRef"] for one in SCALED)):
        assert target["name"] in PODS
    assert "replicas" not in kubernetes_named("Deployment", "anymask-web")["spec"]


def test_a_gpu_is_asked_for_by_the_worker_that_computes_with_it() -> None:
    [container] = PODS["anymask-worker-gpu"]["containers"]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == 1
    assert container["env"][0] == {"name": "DEVICE", "value": "cuda"}


def test_what_workers_are_scaled_by_can_be_counted(db: None) -> None:
    triggers = [trigger["metadata"] for one in SCALED for trigger in one["spec"]["triggers"]]
    assert len(triggers) == 3
    for trigger in triggers:
        assert trigger["connectionFromEnv"] in SECRET
        with connection.cursor() as cursor:
            cursor.execute(trigger["query"])
            assert cursor.fetchone() == (0,)


def test_every_file_belongs_to_a_kustomization_and_images_have_this_version() -> None:
    for path in FOLDER.rglob("kustomization.yaml"):
        [one] = documents(path)
        files = {other.name for other in path.parent.glob("*.yaml")} - {
            "kustomization.yaml",
            "secret.example.yaml",
        }
        assert files == {name for name in one["resources"] if name.endswith(".yaml")}
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    images = documents(FOLDER / "base" / "kustomization.yaml")[0]["images"]
    assert images == [{"name": f"anymask-{name}", "newTag": version} for name in ("web", "worker")]


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
@pytest.mark.parametrize("folder", ["base", "overlays/cpu", "overlays/autoscaling"])
def test_kustomize_puts_it_together(folder: str) -> None:
    command = ["kubectl", "kustomize", str(FOLDER / folder)]
    result = subprocess.run(command, text=True, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr
    objects = {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(result.stdout)}
    assert all(one["metadata"]["namespace"] == "anymask" for one in objects.values())
    worker = objects["Deployment", "anymask-worker-gpu"]["spec"]
    [container] = worker["template"]["spec"]["containers"]
    has_gpu = folder != "overlays/cpu"
    assert ("nvidia.com/gpu" in container["resources"]["limits"]) == has_gpu
    assert container["env"][0]["value"] == ("cuda" if has_gpu else "cpu")
    assert ("replicas" in worker) == (folder != "overlays/autoscaling")
