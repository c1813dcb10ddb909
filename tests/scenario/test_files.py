"""Which file a name means, and what is said where it cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario import ScenarioError, find, load
from sim.scenario.files import HOME


def extending(folder: Path, what: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(f'extends = "{what}"\n', encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    return tmp_path


@pytest.mark.parametrize("name", ["shanxi", "shanxi.toml", "scenarios/shanxi.toml"])
def test_the_programs_own_scenarios_are_found_from_anywhere(name: str, elsewhere: Path) -> None:
    assert find(name) == HOME / "shanxi.toml"
    assert load(extending(elsewhere, name)).files[-2] == HOME / "shanxi.toml"


def test_a_file_beside_the_one_that_extends_it_goes_before_a_name(elsewhere: Path) -> None:
    (elsewhere / "shanxi.toml").write_text('extends = "base"\n', encoding="utf-8")
    assert load(extending(elsewhere, "shanxi.toml")).files[-2] == Path("shanxi.toml").absolute()


def test_what_has_folders_in_front_means_no_scenario_of_ours(elsewhere: Path) -> None:
    with pytest.raises(
        ScenarioError, match=r'extends: there is no file "\.\./shanxi\.toml"; did you mean shanxi'
    ):
        load(extending(elsewhere, "../shanxi.toml"))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a" * 300, "File name too long"),
        ("loop/x", "symbolic links"),
    ],
)
def test_what_the_system_does_not_let_one_look_at_is_said_in_a_sentence(
    name: str, why: str, elsewhere: Path
) -> None:
    with pytest.raises(ScenarioError, match=rf"mine\.toml: extends: .* cannot be read: .*{why}"):
        load(extending(elsewhere, name))
    with pytest.raises(ScenarioError, match=rf"cannot be read: .*{why}"):
        find(name)


def test_a_name_that_no_system_takes_is_shown_as_codes(elsewhere: Path) -> None:
    with pytest.raises(ScenarioError, match=r'mine\.toml: extends: there is no file "x\\x00y"'):
        load(extending(elsewhere, "x\\u0000y"))
    with pytest.raises(ScenarioError, match=r"cannot be read: .*not the name of a file"):
        find("x\0y")


def test_a_name_of_thousands_of_characters_is_not_repeated_whole(elsewhere: Path) -> None:
    for said in (lambda: load(extending(elsewhere, "a" * 5_000)), lambda: find("a" * 5_000)):
        with pytest.raises(ScenarioError) as error:
            said()
        assert len(str(error.value)) < 500
