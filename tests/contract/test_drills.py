"""Every fault that was promised to be drilled has its drill, and operations.md shows what came of it."""

from backend.launch.layout import ROOT
from tests.drills.names import DRILLS

PROMISED = {
    "web-kill",
    "embedding-worker-kill",
    "training-worker-kill",
    "export-worker-kill",
    "postgres-restart",
    "redis-flush",
    "redis-restart",
    "rabbitmq-restart",
    "disk-full",
    "s3-errors",
    "clock-forwards",
    "clock-backwards",
}


def test_each_promised_drill_is_there() -> None:
    assert set(DRILLS) == PROMISED


def test_operations_show_each_drill() -> None:
    section = (ROOT / "docs" / "operations.md").read_text().partition("## What has been drilled")[2]
    rows = {line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ")}
    assert set(DRILLS) <= rows
