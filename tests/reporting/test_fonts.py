from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from matplotlib import font_manager

from sim.reporting import fonts


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    fonts.forget()
    yield
    fonts.forget()


def test_without_a_font_pictures_speak_english_and_say_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "chinese", lambda: None)
    with pytest.warns(UserWarning, match="labelled in English") as caught:
        assert [fonts.choose("zh") for _ in range(3)] == [("en", [fonts.LATIN])] * 3
    assert len(caught) == 1


def test_english_never_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "chinese", lambda: None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fonts.choose("en") == ("en", [fonts.LATIN])


def test_a_font_without_the_characters_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    latin = font_manager.findfont(fonts.LATIN)
    impostor = font_manager.FontEntry(fname=latin, name="SimHei")
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [impostor])
    monkeypatch.setattr(fonts, "_packaged", list)
    monkeypatch.setattr(fonts, "_system", list)
    assert fonts.chinese() is None


def test_a_font_package_is_found_without_being_imported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / fonts.PACKAGES[0]
    home.mkdir()
    (home / "__init__.py").write_text("raise RuntimeError('imported')")
    for name in ("NotoSerifSC-Regular.otf", "NotoSansSC-Bold.otf", "NotoSansSC-Regular.otf"):
        (home / name).write_bytes(b"")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = [Path(p) for p in fonts._packaged() if str(tmp_path) in p]
    assert [p.name for p in found] == ["NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"]
    assert fonts.PACKAGES[0] not in sys.modules


def test_a_broken_font_file_is_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "NotoSansSC-Regular.otf"
    broken.write_bytes(b"not a font")
    assert not fonts._has(str(broken), fonts.PROBE)
    assert not fonts._has(str(tmp_path / "absent.otf"), fonts.PROBE)


def test_what_no_font_has_becomes_a_question_mark() -> None:
    assert fonts.drawable("Shanxi 山西 2017", [fonts.LATIN]) == "Shanxi ?? 2017"
    assert fonts.drawable("plain\ntext", [fonts.LATIN]) == "plain\ntext"


def test_unknown_language() -> None:
    with pytest.raises(ValueError, match="'fr'"):
        fonts.choose("fr")
