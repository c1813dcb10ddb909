"""Words of pages: no key that nobody uses."""

from __future__ import annotations

from pathlib import Path

from sim.reporting.pages.words import w

HOME = Path(__file__).resolve().parents[3] / "sim" / "reporting" / "pages"
SOURCES = "\n".join(
    p.read_text(encoding="utf-8")
    for p in HOME.rglob("*")
    if p.suffix in {".py", ".j2", ".js"} and p.name != "words.py"
)
MADE = ("open.", "room.", "manifest.", "explore.", "elsewhere.")  # keys put together from parts


def test_every_word_is_used() -> None:
    def used(key: str) -> bool:
        whole = [key, key.split(".", 1)[1]] if key.startswith(MADE) else [key]
        if f"{key.rpartition('.')[0]}.{{" in SOURCES:  # its last part is put in
            return True
        return any(f"{q}{words}{q}" in SOURCES for q in ('"', "'") for words in whole)

    assert len(w.keys()) > 100
    assert [key for key in w.keys() if not used(key)] == []  # noqa: SIM118
