"""schema.yml is what the front end's types are made of; it must be the API's, today."""

import io
from pathlib import Path

import yaml
from django.core.management import call_command

from backend.embeddings.models import Embedding
from backend.images.serializers import STATES

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_schema_is_current_valid_and_without_warnings(tmp_path: Path) -> None:
    """`--fail-on-warn` ends the command; `make schema` writes the file anew."""
    path = tmp_path / "schema.yml"
    call_command("spectacular", "--file", str(path), "--validate", "--fail-on-warn", stderr=io.StringIO())
    assert path.read_text() == (ROOT / "schema.yml").read_text()


def test_every_operation_tells_its_errors_and_has_a_name_of_its_own() -> None:
    schema = yaml.safe_load((ROOT / "schema.yml").read_text())
    operations = [op for path in schema["paths"].values() for op in path.values()]
    assert all("default" in operation["responses"] for operation in operations)
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))


def test_migrations_are_current(db: None) -> None:
    call_command("makemigrations", "--check", "--dry-run", stdout=io.StringIO())


def test_the_states_images_show_are_those_embeddings_have() -> None:
    assert Embedding.State.choices == STATES
