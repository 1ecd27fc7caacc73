from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from backend.common.headers import HEADERS


@pytest.fixture
def front_end(db: None, tmp_path: Path, settings: Settings) -> Path:
    """A built front end: vite's layout, with hashed assets."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>Anymask</title>")
    (dist / "assets" / "index-Ab3_-x9Z.js").write_text("export {}")
    (dist / "assets" / "ort-wasm-simd-threaded-Bc4dEf5g.wasm").write_bytes(b"\0asm")
    (dist / "assets" / "ort-Bc4dEf5g.mjs").write_text("export {}")
    settings.FRONTEND_DIST = dist
    settings.STATICFILES_DIRS = [dist]
    return dist


def assert_isolated(answer: object) -> None:
    for name, value in HEADERS.items():
        assert answer[name] == value, name  # type: ignore[index]


@pytest.mark.parametrize("path", ["/", "/projects/3", "/images/7/annotate", "/login"])
def test_every_client_side_path_gets_the_page_with_a_csrf_cookie(front_end: Path, path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 200
    assert b"<title>Anymask" in answer.content
    assert "csrftoken" in answer.cookies
    assert answer["Cache-Control"] == "no-cache"
    assert_isolated(answer)


def test_a_front_end_that_is_not_built_says_so(tmp_path: Path, settings: Settings) -> None:
    settings.FRONTEND_DIST = tmp_path
    answer = Client().get("/")
    assert answer.status_code == 503
    assert b"not built" in answer.content


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("index-Ab3_-x9Z.js", "text/javascript"),
        ("ort-wasm-simd-threaded-Bc4dEf5g.wasm", "application/wasm"),
        ("ort-Bc4dEf5g.mjs", "text/javascript"),
    ],
)
def test_assets_have_the_type_browsers_insist_on_and_are_kept_for_good(
    front_end: Path, name: str, media_type: str
) -> None:
    answer = Client().get(f"/static/assets/{name}")
    assert answer.status_code == 200
    assert answer["Content-Type"].split(";")[0] == media_type
    assert "immutable" in answer["Cache-Control"]
    assert_isolated(answer)
    answer.close()


def test_an_asset_without_a_hash_is_not_kept_for_good(front_end: Path) -> None:
    (front_end / "favicon.svg").write_text("<svg/>")
    answer = Client().get("/static/favicon.svg")
    assert "immutable" not in answer["Cache-Control"]
    answer.close()


def test_the_security_policy_admits_wasm_and_workers_and_nothing_remote() -> None:
    policy = dict(
        part.strip().split(" ", 1)
        for part in HEADERS["Content-Security-Policy"].split(";")
        if " " in part.strip()
    )
    assert "'wasm-unsafe-eval'" in policy["script-src"]
    assert "blob:" in policy["worker-src"]
    assert {"blob:", "data:"} <= set(policy["img-src"].split())
    assert "http" not in HEADERS["Content-Security-Policy"]
    assert "'unsafe-inline'" not in policy["script-src"]


def test_health_names_its_parts(db: None) -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"database": True, "storage": True})


def test_health_is_503_when_the_storage_fails(db: None, files: Path) -> None:
    files.parent.mkdir(exist_ok=True)
    files.write_text("a file where the folder should be")
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"database": True, "storage": False})


@pytest.mark.parametrize("path", ["/api/nothing", "/api/v1/nothing/", "/static/nothing.js"])
def test_what_is_not_there_is_a_404_with_the_headers(db: None, path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    assert_isolated(answer)


def test_a_crash_is_a_500_with_code_and_headers(db: None, settings: Settings) -> None:
    settings.FRONTEND_DIST = None
    answer = Client(raise_request_exception=False).get("/")
    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")
    assert_isolated(answer)


def test_the_docs_work_offline_and_without_inline_scripts(db: None) -> None:
    page = Client().get("/api/docs")
    text = page.content.decode()
    assert page.status_code == 200
    assert "//cdn" not in text
    assert "<script>" not in text
    for part in ("swagger-ui.css", "swagger-ui-bundle.js"):
        answer = Client().get(f"/static/drf_spectacular_sidecar/swagger-ui-dist/{part}")
        assert answer.status_code == 200
        answer.close()


@pytest.mark.parametrize(
    ("body", "code"),
    [("{", "input.malformed"), ("[]", "input.invalid"), ('{"username": 1}', "input.invalid")],
)
def test_a_malformed_body_is_a_400_with_a_code(db: None, body: str, code: str) -> None:
    answer = Client().post("/api/v1/auth/token/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_another_content_type_and_method_are_refused_with_codes(db: None) -> None:
    answer = Client().post("/api/v1/auth/token/", "x", content_type="text/plain")
    assert (answer.status_code, answer.json()["code"]) == (415, "input.unsupported_media_type")
    answer = Client().get("/api/v1/auth/token/")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
