import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from backend.config.secret import secret_key_read_or_create, secret_key_weakness
from backend.config.settings.base import database_entry
from backend.config.storages import storage_entry
from backend.config.variables import Variables
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


def test_an_empty_folder_knob_is_none(tmp_path: Path) -> None:
    """make exports what nobody set as an empty string; the current folder would get a secret key and a database."""
    for value, wanted in (("", tmp_path / "data"), (str(tmp_path / "other"), tmp_path / "other")):
        variables = Variables({"DATA_DIR": value})
        assert variables.folder("DATA_DIR", tmp_path / "data", "", shown="") == wanted


def start_production(tmp_path: Path, **knobs: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)} | knobs
    environment["DJANGO_SETTINGS_MODULE"] = "backend.config.settings.production"
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


GOOD_KEY = "a7f" * 10 + "Q9z-" * 10


def test_production_starts_only_with_a_secret_and_hosts(tmp_path: Path) -> None:
    for knobs, name in (({}, "SECRET_KEY"), ({"SECRET_KEY": GOOD_KEY}, "ALLOWED_HOSTS")):
        refused = start_production(tmp_path, **knobs)
        assert refused.returncode == 1
        assert refused.stderr.startswith(f"anymask: {name} is not set")
        assert refused.stderr.count("\n") == 1


def test_django_finds_nothing_to_complain_of_in_production(tmp_path: Path) -> None:
    result = start_production(tmp_path, SECRET_KEY=GOOD_KEY, ALLOWED_HOSTS="label.example.org")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("System check identified no issues"), result.stdout
    assert "WARNING" not in result.stderr


def test_how_long_https_is_promised_is_for_who_runs_it(tmp_path: Path) -> None:
    """Django complains where it is not at all."""
    knobs = {"SECRET_KEY": GOOD_KEY, "ALLOWED_HOSTS": "label.example.org", "HSTS_SECONDS": "0"}
    assert "security.W004" in start_production(tmp_path, **knobs).stderr


def test_production_refuses_a_key_that_others_know(tmp_path: Path) -> None:
    knobs = {"SECRET_KEY": "changeme", "ALLOWED_HOSTS": "label.example.org"}
    refused = start_production(tmp_path, **knobs)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert refused.stderr.startswith("anymask: SECRET_KEY has 8 characters")
    assert "anymask:" not in start_production(tmp_path, **knobs, DEMO="1").stderr


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("changeme", "8 characters"),
        ("x" * 60, "different characters"),
        ("django-insecure-" + "a8Zk" * 15, "examples"),
        ("Change-Me-" + "a8Zk" * 15, "examples"),
    ],
)
def test_a_weak_key_is_known(key: str, why: str, tmp_path: Path) -> None:
    assert why in secret_key_weakness(key, tmp_path / "secret_key")


def test_the_key_that_a_demo_made_is_weak_beside_its_data(tmp_path: Path) -> None:
    key = secret_key_read_or_create(tmp_path / "secret_key")
    assert "the demo made" in secret_key_weakness(key, tmp_path / "secret_key")
    assert secret_key_weakness(key, tmp_path / "elsewhere") == ""


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        ("manage", "DEVICE", "banana"),
        ("backend.config.wsgi", "STORAGE_URL", "ftp://x/y"),
        ("workers.main", "MODEL_CACHE_SIZE", "abc"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_in_one_line(
    module: str, name: str, value: str, tmp_path: Path
) -> None:
    settings_module = "backend.config.settings.development"
    environment = {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": settings_module, name: value}
    code = f"import sys, {module} as it; sys.argv[1:] = ['check']; getattr(it, 'main', lambda: None)()"
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    # After any other code gunicorn starts the next process, for ever.
    assert result.returncode == (3 if module == "backend.config.wsgi" else 1)
    assert result.stderr.startswith(f"anymask: {name}")
    assert result.stderr.count("\n") == 1
