"""From a question to its answer: what is said on the way, what is taken away, and what a stop leaves."""

from __future__ import annotations

import csv
import errno
import io
import json
import re
import shlex
import sys
import threading
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from clients import HOST, QUESTION, VILLAGE, Client, work_folder
from openpyxl import load_workbook
from starlette.testclient import TestClient
from typer.testing import CliRunner

import sim.app.jobs
import sim.app.views
import sim.cli.main
from sim.app import comparing
from sim.app.context import AppContext
from sim.app.jobs import Handle, Job
from sim.app.lawful import refusal, unlawful
from sim.app.question import MOST, Question, QuestionError, read_question
from sim.app.variables import VARIABLES
from sim.experiments.execution.executors import Here
from sim.law.verdict import CONDITIONAL
from sim.locale.language import answering
from sim.reporting.differences import change
from sim.reporting.formats import minus
from sim.reporting.headed_copies import headed
from sim.scenario import load

HAN = re.compile(r"[\u4e00-\u9fff]")

KNOWN = {"village": "", "base": ""}


# ---- questions -------------------------------------------------------------------------------------------------------------


def test_a_question_and_its_link_are_the_same() -> None:
    text = (
        "scenario=village&since=2017-06-01&day=2018-09-01&effort=quick&unlawful=1&policy=Half;rounds.second.cut=10%25"
        "&policy=;start.ratio=70%25;rounds.sell_off.held=false;courts.clerks=2;promotion.effort=1.5"
    )
    question = read_question(text, KNOWN)
    assert read_question(question.query, KNOWN) == question
    assert [one.name for one in question.policies] == ["Half", ""]
    assert question.names("en")[1].startswith("Start ratio 70%, Sell-off held no")
    assert question.key != read_question(text.replace("10%", "11%"), KNOWN).key
    assert question.key == read_question(text.replace("&day=2018-09-01", ""), KNOWN).key  # the same runs


def test_all_that_is_wrong_with_a_question_is_said_at_once() -> None:
    text = "scenario=vilage&since=2017-13-01&day=x&effort=much&unlawful=2&policy=a;start.ration=1&policy=b;start.ratio=1e3%25;courts.clerks=1.5"
    with pytest.raises(QuestionError) as caught:
        read_question(text, KNOWN)
    lines = caught.value.lines
    assert len(lines) == 8
    assert "village" in lines[0]
    assert "start.ratio" in lines[5]
    with answering("zh"), pytest.raises(QuestionError, match="情景"):
        read_question(text, KNOWN)
    with pytest.raises(QuestionError, match=f"at most {MOST}"):
        read_question("&".join(["scenario=base", *["policy=a;start.ratio=70%25"] * (MOST + 1)]), KNOWN)


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda one: one.key)
def test_what_a_lever_writes_it_takes(variable: Any) -> None:
    for value in (
        (True, False)
        if variable.kind == "switch"
        else (0, 1, 2)
        if variable.kind == "whole"
        else (0.125, 0.2, 0.9)
        if variable.kind == "share"
        else (1.0, 1.5, 3.0)
    ):
        assert variable.takes(variable.written(value))
    for text in ("", "-1", "1e3", "nan", "10%%", "1\n", '"', "1]", "１"):
        assert not variable.takes(text), text


TYPED = (  # variable, what is typed, what is said beside it in English and in Chinese
    ("rounds.second.cut", "150%25", '"150"', "allowed: at least 0% and below 100%", "可取不小于0%且小于100%"),
    ("rounds.second.cut", "100%25", '"100"', "below 100%", "小于100%"),
    ("rounds.second.cut", "%E4%B8%80%E6%88%90%25", '"一成"', "a percentage such as 10", "百分数，如10"),
    ("rounds.second.cut", "%25", "", "nothing is written; write a percentage such as 10", "未填写，应为百分数，如10"),
    ("auction.deposit", "101%25", '"101"', "allowed: 0% to 100%", "可取0%至100%"),
    ("rounds.first.window_days", "0", '"0"', "a number; allowed: 0.000001 to 3,650", "数字，可取0.000001至3,650"),
    ("promotion.effort", "1001", "1001", "allowed: 0 to 1,000", "可取0至1,000"),
    ("courts.clerks", "1.5", "1.5", "a whole number; allowed: 0 to", "整数，可取0至"),
)  # fmt: skip


@pytest.mark.parametrize(("key", "typed", "quoted", "en", "zh"), TYPED)
def test_what_is_no_value_is_said_beside_its_field_in_its_unit_and_the_law_is_told_of_the_others(
    client: Client, key: str, typed: str, quoted: str, en: str, zh: str
) -> None:
    other = "start.ratio=60%25" if key != "start.ratio" else "auction.deposit=3%25"
    asked = f"scenario=village&policy=;courts.clerks=2&policy=;{other};{key}={typed}"
    for lang, words in (("en", en), ("zh", zh)):
        found = client.post(f"/api/check?lang={lang}", asked).json()
        assert found["defects"] == []
        assert [list(one) for one in found["wrong"]] == [[], [key], [], []]
        assert words in found["wrong"][1][key]
        assert quoted in found["wrong"][1][key]
        assert "start.ratio" in found["policies"][1]["unlawful"]
        assert found["command"] == ""
        refused = client.post(f"/api/run?lang={lang}", asked)
        assert refused.status_code == 422
        assert words in refused.text
    sound = client.post("/api/check?lang=en", f"scenario=village&policy=;{other}").json()
    assert sound["wrong"] == [{}, {}, {}, {}]
    assert sound["command"]


def test_moving_a_lever_says_what_the_law_allows(client: Client) -> None:
    found = client.post(
        "/api/check", "scenario=village&policy=;rounds.second.cut=30%25&policy=&policy=;courts.clerks=2"
    ).json()
    first, empty, clerks = found["policies"]
    assert "Art 26" in first["unlawful"]["rounds.second.cut"]
    assert clerks["unlawful"] == empty["unlawful"] == {}
    assert "at most 20 %" in found["limits"]["rounds.second.cut"]
    assert found["command"].endswith("village.toml policy-1.toml policy-2.toml policy-3.toml -n 30")
    assert (
        "降价不得超过"
        in client.post("/api/check?lang=zh", QUESTION.replace("10%", "30%")).json()["limits"][
            "rounds.second.cut"
        ]
    )


def test_what_the_law_of_the_day_forbids_is_compared_only_where_it_is_asked_for(
    bare: None, client: Client
) -> None:
    steep = (
        "scenario=village&effort=quick&policy=Steep;rounds.second.cut=30%25&policy=;rounds.second.cut=10%25"
    )
    for path in ("/api/run", "/api/inside?number=1"):
        answer = client.post(f"{path}{'&' if '?' in path else '?'}lang=en", steep)
        assert answer.status_code == 422
        assert "does not allow it: Steep." in answer.text
    assert (
        client.post("/api/check?lang=en", steep).json()["refused"]
        == client.post("/api/run?lang=en", steep).text
    )
    assert "因而不比较：Steep" in client.post("/api/run?lang=zh", steep).text
    assert client.get("/jobs").text == ""
    assert client.post("/api/check?lang=en", f"{steep}&unlawful=1").json()["refused"] == ""
    assert " checked" in client.get(f"/?{steep}&unlawful=1").text
    name = submitted(client, f"{steep}&unlawful=1")
    client.finished(name)
    said = client.get(f"/jobs/{name}/answer?lang=en").text
    assert "Steep: the law does not allow" in said


def test_what_the_scenario_breaks_does_not_excuse_a_policy_that_breaks_it_further() -> None:
    """A first cut of 20 per cent opens at 64 per cent: a policy may leave that so, and may not halve it."""
    own = load("base", ["rounds.first.cut=0.2"]).scenario
    policies = [
        load("base", ["rounds.first.cut=0.2", f"start.ratio={start}"]) for start in ("0.5", "0.85", "0.8")
    ]
    text = "scenario=base&policy=Half;start.ratio=50%25&policy=More;start.ratio=85%25&policy=Same;start.ratio=80%25"
    question = read_question(text, KNOWN)
    found = unlawful(question, own, policies)
    assert [[one.path for one in broken] for broken in found] == [["rounds.first.cut"], [], []]
    assert "does not allow it: Half." in refusal(question, own, found, "en")
    assert "因而不比较：Half" in refusal(question, own, found, "zh")


def test_what_the_law_allows_on_a_condition_is_refused_in_other_words() -> None:
    """Of equity without a report, that is; a policy beside it that is forbidden is what is said."""
    own = load("base", ["kinds.equity.start.token_share=0.5"]).scenario
    text = "scenario=base&day=2026-11-01&policy=Free;auction.deposit=50%25"
    question = read_question(text, KNOWN)
    equity = ["kinds.equity.share=1", *(f"kinds.{kind}.share=0" for kind in own.offered if kind != "equity")]
    whole = ["kinds.equity.start.token_share=1", *equity]
    found = unlawful(question, load("base", whole).scenario, [load("base", [*whole, "auction.deposit=0.5"])])
    assert [[one.verdict for one in broken] for broken in found] == [[CONDITIONAL]]
    assert "allows it on a condition only: Free." in refusal(question, own, found, "en")
    assert "仅附条件允许，因而不比较：Free" in refusal(question, own, found, "zh")
    found = unlawful(
        question, own, [load("base", ["kinds.equity.start.token_share=0.5", "auction.deposit=0.5"])]
    )
    assert "does not allow it: Free." in refusal(question, own, found, "en")


def test_of_a_day_of_which_no_law_is_known_the_page_says_so(client: Client) -> None:
    old, known = (
        client.get(f"/?lang=en&scenario=village&day={day}").text for day in ("1990-01-01", "2019-01-01")
    )
    assert "No law of 1990-01-01 is known here; the first that is known is of 2005-01-01." in old
    assert "is known here" not in known
    assert "Policies are held against the law of 1990-01-01." in old


def test_the_line_on_the_law_follows_the_day_that_is_chosen(client: Client) -> None:
    """While the page is open too: what the script is sent has the line, and what of that day's law is not known or not read."""
    ask = "scenario=village&policy=Low;start.ratio=70%25"
    for lang, line, unknown in (
        ("en", "Policies are held against the law of {}.", "No law of 1990-01-01 is known here"),
        ("zh", "政策按{}的法律核对。", "此处未收录1990-01-01的法律"),
    ):
        found = {
            day: client.post(f"/api/check?lang={lang}", f"{ask}&day={day}").json()
            for day in ("1990-01-01", "2016-06-01", "2019-01-01")
        }
        assert all(one["held_against"].endswith(line.format(day)) for day, one in found.items())
        assert unknown in found["1990-01-01"]["not_checked"]
        assert "2016-12-31" in found["2016-06-01"]["not_checked"]
        assert found["2019-01-01"]["not_checked"] == ""
    wrong = client.post("/api/check?lang=en", f"{ask}&day=soon").json()
    assert (wrong["held_against"], wrong["not_checked"]) == ("", "")
    script = client.get("/static/app.js").text
    assert '$("held-against").textContent = found.held_against' in script
    html = client.get("/?lang=en&scenario=village").text
    assert 'id="held-against"' in html
    assert 'id="not-checked"' in html


def test_an_answer_by_a_day_of_which_no_law_is_known_says_so(bare: None, client: Client) -> None:
    """And the same question by another day's law, whose numbers are there already, is marked by that day."""
    low = "scenario=village&effort=quick&policy=Low;start.ratio=70%25"
    name = submitted(client, f"{low}&day=1990-01-01")
    client.finished(name)

    def answer() -> str:
        return re.sub("<[^>]*>", "", client.get(f"/jobs/{name}/answer?lang=en").text)

    assert "no law of 1990-01-01 is known here" in answer()
    assert submitted(client, f"{low}&day=2016-06-01&unlawful=1") == name
    assert "is known here" not in answer()
    assert "Low, by the law of 2016-06-01" in answer()


def test_a_policy_is_held_against_the_law_of_the_day_that_was_chosen(bare: None, client: Client) -> None:
    """The rules of 2004 knew a first start of 80 per cent; those of 2016, 70."""
    low = "scenario=village&effort=quick&policy=Low;start.ratio=70%25"
    assert client.post("/api/check?lang=en", low).json()["refused"] == ""
    day = f"{low}&day=2016-06-01"
    assert "the law of 2016-06-01 does not allow it: Low" in client.post("/api/run?lang=en", day).text
    name = submitted(client, f"{day}&unlawful=1")
    client.finished(name)
    said = client.get(f"/jobs/{name}/answer?lang=en").text
    assert "Low, by the law of" in said, said[:900]


def test_the_page_shows_the_question_of_its_link(client: Client) -> None:
    html = client.get("/?scenario=village&policy=Half;rounds.second.cut=7.5%25&lang=en").text
    assert 'value="Half"' in html
    assert 'class="value" maxlength="40" value="7.5"' in html
    assert "now 20%" in html
    assert "cannot be taken" not in html
    assert client.get("/?scenario=nowhere").status_code == 200
    assert "there is none of this name" in client.get("/?scenario=nowhere&lang=en").text
    assert '<html lang="zh-CN">' in client.get("/?lang=zh").text


def test_of_a_link_everything_sound_is_kept_and_the_rest_is_named(client: Client) -> None:
    link = (
        "scenario=village&since=2017-13-01&day=2018-09-01&effort=much&policy=Half;rounds.second.cut=7.5%25"
        "&policy=B;rounds.second.cut=200%25;courts.clerks=3;start.ration=1"
    )
    html = client.get(f"/?{link}&lang=en").text
    assert 'value="Half"' in html
    assert 'value="7.5" aria-describedby="rounds-second-cut-1-' in html
    assert 'value="3" aria-describedby="courts-clerks-2-' in html
    assert '<option value="village" selected>' in html
    assert 'id="day" name="day" value="2018-09-01"' in html
    said = html.partition('id="link-wrong"')[2].partition("</ul>")[0]
    lines = re.findall("<li>(.*?)</li>", said)
    assert len(lines) == 4
    assert [line.startswith("Policy 2: ") for line in lines] == [False, False, True, True]
    many = "&".join(["scenario=village", *["policy=a;start.ratio=70%25"] * (MOST + 1)])
    assert client.get(f"/?{many}&lang=en").text.count('data-used="1"') == MOST
    long = client.get(f"/?scenario=village&policy={'x' * 5000}&lang=zh").text
    assert "问题超过4000个字符" in long.replace(",", "")


def test_a_job_whose_scenario_is_gone_is_shown_and_says_so(bare: None, client: Client) -> None:
    name = submitted(client)
    assert client.finished(name)["state"] == "done"
    (client.context.work / "scenarios" / "village.toml").unlink()
    form = client.get(f"/api/jobs/{name}").json()["form"]
    page = client.get(f"{form}&lang=en").text
    assert "there is none of this name" in page.partition('id="link-wrong"')[2].partition("</ul>")[0]
    assert 'value="10" aria-describedby="rounds-second-cut-1-' in page
    answer = client.get(f"/jobs/{name}/answer?lang=en")
    assert answer.status_code == 200
    assert "there is none of this name" in answer.text
    assert client.get(f"/jobs/{name}/files/docx?lang=zh").status_code == 200


# ---- from asking to taking away ----------------------------------------------------------------------------------------------


def submitted(client: Client, question: str = QUESTION, lang: str = "en") -> str:
    answer = client.post(f"/api/run?lang={lang}", question)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def test_a_question_is_answered_and_taken_away(bare: None, client: Client) -> None:
    name = submitted(client)
    job = client.finished(name)
    assert (job["state"], job["done"], job["version"], job["final"]) == ("done", 4, 1, True)
    again = client.post(
        "/api/run?lang=en", QUESTION
    ).json()  # a second tab, or a second click, is given the same
    assert (again["id"], again["state"], again["version"]) == (name, "done", 1)
    assert len(client.get("/jobs").text.split("<li ")) == 2
    files = {kind: client.get(f"/jobs/{name}/files/{kind}") for kind in ("csv", "zip")}
    assert {one.status_code for one in files.values()} == {200}
    assert all("attachment" in one.headers["content-disposition"] for one in files.values())
    assert client.get(f"/jobs/{name}/files/manifest.json").status_code == 404
    table = client.context.jobs.folder(name) / "answer" / "differences.csv"
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"))))
    answer = client.get(f"/jobs/{name}/answer?lang=en").text
    assert "Second auction cut 10%" in answer
    number = {
        one["measure"]: one
        for one in rows
        if one["window"] == "all" and one["segment"] == "all" and one["basis"] == "event"
    }
    sold = number["lots_sold"]
    difference, low, high = (float(sold[end]) for end in ("difference", "ci_low", "ci_high"))
    assert minus(" ".join(change("lots_sold", difference, low, high, "en"))) in answer


def test_tables_are_headed_in_the_language_of_the_page_and_those_for_programs_are_beside_them(
    bare: None, client: Client
) -> None:
    compared = submitted(client)
    inside = client.post("/api/inside?number=1&lang=en", QUESTION).json()["id"]
    for name, table in ((compared, "differences"), (inside, "measures")):
        assert client.finished(name)["state"] == "done"
        own = (client.context.jobs.folder(name) / "answer" / f"{table}.csv").read_bytes()
        for lang, head in (("zh", "指标"), ("en", "Measure")):
            got = client.get(f"/jobs/{name}/files/csv?lang={lang}").content
            assert got == headed(client.context.jobs.folder(name) / "answer" / f"{table}.csv", lang)
            assert got.startswith(b"\xef\xbb\xbf")
            heads, first = (line.split(",") for line in got.decode("utf-8-sig").splitlines()[:2])
            assert head in heads
            assert not any(one.isascii() for one in heads) or lang == "en"
            assert first == own.decode("utf-8-sig").splitlines()[1].split(",")  # cells as they are
            archive = zipfile.ZipFile(io.BytesIO(client.get(f"/jobs/{name}/files/zip?lang={lang}").content))
            assert archive.read(f"answer/{table}.csv") == own
            assert archive.read(f"answer/{table}.{lang}.csv") == got


@pytest.mark.processes  # two comparisons, each with all its files
def test_the_command_in_the_archive_makes_the_same_numbers_again(client: Client, tmp_path: Path) -> None:
    name = submitted(client)
    client.finished(name)
    files = {
        kind: client.get(f"/jobs/{name}/files/{kind}")
        for kind in ("csv", "zip", "docx", "pdf", "xlsx", "png")
    }
    assert {one.status_code for one in files.values()} == {200}
    assert files["pdf"].content.startswith(b"%PDF")
    assert files["png"].content.startswith(b"\x89PNG")
    for kind, same in (("xlsx", False), ("png", False), ("csv", False)):
        one, other = (client.get(f"/jobs/{name}/files/{kind}?lang={lang}").content for lang in ("zh", "en"))
        assert (one == other) is same, kind
        if kind == "xlsx":
            books = [load_workbook(io.BytesIO(content)).sheetnames for content in (one, other)]
            assert all(len(sheets) >= 3 for sheets in books)
            assert [HAN.search("".join(sheets)) is not None for sheets in books] == [True, False], (
                "of the page, not of the question"
            )
    zipfile.ZipFile(io.BytesIO(files["zip"].content)).extractall(tmp_path / "again")
    words = shlex.split((tmp_path / "again" / "command.txt").read_text())
    words = [word if not word.startswith("policy-") else str(tmp_path / "again" / word) for word in words[1:]]
    made = CliRunner().invoke(
        sim.cli.main.app,
        [*words, "-j", "1", "--no-pictures", "--heads", "en", "--out", str(tmp_path / "made")],
    )
    assert made.exit_code == 0, made.output
    tables = {"": "answer/differences.csv", ".en": "answer/differences.en.csv"}
    for mark, name in tables.items():  # identifiers for programs, words for people
        assert (tmp_path / "made" / f"differences{mark}.csv").read_bytes() == (
            tmp_path / "again" / name
        ).read_bytes()
    assert files["csv"].content == (tmp_path / "made" / "differences.en.csv").read_bytes()


def test_a_coarse_answer_comes_first_and_runs_that_are_kept_are_not_run_again(
    bare: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran, seen = [], []
    original, answered = sim.experiments.compare.replicate, Handle.answered

    def counted(scenario: Any, replication: int) -> Any:
        ran.append(replication)
        return original(scenario, replication)

    def noted(handle: Handle, final: bool = False) -> None:
        seen.append((len(ran), final))
        answered(handle, final)

    monkeypatch.setattr(sim.experiments.compare, "replicate", counted)
    monkeypatch.setattr(Handle, "answered", noted)
    monkeypatch.setitem(comparing.PLAIN, "usual", (2, 3, 5))
    job = client.finished(submitted(client, QUESTION.replace("&effort=quick", "")))
    assert (job["state"], job["version"], job["total"]) == ("done", 3, 5)
    assert seen == [
        (4, False),
        (6, False),
        (10, True),
    ]  # base and policy of 2, 3 and 5 pairs: none of them twice


def with_draws(client: Client) -> None:
    """A scenario ``drawn``: the village, with eight draws of a parameter."""
    own = client.context.work / "scenarios"
    (own / "drawn.toml").write_text(f'draws = "drawn.csv"\n{VILLAGE}', encoding="utf-8")
    (own / "drawn.csv").write_text("interest.mean\n" + "".join(f"{1 + i / 8}\n" for i in range(8)))


def test_a_first_answer_says_that_its_intervals_are_of_chance_alone(
    bare: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until draws of the parameters come in; where a scenario has none, nothing is promised. Over few of them it is a first one still."""
    with_draws(client)
    seen, answered = [], Handle.answered

    def noted(handle: Handle, final: bool = False) -> None:
        answered(handle, final)
        page = {lang: client.get(f"/jobs/{handle.job.id}/answer?lang={lang}").text for lang in ("en", "zh")}
        first = [
            "仍属初步" in page["zh"],
            "初步结果：只用了8组参数抽样" in page["zh"],
            "A first answer, from 8" in page["en"],
        ]
        assert len(set(first)) == 1
        seen.append(("count chance alone" in page["en"], "区间只计随机误差" in page["zh"], first[0], final))

    monkeypatch.setattr(Handle, "answered", noted)
    for scenario in ("drawn", "village"):
        assert client.finished(submitted(client, QUESTION.replace("village", scenario)))["state"] == "done"
    assert seen == [
        (True, True, False, False),
        (False, False, True, True),
        (False, False, False, True),
    ]


@pytest.mark.parametrize(
    ("effort", "pairs"), [("quick", 2 + 16), ("usual", 2 + 16 + 120), ("precise", 2 + 16 + 400)]
)
def test_pairs_are_counted_once_where_a_stage_takes_them_over(effort: str, pairs: int) -> None:
    """Two pairs at the scenario's own values, then eight draws, then forty: the last stages have the same draws."""
    question = Question("shanxi", (), effort=effort)
    one = comparing._Run(None, question, "shanxi", None, object(), Here())  # type: ignore[arg-type]
    assert one._total() == pairs
    assert [one._before(place) for place in range(len(one.stages))] == [0, 2, 18, 18][: len(one.stages)]


def test_the_first_answer_does_not_wait_for_the_compiler_and_the_next_one_says_that_it_does(
    bare: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_draws(client)
    told: list[tuple[int, str]] = []
    monkeypatch.setattr(comparing, "compiles", lambda scenarios, runs: runs > 2 * 2)
    monkeypatch.setattr(comparing, "make_ready", lambda scenarios, runs: told.append((runs, "")))
    tick, answered = Handle.tick, Handle.answered

    def noted(handle: Handle, done: int, total: int | None = None, what: str = "") -> None:
        tick(handle, done, total, what)
        if what == "compile":
            told.append((done, client.get(f"/api/jobs/{handle.job.id}?lang=zh").text))

    def seen(handle: Handle, final: bool = False) -> None:
        answered(handle, final)
        told.append((0, "answer"))

    monkeypatch.setattr(Handle, "tick", noted)
    monkeypatch.setattr(Handle, "answered", seen)
    assert client.finished(submitted(client, QUESTION.replace("village", "drawn")))["state"] == "done"
    (first, _), (_, answer), (done, words), (rest, _), _ = told
    assert (first, answer, done, rest) == (2 * 2, "answer", 2, 2 * 16)
    assert "编译" in words


def test_what_compares_nothing_is_refused(client: Client) -> None:
    assert client.post("/api/run", "scenario=village").status_code == 422
    answer = client.post("/api/run?lang=zh", "scenario=village&policy=一")
    assert answer.status_code == 422
    assert "尚未改变" in answer.text
    assert client.get("/jobs").text == ""


# ---- stopping, failing, starting anew ------------------------------------------------------------------------------------------


def test_a_question_is_stopped_goes_on_and_is_deleted(
    bare: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, leave = threading.Event(), threading.Event()
    tick = Handle.tick

    def slow(handle: Handle, done: int, total: int | None = None, what: str = "") -> None:
        if done == 1:
            entered.set()
            leave.wait(10)
        tick(handle, done, total, what)

    monkeypatch.setattr(Handle, "tick", slow)
    name, other, third = (
        submitted(client, QUESTION.replace("10%", share)) for share in ("10%", "15%", "16%")
    )
    assert entered.wait(20)
    assert client.get(f"/api/jobs/{other}?lang=en").json()["said"].endswith("ahead of it: 1")
    assert client.post(f"/api/jobs/{name}/delete").status_code == 409  # under way
    assert client.post(f"/api/jobs/{third}/delete").status_code == 200  # waiting: one click
    assert client.get(f"/api/jobs/{third}").status_code == 404
    assert client.post(f"/api/jobs/{other}/cancel").status_code == 200  # waiting
    assert client.finished(other)["state"] == "cancelled"
    assert client.get(f"/api/jobs/{name}").json()["stopping"] is False
    client.post(f"/api/jobs/{name}/cancel")
    assert client.get(f"/api/jobs/{name}").json()["stopping"] is True  # until its next step
    leave.set()
    assert client.finished(name)["state"] == "cancelled"
    assert client.get(f"/api/jobs/{name}").json()["stopping"] is False
    folder = client.context.jobs.folder(name)
    kept = list(folder.rglob("*.npz"))
    assert kept  # what was run is there
    client.post(f"/api/jobs/{name}/again")
    assert client.finished(name)["state"] == "done"
    assert not list(folder.rglob("*.npz"))
    assert client.post(f"/api/jobs/{name}/delete").status_code == 200
    assert not folder.exists()
    assert client.get(f"/api/jobs/{name}").status_code == 404


def test_after_a_restart_everything_is_there(
    bare: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting, under way and done: what was open is taken up again, what was done stands."""
    work = work_folder(tmp_path)
    for name, state in (
        ("a" * 16, "running"),
        ("b" * 16, "queued"),
        ("c" * 16, "done"),
        ("d" * 16, "failed"),
    ):
        (work / "jobs" / name).mkdir(parents=True)
        job = Job(
            name,
            "compare",
            {"query": QUESTION},
            dict.fromkeys(("en", "zh"), "t"),
            "en",
            state=state,
            message="x" * (state == "failed"),
        )
        (work / "jobs" / name / "job.json").write_text(json.dumps(asdict(job)))
    for name, text in (("e" * 16, "{"), ("f" * 16, "[]"), ("g", json.dumps({"id": "../x"}))):
        (work / "jobs" / name).mkdir()
        (work / "jobs" / name / "job.json").write_text(text)
    monkeypatch.setattr(comparing._Run, "all", lambda self: None)
    context = AppContext(work, 1)
    client = Client(context)
    with client.http:
        client.open()
        assert {client.finished(name * 16)["state"] for name in "abc"} == {"done"}
        assert client.finished("d" * 16)["state"] == "failed"
        assert len(context.jobs.every()) == 4


def test_a_full_disk_is_said_and_nothing_is_lost(
    bare: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(sim.app.jobs, "write_whole", full)
        refused = client.post("/api/run?lang=en", QUESTION)
    assert refused.status_code == 507
    assert "No space left on device" in refused.text
    assert list(client.context.jobs.home.iterdir()) == []
    with monkeypatch.context() as patch:
        patch.setattr(comparing, "write_comparison", full)
        name = submitted(client)
        job = client.finished(name)
        assert job["state"] == "failed"
        assert "No space left on device" in job["message"]
        assert "Go on" in job["message"]
    ran: list[int] = []
    monkeypatch.setattr(sim.experiments.compare, "replicate", lambda *_: ran.append(1))
    client.post(f"/api/jobs/{name}/again")
    assert client.finished(name)["state"] == "done"
    assert ran == []  # what had been run was kept


def test_so_many_wait_and_no_more(bare: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim.app.jobs, "MOST_WAITING", 3)
    hold = threading.Event()
    monkeypatch.setattr(client.context.jobs, "_do", lambda job: hold.wait(10))
    answers = [client.post("/api/run?lang=en", QUESTION.replace("10%", f"{i}%")) for i in range(1, 7)]
    hold.set()
    assert [one.status_code for one in answers].count(429) in (2, 3)
    assert "Already 3 questions are waiting" in answers[-1].text


def test_a_mistake_of_the_program_is_said_and_the_next_question_is_answered(
    bare: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(comparing, "compare", lambda *_: 1 / 0)
        job = client.finished(submitted(client))
    assert job["state"] == "failed"
    assert "ZeroDivisionError" in job["message"]
    with monkeypatch.context() as patch:
        patch.setattr(comparing._Run, "all", lambda self: None)
        assert client.finished(submitted(client, QUESTION.replace("10%", "12%")))["state"] == "done"


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "A mistake of the program: "), ("zh", "程序自身的错误：")]
)
def test_a_mistake_of_the_program_in_an_answer_is_said_in_the_readers_language(
    bare: None, client: Client, monkeypatch: pytest.MonkeyPatch, lang: str, words: str
) -> None:
    monkeypatch.setattr(sim.app.views, "files_page", lambda *_: 1 / 0)
    quiet = TestClient(client.http.app, base_url=client.http.base_url, raise_server_exceptions=False)
    quiet.cookies = client.http.cookies
    answer = quiet.get(f"/files?lang={lang}")
    assert (answer.status_code, answer.text) == (500, f"{words}ZeroDivisionError")


def test_two_readers_are_answered_each_in_their_language(client: Client) -> None:
    texts = {lang: client.post(f"/api/run?lang={lang}", "scenario=nowhere").text for lang in ("en", "zh")}
    assert "there is none of this name" in texts["en"]
    assert "不存在" in texts["zh"]
    assert client.get(f"http://{HOST}/api/jobs/x?lang=zh").text.startswith("没有")


def test_the_links_query_has_no_more_than_it_needs() -> None:
    assert Question("base", ()).query == "scenario=base"


# ---- the command ---------------------------------------------------------------------------------------------------------------


def test_without_its_packages_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sim.app.server", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    ended = CliRunner().invoke(sim.cli.main.app, ["app", "--no-open", "--lang", "en"])
    assert ended.exit_code == 2
    assert "pip install starlette uvicorn" in ended.output


@pytest.mark.parametrize(("host", "said"), [("127.0.0.1", False), ("0.0.0.0", True)])
def test_an_address_that_others_can_reach_is_said_to_be_one(
    host: str, said: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import sim.app.server as server

    heard = []

    def serve(listens: Any, host: str, folder: Path, jobs: int, opened: bool, say: Any) -> None:
        heard.append(listens.getsockname()[0])
        say("http://here")
        listens.close()

    monkeypatch.setattr(server, "serve", serve)
    words = ["app", "--no-open", "--port", "0", "--host", host, "--out", str(tmp_path), "--lang", "en"]
    ended = CliRunner().invoke(sim.cli.main.app, words)
    assert ended.exit_code == 0
    assert heard == [host]
    assert ("not encrypted" in ended.output) is said


@pytest.mark.parametrize("host", ["1.2.3.999", "9.9.9.9", f"{'主' * 70}..x"], ids=range(3))
def test_an_address_that_is_none_of_this_machine_is_said(host: str, tmp_path: Path) -> None:
    words = ["app", "--no-open", "--port", "0", "--host", host, "--out", str(tmp_path / "x"), "--lang", "zh"]
    ended = CliRunner().invoke(sim.cli.main.app, words)
    assert ended.exit_code == 2
    assert "不是本机的地址" in ended.output
    assert not (tmp_path / "x").exists()


def test_mistakes_of_the_options_are_all_said(tmp_path: Path) -> None:
    ended = CliRunner().invoke(
        sim.cli.main.app, ["app", "--port", "70000", "--jobs", "-1", "--no-open", "--lang", "en"]
    )
    assert ended.exit_code == 2
    assert "--port 70000" in ended.output
    assert "-1" in ended.output


@pytest.mark.parametrize(("lang", "words"), [("en", "no such page here"), ("zh", "没有这一页面")])
def test_what_is_not_there_is_said_in_the_reader_s_language(client: Client, lang: str, words: str) -> None:
    for path in ("/nope", "/index.html", "/jobs/x/y/z"):
        answer = client.get(f"{path}?lang={lang}")
        assert answer.status_code == 404
        assert words in answer.text


@pytest.mark.parametrize(
    ("typed", "zh", "en"),
    [
        ("since=2018-01-01&policy=;rounds.second.cut=10%25", "自何日起施行", "In force from"),
        ("since=2017-07-01&policy=;rounds.second.cut=200%25", "二拍降价幅度：不接受", "Second auction cut: "),
        (
            "policy=;start.ratio=900%25&policy=;rounds.second.cut=200%25",
            "二拍降价幅度：不接受",
            "Second auction cut: ",
        ),
    ],
)
def test_what_is_wrong_with_a_policy_is_said_in_the_pages_words(
    client: Client, typed: str, zh: str, en: str
) -> None:
    for lang, words in (("zh", zh), ("en", en)):
        found = client.post(f"/api/check?lang={lang}", f"scenario=village&{typed}").json()
        lines = [*found["defects"], *(said for one in found["wrong"] for said in one.values())]
        assert words in "\n".join(lines)
        assert not re.search(r"from\.\d|rounds\.second", "\n".join(lines))
