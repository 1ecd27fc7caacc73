"""schema.yml is what the front end's types are made of; it must be the API's, today."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

from backend.embeddings.models import Embedding
from backend.images.serializers import STATES, STATUSES
from backend.launch.layout import ROOT
from backend.work.models import Status

CODEGEN = Path(sys.executable).parent / "datamodel-codegen"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    generated: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return generated


@pytest.mark.django_db
def test_the_committed_schema_is_current_valid_and_without_warnings(tmp_path: Path) -> None:
    fresh = tmp_path / "schema.yml"
    call_command("spectacular", file=str(fresh), validate=True, fail_on_warn=True)
    assert fresh.read_text() == (ROOT / "schema.yml").read_text(), "run `make schema` and commit the result"


def test_the_clients_types_are_those_of_the_committed_schema() -> None:
    # Where the committed file lies: elsewhere the formatter does not find the project's line length.
    command = [CODEGEN, "--check"]
    result = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr + "run `make schema` and commit the result"


def test_every_operation_tells_that_it_may_fail_and_has_a_name_of_its_own(schema: dict[str, Any]) -> None:
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    assert len(operations) >= 30
    assert all("5XX" in operation["responses"] for operation in operations)
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("method", "path", "refusals"),
    [
        ("post", "auth/login/", "400 403 413 415 429"),
        ("get", "auth/options/", ""),
        ("get", "auth/tokens/", "401 403 429"),
        ("post", "auth/tokens/", "400 401 403 413 415 429"),
        ("get", "projects/", "400 401 404 429"),
        ("get", "projects/{project_id}/", "401 404 429"),
        ("get", "projects/{project_id}/invitations/", "401 403 404 429"),
        ("post", "projects/{project_id}/work/next/", "400 401 403 404 409 429"),
        ("patch", "masks/{mask_id}/", "400 401 403 404 409 412 413 415 429"),
        ("get", "images/{image_id}/embedding/", "400 401 404 409 416 429"),
        ("post", "projects/{project_id}/images/", "400 401 403 404 409 413 415 422 429 503 507"),
    ],
)
def test_an_operation_tells_how_it_refuses(
    schema: dict[str, Any], method: str, path: str, refusals: str
) -> None:
    responses = schema["paths"][f"/api/v1/{path}"][method]["responses"]
    assert [status for status in responses if status >= "400"] == [*refusals.split(), "5XX"]


def test_a_stale_revision_stands_beside_the_plain_refusal(schema: dict[str, Any]) -> None:
    conflict = schema["paths"]["/api/v1/masks/{mask_id}/"]["patch"]["responses"]["409"]
    assert conflict["content"]["application/json"]["schema"] == {
        "anyOf": [
            {"$ref": "#/components/schemas/StaleRevision"},
            {"$ref": "#/components/schemas/Error"},
        ]
    }


def test_a_refusal_is_the_one_error_object(schema: dict[str, Any]) -> None:
    responses = schema["components"]["responses"]
    assert {"NotFound", "Conflict"} < set(responses)
    for response in responses.values():
        assert response["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Error"}


def test_what_a_change_requires_is_required_in_the_schema(schema: dict[str, Any]) -> None:
    """A mask is changed from a known revision; a type that lets it out would compile and always be refused."""
    assert schema["components"]["schemas"]["MaskUpdateRequest"]["required"] == ["revision"]
    assert "required" not in schema["components"]["schemas"]["ProjectUpdateRequest"]


def test_the_schemas_manifest_is_the_one_artifacts_have(schema: dict[str, Any], model_version: Any) -> None:
    described = schema["components"]["schemas"]["Manifest"]
    assert set(described["properties"]) == set(model_version.manifest)
    # What was registered before there were these is served without them.
    optional = {"source_url", "parents", "detector", "text"}
    assert set(described["properties"]) - set(described["required"]) == optional
    graph = schema["components"]["schemas"]["ManifestGraph"]
    for entry in model_version.manifest["graphs"].values():
        assert set(graph["properties"]) == set(entry)


def test_no_migration_is_missing(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True)


def test_the_states_images_show_are_those_embeddings_have() -> None:
    assert Embedding.State.choices == STATES
    assert Status.choices == STATUSES
