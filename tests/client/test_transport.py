"""Requests that meet a failing network or server: sent again where that is safe, told with the server's own words."""

import socket
import time
import uuid

import pytest

from anymask import ApiError, Client, ConnectionFailed, NotConfigured, token_create
from tests.client.proxy import Fault, proxied, said
from tests.workers.processes import System

BUSY = '{"code": "throttled", "message": "Later.", "extra": {"wait": 2}}'


def test_a_wrong_token_and_an_unknown_project_are_told_by_the_servers_codes(system: System) -> None:
    with pytest.raises(ApiError) as refused:
        Client(system.address, "no-such-token").me()
    assert (refused.value.code, refused.value.status) == ("auth.token_invalid", 401)
    with pytest.raises(ApiError) as missing:
        system.client.project(999_999)
    assert (missing.value.code, missing.value.status, missing.value.extra) == ("project.not_found", 404, {})
    with pytest.raises(ApiError) as wrong:
        token_create(system.address, "demo", "not it")
    assert wrong.value.code == "auth.invalid_credentials"


def test_the_pause_a_server_asks_for_is_kept(system: System) -> None:
    told: list[tuple[str, float]] = []
    with proxied(system.port, said("429 Too Many Requests", BUSY, retry_after="2")) as proxy:
        client = Client(
            proxy.url, system.token, on_pause=lambda reason, seconds: told.append((reason, seconds))
        )
        assert client.me()["username"] == "demo"
        assert time.monotonic() - proxy.met[0] >= 2
    assert [reason for reason, _ in told] == ["Later. (throttled)"]
    assert told[0][1] >= 2


def test_a_pause_longer_than_anybody_waits_is_told_instead(system: System) -> None:
    with proxied(system.port, said("429 Too Many Requests", BUSY, retry_after="3600")) as proxy:
        with pytest.raises(ApiError) as refused:
            Client(proxy.url, system.token).me()
        assert len(proxy.up) == 1
    assert (refused.value.code, refused.value.extra) == ("throttled", {"wait": 2})


def test_reading_goes_on_through_errors_of_gateways_and_broken_connections(system: System) -> None:
    faults = [said("502 Bad Gateway", "<html>"), Fault(up=10), Fault(down=20), said("500 Oh")]
    with proxied(system.port, *faults) as proxy:
        assert Client(proxy.url, system.token).me()["username"] == "demo"
        assert len(proxy.met) == 4


def test_it_is_tried_so_often_and_no_more(system: System) -> None:
    with proxied(system.port, *[said("502 Bad Gateway", "<html>")] * 5) as proxy:
        with pytest.raises(ApiError) as refused:
            Client(proxy.url, system.token, tries=3).me()
        assert len(proxy.met) == 3
    assert (refused.value.code, refused.value.status) == ("http.502", 502)


def test_what_is_sent_several_times_is_made_once(system: System) -> None:
    """After 504 nobody knows whether the gateway's server had made the project, nor after a broken connection."""
    name = f"Once {uuid.uuid4().hex}"
    with proxied(system.port, said("503 Busy"), said("504 Gateway Timeout"), Fault(down=30)) as proxy:
        Client(proxy.url, system.token).project_create(name)
        keys = proxy.heads("Idempotency-Key")
    assert len(keys) == 4
    assert len(set(keys)) == 1, "all tries of one request have one key"
    assert [one["name"] for one in system.client.projects()].count(name) == 1


def test_what_must_not_be_done_twice_is_not_sent_again(system: System) -> None:
    """The server takes no key with what it answers by a secret."""
    credentials = {"username": "demo", "password": "demo"}
    with proxied(system.port, said("503 Busy"), said("504 Gateway Timeout")) as proxy:
        with pytest.raises(ApiError, match=r"http\.504"):
            Client(proxy.url, system.token).transport.send("POST", "auth/token/", json=credentials)
        assert len(proxy.met) == 2
        assert not proxy.heads("Idempotency-Key")


def test_two_requests_have_two_keys(system: System) -> None:
    with proxied(system.port) as proxy:
        client = Client(proxy.url, system.token)
        for _ in range(2):
            client.project_create("Keys")
        keys = proxy.heads("idempotency-key")
    assert len(set(keys)) == len(keys) == 2


def test_a_job_that_is_started_over_a_broken_connection_is_started_once(system: System, project: int) -> None:
    with proxied(system.port, Fault(down=30)) as proxy:
        job = Client(proxy.url, system.token).export_start(project)
        assert len(proxy.met) == 1
    assert [one["id"] for one in system.client.jobs(project)] == [job["id"]]


def test_a_server_that_is_not_there_is_told_as_such() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectionFailed, match="cannot be reached"):
        Client(f"http://127.0.0.1:{port}", "token", tries=2).me()


def test_a_redirect_is_not_followed_with_the_token(system: System) -> None:
    elsewhere = said("301 Moved", location="https://elsewhere.example/")
    with (
        proxied(system.port, elsewhere) as proxy,
        pytest.raises(ApiError, match=r"elsewhere\.example") as told,
    ):
        Client(proxy.url, system.token).me()
    assert told.value.code == "http.redirect"


def test_without_a_server_or_a_token_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("ANYMASK_URL", raising=False)
    monkeypatch.delenv("ANYMASK_TOKEN", raising=False)
    with pytest.raises(NotConfigured, match="anymask login"):
        Client()
    with pytest.raises(NotConfigured, match="no token for http://one"):
        Client("http://one")


def test_all_pages_of_a_list_are_walked(system: System) -> None:
    for _ in range(3):
        system.client.project_create("Many")
    with proxied(system.port) as proxy:
        walked = [one["id"] for one in Client(proxy.url, system.token).listed("projects/", page_size=2)]
        assert sum(bytes(content).count(b"GET /api/v1/projects/") for content in proxy.up) == -(
            -len(walked) // 2
        )
    assert walked == [one["id"] for one in system.client.projects()]
    assert len(walked) >= 4
