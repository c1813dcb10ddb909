"""What the browser is shown: the page with its variables, and answers as pieces of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from jinja2 import ChoiceLoader, Environment, PackageLoader
from markupsafe import Markup

from sim.app import figures, uploads
from sim.app.comparing import last_command
from sim.app.jobs import Job
from sim.app.lawful import day_of, refusal, unlawful
from sim.app.question import EFFORTS, MOST, Question
from sim.app.variables import VARIABLES, Variable, law_texts, variable_of
from sim.app.words import w
from sim.law.verdict import Breach
from sim.reporting.law import breach_sentence, not_checked, sentences
from sim.reporting.pages.shell import HOME, Page
from sim.reporting.pages.shell import environment as of_pages
from sim.reporting.pages.words import LANG_TAG
from sim.scenario.errors import joined
from sim.scenario.keys import read_key

if TYPE_CHECKING:
    from sim.scenario.load import Loaded
    from sim.scenario.schema import Scenario

OWN: Final = Path(__file__).parent
SCRIPTS: Final = {"page.js": HOME / "page.js", "app.js": OWN / "app.js"}
STYLES: Final = (HOME / "page.css", OWN / "app.css")
SECTIONS: Final = (
    "answer",
    "windows",
    "differences",
    "flow",
    "glance",
    "change",
    "days",
    "backlog",
)  # of a page, those that are shown at once
TABS: Final[tuple[str, ...]] = ("figures", "files")  # pages beside that of comparisons
MAIN: Final = (
    "rounds.second.cut",
    "start.ratio",
    "auction.deposit",
    "rounds.sell_off.held",
    "promotion.effort",
)
SPOKEN: Final = (  # texts that the script needs
    "copied", "saved", "theme.dark", "theme.light", "lost", "unanswered.again", "unanswered.ends", "law.none", "link.copied", "changes.none", "confirm.delete", "files.filled", "files.not_text",
    "progress", "progress.remaining", "state.queued", "state.running", "state.stopping", "state.done", "state.failed", "state.cancelled", "ahead",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moved:
    """A variable of a policy on the page: the scenario's value, the policy's own (empty: the scenario's), the numbers of the slider."""

    variable: Variable
    base: str
    text: str
    law: str

    @property
    def further(self) -> bool:
        """Whether it stands among those that are seldom moved."""
        return self.variable.key not in MAIN

    @property
    def shown(self) -> str:
        """The number or state that the control stands at."""
        return (self.text or self.base).removesuffix("%")


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Templates of the application, with the blocks and filters of pages."""
    env = of_pages().overlay()
    env.loader = ChoiceLoader([PackageLoader("sim.app", "."), PackageLoader("sim.reporting.pages", ".")])
    return env


def styles() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in STYLES)


def rendered(template: str, lang: str, **values: Any) -> str:
    """A template in a language."""
    words = {
        "w": lambda key, **kw: w(key, lang, **kw), "lang": lang, "tag": LANG_TAG[lang], "tab": "compare", "tabs": TABS,
        "words": {key: w(key, lang) for key in SPOKEN},
    }  # fmt: skip
    return environment().get_template(template).render(**{**words, **values})


def desk_page(
    question: Question,
    loaded: Loaded,
    titles: Mapping[str, str],
    jobs: Sequence[Job],
    lang: str,
    wrong: Sequence[str] = (),
) -> str:
    """The page for a question. ``wrong``: what was wrong with the one of the link."""
    scenario = loaded.scenario
    law = law_texts(scenario, day_of(question, scenario), lang)
    given = list(question.policies)
    slots = [
        {
            "number": number + 1,
            "used": number < max(1, len(given)),
            "name": given[number].name if number < len(given) else "",
            "variables": moved(scenario, given[number].changes if number < len(given) else {}, law),
        }
        for number in range(MOST)
    ]
    return rendered(
        "app.html.j2", lang,
        question=question, slots=slots, titles=titles, jobs=jobs, wrong=wrong, efforts=list(EFFORTS), scenario=scenario,
        **held(question, scenario, lang), draws=loaded.draws is not None, here=f"/?{question.query}",
    )  # fmt: skip


def held(question: Question, scenario: Scenario, lang: str) -> dict[str, str]:
    """Against the law of which day policies are held, and what of that day's law is not known or not read."""
    day = day_of(question, scenario)
    return {
        "held_against": w("since.help", lang, first=scenario.time.start, last=scenario.time.end, day=day),
        "not_checked": sentences(not_checked(scenario, day, lang), lang),
    }


def moved(scenario: Scenario, changes: Mapping[str, str], law: Mapping[str, str]) -> list[Moved]:
    """The variables that a scenario has, as they stand."""
    found = []
    for variable in VARIABLES:
        value = scenario.set_value(read_key(variable.key))
        if value is not None:
            found.append(
                Moved(
                    variable,
                    variable.written(value),
                    changes.get(variable.key, ""),
                    law.get(variable.key, ""),
                )
            )
    return found


def checked(
    question: Question, loaded: Loaded, policies: Sequence[Loaded], base: str, lang: str
) -> dict[str, Any]:
    """What is said while variables are moved: the law at each, names, the link, and the command that answers."""
    scenario = loaded.scenario
    found = unlawful(question, scenario, policies)
    return {
        "query": question.query,
        **held(question, scenario, lang),
        "limits": law_texts(scenario, day_of(question, scenario), lang),
        "refused": refusal(question, scenario, found, lang),
        "command": last_command(question, base, loaded.draws is not None),
        "policies": [
            {"name": name, **verdicts(own, lang)}
            for name, own in zip(question.names(lang), found, strict=True)
        ],
    }


def verdicts(found: Sequence[Breach], lang: str) -> dict[str, Any]:
    """What the law does not allow: beside each variable, and what belongs to none."""
    beside: dict[str, str] = {}
    other = []
    for breach in found:
        said = breach_sentence(breach, lang)
        key = variable_of(breach)
        if key:
            beside[key] = "\n".join(filter(None, (beside.get(key), said)))
        else:
            other.append(said)
    return {"unlawful": beside, "other": other}


def answer(page: Page, job: Job, command: str, lang: str, *, first: bool = False) -> str:
    """A job's answer: the page's headline and main sections, and what can be taken away.

    ``first``: the last answer of its question, but over few draws.
    """
    sections = [section for section in page.sections if section.id in SECTIONS]
    return rendered(
        "answer.html.j2", lang,
        page=page, sections=sections, leads=False, headline=page.headline, job=job, command=command, first=first,
        downloads=downloads(job),
    )  # fmt: skip


def sections_of(page: Page, names: Sequence[str], lang: str) -> str:
    """Sections of a page as a piece of the application's, in the order of ``names``."""
    found = {section.id: section for section in page.sections}
    return rendered(
        "sections.html.j2",
        lang,
        leads=True,
        headline=page.headline,
        sections=[found[name] for name in names if name in found],
    )


def figures_page(fields: Mapping[str, str], jobs: Sequence[Job], lang: str) -> str:
    """The form for a court's published figures, with what the link fills in."""
    titles = {name: figures.figure_title(name, lang) for name in figures.figure_names()}
    return rendered(
        "figures.html.j2", lang, tab="figures", here=f"/figures?{urlencode(fields)}", figures=titles, windows=figures.WINDOWS,
        efforts=figures.EFFORTS, fields=fields, jobs=[one for one in jobs if one.kind == "calibrate"],
    )  # fmt: skip


def files_page(jobs: Sequence[Job], lang: str) -> str:
    """The form for a court's own file."""
    return rendered(
        "files.html.j2", lang, tab="files", here="/files", endings=", ".join(uploads.ENDINGS), shown=joined(uploads.ENDINGS), most=f"{uploads.LARGEST / 1e6:,.0f}",
        jobs=[one for one in jobs if one.kind == "lots"], kinds=uploads.known_columns(lang),
        needed=uploads.needed_columns(lang), most_mapping=f"{uploads.LARGEST_MAPPING / 1e3:,.0f}", largest_mapping=uploads.LARGEST_MAPPING,
    )  # fmt: skip


def summary(job: Job, said: Mapping[str, Any], scenario: str, lang: str) -> str:
    """The answer of a job that leaves sentences. ``scenario``: what it has made to try policies on, if anything."""
    if "template" in said[lang]:
        return rendered("unread.html.j2", lang, job=job, said=said[lang])
    return rendered(
        "sentences.html.j2", lang, job=job, said=said[lang], downloads=downloads(job), scenario=scenario
    )


def downloads(job: Job) -> list[str]:
    """What can be taken away of a job's answer, by kind."""
    if job.kind == "lots":
        return ["zip"]
    if job.kind == "calibrate":
        return ["docx", "pdf", "xlsx", "zip"]
    if job.kind == "inside":
        return ["xlsx", "csv", "zip"]
    # What is read at a meeting is not made of a first, coarse answer while a better one is on its way.
    briefs = ["docx", "pdf"] if job.final or not job.open else []
    return [*briefs, "xlsx", "csv", *(["png"] if job.final else []), "zip"]


def progress(job: Job, ahead: int, again: bool, stopping: bool, lang: str) -> dict[str, Any]:
    """How far a job is, for the page; ``again``: whether it can go on; ``stopping``: whether it ends at its next step."""
    return {
        "id": job.id, "kind": job.kind, "state": job.state, "done": job.done, "total": job.total, "version": job.version,
        "final": job.final, "message": job.message, "ahead": ahead, "remaining": job.remaining, "title": job.titles[lang],
        "again": again, "said": said_of(job, ahead, again, lang), "form": form_of(job), "stopping": stopping,
    }  # fmt: skip


def form_of(job: Job) -> str:
    """The page whose form says what a job was asked; empty for a file, which is no longer there."""
    if job.kind == "calibrate":
        return f"/figures?{urlencode(job.request['fields'])}"
    return f"/?{job.request['query']}" if "query" in job.request else ""


def said_of(job: Job, ahead: int, again: bool, lang: str) -> str:
    """How far a job is, in words; of a file that was stopped also that it is still there."""
    if job.kind == "lots" and job.state == "cancelled" and again:
        return w("stopped.kept", lang, state=w("state.cancelled", lang), kept=w("kept.lots", lang))
    if job.state == "queued" and ahead:
        return w("ahead", lang, n=ahead)
    if job.state != "running" or not job.total:
        return w("state.starting" if job.state == "running" else f"state.{job.state}", lang)
    text = w(
        "progress",
        lang,
        done=f"{job.done:,}",
        total=f"{job.total:,}",
        what=job.what[1:] if job.what[:1] == "=" else w(f"what.{job.what}", lang),
    )
    if (left := job.remaining) is not None:
        minutes, seconds = divmod(round(left), 60)
        text += w("progress.remaining", lang, time=f"{minutes}:{seconds:02d}")
    return text


def plain(text: str) -> Markup:
    """Text with its line breaks."""
    return Markup("<br>").join(text.splitlines())
