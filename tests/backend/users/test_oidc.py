"""Logging in by OpenID Connect: a server with it switched on, a real provider beside it, and a browser's requests."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured
from rest_framework.test import APIClient

from backend.config.oidc import is_oidc_set
from backend.launch.layout import ROOT
from tests.backend.users.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, running_provider


@dataclass(frozen=True)
class Server:
    """The web process with the provider in its environment, and its management commands."""

    url: str
    environment: dict[str, str]

    def manage(self, *arguments: str, typed: str = "") -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, input=typed, text=True, cwd=ROOT, env=self.environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def make_person(self, name: str, email: str) -> None:
        self.manage("user_create", name, "--email", email, typed=f"{name}-secret-1\n")

    def change_person(self, name: str, change: str) -> None:
        code = (
            f"from backend.users.models import User; User.objects.filter(username={name!r}).update({change})"
        )
        self.manage("shell", "-c", code)

    def log_in(self, browser: requests.Session | None = None, path: str = "/oidc/login/") -> Any:
        """Where the browser ends, and who is logged in there."""
        browser = browser or requests.Session()
        end = browser.get(self.url + path, timeout=20)
        return end.url.removeprefix(self.url), browser.get(f"{self.url}/api/v1/auth/me/", timeout=20).json()


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture(scope="module")
def server(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("oidc")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(
        f"http://localhost:{port}",
        {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "STORAGE_URL")}
        | {
            "DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "backend.config.settings.development",
            "OIDC_ISSUER": provider.url + "/",
            "OIDC_CLIENT_ID": CLIENT_ID,
            "OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "OIDC_NAME": "Example Labs",
        },
    )
    server.manage("migrate", "--verbosity", "0")
    command = ["-m", "gunicorn", "backend.config.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "2"]
    log = folder / "web.log"
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=server.environment,
        stdout=log.open("w"),
        stderr=subprocess.STDOUT,
    )
    wait_for(f"{server.url}/api/v1/auth/options/", process, log)
    yield server
    process.terminate()
    process.wait(20)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            requests.get(url, timeout=5)
            return
        except requests.ConnectionError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)


@pytest.fixture
def as_person(provider: Provider) -> Iterator[Callable[..., None]]:
    """Says who sits in front of the provider; whatever a test bends is straight again afterwards."""

    def be(sub: str, email: str = "", *, verified: bool | None = True, **more: Any) -> None:
        provider.person = {"sub": sub, **more}
        if email:
            provider.person |= {"email": email}
        if email and verified is not None:
            provider.person |= {"email_verified": verified}

    yield be
    provider.claims, provider.userinfo, provider.is_cancelled = {}, {}, False
    provider.signing_key = provider.key
    assert provider.refused == []


AsPerson = Callable[..., None]


def test_the_log_in_page_is_told_of_the_provider(server: Server) -> None:
    options = requests.get(f"{server.url}/api/v1/auth/options/", timeout=20).json()
    assert options["oidc"] == {"name": "Example Labs", "url": "/oidc/login/"}


def test_somebody_new_becomes_a_person_and_a_member_of_nothing_once(
    server: Server, as_person: AsPerson
) -> None:
    as_person("n-1", "new@example.org", preferred_username="new person!", name="Nell New")
    browser = requests.Session()
    path, me = server.log_in(browser, "/oidc/login/?next=/projects/7")
    assert path == "/projects/7"
    assert (me["username"], me["display_name"], me["is_staff"]) == ("newperson", "Nell New", False)
    assert browser.get(f"{server.url}/api/v1/projects/", timeout=20).json()["results"] == []
    as_person("n-1", "changed@example.org", preferred_username="other")
    assert server.log_in()[1]["id"] == me["id"]


def test_somebody_known_by_a_verified_address_is_let_in_and_the_password_stays(
    server: Server, as_person: AsPerson
) -> None:
    server.make_person("ada", "ada@example.org")
    as_person("a-1", "ADA@example.org", preferred_username="somebody")
    assert server.log_in()[1]["username"] == "ada"
    credentials = {"username": "ada", "password": "ada-secret-1"}
    answer = requests.post(f"{server.url}/api/v1/auth/token/", json=credentials, timeout=20)
    assert answer.status_code == 200
    # The address goes to somebody else there: the account does not go with it.
    as_person("a-2", "ada@example.org")
    path, nobody = server.log_in()
    assert (path, nobody["code"]) == ("/login?refused=auth.oidc_taken", "auth.not_authenticated")


@pytest.mark.parametrize(("number", "verified"), [(1, False), (2, None), (3, "false")])
def test_an_address_that_was_not_verified_opens_nobodys_account(
    server: Server, as_person: AsPerson, number: int, verified: Any
) -> None:
    name = f"victim{number}-"
    server.make_person(name, f"{name}@example.org")
    as_person(f"v-{number}", f"{name}@example.org", verified=verified, preferred_username=name)
    assert server.log_in()[1]["username"] == f"{name}2"
    # Nor does it wait for its owner, who comes later.
    as_person(f"owner-{number}", f"{name}@example.org", preferred_username="late")
    assert server.log_in()[1]["username"] == name


def test_people_shut_out_stay_out(server: Server, as_person: AsPerson) -> None:
    server.make_person("gone", "gone@example.org")
    server.change_person("gone", "is_active=False")
    as_person("g-1", "gone@example.org")
    path, nobody = server.log_in()
    assert (path, nobody["code"]) == ("/login?refused=auth.oidc_inactive", "auth.not_authenticated")


def test_an_address_of_several_people_opens_none(server: Server, as_person: AsPerson) -> None:
    for name in ("twin-1", "twin-2"):
        server.make_person(name, "twins@example.org")
    as_person("t-1", "twins@example.org")
    assert server.log_in()[0] == "/login?refused=auth.oidc_ambiguous"


@pytest.mark.parametrize(
    "bend",
    [
        lambda provider: setattr(provider, "signing_key", rsa.generate_private_key(65537, 2048)),
        lambda provider: provider.claims.update(aud="another client"),
        lambda provider: provider.claims.update(iss="https://elsewhere.example"),
        lambda provider: provider.claims.update(exp=int(time.time()) - 60),
        lambda provider: provider.userinfo.update(sub="somebody else"),
    ],
    ids=["signature", "audience", "issuer", "expired", "userinfo"],
)
def test_an_id_token_that_is_not_the_providers_for_us_is_refused(
    server: Server, provider: Provider, as_person: AsPerson, bend: Callable[[Provider], None]
) -> None:
    as_person("b-1", "bent@example.org")
    bend(provider)
    path, nobody = server.log_in()
    assert (path, nobody["code"]) == ("/login?refused=auth.oidc_failed", "auth.not_authenticated")


def test_who_cancels_comes_back_to_the_log_in(
    server: Server, provider: Provider, as_person: AsPerson
) -> None:
    as_person("c-1")
    provider.is_cancelled = True
    assert server.log_in()[0] == "/login?refused=auth.oidc_cancelled"


def test_an_answer_nobody_asked_for_is_refused(server: Server) -> None:
    """Another person's code in one's own browser would log one in as them."""
    path, nobody = server.log_in(path="/oidc/callback/?code=stolen&state=made-up")
    assert (path, nobody["code"]) == ("/login?refused=auth.oidc_failed", "auth.not_authenticated")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_nobody_is_sent_elsewhere_afterwards(server: Server, as_person: AsPerson, elsewhere: str) -> None:
    as_person("e-1")
    assert server.log_in(path=f"/oidc/login/?next={elsewhere}")[0] == "/"


def test_a_provider_that_is_away_is_said(server: Server, provider: Provider, as_person: AsPerson) -> None:
    as_person("d-1")
    honest = provider.discovery
    provider.discovery = dict  # type: ignore[method-assign,assignment]
    try:
        assert server.log_in()[0] == "/login?refused=auth.oidc_failed"
    finally:
        provider.discovery = honest  # type: ignore[method-assign]


def test_a_server_without_a_provider_has_no_such_addresses(db: None) -> None:
    assert APIClient().get("/api/v1/auth/options/").json()["oidc"] is None
    # The front end's, which knows no such page.
    answer = APIClient().get("/oidc/login/")
    assert answer.status_code != 302


def test_half_a_set_up_and_one_that_can_be_listened_to_are_refused() -> None:
    assert not is_oidc_set("", "", "")
    assert is_oidc_set("https://id.example.org", "x", "y")
    assert is_oidc_set("http://localhost:8080", "x", "y")
    for half in (("https://id.example.org", "x", ""), ("http://id.example.org", "x", "y")):
        with pytest.raises(ImproperlyConfigured):
            is_oidc_set(*half)
