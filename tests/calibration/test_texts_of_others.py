"""Texts of a targets file reach terminals, pages and tables of others: escape codes are shown in them, never sent."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from calibration.cli.main import app
from calibration.targets.reader.defects import TargetsError
from calibration.targets.reader.load import load_reported, load_targets
from calibration.targets.targets import HOME

CODES = r"a\u001b[31mJan\u001b]0;x\u0007\u009b1m"


def planted(folder: Path) -> Path:
    """Shanxi's file with codes in every kind of text that it may hold."""
    text = (HOME / "targets" / "shanxi.toml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(("title", "source ="))]
    head = [f'{key} = "{key} {CODES}"' for key in ("title", "title_zh", "source")]
    text = "\n".join([*head, *lines])
    was = 'commission = "1315.87万"'
    assert text.count(was) == 1
    texts = ", ".join(f'{key} = "{key} {CODES}"' for key in ("reason", "reason_zh", "source"))
    path = folder / "of-others.toml"
    path.write_text(
        text.replace(was, f'commission = {{ published = "1315.87万", {texts} }}'), encoding="utf-8"
    )
    return path


def texts(value: Any) -> Iterator[str]:
    """All texts in what was read, but the file itself, which only the manifest holds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from texts(key)
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            if field.name not in ("text", "scenario", "toml"):
                yield from texts(getattr(value, field.name))


def test_what_a_run_knows_of_its_targets_may_be_shown(tmp_path: Path) -> None:
    found = list(texts(dataclasses.replace(load_targets(planted(tmp_path)), loaded=None)))
    assert sum("\\x1b[31mJan\\x1b]0;x\\x07\\x9b1m" in one for one in found) >= 6
    assert [one for one in found if not one.isprintable()] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_audit_sends_no_codes(lang: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["audit", str(planted(tmp_path)), "--lang", lang, "--out", str(out)])
    assert done.exit_code == 0, done.output
    written = [(out / name).read_text(encoding="utf-8-sig") for name in ("audit.csv", "audit.html")]
    for text in (done.output, *written):
        assert not {c for c in text if ord(c) < 32 or 127 <= ord(c) < 160} - {"\n", "\r", "\t"}
    assert "\\x1b[31mJan" in done.output
    assert "\\x1b[31mJan" in written[1]


@pytest.mark.parametrize(
    "lines",
    [f'[windows."{CODES}"]\nsold = 3', f'"{CODES}" = 3', f'[windows.a]\n"{CODES}" = 3', f'[windows.a]\nsold = "{CODES}"'],
)  # fmt: skip
def test_a_message_sends_no_codes(lines: str, tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(f'title = "x"\n{lines}\n', encoding="utf-8")
    with pytest.raises(TargetsError) as caught:
        load_reported(path)
    assert str(caught.value).replace("\n", "").isprintable()
