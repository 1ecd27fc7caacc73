"""schema.yml is what the code says, without a warning."""

from pathlib import Path

import pytest
from django.core.management import call_command

from backend.launch.layout import ROOT


@pytest.mark.django_db
def test_the_committed_schema_is_current(tmp_path: Path):
    fresh = tmp_path / "schema.yml"
    call_command("spectacular", file=str(fresh), validate=True, fail_on_warn=True)
    assert fresh.read_text() == (ROOT / "schema.yml").read_text(), "run `make schema` and commit the result"


def test_no_migration_is_missing(db):
    call_command("makemigrations", check=True, dry_run=True)
