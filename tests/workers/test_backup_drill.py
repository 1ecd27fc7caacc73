"""The whole way: a site is filled, saved, a second save is killed half-way, all is destroyed, and comes back."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backend.launch.layout import ROOT
from tests.workers.buckets import bucket_client
from tests.workers.processes import System
from tests.workers.tables import connected

FILL = "from tests.workers.filling import fill; fill()"


def rows(system: System) -> dict[str, int]:
    """By table, asked past the application."""
    connection = connected(system)
    cursor = connection.cursor()
    if "DATABASE_URL" in system.environment:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    else:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    counts = {}
    for [name] in list(cursor.fetchall()):
        cursor.execute(f'SELECT COUNT(*) FROM "{name}"')
        counts[name] = cursor.fetchone()[0]
    connection.close()
    return counts


def checksums(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.parts[len(folder.parts)] != "health"
    }


def destroy(system: System) -> None:
    """The database's content and the storage, gone."""
    if "DATABASE_URL" in system.environment:
        connection = connected(system)
        connection.cursor().execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        connection.close()
    else:
        for path in system.data_dir.glob("anymask.sqlite3*"):
            path.unlink()
    shutil.rmtree(system.data_dir / "files")


def save_and_be_killed(system: System, folder: Path) -> None:
    """Begins a backup that comes to wait for ever at one of its files, half-way, and kills it."""
    originals = sorted((system.data_dir / "files" / "images").glob("*/original*"))
    middle = originals[len(originals) // 2]
    content = middle.read_bytes()
    middle.unlink()
    os.mkfifo(middle)
    backup = subprocess.Popen(
        [sys.executable, "manage.py", "backup", str(folder)],
        cwd=ROOT,
        env=system.environment | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert backup.stdout is not None
    # Said when the database is copied and the files begin.
    assert backup.stdout.readline().startswith("database:")
    time.sleep(1)
    assert backup.poll() is None
    backup.kill()
    backup.wait(10)
    backup.stdout.close()
    assert list((folder / ".parts").iterdir())
    middle.unlink()
    middle.write_bytes(content)


def test_a_site_comes_back_from_its_backup(any_system: System, tmp_path: Path) -> None:
    system, folder = any_system, tmp_path / "backups"
    system.manage("shell", "-c", FILL)
    before, files = rows(system), checksums(system.data_dir / "files")
    assert before["annotations_mask"] == 3
    assert {name.partition("/")[0] for name in files} == {"images", "embeddings", "models", "jobs"}

    said = system.manage("backup", str(folder), "--verify")
    assert "SECRET_KEY" in said
    [whole] = folder.glob("*/manifest.json")
    save_and_be_killed(system, folder)
    assert list(folder.glob("*/manifest.json")) == [whole]

    destroy(system)
    said = system.manage("restore", str(folder))
    assert "Equal." in said
    assert rows(system) == before
    assert checksums(system.data_dir / "files") == files
    # Where something is, nothing is restored unless one says so.
    refused = subprocess.run(
        [sys.executable, "manage.py", "restore", str(folder)],
        cwd=ROOT,
        env=system.environment,
        text=True,
        capture_output=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "backup.not_empty" in refused.stderr
    assert "Equal." in system.manage("restore", str(folder), "--replace-everything")
    assert rows(system) == before
    said = system.manage("backup", str(folder))
    assert " 0 are new to this folder" in said


@pytest.mark.services
def test_files_of_a_bucket_come_back_too(bucket_url: str, tmp_path: Path, tiny_artifacts: Path) -> None:
    system = System(tmp_path / "data", tiny_artifacts, STORAGE_URL=bucket_url)
    (tmp_path / "data").mkdir()
    system.prepare()
    system.manage("shell", "-c", FILL)
    client = bucket_client(int(bucket_url.partition("endpoint_url=http://127.0.0.1:")[2].partition("&")[0]))

    def tags() -> dict[str, str]:
        """Of each file, the MD5 of what is in it."""
        found = client.list_objects_v2(Bucket="anymask").get("Contents", [])
        return {one["Key"]: one["ETag"] for one in found}

    before = tags()
    assert len(before) > 20
    system.manage("backup", str(tmp_path / "backups"))
    assert " 0 are new to this folder" in system.manage("backup", str(tmp_path / "backups"))
    for key in before:
        client.delete_object(Bucket="anymask", Key=key)
    for path in (tmp_path / "data").glob("anymask.sqlite3*"):
        path.unlink()
    assert "Equal." in system.manage("restore", str(tmp_path / "backups"))
    assert tags() == before
