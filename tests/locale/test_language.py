"""The language of messages about mistakes, and that each message stands in the locale files under its key."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from sim.locale.language import said, speaking, spoken
from sim.locale.words import texts

ROOT = Path(__file__).parents[2]
PARTS = ("not.", "range.", "target.", "kind.", "sheet.")  # whose ends are chosen when a message is made


def keys_of(path: Path) -> list[str]:
    calls = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    ]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in ("said", "told")]
    firsts = [call.args[0] for call in named if call.args]
    return [one.value for one in firsts if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def test_the_language_is_that_of_the_variable_unless_a_command_speaks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SIM_LANG", raising=False)
    assert spoken() == "en"
    monkeypatch.setenv("SIM_LANG", "fr")
    assert spoken() == "en"
    monkeypatch.setenv("SIM_LANG", "zh")
    assert said("missing") == "缺少取值"
    with speaking("en"), speaking("zh"), speaking("en"):
        assert said("missing") == "is missing"
    assert spoken() == "zh"


def test_every_message_that_is_looked_up_is_there_and_every_one_there_is_used() -> None:
    paths = [path for name in ("sim", "calibration") for path in sorted((ROOT / name).rglob("*.py"))]
    sources = {path: path.read_text(encoding="utf-8") for path in paths}
    known = texts("en")["errors"]
    looked_up = {
        key for path, text in sources.items() if "sim.locale.language" in text for key in keys_of(path)
    }
    assert len(looked_up) > 100
    assert looked_up - set(known) == set()
    unused = [
        key
        for key in known
        if not key.startswith(PARTS) and not any(f'"{key}"' in text for text in sources.values())
    ]
    assert unused == []
