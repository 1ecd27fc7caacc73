"""Memory that can be taken: what the system says of itself, within what a container may have."""

from pathlib import Path

import pytest

from models.sam import memory
from models.sam.memory import GIB, free_memory


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with 6 GiB available, most of it files held in memory, and no control group."""
    (tmp_path / "meminfo").write_text(f"MemFree: 1024 kB\nMemAvailable: {6 * GIB // 1024} kB\n")
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "CONTROL_GROUP", tmp_path)
    return tmp_path


def limited(system: Path, limit: str, used: int, files: int) -> None:
    (system / "memory.max").write_text(f"{limit}\n")
    (system / "memory.current").write_text(f"{used}\n")
    (system / "memory.stat").write_text(f"active_file 7\ninactive_file {files}\n")


def test_files_held_in_memory_count_as_free(system: Path) -> None:
    assert free_memory("cpu") == 6 * GIB


def test_a_container_has_what_its_limit_leaves(system: Path) -> None:
    limited(system, str(4 * GIB), 3 * GIB, 2 * GIB)
    assert free_memory("cpu") == 3 * GIB
    limited(system, str(64 * GIB), 3 * GIB, 0)
    assert free_memory("cpu") == 6 * GIB
    limited(system, str(GIB), 2 * GIB, 0)
    assert free_memory("cpu") == 0
    limited(system, "max", 3 * GIB, 0)
    assert free_memory("cpu") == 6 * GIB


def test_a_system_that_says_nothing_is_supposed_to_have_some(system: Path) -> None:
    (system / "meminfo").unlink()
    assert free_memory("cpu") == memory.SUPPOSED
