"""How often somebody may ask the API: counted for each person, or for the address of who is not logged in."""

import logging
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.core.cache import cache
from rest_framework.exceptions import Throttled
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from backend.common.failures import is_cache_away
from backend.users.models import User

if TYPE_CHECKING:
    # Views themselves import the default permissions, of which this is one.
    from rest_framework.views import APIView

logger = logging.getLogger("anymask.rates")

_NAME: Final = "api"


class Rate(SimpleRateThrottle):
    """The rate of the settings, read as DRF reads it: `6000/min`. Without one nothing is counted."""

    scope = _NAME
    # None where there is no rate.
    num_requests: int | None
    duration: int | None


@dataclass(frozen=True)
class Standing:
    """What is left to somebody: `quota` requests in `window` seconds, `remaining` of them, all again in `seconds`."""

    quota: int
    window: int
    remaining: int
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-10 has them."""
        return {
            "RateLimit-Policy": f'"{_NAME}";q={self.quota};w={self.window}',
            "RateLimit": f'"{_NAME}";r={self.remaining};t={self.seconds}',
        }


def request_count(*, who: str, quota: int, window: int, now: float) -> tuple[Standing, float]:
    """Counts a request; what is left, and in how many seconds the next one is let in: 0 for one that was.

    A sliding window of two counters: those of the window before count for as much of it as the present one has not
    covered yet. Refused requests are not counted. Where several ask at once a few more may be let in.
    """
    place, passed = divmod(now, window)
    keys = [f"rate:{_NAME}:{who}:{int(place) - back}" for back in (0, 1)]
    found = cache.get_many(keys)
    count, before = found.get(keys[0], 0), found.get(keys[1], 0)
    left = 1 - passed / window
    used = count + before * left
    seconds = math.ceil(window - passed)
    if used + 1 > quota:
        return Standing(quota, window, 0, seconds), _wait(count, before, left, quota, window)
    if not cache.add(keys[0], 1, timeout=2 * window):
        try:
            cache.incr(keys[0])
        except ValueError:
            # It went in between.
            cache.set(keys[0], 1, timeout=2 * window)
    return Standing(quota, window, math.floor(quota - used - 1), seconds), 0.0


def _wait(count: int, before: int, left: float, quota: int, window: int) -> float:
    """Seconds until one more fits, if nobody asks meanwhile."""
    if count + 1 <= quota:
        return max(0.0, left - (quota - 1 - count) / before) * window
    # Only when the present window is the one before.
    return (left + 1 - (quota - 1) / count) * window


class RateAllows(BasePermission):
    """Asked before what a person may do, so that somebody who asks too often costs no more. Every view has it that does
    not count its requests by a limit of its own. Raises DRF's Throttled, 429 `throttled`."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        rate = Rate()
        if not rate.num_requests or not rate.duration:
            return True
        who = f"u{request.user.pk}" if isinstance(request.user, User) else f"a{rate.get_ident(request)}"
        try:
            standing, wait = request_count(
                who=who, quota=rate.num_requests, window=rate.duration, now=time.time()
            )
        except Exception as error:
            if not is_cache_away(error):
                raise
            # Work goes on uncounted while the cache is away. Log-ins, which have limits of their own, do not.
            logger.warning("requests_uncounted error=%s", error)
            return True
        # For the middleware that sets the headers: the refusal has them, too.
        request._request.rate_headers = standing.headers  # type: ignore[attr-defined]
        if wait:
            raise Throttled(wait=wait)
        return True
