import io
import os
import time
from pathlib import Path

import pytest
from django.core.management import call_command

from backend.common.storage import file_write
from backend.embeddings.models import Embedding
from backend.embeddings.services import embedding_claim_batch, embedding_store
from backend.projects.models import Project
from tests.builders import make_image

ORPHANS = [
    "embeddings/tiny/0123456789ab/00/00ff.7.f16",
    "images/0123/.part-abc",
    "images/0123/original.png",
    "models/tiny/0123456789ab/click-000000000000.onnx",
]


def remove(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command("files_remove_orphans", *arguments, stdout=out)
    return out.getvalue().splitlines()


def keys(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def kept(project: Project, files: Path) -> set[str]:
    """Keys of files that must stay: those of rows, however old, and those that are new. Others were left yesterday."""
    large = make_image(project, width=20, height=10)
    claim, [row] = embedding_claim_batch(limit=1, lease_seconds=60)
    assert embedding_store(embedding=row, claim=claim, content=b"values", seconds=1)
    assert Embedding.objects.get().file_key
    for key in (*ORPHANS, "other/file"):
        file_write(key, b"x")
    yesterday = time.time() - 25 * 3600
    for path in files.rglob("*"):
        os.utime(path, (yesterday, yesterday))
    file_write("images/4567/original.png", b"x")
    assert large.original_key in keys(files)
    return keys(files) - set(ORPHANS)


def test_old_files_without_a_row_go_and_no_others(kept: set[str], files: Path) -> None:
    *removed, last = remove()
    assert sorted(removed) == ORPHANS
    assert last == "4 files removed"
    assert keys(files) == kept
    assert not (files / "images" / "0123").exists()
    assert remove() == ["0 files removed"]


def test_a_dry_run_removes_nothing(kept: set[str], files: Path) -> None:
    assert remove("--dry-run")[-1] == "4 files would be removed"
    assert keys(files) == kept | set(ORPHANS)


def test_the_age_is_asked_for_in_days(kept: set[str], files: Path) -> None:
    assert remove("--older-than", "2") == ["0 files removed"]
    assert remove("--older-than", "0")[-1] == "5 files removed"
