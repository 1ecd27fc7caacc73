import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from backend.config.env import folder
from backend.config.secret import secret_key_read_or_create
from backend.config.settings.base import database_entry
from backend.config.storages import storage_entry
from backend.launch.layout import ROOT


def test_a_folder_is_the_default_storage(tmp_path: Path) -> None:
    assert storage_entry("", tmp_path)["OPTIONS"]["location"] == str(tmp_path / "files")
    assert storage_entry("/srv/x", tmp_path)["OPTIONS"]["location"] == "/srv/x"
    assert storage_entry("file:///srv/x%20y", tmp_path)["OPTIONS"]["location"] == "/srv/x y"


def test_a_bucket_with_prefix_and_endpoint(tmp_path: Path) -> None:
    entry = storage_entry("s3://photos/team/a?endpoint_url=http://localhost:9000&region_name=eu", tmp_path)
    assert entry["BACKEND"] == "storages.backends.s3.S3Storage"
    options = entry["OPTIONS"]
    assert (options["bucket_name"], options["location"]) == ("photos", "team/a")
    assert (options["endpoint_url"], options["region_name"]) == ("http://localhost:9000", "eu")
    assert options["file_overwrite"] is True


def test_the_bucket_of_django_storages_own_settings(tmp_path: Path) -> None:
    assert storage_entry("", tmp_path, "photos")["OPTIONS"]["bucket_name"] == "photos"


@pytest.mark.parametrize("url", ["ftp://x/y", "s3:///prefix", "s3://b?secret=1"])
def test_a_storage_nobody_can_serve_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="STORAGE_URL"):
        storage_entry(url, tmp_path)


def test_sqlite_waits_for_the_write_lock_and_postgresql_keeps_connections() -> None:
    sqlite = database_entry("sqlite:////tmp/x.sqlite3")
    assert sqlite["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in sqlite["OPTIONS"]["init_command"]
    assert database_entry("postgres://u@localhost/db")["ENGINE"] == "django.db.backends.postgresql"


def test_the_secret_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret_key"
    key = secret_key_read_or_create(path)
    assert len(key) >= 48
    assert secret_key_read_or_create(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_an_empty_folder_knob_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """make exports what nobody set as an empty string; the current folder would get a secret key and a database."""
    monkeypatch.setenv("DATA_DIR", "")
    assert folder("DATA_DIR", tmp_path / "data") == tmp_path / "data"
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "other"))
    assert folder("DATA_DIR", tmp_path / "data") == tmp_path / "other"


def start_production(tmp_path: Path, **knobs: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)} | knobs
    environment["DJANGO_SETTINGS_MODULE"] = "backend.config.settings.production"
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_production_starts_only_with_a_secret_and_hosts(tmp_path: Path) -> None:
    assert "SECRET_KEY" in start_production(tmp_path).stderr
    assert "ALLOWED_HOSTS" in start_production(tmp_path, SECRET_KEY="x" * 60).stderr
    secret = "a7f" * 10 + "Q9z-" * 10
    result = start_production(tmp_path, SECRET_KEY=secret, ALLOWED_HOSTS="label.example.org")
    assert result.returncode == 0, result.stderr
