"""The documents build as a site without a warning, hold what the code declares, and fetch nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("material", reason="mkdocs-material is not installed: pip install .[docs]")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "-f",
        str(ROOT / ".ci" / "mkdocs.yml"),
        "-d",
        str(out),
    ]
    env = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return out


def test_pages_made_from_the_code_hold_all_of_it(site: Path) -> None:
    from sim.cli import app
    from sim.measures import DEFINITIONS
    from sim.scenario.describe import parameters

    page = (site / "reference" / "parameters.html").read_text(encoding="utf-8")
    assert [one.path for one in parameters() if f"<code>{one.path}</code>" not in page] == []
    page = (site / "reference" / "measures.html").read_text(encoding="utf-8")
    assert [name for name in DEFINITIONS if f"<code>{name}</code>" not in page] == []
    page = (site / "reference" / "commands.html").read_text(encoding="utf-8")
    names = [one.name or one.callback.__name__ for one in app.registered_commands if one.callback]
    assert [name for name in names if f"sim {name}" not in page] == []
    assert "Art 26" in (site / "law.html").read_text(encoding="utf-8")


def test_every_page_of_docs_is_in_the_navigation(site: Path) -> None:
    index = (site / "index.html").read_text(encoding="utf-8")
    pages = [
        path.relative_to(ROOT / "docs").with_suffix(".html").as_posix()
        for path in (ROOT / "docs").rglob("*.md")
    ]
    assert [page for page in pages if f'href="{page}"' not in index and page != "index.html"] == []


def test_the_site_asks_no_other_machine_for_anything(site: Path) -> None:
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r'<(?:script|img|iframe)[^>]+src="https?://[^"]+"', text) == []
        assert re.findall(r'<link[^>]+rel="(?:stylesheet|preconnect)"[^>]+href="https?://[^"]+"', text) == []
