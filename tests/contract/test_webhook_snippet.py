"""The page shows how to check a signature; what it shows must do that."""

import time
from typing import Any

from backend.launch.layout import FRONTEND
from backend.webhooks.signing import secret_make, signature_headers

SOURCE = (FRONTEND / "src" / "components" / "webhooks" / "verifySnippet.ts").read_text(encoding="utf-8")


def test_the_snippet_tells_genuine_requests_from_others() -> None:
    known: dict[str, Any] = {}
    exec(SOURCE.partition(" = `")[2].partition("`")[0], known)
    is_genuine = known["is_genuine"]
    secret, now = secret_make(), int(time.time())

    def headers(timestamp: int, *secrets: str) -> dict[str, str]:
        signed = signature_headers(secrets=secrets, message_id="msg", timestamp=timestamp, body=b"{}")
        return dict(signed)

    assert is_genuine(secret, headers(now, secret), b"{}")
    assert is_genuine(secret, headers(now, secret_make(), secret), b"{}")
    assert not is_genuine(secret, headers(now, secret), b"{ }")
    assert not is_genuine(secret, headers(now, secret_make()), b"{}")
    assert not is_genuine(secret, headers(now - 3600, secret), b"{}")
