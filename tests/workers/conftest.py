"""What processes run on: a prepared data folder, a fresh database, a bucket."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from tests.workers.buckets import bucket_address, running_bucket
from tests.workers.processes import System
from tests.workers.servers import POSTGRES, needs


@pytest.fixture(scope="session")
def prepared_folder(tmp_path_factory: pytest.TempPathFactory, tiny_artifacts: Path) -> Path:
    """A data folder with SQLite database, model and demo project, made once: three commands take many seconds."""
    folder = tmp_path_factory.mktemp("prepared")
    System(folder, tiny_artifacts).prepare()
    return folder


@pytest.fixture
def prepared_system(prepared_folder: Path, tmp_path: Path, tiny_artifacts: Path) -> Iterator[System]:
    """The demo project, eight photographs uploaded and queued; nothing runs yet."""
    shutil.copytree(prepared_folder, tmp_path / "data")
    system = System(tmp_path / "data", tiny_artifacts)
    yield system
    system.stop()


@contextmanager
def fresh_database(template: str = "template1") -> Iterator[str]:
    """URL of a new PostgreSQL database, dropped afterwards."""
    needs(5432, "PostgreSQL")
    name = f"anymask_test_{uuid.uuid4().hex[:12]}"
    admin = psycopg2.connect(POSTGRES)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield f"{POSTGRES.rpartition('/')[0]}/{name}"
    finally:
        with admin.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        admin.close()


@pytest.fixture
def database_url() -> Iterator[str]:
    """An empty PostgreSQL database."""
    with fresh_database() as url:
        yield url


@pytest.fixture(scope="session")
def prepared_on_postgres(
    tmp_path_factory: pytest.TempPathFactory, tiny_artifacts: Path
) -> Iterator[tuple[Path, str]]:
    """As `prepared_folder`, and the database's name: nobody may be connected to what others are made from."""
    folder = tmp_path_factory.mktemp("prepared")
    with fresh_database() as url:
        System(folder, tiny_artifacts, DATABASE_URL=url).prepare()
        yield folder, url.rpartition("/")[2]


@pytest.fixture
def prepared_system_on_postgres(
    prepared_on_postgres: tuple[Path, str], tmp_path: Path, tiny_artifacts: Path
) -> Iterator[System]:
    """As `prepared_system`."""
    folder, database = prepared_on_postgres
    shutil.copytree(folder, tmp_path / "data")
    with fresh_database(database) as url:
        system = System(tmp_path / "data", tiny_artifacts, DATABASE_URL=url)
        yield system
        system.stop()


@pytest.fixture(
    params=[
        pytest.param("prepared_system", id="sqlite"),
        pytest.param("prepared_system_on_postgres", id="postgresql", marks=pytest.mark.services),
    ]
)
def any_system(request: pytest.FixtureRequest) -> System:
    """The demo project, uploaded and queued, on each kind of database; nothing runs yet."""
    system: System = request.getfixturevalue(request.param)
    return system


@pytest.fixture
def bucket_url() -> Iterator[str]:
    """A bucket in an S3-compatible server of its own."""
    with running_bucket() as port:
        yield bucket_address(port)
