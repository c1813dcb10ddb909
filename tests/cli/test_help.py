"""Help stands in English and in Chinese for every command and option, and follows the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

import calibration.cli.main
import sim.cli.main
from sim.cli.shared.help import language, text, texts

PROGRAMS = {"sim": sim.cli.main.app, "calibrate": calibration.cli.main.app}
CHINESE = "[\u4e00-\u9fff]"
PLAIN = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": "", "SIM_LANG": ""}


def commands() -> Iterator[tuple[str, Any]]:
    """Every command and group of both programs, as it is called."""

    def below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
        yield name, command
        for word, one in getattr(command, "commands", {}).items():
            yield from below(f"{name} {word}", one)

    for name, app in PROGRAMS.items():
        yield from below(name, typer.main.get_command(app))


def helped(name: str, **environment: str) -> Result:
    program, *words = name.split()
    return CliRunner().invoke(
        PROGRAMS[program], [*words, "--help"], env={**PLAIN, "COLUMNS": "80", **environment}
    )


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_command_and_option_has_its_text_in_both_languages(name: str, command: Any) -> None:
    assert command.key == name
    for what in ("about", *(one.name for one in command.params)):
        assert text(name, what, "en"), what
        assert re.search(CHINESE, text(name, what, "zh")), what


def test_no_text_stands_for_what_is_not_there() -> None:
    known = {name: {"about", *(one.name for one in command.params)} for name, command in commands()}
    used = {name for names in known.values() for name in names}
    for key, of in texts().items():
        if key in (
            "frame",
            "notes",
            "signs",
            "placeholders",
        ):  # what Typer says, and signs: the tests of headings and notes look at these
            continue
        assert set(of) <= (used if key == "shared" else known[key]), key
        assert all(len(pair) == 2 for pair in of.values()), key


def test_punctuation_between_chinese_characters_is_full_width() -> None:
    """Half-width marks stand only where something is to be typed, between characters that are not Chinese."""
    half = re.compile(rf"{CHINESE}[,;!?()]|[,;!?()]{CHINESE}|{CHINESE}[.:]({CHINESE}|$)")
    assert not half.search("半角的a,b")
    assert half.search("半角,全角")
    assert half.search("句末.")
    typed = re.compile("参数路径=[^；，]*")  # what stands for values that are typed with half-width signs
    wrong = {
        (key, name): pair[1]
        for key, of in texts().items()
        for name, pair in of.items()
        if half.search(typed.sub("", pair[1]))
    }
    assert wrong == {}


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_help_in_chinese_has_chinese_headings_and_no_line_too_wide(name: str) -> None:
    done = helped(name, LANG="zh_CN.UTF-8")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0].startswith("用法：")
    assert "选项：" in lines
    assert not re.search("Usage|Options|Arguments|Commands|default:|required|Show this", done.stdout)
    held = re.findall(r"<([^>\n]+)>|\{([^}\n]+)\}|\[(\w+)\](?=\n)", done.stdout)
    assert [one for one in map("".join, held) if not re.search(CHINESE, one) and one != "zh|en"] == []
    assert max(sum(2 if ord(char) > 0x2E7F else 1 for char in line) for line in lines) <= 80


def test_what_is_typed_stays_and_what_stands_for_a_value_is_chinese() -> None:
    shown = helped("sim new", SIM_LANG="zh").stdout
    assert re.search(r"^  scenario  ", shown, re.MULTILINE)  # a command
    shown = helped("sim run", SIM_LANG="zh").stdout
    assert shown.startswith("用法：sim run [选项] {情景}\n")
    assert "\n  情景 <文本>  " in shown
    assert "\n  --heads <zh|en>  " in shown
    missing = CliRunner().invoke(PROGRAMS["sim"], ["run"], env={**PLAIN, "SIM_LANG": "zh"})
    assert "缺少参数“情景”。" in missing.output
    assert "{scenario}" in helped("sim run", SIM_LANG="en").stdout


def test_help_follows_the_locale_and_what_is_asked_for_goes_before_it() -> None:
    assert "Usage: " in helped("sim run", LANG="en_GB.UTF-8").stdout
    assert "用法：" in helped("sim run", LANG="C.UTF-8").stdout
    assert "Usage: " in helped("sim run", LANG="zh_CN.UTF-8", LC_ALL="en_GB.UTF-8").stdout
    assert "Usage: " in helped("sim run", LANG="zh_CN.UTF-8", SIM_LANG="en").stdout
    assert "用法：" in helped("sim run", SIM_LANG="zh").stdout
    assert language(["run", "-h", "--lang", "zh"]) == language(["--lang=zh"]) == "zh"
    assert language(["run", "--lang", "zh", "--lang", "en"]) == "en"
    done = CliRunner().invoke(PROGRAMS["sim"], ["run", "--lang", "zh", "--help"], env=PLAIN)
    assert "用法：" in done.stdout


def test_without_arguments_help_is_shown() -> None:
    for app in PROGRAMS.values():
        done = CliRunner().invoke(app, [], env={**PLAIN, "LANG": "zh_CN.UTF-8"})
        assert "用法：" in done.output
        assert "命令：" in done.output
