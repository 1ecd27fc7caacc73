"""A small provider of OpenID Connect, as RFC 6749, RFC 7636 and OpenID Connect Core describe one, for tests."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET, KEY_ID = "anymask", "client-secret", "key-1"


class Provider:
    """Logs in whoever `person` is without a question. What else it says can be changed, to see what becomes of it."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}  # over those of an honest id_token
        self.userinfo: dict[str, Any] = {}  # over an honest userinfo
        self.is_cancelled = False
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.signing_key = self.key
        self.refused: list[str] = []
        self._grants: dict[str, dict[str, str]] = {}
        self.url = ""

    def discovery(self) -> dict[str, Any]:
        paths = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "userinfo_endpoint": "me",
            "jwks_uri": "keys",
        }
        return {
            "issuer": self.url,
            **{name: f"{self.url}/{path}" for name, path in paths.items()},
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }

    def keys(self) -> dict[str, Any]:
        numbers = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [numbers | {"kid": KEY_ID, "use": "sig", "alg": "RS256"}]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes next."""
        assert (asked["client_id"], asked["response_type"]) == (CLIENT_ID, "code")
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        if self.is_cancelled:
            answer = {"error": "access_denied", "state": asked["state"]}
        else:
            code = secrets.token_urlsafe()
            self._grants[code] = asked
            answer = {"code": code, "state": asked["state"]}
        return asked["redirect_uri"] + "?" + urlencode(answer)

    def token(self, authorization: str, sent: dict[str, str]) -> dict[str, Any] | None:
        """The answer for a code, once, to the client that asked for it and nobody else."""
        grant = self._grants.pop(sent.get("code", ""), None)
        client = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        challenge = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        if (
            grant is None
            or authorization != f"Basic {client}"
            or sent.get("redirect_uri") != grant["redirect_uri"]
            or base64.urlsafe_b64encode(challenge).decode().rstrip("=") != grant["code_challenge"]
        ):
            self.refused.append(sent.get("code", ""))
            return None
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "jti": secrets.token_hex(),
        }
        id_token = jwt.encode(
            claims | {"sub": self.person["sub"]} | self.claims,
            self.signing_key,
            "RS256",
            headers={"kid": KEY_ID},
        )
        return {"access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": id_token}


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(address.query).items()}
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(asked))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        answers = {
            "/.well-known/openid-configuration": self.provider.discovery,
            "/keys": self.provider.keys,
            "/me": lambda: self.provider.person | self.provider.userinfo,
        }
        make = answers.get(address.path)
        self._answer(200, make()) if make else self._answer(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        answer = self.provider.token(self.headers.get("Authorization", ""), sent)
        self._answer(200 if answer else 400, answer or {"error": "invalid_grant"})

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def running_provider() -> Iterator[Provider]:
    provider = Provider()
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    server.server_close()
    thread.join()
