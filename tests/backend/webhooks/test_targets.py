"""Where a webhook must not lead, in all the ways there are of writing it."""

import ipaddress
import socket
import time
from typing import Any

import pytest
from rest_framework.test import APIClient

from backend.common.errors import InvalidInput
from backend.projects.models import Project
from backend.webhooks.addresses import is_public
from backend.webhooks.models import Webhook
from backend.webhooks.targets import target_parse, target_resolve
from tests.backend.webhooks.hostile_addresses import BAD, resolve_names


@pytest.fixture(autouse=True)
def resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_names(monkeypatch)


@pytest.mark.parametrize(("url", "code"), BAD)
def test_what_is_not_the_public_internet_is_refused(url: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        target_resolve(target_parse(url), seconds=5)
    assert refusal.value.code == f"webhook.{code}"


@pytest.mark.parametrize(
    ("url", "host_header", "path"),
    [
        ("https://example.com", "example.com", "/"),
        ("HTTPS://Example.COM./a?b=c", "example.com", "/a?b=c"),
        ("https://example.com:8443/x", "example.com:8443", "/x"),
        ("https://example.com:443/x", "example.com", "/x"),
        ("https://8.8.8.8/", "8.8.8.8", "/"),
        ("https://[2606:4700::1111]/", "[2606:4700::1111]", "/"),
        ("https://[2606:4700::1111]:8443/", "[2606:4700::1111]:8443", "/"),
        ("https://nat-public.example.com/", "nat-public.example.com", "/"),
    ],
)
def test_the_public_internet_is_allowed(url: str, host_header: str, path: str) -> None:
    target = target_parse(url)
    assert (target.host_header, target.path) == (host_header, path)
    assert target_resolve(target, seconds=5)


def test_an_administrator_opens_hosts_by_name_and_plain_http(settings: Any) -> None:
    settings.WEBHOOK_ALLOWED_HOSTS = frozenset({"inside.example.com"})
    target = target_parse("https://Inside.example.com.:6000/")
    assert list(map(str, target_resolve(target, seconds=5))) == ["10.0.0.7"]
    with pytest.raises(InvalidInput):
        target_parse("http://inside.example.com/")
    settings.WEBHOOK_ALLOW_HTTP = True
    assert target_parse("http://inside.example.com/").port == 80
    # The name is opened, not the address.
    with pytest.raises(InvalidInput):
        target_resolve(target_parse("https://10.0.0.7/"), seconds=5)


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(3))
    begun = time.monotonic()
    with pytest.raises(InvalidInput) as refusal:
        target_resolve(target_parse("https://example.com/"), seconds=0.1)
    assert refusal.value.code == "webhook.dns"
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("text", ["2002:808:808::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2a00:1450::1"])
def test_an_address_is_as_public_as_what_it_carries(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(("url", "code"), [BAD[0], BAD[23], BAD[26], BAD[30], BAD[-2]])
def test_nothing_is_stored_that_leads_elsewhere(
    api: APIClient, project: Project, url: str, code: str
) -> None:
    at = f"/api/v1/projects/{project.pk}/webhooks/"
    answer = api.post(at, {"url": url, "events": ["image.accepted"]})
    assert (answer.status_code, answer.json()["code"]) == (400, f"webhook.{code}")
    assert not Webhook.objects.exists()
    made = api.post(at, {"url": "https://example.com/", "events": ["image.accepted"]}).json()
    changed = api.patch(f"/api/v1/webhooks/{made['id']}/", {"url": url})
    assert (changed.status_code, changed.json()["code"]) == (400, f"webhook.{code}")
    assert Webhook.objects.get().url == "https://example.com/"
