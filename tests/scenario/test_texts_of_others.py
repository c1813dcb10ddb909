"""Escape codes in the texts of a scenario reach no terminal: they are shown as codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from typer.testing import CliRunner

from sim.cli.main import app


@pytest.mark.parametrize("command", ["show", "check"])
def test_escape_codes_are_shown_and_not_sent(command: str, tmp_path: Path) -> None:
    path = tmp_path / "of-others.toml"
    path.write_text(
        f'extends = "{ROOT}/scenarios/base.toml"\ntitle = "a\\u001b[31mred"\nkinds.homes.name_zh = "\\u0007"\n'
        'interest.mean = 2.5\n[sources]\n"interest.mean" = "b\\u001b]0;title"\n',
        encoding="utf-8",
    )
    for lang, title in (("en", "a\\x1b[31mred"), ("zh", "\\x1b[2J")):
        done = CliRunner().invoke(app, [command, str(path), "--set", "title_zh=\x1b[2J", "--lang", lang])
        assert done.exit_code == 0, done.output
        assert not {c for c in done.output if not c.isprintable()} - {"\n", "\u3000"}
        if command == "show":  # a text in both languages in the reader's own
            assert title in done.output
            assert "b\\x1b]0;title" in done.output
