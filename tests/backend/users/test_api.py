import pytest
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db


def test_a_session_needs_the_csrf_token_and_the_right_password(owner):
    client = APIClient(enforce_csrf_checks=True)
    refused = client.get("/api/v1/auth/me/")
    assert (refused.status_code, refused.json()["code"]) == (401, "auth.not_authenticated")
    credentials = {"username": "ada", "password": "ada-secret"}
    assert client.post("/api/v1/auth/login/", credentials).json()["code"] == "auth.csrf_failed"
    token = {"HTTP_X_CSRFTOKEN": client.cookies["csrftoken"].value}
    wrong = client.post("/api/v1/auth/login/", credentials | {"password": "no"}, **token)
    assert (wrong.status_code, wrong.json()["code"]) == (400, "auth.invalid_credentials")
    assert client.post("/api/v1/auth/login/", credentials, **token).json()["username"] == "ada"
    assert client.get("/api/v1/auth/me/").json()["username"] == "ada"
    token = {"HTTP_X_CSRFTOKEN": client.cookies["csrftoken"].value}
    assert client.post("/api/v1/auth/logout/", **token).status_code == 204
    assert client.get("/api/v1/auth/me/").status_code == 401


def test_a_token_lets_a_script_in(owner):
    client = APIClient()
    key = client.post("/api/v1/auth/token/", {"username": "ada", "password": "ada-secret"}).json()["token"]
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    assert client.get("/api/v1/auth/me/").json()["username"] == "ada"


@pytest.mark.parametrize("path", ["projects/", "projects/1/", "images/1/", "images/1/embedding/", "models/"])
def test_nothing_is_shown_to_strangers(path):
    answer = APIClient().get(f"/api/v1/{path}")
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.not_authenticated")
