"""Backups of a site in use, and what is refused before anything is changed."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backend.embeddings.services import embedding_claim_batch, embedding_store
from backend.images.models import Image
from backend.images.services import image_delete
from backend.operations.backup.database import table_counts
from backend.operations.backup.folder import backup_names, folder_held
from backend.operations.backup.making import backup_make
from backend.operations.backup.manifest import listing_read, manifest_read
from backend.projects.models import Project
from tests.builders import make_image

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def site(transactional_db: None, project: Project) -> list[Image]:
    """Three images, of which one has its embedding."""
    images = [make_image(project, seed=seed, name=f"{seed}.png") for seed in range(3)]
    claim, [row] = embedding_claim_batch(limit=1, lease_seconds=60)
    assert embedding_store(embedding=row, claim=claim, content=b"values", seconds=1)
    return images


def run(*arguments: Any) -> str:
    out = io.StringIO()
    call_command(*map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


def stored(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def keys(backup: Path) -> set[str]:
    return {file.key for file in listing_read(backup, manifest_read(backup)) if file.place == "storage"}


def test_a_second_backup_copies_only_what_is_new(site: list[Image], project: Project, folder: Path) -> None:
    assert " 0 are new" not in run("backup", folder)
    first = set(folder.glob("objects/*/*"))
    assert " 0 are new" in run("backup", folder)
    image = make_image(project, seed=7, name="new.png")
    run("backup", folder)
    sizes = sorted(path.stat().st_size for path in set(folder.glob("objects/*/*")) - first)
    assert sizes == sorted([image.byte_size, image.thumbnail_bytes])
    assert len(backup_names(folder)) == 3


def test_what_is_deleted_while_files_are_copied_is_in_no_backup(
    site: list[Image], folder: Path, files: Path
) -> None:
    """The copy of the database is taken again: it names no file that the backup lacks."""
    said: list[str] = []

    def delete_one(line: str) -> None:
        said.append(line)
        if len(said) == 1:
            image_delete(image=site[0])

    backup = backup_make(folder, say=delete_one)
    assert [line.partition(":")[0] for line in said] == [
        "database",
        "3 files were deleted meanwhile",
        "database",
        "files",
    ]
    manifest = manifest_read(backup)
    assert (manifest.tables["images_image"], manifest.missing) == (2, [])
    assert keys(backup) == set(stored(files))


def test_a_file_that_was_lost_before_is_told_and_keeps_nothing_else_away(
    site: list[Image], folder: Path, files: Path
) -> None:
    (files / site[0].thumbnail_key).unlink()
    assert site[0].thumbnail_key in run("backup", folder)
    backup = folder / backup_names(folder)[0]
    assert manifest_read(backup).missing == [site[0].thumbnail_key]
    assert keys(backup) == set(stored(files))


def test_what_was_computed_again_under_the_same_key_is_copied_again(
    site: list[Image], folder: Path, files: Path
) -> None:
    run("backup", folder)
    [path] = files.glob("embeddings/*/*/*/*")
    path.write_bytes(b"VALUES")
    assert " 1 are new" in run("backup", folder)


def test_everything_comes_back_and_nothing_else_stays(
    site: list[Image], project: Project, folder: Path, files: Path
) -> None:
    run("backup", folder)
    rows, content = table_counts(), stored(files)
    make_image(project, seed=9, name="later.png")
    image_delete(image=site[1])
    with pytest.raises(CommandError, match=r"backup\.not_empty.*--replace-everything"):
        run("restore", folder)
    assert stored(files) != content
    assert "Equal." in run("restore", folder, "--replace-everything")
    assert table_counts() == rows
    assert stored(files) == content


def damage_object(backup: Path) -> str:
    path = max(backup.parent.glob("objects/*/*"))
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    return "backup.damaged"


def damage_database(backup: Path) -> str:
    path = backup / "database.sqlite3"
    path.write_bytes(path.read_bytes()[:-1])
    return "backup.damaged"


def change_manifest(backup: Path) -> str:
    path = backup / "manifest.json"
    path.write_text(path.read_text().replace('"images_image": 3', '"images_image": 4'))
    return "backup.damaged"


def make_newer(backup: Path) -> str:
    path = backup / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 2, "unheard_of": True}))
    return "backup.format_newer"


@pytest.mark.parametrize("damage", [damage_object, damage_database, change_manifest, make_newer])
def test_a_backup_that_cannot_be_trusted_changes_nothing(
    damage: Any, site: list[Image], folder: Path, files: Path
) -> None:
    run("backup", folder)
    image_delete(image=site[1])
    rows, content = table_counts(), stored(files)
    code = damage(folder / backup_names(folder)[0])
    with pytest.raises(CommandError, match=code):
        run("restore", folder, "--replace-everything")
    assert table_counts() == rows
    assert stored(files) == content


def test_only_one_backup_is_written_to_a_folder_at_a_time(site: list[Image], folder: Path) -> None:
    with folder_held(folder), pytest.raises(CommandError, match=r"backup\.running"):
        run("backup", folder)
    run("backup", folder)


def test_old_backups_go_with_what_only_they_need(
    site: list[Image], project: Project, folder: Path, files: Path
) -> None:
    run("backup", folder)
    image_delete(image=site[2])
    assert "removed: 1 backups, 2 files" in run("backup", folder, "--keep", 1)
    assert len(backup_names(folder)) == 1
    assert "Equal." in run("restore", folder, "--replace-everything")


def test_a_folder_without_a_backup_is_told(transactional_db: None, folder: Path) -> None:
    with pytest.raises(CommandError, match=r"backup\.not_found"):
        run("restore", folder)
