"""Whatever is reported, the audit says something or refuses the file: random targets files, zeros and odd names among them."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calibration.audit import audit
from calibration.audit import report as audit_report
from calibration.audit.words import sentence, verdict
from calibration.targets.interpretations import FIGURES, candidates
from calibration.targets.reader.defects import TargetsError
from calibration.targets.reader.load import load_reported
from calibration.targets.targets import HOME, Reported
from sim.reporting.pages.shell import Page, render

SHANXI = (HOME / "targets" / "shanxi.toml").read_text(encoding="utf-8")
NAMES = [
    "2017",
    "2018",
    "2019 Q1",
    "2017/H1",
    'a"b',
    "a.b",
    "a,b",
    "[x]",
    "all",
    "year",
    "一季度",
    "=1+1",
    "[red]x[/red]",
    "{0}",
]
COUNTED = [0, 1, 2, 3, 28, 304, 812, 1243, 2571, 10**11, 10**15, "1,243", "0", "1.2万", "２８", "1e3", 2.0]
RATES = ["0%", "0.0%", "0.00%", "37.44%", "100%", "99.9%", "0.01%", "37.44％", 0, 1, 0.3744, "3成", "1e-280"]
MONEY = ["0", "0亿", "0.0万", "8.9亿", "2504.29万", "24.49 bn", 0, 1, 8.9, 1e17, "1e-280", "1e17", "0.1"]
PREMIUMS = [
    "0%",
    "-13%",
    "13.44%",
    "113.44%",
    "60%",
    "99%",
    "181.39%",
    "-99.9%",
    13.44,
    0,
    "1e12%",
    "-0.0000001%",
]
REFUSED = ["8,9亿", "3,04", 1.5, -1, "101%", "-1%", "1e20", "", "many", 37.44, True, 10**400]
CHANGES = ["0%", "116%", "-100%", "-101%", "-99.9%", "5089万", "173%", 116, "1e9%", "0", "-5", "1e-280"]
DATES = ["2017-01-01", "2017-06-30", "2017-12-31", "2018-01-01", "2018-12-31", "2016-02-29", "2019-03-31"]
LISTS = {"sale_rate": RATES, "turnover": MONEY, "commission": MONEY, "premium": PREMIUMS}


def values(figure: str) -> st.SearchStrategy[Any]:
    sound = st.sampled_from(LISTS.get(figure, COUNTED))
    plain = st.integers(0, 40).flatmap(lambda n: sound if n else st.sampled_from(REFUSED))
    more = st.fixed_dictionaries(
        {"published": plain},
        optional={
            "rounding": st.sampled_from(["rounded", "truncated", "either", "exact"]),
            "use": st.sampled_from(["fit", "unused", "assumed"]),
            "measures": st.lists(st.sampled_from(candidates(figure)), min_size=1, unique=True),
        },
    )
    return st.one_of(plain, plain, more)


SPANS = st.sampled_from([{}, *({"first": a, "last": b} for a in DATES for b in DATES if a <= b)])
FIGURED = st.fixed_dictionaries({}, optional={figure: values(figure) for figure in FIGURES})
WINDOW = st.builds(lambda span, figures: {**span, **figures}, SPANS, FIGURED)
ROUNDING = st.sampled_from(["rounded", "truncated", "either"])


@st.composite
def files(draw: st.DrawFn) -> str:
    """A targets file without a scenario, which may be wrong in any figure."""
    windows = draw(st.dictionaries(st.sampled_from(NAMES), WINDOW, min_size=1, max_size=4))
    changes = []
    for since, window in pairwise(windows):
        both = [figure for figure in FIGURES if figure in windows[since] and figure in windows[window]]
        if both:
            one = {"figure": draw(st.sampled_from(both)), "since": since, "window": window}
            changes.append({**one, "published": draw(st.sampled_from(CHANGES)), "rounding": draw(ROUNDING)})
    text = tomli_w.dumps(
        {"title": "x", "windows": windows, "growth": changes[:1], "differences": changes[1:]}
    )
    return re.sub(r'(first|last) = "([\d-]+)"', r"\1 = \2", text)


def with_digits(text: str, digits: list[str]) -> str:
    """A text with other digits in the places of its own."""
    left = iter(digits)
    return re.sub(r"\d", lambda _: next(left), text)


@st.composite
def slips(draw: st.DrawFn) -> str:
    """Shanxi's file with a few of its figures mistyped: other digits, another value, or left out."""
    lines = SHANXI.splitlines()
    written = [i for i, line in enumerate(lines) if line.split(" = ")[0] in FIGURES]
    for i in draw(st.lists(st.sampled_from(written), min_size=1, max_size=4, unique=True)):
        figure, value = lines[i].split(" = ", 1)
        swapped = with_digits(value, draw(st.permutations(re.findall(r"\d", value))))
        other = tomli_w.dumps({figure: draw(st.sampled_from(LISTS.get(figure, COUNTED)))}).strip()
        lines[i] = draw(st.sampled_from([f"{figure} = {swapped}", other, ""]))
    return "\n".join(lines)


def audited(targets: Reported) -> None:
    """Everything that the command shows of a file, in both languages."""
    findings = audit(targets)
    for lang in ("en", "zh"):
        for finding in findings:
            said = sentence(finding, lang) + verdict(finding, lang)
            assert not re.search(r"\b(nan|inf)\b", said), said
        audit_report.terminal(targets, findings, lang)
        audit_report.columns(findings, lang)
        section = audit_report.section(findings, lang)
        render(Page(lang=lang, kind="audit", name="x", headline="x", sections=[section], lead=["x"]))


def check(tmp_path: Any, text: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    try:
        targets = load_reported(path)
    except TargetsError as error:
        assert error.defects  # noqa: PT017
        return
    audited(targets)


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]


@settings(max_examples=20, derandomize=True, deadline=None, suppress_health_check=QUIET)
@given(text=st.one_of(files(), slips()))
def test_no_reported_value_ends_in_a_traceback(tmp_path, text):
    check(tmp_path, text)


@pytest.mark.slow
@settings(max_examples=5_000, derandomize=True, deadline=None, suppress_health_check=QUIET)
@given(text=st.one_of(files(), slips()))
def test_no_reported_value_ends_in_a_traceback_in_thousands_of_files(tmp_path, text):
    check(tmp_path, text)
