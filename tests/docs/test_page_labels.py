"""The guide to a report names parts of a page as the page does: every label in italics is a text of the pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.locale.words import texts

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "guides"
FENCE = re.compile(r"^```.*?^```$", re.M | re.S)
LABEL = re.compile(r"(?<!\*)\*([^*\n]+)\*(?!\*)")


@pytest.mark.parametrize(("guide", "lang"), [("reading-a-report.md", "en"), ("reading-a-report.zh.md", "zh")])
def test_labels_of_the_guide_stand_on_pages(guide: str, lang: str) -> None:
    labels = LABEL.findall(FENCE.sub("", (GUIDES / guide).read_text(encoding="utf-8")))
    shown = {
        text.casefold() for table in ("report", "explore", "pages") for text in texts(lang)[table].values()
    }
    assert len(labels) > 15
    assert [label for label in labels if label.casefold() not in shown] == []
