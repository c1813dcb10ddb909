"""The question: a scenario, up to four policies, from which day, under whose law; as a link has it and as the model takes it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode

from sim.app.variables import BY_KEY, VARIABLES, Variable, tree
from sim.app.words import w
from sim.locale.language import spoken
from sim.locale.signs import headed
from sim.scenario.errors import joined, near, quoted

if TYPE_CHECKING:
    from sim.experiments.policies import Family

MOST: Final = 4  # policies compared
LONGEST: Final = 4_000  # characters of a question
LONGEST_NAME: Final = 40  # characters of a policy's name
EFFORTS: Final = {  # of an answer, a stage after another: draws of the parameters (0: the scenario's own values), pairs of runs of each
    "quick": ((0, 2), (8, 2)),
    "usual": ((0, 2), (8, 2), (40, 2), (40, 3)),
    "precise": ((0, 2), (8, 2), (40, 3), (40, 10)),
}
PLAIN: Final = {
    "quick": (4,),
    "usual": (4, 10, 30),
    "precise": (4, 30, 100),
}  # pairs, where there are no draws
Wrong = dict[tuple[int, str], str]  # what is wrong with a value, by the policy's place and the variable
_UNFIT: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|;=]')


class QuestionError(ValueError):
    """A question that has no answer; ``lines`` say everything that is wrong with it."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True)
class PolicyChoice:
    """One policy: what it is called, empty for what it changes, and the values of its variables as written."""

    name: str
    changes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """A scenario and policies. ``since``: the policies hold from that day on, empty: always; ``day``: whose law counts;
    ``unlawful``: what that law does not allow is compared, too.
    """

    scenario: str
    policies: tuple[PolicyChoice, ...]
    since: str = ""
    day: str = ""
    effort: str = "usual"
    unlawful: bool = False

    @property
    def query(self) -> str:
        """The same as the query of a link; equal questions have equal links."""
        pairs = [("scenario", self.scenario)]
        pairs += [(name, value) for name, value in (("since", self.since), ("day", self.day)) if value]
        pairs += [("effort", self.effort)] if self.effort != "usual" else []
        pairs += [("unlawful", "1")] if self.unlawful else []
        for one in self.policies:
            values = [f"{key}={text}" for key, text in one.changes.items()]
            pairs.append(("policy", ";".join([one.name, *values])))
        return urlencode(pairs)

    @property
    def key(self) -> str:
        """A name for the answer: the same question has the same one, whatever day's law it is held against."""
        plain = Question(self.scenario, self.policies, self.since, "", self.effort)
        return key_of(plain.query)

    def names(self, lang: str) -> list[str]:
        """What the policies are called, each otherwise than those before it."""
        found: list[str] = []
        for one in self.policies:
            name = one.name or self._described(one, lang)
            found.append(name if name not in found else f"{name} ({len(found) + 1})")
        return found

    def _described(self, one: PolicyChoice, lang: str) -> str:
        parts = [f"{BY_KEY[key].name(lang)} {_shown(key, text, lang)}" for key, text in one.changes.items()]
        return w("between", lang).join(parts) or w("policy.none", lang)


def key_of(text: str) -> str:
    """A name for what a text asks for."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_question(query: str, scenarios: Mapping[str, Any], wrong: Wrong | None = None) -> Question:
    """The question of a link. Raises ``QuestionError`` with everything that is wrong, in the reader's language. Where ``wrong`` is
    given, it takes what is wrong with single values, and they are left out.
    """
    if len(query) > LONGEST:
        raise QuestionError([w("wrong.long", spoken(), most=LONGEST)])
    question, lines, of_policies, values = _read(query, scenarios)
    lines += [said for _, said in of_policies]
    if wrong is None:
        lines += values.values()
    else:
        wrong |= values
    if lines:
        raise QuestionError(lines)
    return question


def what_is_sound(query: str, scenarios: Mapping[str, Any]) -> tuple[Question, list[str]]:
    """The question of a link without what is wrong with it, and what that is; of which policy where there are several."""
    lang = spoken()
    if len(query) > LONGEST:
        return Question(next(iter(scenarios), ""), ()), [w("wrong.long", lang, most=LONGEST)]
    question, lines, of_policies, values = _read(query, scenarios)
    found = [*of_policies, *((place, said) for (place, _), said in values.items())]
    for place, said in sorted(found, key=lambda one: one[0]):
        one = w("policy.number", lang, n=place + 1)
        lines.append(headed(one, said, lang) if len(question.policies) > 1 else said)
    return question, lines


def _read(
    query: str, scenarios: Mapping[str, Any]
) -> tuple[Question, list[str], list[tuple[int, str]], Wrong]:
    """What is sound of a question; and what is wrong with it, with each policy as a whole, and with single values."""
    lang = spoken()
    pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=40)
    given = dict(pairs)
    lines: list[str] = []
    scenario = given.get("scenario") or next(iter(scenarios), "")
    if scenario not in scenarios:
        lines.append(w("wrong.scenario", lang, value=quoted(scenario), names=joined(scenarios), hint=near(scenario, scenarios)))  # fmt: skip
        scenario = next(iter(scenarios), "")
    days = {"since": "", "day": ""}
    for name in days:
        wrong = list(_undated(name, given[name], lang)) if given.get(name) else []
        days[name] = "" if wrong else given.get(name, "")
        lines += wrong
    effort = given.get("effort") or "usual"
    if effort not in EFFORTS:
        lines.append(w("wrong.effort", lang, value=quoted(effort), names=joined(EFFORTS)))
        effort = "usual"
    if given.get("unlawful", "0") not in ("", "0", "1"):
        lines.append(w("wrong.unlawful", lang, value=quoted(given["unlawful"])))
    texts = [text for name, text in pairs if name == "policy"]
    if len(texts) > MOST:
        lines.append(w("wrong.many", lang, n=len(texts), most=MOST))
    of_policies: list[tuple[int, str]] = []
    values: Wrong = {}
    policies = tuple(_policy(place, text, of_policies, values) for place, text in enumerate(texts[:MOST]))
    question = Question(scenario, policies, days["since"], days["day"], effort, given.get("unlawful") == "1")
    return question, lines, of_policies, values


def _undated(name: str, value: str, lang: str) -> Iterator[str]:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) and date.fromisoformat(value):
            return
    except ValueError:
        pass
    yield w("wrong.day", lang, what=w(name, lang), value=quoted(value))


def _policy(place: int, text: str, lines: list[tuple[int, str]], wrong: Wrong) -> PolicyChoice:
    lang, (name, *values) = spoken(), text.split(";")
    changes: dict[str, str] = {}
    for value in values:
        key, _, given = value.partition("=")
        if key not in BY_KEY:
            said = w("wrong.variable", lang, value=quoted(key), names=joined(BY_KEY), hint=near(key, BY_KEY))
            lines.append((place, said))
        elif not BY_KEY[key].takes(given):
            wrong[place, key] = wrong_value(BY_KEY[key], given, lang)
        else:
            changes[key] = given
    if len(name) > LONGEST_NAME:
        lines.append((place, w("wrong.name", lang, most=LONGEST_NAME)))
        name = ""
    ordered = {one.key: changes[one.key] for one in VARIABLES if one.key in changes}
    return PolicyChoice(_UNFIT.sub(" ", name).strip(" ."), ordered)


def wrong_value(variable: Variable, given: str, lang: str) -> str:
    """What is said of a text that is no value of a variable."""
    typed = given.removesuffix("%") if variable.kind == "share" else given
    named, allowed = variable.name(lang), variable.allowed(lang)
    if not typed.strip():
        return w("wrong.no_value", lang, name=named, allowed=allowed)
    return w("wrong.value", lang, name=named, value=quoted(typed), allowed=allowed)


def _shown(key: str, text: str, lang: str) -> str:
    variable = BY_KEY[key]
    if variable.kind == "switch":
        return w(f"switch.{text}", lang)
    return text if variable.kind == "share" else f"{text} {variable.unit(lang)}".strip()


def policy_files(question: Question, folder: Path) -> list[Path]:
    """Write each policy as the file that ``sim compare`` takes. Raises ``OSError``."""
    import tomli_w

    folder.mkdir(parents=True, exist_ok=True)
    english, chinese = question.names("en"), question.names("zh")
    paths = []
    for number, (one, en, zh) in enumerate(zip(question.policies, english, chinese, strict=True), start=1):
        text = tomli_w.dumps({
            "title": en, "title_zh": zh, **tree(dict(one.changes), question.since),
            "sources": {"": "policy: what is tried"},
        })  # fmt: skip
        path = folder / f"policy-{number}.toml"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


def family_of(question: Question, base: str | Path, folder: Path) -> Family:
    """Base and policies as the model compares them. Raises ``ScenarioError`` with everything that is wrong, and ``OSError``."""
    from sim.experiments.policies import family

    tried = family(base, [str(path) for path in policy_files(question, folder)])
    tried.under()
    return tried


def command_of(question: Question, base: str) -> list[str]:
    """The command that compares them, beside the policies' files."""
    return ["sim", "compare", base, *(f"policy-{n}.toml" for n, _ in enumerate(question.policies, start=1))]
