"""Who may not ask, and what no answer lets a browser do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from clients import HOST, QUESTION

from sim.app.security import LARGEST, Address, policy_of_page

POSTS = ("/api/check", "/api/run", "/api/jobs/x/cancel", "/api/jobs/x/delete", "/api/jobs/x/again")


def test_without_the_token_nothing_is_answered(client: Any) -> None:
    client.http.cookies.clear()
    for path in ("/", "/static/app.css", "/jobs", "/api/jobs/x", "/jobs/x/files/csv", "/nothing"):
        assert client.get(path).status_code == 403, path
    assert client.post("/api/run", QUESTION).status_code == 403
    assert client.get("/?token=a-toke").status_code == 403
    assert client.get("/?token=").status_code == 403
    assert client.get("/", headers={"cookie": f"{client.address.cookie}=other"}).status_code == 403


def test_the_token_makes_a_cookie_and_leaves_the_address(client: Any) -> None:
    client.http.cookies.clear()
    answer = client.get("/?token=a-token&scenario=base")
    assert answer.headers["location"] == "/?scenario=base"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "domain" not in cookie


@pytest.mark.parametrize("host", ["evil.example:8765", "127.0.0.1:80", "127.0.0.1", "localhost.evil.example:8765", "", "127.0.0.1:8765.evil.example", "10.0.0.1:8765", "[", "[::1", "a]b", "[x]:8765", "127.0.0.1:x"])  # fmt: skip
def test_a_name_that_somebody_points_here_is_none(client: Any, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", f"https://{HOST}", f"http://{HOST}.evil.example"]
)
def test_what_changes_something_comes_from_the_page(client: Any, path: str, origin: str) -> None:
    assert client.post(path, QUESTION, origin=origin).status_code == 403


def test_nothing_is_asked_for_by_a_page_of_others(client: Any) -> None:
    """A script or picture of another page that names an address here is answered nothing; a link leads here."""
    other = {"sec-fetch-site": "cross-site"}
    assert client.get("/jobs", headers=other | {"sec-fetch-mode": "no-cors"}).status_code == 403
    assert client.get("/", headers=other | {"sec-fetch-mode": "navigate"}).status_code == 200


def test_a_request_that_changes_something_is_no_get(client: Any) -> None:
    assert [client.get(path).status_code for path in POSTS] == [405] * len(POSTS)
    assert client.http.request("DELETE", "/api/jobs/x").status_code == 405


def test_every_answer_forbids_scripts_caches_and_frames(client: Any) -> None:
    for path in ("/", "/static/app.js", "/jobs", "/api/jobs/x", "/nothing"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy, path
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
    refused = client.get("/", headers={"host": "evil.example:8765"})
    assert "default-src 'none'" in refused.headers["content-security-policy"]


def test_the_page_has_no_script_or_style_within_and_loads_nothing_from_outside(client: Any) -> None:
    html = client.get("/").text
    scripts = re.findall(r"<script[^>]*>", html)
    assert scripts
    assert all("src=" in one or 'type="application/json"' in one for one in scripts)
    assert not re.search(r"\sstyle=|\son\w+=|<style", html)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)


def test_a_page_of_results_runs_its_own_scripts_only() -> None:
    policy = policy_of_page(
        "<script>let a</script><script type='text/plain'>x</script><script>let b</script>"
    )
    assert policy.count("'sha256-") == 2
    assert "script-src 'none'" in policy_of_page("<p>")
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy


def test_no_path_leaves_the_work_folder(client: Any) -> None:
    for name in ("%2e%2e", "..%2f..%2fetc%2fpasswd", "....//", "%00", "x" * 3000):
        for path in (
            f"/jobs/{name}/answer",
            f"/jobs/{name}/files/csv",
            f"/api/jobs/{name}",
            f"/static/{name}",
        ):
            assert client.get(path).status_code in (404, 400, 307), path
    for text in ("../../etc/passwd", "/etc/passwd", "shanxi/../base", "scenarios/base.toml", "\0"):
        found = client.post("/api/check", f"scenario={text}&policy=;rounds.second.cut=10%25").json()
        assert len(found["defects"]) == 1
        assert "there is none of this name" in found["defects"][0]


def test_what_is_too_long_is_not_read(client: Any) -> None:
    assert client.post("/api/run", "x" * (LARGEST + 1)).status_code == 413
    assert client.post("/api/run", "policy=" + "x" * 5000).status_code == 422


def test_other_addresses_only_if_asked() -> None:
    everywhere, one = Address("0.0.0.0", 1, "t"), Address("192.168.1.5", 1, "t")
    assert everywhere.knows("192.168.1.7:1")
    assert not everywhere.knows("court.example:1")
    assert one.knows("192.168.1.5:1")
    assert not one.knows("192.168.1.7:1")
    assert not Address("127.0.0.1", 1, "t").knows("192.168.1.5:1")
    assert Address("::1", 1, "t").knows("[::1]:1")
    assert Address("0.0.0.0", 7, "t").link == "http://127.0.0.1:7/?token=t"


def test_a_text_from_the_link_stands_as_text(client: Any) -> None:
    evil = '"><script>alert(1)</script>'
    html = client.get(
        "/", params={"scenario": evil, "policy": f"{evil};rounds.second.cut=10%", "day": evil}
    ).text
    assert "<script>alert" not in html


def test_whoever_calls_before_the_server_answers_waits_and_is_not_refused() -> None:
    """The address is printed as soon as it is known; on a slow machine a second passes until somebody answers there."""
    import socket

    from sim.app.server import listening

    with listening("127.0.0.1", 0) as listens, socket.create_connection(listens.getsockname(), timeout=5):
        pass
