"""The language of messages about mistakes, and that each message stands in the locale files under its key."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from sim.locale.language import said, speaking, spoken, usual
from sim.locale.words import texts

ROOT = Path(__file__).parents[2]
PARTS = (
    "not.",
    "range.",
    "target.",
    "kind.",
    "sheet.",
    "shared.",
)  # whose ends are chosen when a message is made


def keys_of(path: Path) -> list[str]:
    calls = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    ]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in ("said", "told")]
    firsts = [call.args[0] for call in named if call.args]
    return [one.value for one in firsts if isinstance(one, ast.Constant) and isinstance(one.value, str)]


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({}, "zh"),
        ({"LANG": "C"}, "zh"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "de_DE", "LANG": "zh_CN"}, "en"),
        ({"SIM_LANG": "en", "LANG": "zh_CN"}, "en"),
        ({"SIM_LANG": "zh", "LC_ALL": "en_US"}, "zh"),
        ({"SIM_LANG": "fr", "LANG": "en_US"}, "en"),
    ],
)
def test_the_language_is_that_of_the_variable_then_of_the_locale(
    environment: dict[str, str], lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SIM_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert usual() == spoken() == lang


def test_a_command_goes_before_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
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
