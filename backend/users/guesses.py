"""How often anybody may try the password of one account, from however many addresses they ask.

The limit of each address stands beside this one. Where an account was opened from before, its person gets in while
somebody elsewhere is guessing.
"""

import hashlib
import time
from typing import Final

from django.core.cache import cache
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from backend.users.rates import request_count

_KNOWN_SECONDS: Final = 30 * 24 * 3600


class LoginRate(SimpleRateThrottle):
    """The settings' rate of log-ins, read as DRF reads it. Without one nothing is counted."""

    scope = "login"
    # None where there is no rate.
    num_requests: int | None
    duration: int | None


def guess_count(*, username: str, request: Request) -> None:
    """Counts a try at the password of `username`, whether or not there is such an account. Raises DRF's Throttled, 429
    `throttled`, whatever the password is."""
    rate = LoginRate()
    if not rate.num_requests or not rate.duration:
        return
    if cache.get(_known_key(username, rate.get_ident(request))):
        return
    who = f"login:{_digest(username)}"
    _, wait = request_count(who=who, quota=rate.num_requests, window=rate.duration, now=time.time())
    if wait:
        raise Throttled(wait=wait)


def address_remember(*, username: str, request: Request) -> None:
    """The account was opened from where the request came: tries from there are counted by the address alone."""
    cache.set(_known_key(username, LoginRate().get_ident(request)), True, timeout=_KNOWN_SECONDS)


def _known_key(username: str, address: str) -> str:
    return f"login_known:{_digest(f'{username} {address}')}"


def _digest(text: str) -> str:
    # Names may hold what no key of a cache may.
    return hashlib.sha256(text.encode()).hexdigest()
