"""A small OpenID Connect service over real HTTP: code flow, PKCE, ID tokens signed with its key."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "fairwitness", "a secret between the two"


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Service:
    """What it says of whoever asks; tests change `claims` and the rest to have it lie.

    Attributes:
        claims: of the person at the keyboard.
        issuer: in ID tokens; its own address unless a test says otherwise.
        audience: in ID tokens.
        lasts: seconds until an ID token is over.
        published: whether the key that signs is the one that is published.
    """

    address: str
    claims: dict[str, Any] = field(default_factory=dict)
    issuer: str = ""
    audience: str = CLIENT
    lasts: int = 60
    published: bool = True
    key: rsa.RSAPrivateKey = field(default_factory=_key)
    other: rsa.RSAPrivateKey = field(default_factory=_key)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)

    def authorise(self, asked: dict[str, str]) -> str:
        """The address to send the browser back to."""
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"]})

    def tokens(self, said: dict[str, str]) -> dict[str, Any]:
        asked = self.codes.pop(said["code"])  # once
        digest = hashlib.sha256(said["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        assert challenge == asked["code_challenge"]
        assert said["redirect_uri"] == asked["redirect_uri"]
        assert (said["client_id"], said["client_secret"]) == (CLIENT, SECRET)
        now = int(time.time())
        claims = {
            "iss": self.issuer or self.address,
            "aud": self.audience,
            "iat": now - 1,
            "exp": now + self.lasts,
            **self.claims,
        }
        key = self.key if self.published else self.other
        token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": "first"})
        return {"access_token": "of no use", "token_type": "Bearer", "id_token": token}

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorise",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def keys(self) -> dict[str, Any]:
        said = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**said, "kid": "first", "alg": "RS256", "use": "sig"}]}


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorise":
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", service.authorise(asked))
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif parts.path == "/keys":
                self._json(200, service.keys())
            else:
                assert parts.path == "/.well-known/openid-configuration"
                self._json(200, service.configuration())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            said = {name: values[0] for name, values in parse_qs(body).items()}
            try:
                self._json(200, service.tokens(said))
            except (AssertionError, KeyError) as error:
                service.troubles.append(repr(error))
                self._json(400, {"error": "invalid_grant"})

        def _json(self, status: int, value: dict[str, Any]) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def serving() -> Iterator[Service]:
    """The service on a port of its own, until the block ends."""
    service = Service(address="")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(service))
    service.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
