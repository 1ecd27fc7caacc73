"""Damaged and hostile files: whatever the bytes, the answer is a stored image or a refusal with a code."""

import io
import tempfile
from pathlib import Path
from typing import IO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from backend.common.errors import ApplicationError
from backend.images.archives import archive_members
from backend.images.models import Image
from backend.images.pixels import Picture, picture_read
from backend.projects.models import Project
from tests.builders import make_file, make_pixels, make_zip, stored_files

KINDS = ["JPEG", "PNG", "WEBP", "TIFF", "BMP"]
SAMPLES = {kind: make_file(make_pixels(24, 18), kind, orientation=6) for kind in KINDS[:4]} | {
    "BMP": make_file(make_pixels(24, 18), "BMP"),
    "TIFF-LZW": make_file(make_pixels(24, 18), "TIFF", compression="tiff_lzw"),
    "PNG-P": make_file(make_pixels(24, 18).convert("P"), "PNG"),
    "PNG-16": make_file(make_pixels(24, 18).convert("I;16"), "PNG"),
}
CODES = {"image.unsupported_type", "image.truncated", "image.corrupt", "image.too_many_pixels"}

mutations = st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=8)


def mutated(content: bytes, changes: list[tuple[int, int]], cut: float, extra: bytes) -> bytes:
    damaged = bytearray(content)
    for at, value in changes:
        damaged[at % len(damaged)] = value
    return bytes(damaged[: max(0, int(len(damaged) * cut))]) + extra


def read_or_code(content: bytes) -> Picture | str:
    try:
        return picture_read(io.BytesIO(content))
    except ApplicationError as error:
        return error.code


def codes_of_members(file: IO[bytes]) -> list[str]:
    """The refusals met while every member that can be read is read."""
    codes = []
    try:
        for _, item in archive_members(file):
            if isinstance(item, ApplicationError):
                codes.append(item.code)
            else:
                item.read()
    except ApplicationError as error:
        codes.append(error.code)
    return codes


@pytest.mark.parametrize("sample", sorted(SAMPLES))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=mutations, cut=st.floats(0, 1), extra=st.binary(max_size=8))
def test_a_damaged_picture_is_read_or_refused_with_a_code(
    sample: str, changes: list[tuple[int, int]], cut: float, extra: bytes
) -> None:
    outcome = read_or_code(mutated(SAMPLES[sample], changes, cut, extra))
    assert outcome in CODES or (isinstance(outcome, Picture) and outcome.thumbnail.startswith(b"RIFF"))


@settings(max_examples=400, deadline=None)
@given(changes=mutations, cut=st.floats(0, 1), extra=st.binary(max_size=8))
def test_a_damaged_archive_is_read_or_refused_with_a_code(
    changes: list[tuple[int, int]], cut: float, extra: bytes
) -> None:
    content = mutated(make_zip({"a.png": b"a" * 50, "b/c.png": b"c" * 50}), changes, cut, extra)
    with tempfile.TemporaryFile() as file:
        file.write(content)
        assert all(code.startswith("archive.") for code in codes_of_members(file))


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_with_a_code(content: bytes) -> None:
    with pytest.raises(ApplicationError) as caught:
        picture_read(io.BytesIO(content))
    assert caught.value.code in CODES


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sample=st.sampled_from(sorted(SAMPLES)), changes=mutations, cut=st.floats(0, 1))
def test_an_upload_of_a_damaged_picture_is_stored_or_leaves_nothing(
    api: APIClient, project: Project, files: Path, sample: str, changes: list[tuple[int, int]], cut: float
) -> None:
    before = (Image.objects.count(), stored_files(files))
    upload = SimpleUploadedFile("x", mutated(SAMPLES[sample], changes, cut, b""))
    answer = api.post(f"/api/v1/projects/{project.pk}/images/", {"files": [upload]}, format="multipart")
    assert answer.status_code < 500, answer.content
    if answer.status_code >= 400:
        assert answer.json()["code"]
        assert (Image.objects.count(), stored_files(files)) == before
