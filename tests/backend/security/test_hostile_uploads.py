"""Files that somebody means harm with: refused with a code, or taken and served as the picture that they are."""

import json
import resource
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from rest_framework.test import APIClient

from backend.images.intake import name_clean
from backend.images.models import Image
from backend.launch.layout import ROOT
from backend.projects.models import Project
from tests.backend.security.hostile_files import Hostile, hostile_files, hostile_names
from tests.builders import make_file, make_pixels, make_zip, stored_files

SAFE_TYPES: Final = {"image/jpeg", "image/png", "image/webp"}
# Python's own allocations for any one file, and what all of them together may leave the process with.
MOST_BYTES: Final = 64 * 1024**2
MOST_GROWTH_MB: Final = 200
# Characters that end a line, a header or a string, or that turn the direction of writing.
_UNSEEN: Final = {
    chr(code) for code in (*range(32), *range(127, 160), *range(0x2028, 0x202F), *range(0x2066, 0x206A))
}
_CODES: Final = {
    line.split("`")[1] for line in (ROOT / "ERRORS.md").read_text().splitlines() if line.count("`") >= 2
}


@pytest.fixture
def limits(settings: Settings) -> None:
    """Small ones, so that a bomb need not be large; the mechanism is the same."""
    settings.MAX_IMAGE_PIXELS = 50_000_000
    settings.MAX_ARCHIVE_BYTES = 30_000_000
    settings.MAX_ARCHIVE_MEMBERS = 1000


@pytest.fixture
def nothing_escapes(tmp_path: Path) -> Iterator[None]:
    """No file lies anywhere that one could have been written to, but in the storage's folder."""
    places = [ROOT, Path("/tmp"), Path.cwd(), tmp_path]
    before = {place: set(place.iterdir()) for place in places}
    yield
    for place in places:
        new = {path.name for path in set(place.iterdir()) - before[place]}
        assert not {name for name in new if "escaped" in name}, place
    assert {path.name for path in tmp_path.iterdir()} <= {"files"}
    assert not list(tmp_path.rglob("*escaped*"))


def upload(api: APIClient, project: Project, name: str, content: bytes, **more: Any) -> Any:
    at = f"/api/v1/projects/{project.pk}/images/"
    return api.post(at, {"files": [SimpleUploadedFile(name, content)], **more}, format="multipart")


def served_safely(api: APIClient, image: dict[str, Any]) -> None:
    """As a picture that no browser takes for a page, whatever it was called and whatever else it is."""
    for name in ("file_url", "thumbnail_url", "preview_url"):
        answer = api.get(image[name])
        assert answer.status_code == 200
        assert answer["Content-Type"] in SAFE_TYPES
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        policy = answer["Content-Security-Policy"]
        assert "object-src 'none'" in policy
        assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
        assert answer.getvalue()


def judge(api: APIClient, project: Project, hostile: Hostile) -> str:
    answer = upload(api, project, hostile.name, hostile.content)
    assert answer.status_code < 500, answer.content
    said = answer.json()
    refused = [error["code"] for error in said["errors"]] if "errors" in said else [said["code"]]
    assert set(refused) <= set(hostile.codes), (hostile.name, refused)
    assert set(refused) <= _CODES | {""}
    if not said.get("created"):
        assert refused or "" in hostile.codes
        assert not refused or 400 <= answer.status_code < 500
        return refused[0] if refused else "nothing in it"
    assert "" in hostile.codes, hostile.name
    for image in said["created"]:
        served_safely(api, image)
    return "taken as a picture"


def test_every_hostile_file_is_refused_or_shown_as_a_picture(
    api: APIClient,
    project: Project,
    files: Path,
    limits: None,
    nothing_escapes: None,
    subtests: pytest.Subtests,
) -> None:
    became: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    models = set(stored_files(files))
    upload(api, project, "warm.png", make_file(make_pixels(seed=99)))  # imports and caches
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peaks = {}
    for hostile in list(hostile_files()):
        with subtests.test(f"{hostile.kind} {hostile.name}"):
            tracemalloc.start()
            try:
                became[judge(api, project, hostile)] += 1
                peaks[hostile.name] = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
            kinds[hostile.kind] += 1
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    worst = max(peaks, key=lambda name: peaks[name])
    print(f"\n{kinds.total()} files: {dict(kinds)}")
    print(f"became: {dict(became)}")
    print(f"the process grew by {grown} MB; most at once: {peaks[worst] / 1e6:.1f} MB for {worst}")
    assert kinds.total() >= 30
    assert peaks[worst] < MOST_BYTES
    assert grown < MOST_GROWTH_MB
    stored = {path.suffix for path in stored_files(files) if path not in models}
    assert stored <= {".jpeg", ".png", ".webp", ".tiff", ".bmp"}


def test_no_name_leads_out_of_the_storage_or_into_a_header(
    api: APIClient, project: Project, files: Path, nothing_escapes: None, subtests: pytest.Subtests
) -> None:
    """As the file's own name, as the path it is said to have, and as a member's name in a zip."""
    names = hostile_names()
    counts: Counter[str] = Counter()
    for seed, (what, name) in enumerate(names.items()):
        content = [make_file(make_pixels(seed=1000 + 3 * seed + more)) for more in range(3)]
        with subtests.test(what):
            # No form can carry some of them as a file's own name.
            own = name if Path(name).name not in ("", "..") else "a.png"
            answers = [
                upload(api, project, own, content[0]),
                upload(api, project, "a.png", content[1], paths=[name]),
                upload(api, project, "a.zip", make_zip({name or "/": content[2]})),
            ]
            for answer in answers:
                assert answer.status_code < 500, answer.content
                created = answer.json().get("created", [])
                counts["taken" if created else "refused"] += 1
                for image in created:
                    assert is_harmless(image["file_name"]), image["file_name"]
                    served_safely(api, image)
                    assert "Set-Cookie" not in api.get(image["file_url"]).headers
    keys = Image.objects.values_list("original_key", "display_key", "thumbnail_key")
    assert all(is_harmless(key) for row in keys for key in row)
    print(f"\n{len(names)} names in three places each: {dict(counts)}")


@pytest.mark.parametrize("length", range(1015, 1030))
def test_what_is_left_of_a_name_that_is_cut_leads_nowhere(length: int) -> None:
    """Cut in the middle of a part, `a..` would become `..`, and the name begin with a slash."""
    for part in ("a..", "a/", "..a", "a./", "a\\..\\"):
        name = name_clean(f"{part}/b/" + "x" * (length - 3) + ".png")
        assert is_harmless(name), name


def is_harmless(path: str) -> bool:
    parts = path.split("/")
    return (
        bool(path)
        and len(path) <= 1024
        and not _UNSEEN & set(path)
        and not path.startswith("/")
        and not {"", ".", ".."} & set(parts)
        and "\\" not in path
    )


@pytest.mark.parametrize(
    "body",
    [
        b"--x\r\nContent-Disposition: form-data; name=files; filename=a.png\r\n\r\n",
        b"--x\r\n" * 1000,
        b"",
        b"\xff" * 1000,
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\nContent-Length: -1\r\n\r\nx\r\n--x--',
    ],
)
def test_a_form_that_is_none_is_refused(api: APIClient, project: Project, body: bytes) -> None:
    answer = api.generic(
        "POST", f"/api/v1/projects/{project.pk}/images/", body, "multipart/form-data; boundary=x"
    )
    assert 400 <= answer.status_code < 500
    assert json.loads(answer.content)["code"] in _CODES


def test_an_import_s_archive_is_looked_at_as_an_upload_s_is(
    api: APIClient,
    project: Project,
    files: Path,
    limits: None,
    nothing_escapes: None,
    subtests: pytest.Subtests,
) -> None:
    """Refused when it is sent, or kept as a file with a name of ours for a job that looks at its members again."""
    counts: Counter[str] = Counter()
    for hostile in hostile_files():
        if hostile.kind != "archive":
            continue
        with subtests.test(hostile.name):
            at = f"/api/v1/projects/{project.pk}/imports/"
            sent = {"file": SimpleUploadedFile(hostile.name, hostile.content, "application/zip")}
            answer = api.post(at, sent, format="multipart")
            assert answer.status_code < 500, answer.content
            code = "kept" if answer.status_code == 201 else answer.json()["code"]
            counts[code] += 1
            assert code == "kept" or code in _CODES
            slips = set(hostile.codes) & {
                "archive.unsafe_path",
                "archive.too_large",
                "archive.too_many_members",
            }
            assert code != "kept" or not slips or "" in hostile.codes
    print(f"\n{counts.total()} archives to import: {dict(counts)}")
