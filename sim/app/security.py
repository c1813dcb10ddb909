"""Who may ask: this machine's user, from the page itself. Everything else is refused before anything is done.

- The token that the program prints makes a cookie; without it nothing is answered.
- The Host of a request is one under which the program listens, so that a name that somebody else points here (DNS rebinding) is none.
- A request that changes something comes from the page (Origin), so that no other page can send one.
- Answers are not kept by caches, load nothing from elsewhere, run no script that stands in a page, and are shown in no frame.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import re
import secrets
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sim.app.words import w
from sim.locale.language import usual

LOCAL: Final = ("127.0.0.1", "localhost")
EVERYWHERE: Final = ("0.0.0.0", "::")
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
SAFE: Final = ("GET", "HEAD")
LARGEST: Final = 100_000  # bytes of a request that is no upload
_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Address:
    """Under which address the program listens, and the token that opens it."""

    host: str
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def shown(self) -> str:
        """The host as a browser is sent there."""
        return LOCAL[0] if self.host in EVERYWHERE else f"[{self.host}]" if ":" in self.host else self.host

    @property
    def link(self) -> str:
        """The address to open, with the token."""
        return f"http://{self.shown}:{self.port}/?token={self.token}"

    @property
    def cookie(self) -> str:
        """Its name: programs on two ports do not take each other's."""
        return f"sim-app-{self.port}"

    def knows(self, host: str) -> bool:
        """Whether a Host is one of this program. Listening everywhere, any address in numbers is: a name of others is none."""
        try:
            parts = urlsplit(f"//{host}")
            name, port = parts.hostname or "", parts.port or 80
        except ValueError:
            return False
        if port != self.port:
            return False
        if name in (*LOCAL, self.host):
            return True
        return self.host in EVERYWHERE and _is_address(name)

    def opened_by(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self.token.encode())


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Guard:
    """In front of the application: refuses whoever may not ask."""

    def __init__(self, app: ASGIApp, address: Address) -> None:
        self.app, self.address = app, address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # there are no web sockets
            await send({"type": "websocket.close", "code": 1008})
            return
        answer = self._refusal(scope) or self._welcome(scope) or self.app
        await answer(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers, method = Headers(scope=scope), scope["method"]
        if not self.address.knows(headers.get("host", "")):
            return _refused("denied.host", 421)
        if method not in (*SAFE, "POST"):
            return _refused("denied.method", 405)
        if method == "POST" and headers.get("origin", "") != f"http://{headers['host']}":
            return _refused("denied.origin", 403)
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "same-site", "none") and (
            method == "POST" or headers.get("sec-fetch-mode") != "navigate"
        ):
            return _refused("denied.origin", 403)
        if _token(scope) is None and not self.address.opened_by(_cookie(headers, self.address.cookie)):
            return _refused("denied.token", 403)
        return None

    def _welcome(self, scope: Scope) -> ASGIApp | None:
        """Who brings the token gets the cookie, and the page without the token in its address."""
        token = _token(scope)
        if token is None:
            return None
        if scope["method"] not in SAFE or not self.address.opened_by(token):
            return _refused("denied.token", 403)
        left = [pair for pair in parse_qsl(scope["query_string"].decode("latin-1")) if pair[0] != "token"]
        answer = RedirectResponse(f"/?{urlencode(left)}" if left else "/", 303)
        answer.set_cookie(self.address.cookie, self.address.token, httponly=True, samesite="lax", path="/")
        return answer


def _token(scope: Scope) -> str | None:
    """The token of an address; only the first page is opened with one."""
    if scope["path"] != "/":
        return None
    return dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("token")


def _cookie(headers: Headers, name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def _refused(key: str, status: int) -> PlainTextResponse:
    return PlainTextResponse(w(key, usual()) + "\n", status)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("content-security-policy", POLICY)
        await send(message)

    return sending


def policy_of_page(html: str) -> str:
    """The policy for a page of results: its own scripts by their hashes, its own styles, and nothing of this program's."""
    hashes = (
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        for script in _SCRIPT.findall(html)
    )
    scripts = " ".join(f"'sha256-{one}'" for one in hashes)
    return (
        f"default-src 'none'; script-src {scripts or chr(39) + 'none' + chr(39)}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts allow-downloads allow-modals"
    )


async def body_of(request: Any, most: int = LARGEST) -> bytes | None:
    """What a request brings; None where it is more than ``most`` bytes, of which no more are read."""
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > most:
            return None
    return bytes(found)
