"""The frame: what comes from outside stands as text, files are written whole and spare what is not ours."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sim.reporting.pages.shell import (
    History,
    Notes,
    Page,
    PageError,
    Section,
    check_target,
    packed,
    render,
    write,
)

EVIL = "</script><script src=https://example.org/a.js></script><img src=x onerror=alert(1)>"


def test_names_from_scenario_files_cannot_become_markup() -> None:
    sections = [Section("a", EVIL, EVIL, [Notes([EVIL], EVIL), History(EVIL, [(EVIL, EVIL, EVIL)])], EVIL)]
    page = Page(
        lang="en", kind=EVIL, name=EVIL, headline=EVIL, lead=[EVIL], warnings=[EVIL], sections=sections,
        manifest=[(EVIL, EVIL)], appendix=[(EVIL, EVIL)], data={"d": json.dumps({"x": EVIL})},
    )  # fmt: skip
    text = render(page)
    assert "<script src" not in re.sub(r"<script type=.application/json.*?</script>", "", text, flags=re.S)
    assert "<img" not in re.sub(r"<script.*?</script>", "", text, flags=re.S)
    found = re.search(r'id="d">(.*?)</script>', text, re.S)
    assert found
    assert json.loads(found[1]) == {"x": EVIL}


def test_a_page_forbids_itself_to_fetch_anything() -> None:
    text = render(Page("zh", "k", "n", "h", []))
    assert "default-src 'none'" in text
    assert not re.search(r"(src|href)=\"(https?:)?//", text)


def test_a_headline_has_whole_dates_and_signs_of_print() -> None:
    text = render(Page("en", "k", "n", "-5 lots by 2017-12-31 & after", []))
    assert '<h1>−5 lots by <span class="range">2017-12-31</span> &amp; after</h1>' in text


def test_packed_bytes_are_the_same_every_time() -> None:
    assert packed(b"abc") == packed(b"abc")


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "deep" / "page.html"
    write(path, "one")

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="no space left"):
        write(path, "two")
    assert path.read_text() == "one"
    assert list(path.parent.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(PageError, match="is a file, not a folder"):
        check_target(tmp_path / "file" / "page.html", False)
