"""What the wizards of ``sim new`` share: a draft, questions with their law and their unit, and the file that the answers make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.shared.ending import Checks, fail, refusing, writing
from sim.cli.shared.wizard import ask, refuse_existing
from sim.locale.language import said, spoken
from sim.locale.words import LANGUAGES

if TYPE_CHECKING:
    from sim.scenario import Loaded, ScenarioError

File = Annotated[Path, typer.Argument()]
Title = Annotated[str | None, typer.Option()]
Yes = Annotated[bool, typer.Option("--yes", "-y")]


@dataclass
class Draft:
    """What has been answered. ``given``: key -> text as for ``--set``, what stays as in the base left out."""

    base: Loaded
    given: dict[str, str] = field(default_factory=dict)
    since: date | None = None

    def loaded(self, more: Sequence[str] = ()) -> Loaded:
        """The base with the answers and ``more``. Raises ``ScenarioError``."""
        from sim.scenario import load

        return load(self.base.path, [*(f"{key}={text}" for key, text in self.given.items()), *more])

    def value(self, key: str) -> Any:
        from sim.scenario.keys import read_key

        return self.base.scenario.value(read_key(key))

    def values(self) -> dict[str, Any]:
        """Key -> value in the file, of what differs from the base."""
        from sim.scenario.keys import read_key

        now = self.loaded().scenario
        found = {key: now.value(read_key(key)) for key in self.given}
        return {key: value for key, value in found.items() if value != self.value(key)}


def checked_file(path: Path, force: bool) -> Path:
    """The file to be written, which is not there yet."""
    path = path if path.suffix else path.with_suffix(".toml")
    checks = Checks()
    with checks:
        if path.suffix != ".toml":
            fail(said("new.toml", path=path))
    with checks:
        refuse_existing(path, force)
    checks.end()
    return path


def begun(base: str, overrides: Sequence[str] | None) -> Draft:
    """A draft with what options give already; exit code 2 with all that is wrong with them."""
    from sim.scenario import ScenarioError, load
    from sim.scenario.keys import read_assignment, write_key

    with refusing(ScenarioError):
        draft = Draft(load(base))
        load(base, list(overrides or ()))
        for text in overrides or ():
            key, value = read_assignment(text)
            draft.given[write_key(key)] = value
        draft.loaded()
    return draft


def ask_values(draft: Draft, keys: Sequence[str], lang: str) -> None:
    """Ask for each of these parameters that the base has and no option gave; Enter leaves the base's value."""
    from sim.cli.shared.words import w

    for key in keys:
        if key in draft.given or draft.value(key) is None:
            continue
        typer.echo("\n" + explained(draft.base, key, lang))
        default = _shown(draft.value(key), lang)
        answer = ask(w("new.value", lang), _fitting(draft, key, default), default)
        if answer is not None:
            draft.given[key] = answer


def explained(base: Loaded, key: str, lang: str) -> str:
    """A parameter in one line: what it is, its unit, what is allowed, and what today's law says of it."""
    from sim.cli.shared.words import w
    from sim.law.verdict import limits
    from sim.reporting.text import headline
    from sim.reporting.values import short_name
    from sim.scenario.describe import parameter
    from sim.scenario.keys import read_key
    from sim.scenario.units import CHINESE
    from sim.scenario.validate import field_of, said_range

    declared_as = parameter(read_key(key))
    assert declared_as is not None
    zh = lang == "zh"
    name, meaning = (
        headline(short_name(read_key(key), lang, base.scenario.kinds)),
        "" if zh else declared_as.meaning,
    )
    unit = CHINESE.get(declared_as.unit, declared_as.unit) if zh else declared_as.unit
    rules = limits(base.scenario, [read_key(key)], date.today())
    law = w("semicolon", lang).join(
        w(
            "new.limit",
            lang,
            says=one.says_zh if zh else one.says,
            article=one.article_zh if zh else one.article,
        )
        for one in rules[:2]
    )
    parts = [meaning] if meaning else []
    parts += [w("new.unit", lang, unit=unit)] if unit else []
    allowed = said_range(field_of(read_key(key)))
    parts += [w("new.allowed", lang, allowed=allowed)] if allowed else []
    parts += [w("new.law", lang, law=law)] if law else []
    return w(
        "new.explained",
        lang,
        name=name,
        path=key,
        facts=w("semicolon", lang).join(parts) or w("new.no_facts", lang),
    )


def _fitting(draft: Draft, key: str, default: str) -> Callable[[str], str | None]:
    """A check of an answer by the scenario that it makes; None: as in the base."""
    from sim.cli.shared.words import w
    from sim.scenario import ScenarioError

    words = {w(f"new.{word}", lang): value for lang in LANGUAGES for word, value in (("yes", "true"), ("no", "false"))}  # fmt: skip

    def check(text: str) -> str | None:
        if not text or text == default:
            return None
        text = words.get(text.lower(), text)
        try:
            draft.loaded([f"{key}={text}"])
        except ScenarioError as error:
            raise ValueError(w("semicolon", spoken()).join(_why(error))) from None
        return text

    return check


def _why(error: ScenarioError) -> list[str]:
    """What is wrong with an answer; whose it is, is plain."""
    return list(dict.fromkeys(part for one in error.defects for part in (one.problem, one.hint) if part))


def _shown(value: Any, lang: str) -> str:
    from sim.cli.shared.words import w

    if isinstance(value, bool):
        return w("new.yes" if value else "new.no", lang)
    return f"{value:g}" if isinstance(value, float) else str(value)


def sentence(values: Mapping[str, Any], lang: str, base: Loaded) -> str:
    """A title that says what differs, values in the units in which people write them."""
    from sim.cli.shared.words import w
    from sim.reporting.text import headline
    from sim.reporting.values import setting
    from sim.scenario.keys import read_key

    kinds = base.scenario.kinds
    return headline(
        w("new.and", lang).join(setting(read_key(key), value, lang, kinds) for key, value in values.items())
    )


def title_of(given: str | None, otherwise: str, lang: str, yes: bool) -> str:
    from sim.cli.shared.words import w

    return given or (otherwise if yes else ask("\n" + w("new.title", lang), needed, otherwise))


def titles(title: str, values: Mapping[str, Any], lang: str, base: Loaded) -> dict[str, str]:
    """The title in the language that is spoken; in the other one what differs, said there."""
    other = "en" if lang == "zh" else "zh"
    both = {lang: title, other: sentence(values, other, base) or title}
    return {"title": both["en"], "title_zh": both["zh"]}


def titled(base: Loaded, lang: str) -> str:
    return base.scenario.title_zh if lang == "zh" else base.scenario.title


def laid(values: Mapping[str, Any], since: date | None) -> dict[str, Any]:
    """Values as the tables of a file, from a day on if one is given."""
    from sim.scenario.keys import FROM, lay_in, read_key, tree_of

    tree: dict[str, Any] = {}
    for key, value in values.items():
        lay_in(tree, tree_of((*((FROM, str(since)) if since else ()), *read_key(key)), value))
    return tree


def merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    from sim.scenario.keys import lay_in

    lay_in(under, over)
    return under


def extends(base: str, path: Path) -> str:
    """The base as the new file names it: by its way from there, or by its name where it comes with the program."""
    import os

    given = Path(base)
    if not given.is_file():
        return base
    try:
        return Path(os.path.relpath(given.resolve(), path.absolute().parent.resolve())).as_posix()
    except ValueError:  # on another drive (Windows)
        return given.resolve().as_posix()


def write_file(path: Path, tree: dict[str, Any], base: Loaded, lang: str) -> None:
    """Try what the file says, write it whole, and say what ``sim check`` says of it."""
    import tomli_w

    from sim.cli.shared.checked import text
    from sim.experiments.storage.atomic import write_whole
    from sim.scenario import ScenarioError, load
    from sim.scenario.load import Overlay

    values = {name: value for name, value in tree.items() if name not in ("extends", "sources")}
    with refusing(ScenarioError):
        load(base.path, overlays=[Overlay(str(path), values)])
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, tomli_w.dumps(tree).encode())
    with refusing(ScenarioError):
        typer.echo("\n" + text(load(path), lang)[0])


def needed(text: str) -> str:
    if not text:
        raise ValueError(said("wizard.needed"))
    return text


def needed_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(said("sheet.date", value=text)) from None
