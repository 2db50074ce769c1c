"""A municipality's sign-in of our own: describes itself, gives codes for tokens, and lies when a test wants it to."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
from joserfc import jws
from joserfc.jwk import RSAKey

ISSUER = "https://login.kommun.example"


class FakeProvider:
    """Answers as a transport of httpx."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.key = RSAKey.generate_key(2048, {"kid": "k1"}, private=True)
        self.signs_with = self.key
        self.claims: dict[str, Any] = {"sub": "kommun|4711", "email": "maria@kommun.example", "email_verified": True}
        self.overrides: dict[str, Any] = {}
        self.down = False
        self.answers = threading.Event()
        """Whether it answers at all, or lets everybody wait."""
        self.answers.set()
        self.challenge = ""
        self.nonce = ""

    def authorize(self, url: str) -> dict[str, str]:
        """Do what the browser does at the provider: sign in, and come back with a code."""
        query = {name: values[0] for name, values in parse_qs(url.partition("?")[2]).items()}
        self.challenge, self.nonce = query["code_challenge"], query["nonce"]
        return {"code": "a-code", "state": query["state"]}

    def transport(self) -> httpx.MockTransport:
        """Return what stands in for the network."""
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.answers.wait(30)
        if self.down:
            raise httpx.ConnectError("down")
        match request.url.path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json={
                    "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/authorize",
                    "token_endpoint": f"{ISSUER}/token", "jwks_uri": f"{ISSUER}/keys",
                })  # fmt: skip
            case "/keys":
                return httpx.Response(200, json={"keys": [self.key.as_dict(private=False)]})
            case "/token":
                return self._token(request)
        return httpx.Response(404)

    def _token(self, request: httpx.Request) -> httpx.Response:
        sent = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        given = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).decode().rstrip("=")
        basic = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        if given != self.challenge or sent["code"] != "a-code" or basic != "tillbaka:hemligt":
            return httpx.Response(400, content=json.dumps({"error": "invalid_grant"}))
        seconds = int(self.now.timestamp())
        claims = {
            "iss": ISSUER, "aud": "tillbaka", "exp": seconds + 300, "iat": seconds, "nonce": self.nonce,
            **self.claims, **self.overrides,
        }  # fmt: skip
        # JSON in ASCII, which may hold half a character, as a provider's own program may write it.
        token = jws.serialize_compact({"alg": "RS256", "kid": "k1"}, json.dumps(claims).encode(), self.signs_with)
        return httpx.Response(200, json={"id_token": token, "access_token": "x", "token_type": "Bearer"})
