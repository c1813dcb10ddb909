"""A court's own file and its published figures: read, audited, answered; what is refused, what stays, what is deleted."""

from __future__ import annotations

import errno
import io
import json
import re
import threading
import time
import zipfile
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from clients import Client, work_folder
from lot_files import CASES

from sim.app import figures, tasks, uploads
from sim.app.context import OWN, AppContext
from sim.app.jobs import Job
from sim.app.own_process import FailedError, StoppedError
from sim.app.question import QuestionError
from sim.locale.language import answering
from sim.scenario import Defect, ScenarioError

FIGURES = "title=Place&courts=5&name-1=2018&first-1=2018-01-01&last-1=2018-12-31&lots-1=4262&sold-1=1243&sale_rate-1=37.51%25"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks are done in this process."""

    def done(handle: Any, task: str, given: Any, **_: Any) -> None:
        monkeypatch.setattr(tasks, "tick", lambda *_: handle.check())
        with answering(handle.job.lang):
            tasks.TASKS[task](given)

    monkeypatch.setattr(uploads, "in_own_process", done)
    monkeypatch.setattr(figures, "in_own_process", done)


def sent(client: Client, name: str, content: bytes, lang: str = "en", estimate: str = "0") -> Any:
    return client.http.post(
        "/api/lots", params={"name": name, "lang": lang, "estimate": estimate}, content=content,
        headers={"origin": "http://127.0.0.1:8765"},
    )  # fmt: skip


def test_a_file_is_read_removed_and_all_of_it_deleted(here: None, client: Client) -> None:
    secret = (
        CASES.replace("财产类型", "财产类型,身份证号", 1)
        .replace("房产,", "房产,110101199001011234,")
        .replace("车辆,", "车辆,x,")
        .replace("土地,", "土地,x,")
    )
    name = str(sent(client, "我院.csv", secret.encode()).json()["id"])
    job = client.finished(name)
    assert job["state"] == "done", job["message"]
    assert list(client.context.uploads.iterdir()) == []
    folder = client.context.jobs.folder(name)
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"110101199001011234" not in everything  # a column that no mapping knows
    assert "我院.csv" in client.get(f"/jobs/{name}/answer?lang=en").text
    assert "读取了什么" in client.get(f"/jobs/{name}/answer?lang=zh").text
    page = client.get(f"/jobs/{name}/page?lang=zh")
    assert page.status_code == 200
    assert "sandbox" in page.headers["content-security-policy"]
    names = zipfile.ZipFile(io.BytesIO(client.get(f"/jobs/{name}/files/zip").content)).namelist()
    assert "answer/lots-ends.csv" in names
    assert client.post(f"/api/jobs/{name}/delete").status_code == 200
    assert not folder.exists()


STANDS_BELOW = pytest.mark.parametrize(
    ("lang", "words"), [("en", "What the file says stands below"), ("zh", "文件所反映的情况见下")]
)


@STANDS_BELOW
def test_what_was_read_stands_while_it_is_estimated_and_when_that_fails(
    here: None, client: Client, monkeypatch: pytest.MonkeyPatch, lang: str, words: str
) -> None:
    """An estimate that fails loses nothing of what was read."""
    read, seen = uploads.in_own_process, []

    def failing(handle: Any, task: str, given: Any, **limits: Any) -> None:
        if task != "estimate":
            return read(handle, task, given, **limits)
        seen.append((handle.job.version, handle.job.final, limits["seconds"]))
        raise FailedError("too much.")

    monkeypatch.setattr(uploads, "in_own_process", failing)
    name = str(sent(client, "我院.csv", CASES.encode(), lang, estimate="1").json()["id"])
    job = client.finished(name)
    assert seen == [(1, False, uploads.ESTIMATING)]
    assert job["state"] == "failed"
    assert not job["again"]
    assert words in job["message"]
    assert "too much." in job["message"]
    assert "我院.csv" in client.get(f"/jobs/{name}/answer?lang={lang}").text
    assert not list(client.context.uploads.iterdir())


@STANDS_BELOW
def test_a_file_whose_estimate_is_ended_from_outside_stays_and_goes_on(
    here: None, client: Client, monkeypatch: pytest.MonkeyPatch, lang: str, words: str
) -> None:
    """One click goes on, and what was read is not read again; the page says beforehand that the file is still there."""
    read, tried = uploads.in_own_process, []

    def killed(handle: Any, task: str, given: Any, **limits: Any) -> None:
        tried.append(task)
        if task == "lots":
            read(handle, task, given, **limits)
        elif tried.count("estimate") == 1:
            raise StoppedError("killed.")

    monkeypatch.setattr(uploads, "in_own_process", killed)
    name = str(sent(client, "我院.csv", CASES.encode(), lang, estimate="1").json()["id"])
    job = client.finished(name)
    assert (job["state"], job["again"]) == ("failed", True)
    assert words in job["message"]
    badge = {"en": "the estimate was not finished", "zh": "估计未完成"}[lang]
    assert badge in client.get(f"/jobs/{name}/answer?lang={lang}").text
    assert [path.stem for path in client.context.uploads.iterdir()] == [name]
    assert "我院.csv" in client.get(f"/jobs/{name}/answer?lang={lang}").text
    client.post(f"/api/jobs/{name}/again")
    job = client.finished(name)
    assert (job["state"], job["again"]) == ("done", False)
    assert tried == ["lots", "estimate", "estimate"]
    assert list(client.context.uploads.iterdir()) == []


def test_a_file_that_is_stopped_stays_until_it_goes_on_or_is_deleted(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = threading.Event()

    def endless(handle: Any, *_: Any, **__: Any) -> None:
        reading.set()
        while True:
            handle.check()
            time.sleep(0.01)

    monkeypatch.setattr(uploads, "in_own_process", endless)
    name = str(sent(client, "我院.csv", CASES.encode(), "zh").json()["id"])
    assert reading.wait(10)
    client.post(f"/api/jobs/{name}/cancel")
    job = client.finished(name)
    assert (job["state"], job["again"]) == ("cancelled", True)
    assert "文件仍保留" in client.get(f"/api/jobs/{name}?lang=zh").json()["said"]
    assert "The file is still here" in client.get(f"/api/jobs/{name}?lang=en").json()["said"]
    assert [path.stem for path in client.context.uploads.iterdir()] == [name]
    reading.clear()
    client.post(f"/api/jobs/{name}/again")
    assert reading.wait(10)
    client.post(f"/api/jobs/{name}/delete")
    assert list(client.context.uploads.iterdir()) == []


def test_a_file_for_which_there_is_no_room_is_not_taken(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads.Path, "open", _full)
    answer = sent(client, "a.csv", CASES.encode())
    assert answer.status_code == 507
    assert answer.text.startswith("It could not be saved (No space left on device), so it was not taken.")
    assert client.context.jobs.every() == []


def _full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("lang", "words", "kinds"),
    [("en", "deleted once the computation has ended", "The copy of the file was deleted when its computation ended"),
     ("zh", "算完即删除", "文件的副本算完即删除")],
)  # fmt: skip
def test_the_page_says_when_a_file_is_deleted(client: Client, lang: str, words: str, kinds: str) -> None:
    assert words in client.get(f"/files?lang={lang}").text
    asks = {"file": "gone.csv", "name": "x.csv", "estimate": False}
    client.context.jobs.submit(Job("gone", "lots", asks, {"en": "x", "zh": "x"}, lang))
    job = client.finished("gone")
    assert (job["state"], job["again"]) == ("failed", False)
    assert job["message"].startswith(kinds)


SHOWN = {
    "en": ("What became of the lots", "How many rounds sell", "What lots bring, and who comes", "What was read, and what was set aside"),
    "zh": ("标的物的去向", "有多少拍次成交", "卖了多少，来了多少人", "读取了什么，搁置了什么"),
}  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_the_rows_say_stands_on_the_answers_page_as_on_the_commands(
    here: None, client: Client, lang: str
) -> None:
    """Lots, hazards, prices, what was set aside, with their numbers; the whole page has the same, and no name of ours."""
    name = str(sent(client, "<b>我院.csv", CASES.encode(), lang).json()["id"])
    assert client.finished(name)["state"] == "done"
    html = client.get(f"/jobs/{name}/answer?lang={lang}").text
    whole = client.get(f"/jobs/{name}/page?lang={lang}").text
    for words in SHOWN[lang]:
        assert words in html
    assert "<svg" in html
    assert "25.0%" in html  # of four lots one was sold
    for text in (html, whole):
        assert "<b>我院" not in text
        assert "&lt;b&gt;我院.csv" in text
        assert name not in text.replace(f"/jobs/{name}/", "").replace(f'data-job="{name}"', "")


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("more lots sold, in points +8.1 to +21.9", "What the rows say of bidders", "not identified", "Estimated from 40 lots.")),
        ("zh", ("多成交", "数据行对竞买人的说法", "由40件标的物估计")),
    ],
)  # fmt: skip
def test_an_estimate_opens_the_answer_with_its_interval_and_says_what_the_rows_leave_open(
    here: None, client: Client, monkeypatch: pytest.MonkeyPatch, lang: str, words: tuple[str, ...]
) -> None:
    from test_estimate_page import estimated

    made = estimated(base=(0.1, 0.0, 400.0), response=(0.2, -2.0, 400.0), both=(0.9, 1.0, 20.0))
    monkeypatch.setattr(tasks, "_estimated", lambda read, folder: made)
    name = str(sent(client, "我院.csv", CASES.encode(), "en", estimate="1").json()["id"])
    assert client.finished(name)["state"] == "done"
    html = client.get(f"/jobs/{name}/answer?lang={lang}").text
    whole = client.get(f"/jobs/{name}/page?lang={lang}").text
    for text in (html, whole):
        assert words[0] in text.partition("</h2>" if text is html else "</h1>")[0]
        assert text is whole or html.count(words[0]) == 1
        for one in (*words, SHOWN[lang][0]):
            assert one in text
    assert "[+8.1, +11.9]" in html.replace("\u2212", "-")


def test_a_file_from_which_nothing_can_be_estimated_says_why_beside_what_it_says(
    here: None, client: Client
) -> None:
    unsold = CASES.replace("61.5万,10", ",20")
    name = str(sent(client, "我院.csv", unsold.encode(), "en", estimate="1").json()["id"])
    assert client.finished(name)["state"] == "done"
    for lang, words in (
        ("en", "both outcomes are needed for an estimate"),
        ("zh", "估计需要成交与流拍两种结果"),
    ):
        html = client.get(f"/jobs/{name}/answer?lang={lang}").text
        assert words in html
        assert SHOWN[lang][0] in html


@pytest.mark.parametrize("begun", [True, False])
def test_a_file_that_is_not_read_yet_is_deleted_at_once_and_all_of_it(
    client: Client, monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    reading = threading.Event()

    def endless(handle: Any, *_: Any, **__: Any) -> None:
        reading.set()
        while True:
            handle.check()
            time.sleep(0.01)

    monkeypatch.setattr(uploads, "in_own_process", endless)
    first, second = (str(sent(client, "我院.csv", CASES.encode(), "zh").json()["id"]) for _ in range(2))
    assert reading.wait(10)
    name = first if begun else second
    answer = client.post(f"/api/jobs/{name}/delete?lang=zh")
    assert answer.json() == {"said": "已删除：文件：我院.csv。文件及从中读出的内容均已不在。"}
    assert not client.context.jobs.folder(name).exists()
    left = [path.stem for path in client.context.uploads.iterdir()]
    assert left == [second if begun else first]
    client.post(f"/api/jobs/{left[0]}/delete")


def test_files_that_no_job_will_read_go_when_the_program_starts(tmp_path: Path) -> None:
    work = work_folder(tmp_path / "work")
    before = AppContext(work, 1)
    asks = {"file": "wanted.csv", "name": "x.csv", "estimate": False}
    before.jobs.submit(Job("wanted", "lots", asks, {"en": "x", "zh": "x"}, "en"))
    for name in ("wanted.csv", "orphan.csv"):
        (before.uploads / name).write_bytes(b"x")
    after = AppContext(work, 1)
    assert [path.name for path in after.uploads.iterdir()] == ["wanted.csv"]


def test_what_is_wrong_with_a_file_is_said_and_nothing_of_it_stays(here: None, client: Client) -> None:
    for name, content, status in (("a.exe", b"x", 415), ("", b"x", 415), ("a.csv", b"", 422)):
        assert sent(client, name, content).status_code == status
    job = client.finished(sent(client, "a.csv", b"a,b\n1,2\n").json()["id"])
    assert job["state"] == "failed"
    assert job["message"]
    for odd in ("../../x.csv", "..\\x.csv", "\0.csv", "x" * 5000 + ".csv"):
        client.finished(sent(client, odd, b"a,b\n1,2\n").json()["id"])
    assert list(client.context.uploads.iterdir()) == []
    assert {path.name for path in client.context.work.iterdir()} == {"jobs", "scenarios", "uploads"}


def test_a_file_is_refused_under_its_own_name_with_what_can_be_done_on_the_page(
    here: None, client: Client
) -> None:
    refused = client.finished(sent(client, "我院.csv", "甲,乙\n1,2\n".encode(), "zh").json()["id"])["message"]
    damaged = client.finished(sent(client, "我院.xlsx", b"\x00 no zip", "zh").json()["id"])["message"]
    assert all(line.startswith("我院.csv：") for line in refused.split("\n"))
    assert damaged == "我院.xlsx：不是Excel工作簿（.xlsx），或已损坏；请另存为CSV"
    assert "--" not in refused
    assert not re.search(r"[0-9a-f]{16}|uploads", refused + damaged)
    html = client.get("/files?lang=zh").text
    known = re.search(r"“(.+?)”", refused)
    assert known is not None
    assert f"<summary>{known[1]}</summary>" in html
    assert "<dt>出价记录（bids）</dt><dd>竞买号、价格、时间</dd>" in html
    assert ".csv、.tsv" in html


OURS = "标的号,标题,评估价,起拍价,结束日期,情形,成交价\nA1,某处,100,70,2024-03-02,无人出价,\nA1,某处,100,56,2024-04-02,已拍出,61.5\nA2,某车,20,14,2024-03-06,已拍出,15\n"
MAPPING = """title = "我院"
rows = "rounds"
lot = "标的号"
start = { column = "起拍价", unit = "万元" }
ended = "结束日期"
outcome = "情形"
price = { column = "成交价", unit = "万元" }
outcomes = { "已拍出" = "sold", "无人出价" = "failed" }
"""


def mapped(client: Client, mapping: str, content: str = OURS, lang: str = "zh") -> Any:
    """What comes of a file with a mapping in front of it."""
    first = mapping.encode()
    params = {"name": "我院.csv", "lang": lang, "estimate": "0", "mapping": str(len(first))}
    answer = client.http.post(
        "/api/lots",
        params=params,
        content=first + content.encode(),
        headers={"origin": "http://127.0.0.1:8765"},
    )
    return client.finished(answer.json()["id"]) if answer.status_code == 202 else answer


def test_a_file_that_is_not_recognised_gives_its_columns_and_a_mapping_to_complete(
    here: None, client: Client
) -> None:
    job = client.finished(sent(client, "我院.csv", OURS.encode(), "zh").json()["id"])
    assert job["state"] == "failed"
    assert "\n" not in job["message"]  # and nothing of what files of other shapes need
    near = client.finished(
        sent(client, "x.csv", CASES.replace("一拍结果", "一拍状况").encode(), "zh").json()["id"]
    )
    assert '列"一拍结果"：缺少' in near["message"]
    for lang, words in (
        ("zh", "文件的各列：标的号、标题、评估价"),
        ("en", "Columns of the file: 标的号, 标题, 评估价"),
    ):
        html = client.get(f"/jobs/{job['id']}/answer?lang={lang}").text
        assert words in html
        text = unescape(html.split('<pre class="mapping"')[1].partition(">")[2].partition("</pre>")[0])
        assert 'lot = "标的号"' in text
        assert 'outcome = ""' in text  # which no name suggests
    assert list(client.context.uploads.iterdir()) == []
    completed = text.replace('outcome = ""', 'outcome = "情形"').replace("# outcomes = {", 'outcomes = { "无人出价" = "failed",').replace("hammered", "已拍出")  # fmt: skip
    assert mapped(client, completed)["state"] == "done"


def test_a_file_is_read_by_the_mapping_that_comes_with_it(here: None, client: Client) -> None:
    job = mapped(client, MAPPING)
    assert job["state"] == "done", job["message"]
    assert "标的物2件，拍次3次" in client.get(f"/jobs/{job['id']}/answer?lang=zh").text
    folder = client.context.jobs.folder(job["id"])
    assert (folder / "answer" / "mapping.toml").read_text(encoding="utf-8") == MAPPING
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert "某处".encode() not in everything
    assert list(client.context.uploads.iterdir()) == []


WRONG_MAPPINGS = (
    (MAPPING.replace('"情形"', '"情况"'), '我院.csv：列"情况"：缺少；列对应表（本页）需要它', "mapping (this page) needs it"),
    (MAPPING.replace("price =", "prise ="), "列对应表：prise：", "prise: "),
    (MAPPING.replace('"rounds"', '"round"'), "列对应表：rows：", "rows: "),
    (MAPPING.replace('"情形"', "7"), "列对应表：outcome：", "outcome: "),
    ("title = ", "列对应表：", "mapping: "),
    ("[" * 20_000, "列对应表：", "mapping: "),
)  # fmt: skip


@pytest.mark.parametrize(("mapping", "zh", "en"), WRONG_MAPPINGS)
def test_what_is_wrong_with_a_mapping_is_said_by_key_in_the_readers_language(
    here: None, client: Client, mapping: str, zh: str, en: str
) -> None:
    said = mapped(client, mapping)
    assert said["state"] == "failed"
    assert zh in said["message"]
    english = mapped(client, mapping, lang="en")["message"]
    assert en in english
    assert not re.search(r"[0-9a-f]{16}|uploads", said["message"] + english)
    assert list(client.context.uploads.iterdir()) == []


def test_a_mapping_has_the_limits_of_other_uploads(here: None, client: Client) -> None:
    answer = mapped(client, "#" * (uploads.LARGEST_MAPPING + 1))
    assert answer.status_code == 413
    assert answer.text == "列对应表超过100 kB。"
    assert mapped(client, MAPPING, "").status_code == 422  # a mapping and no file
    for odd in ("-5", "x", "9" * 40, "٣"):
        params = {"name": "a.csv", "lang": "en", "estimate": "0", "mapping": odd}
        sent = client.http.post(
            "/api/lots", params=params, content=CASES.encode(), headers={"origin": "http://127.0.0.1:8765"}
        )
        assert client.finished(sent.json()["id"])["state"] == "done"
    assert list(client.context.uploads.iterdir()) == []


def test_a_file_that_is_too_large_is_not_kept(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 1000)
    answer = sent(client, "a.csv", b"x" * 1001)
    assert answer.status_code == 413
    assert list(client.context.uploads.iterdir()) == []


def test_figures_are_audited_as_they_are_typed(client: Client) -> None:
    found = client.post("/api/audit?lang=en", FIGURES).json()
    assert found["defects"] == []
    assert "29.16%" in found["html"]
    assert "不是上拍口径" in client.post("/api/audit?lang=zh", FIGURES).json()["html"]
    wrong = client.post(
        "/api/audit?lang=en", f"{FIGURES}&turnover-1=many&courts=0&name-2=2018&lots-2=1&first-3=x"
    ).json()
    assert wrong["defects"] == []
    assert set(wrong["fields"]) == {"turnover-1", "courts", "name-2", "name-3"}
    assert all("/" not in line for line in wrong["fields"].values())
    backwards = client.post("/api/audit?lang=en", FIGURES.replace("2018-12-31", "2017-12-31")).json()
    assert list(backwards["fields"]) == ["last-1"]
    assert all(str(client.context.work) not in line for line in backwards["fields"].values())
    assert {path.name for path in client.context.work.iterdir()} == {"jobs", "scenarios", "uploads"}


@pytest.mark.parametrize("amount", ["many", "1,2", "3 stones", "-5", "1e400"])
def test_a_figure_that_is_none_leaves_the_audit_of_the_others(client: Client, amount: str) -> None:
    """Beside its field stands what is wrong; one that only the audit finds wrong (a share of 137.51 %) is no different."""
    whole = client.post("/api/audit?lang=en", FIGURES).json()["html"]
    found = client.post("/api/audit?lang=en", f"{FIGURES}&turnover-1={amount}").json()
    assert list(found["fields"]) == ["turnover-1"]
    assert found["fields"]["turnover-1"].startswith("2018, Turnover: ")
    assert found["html"] == whole
    for lang, said in (("en", "2018, Sale rate: "), ("zh", "2018，成交率：")):
        beyond = client.post(f"/api/audit?lang={lang}", FIGURES.replace("37.51", "137.51")).json()
        without = client.post(f"/api/audit?lang={lang}", FIGURES.replace("&sale_rate-1=37.51%25", "")).json()
        assert beyond["fields"]["sale_rate-1"].startswith(said)
        assert without["fields"] == {}
        assert without["html"] == beyond["html"] != ""


def test_who_has_only_begun_to_type_is_not_blamed(client: Client) -> None:
    for typed in ("title=Place", "title=Place&name-1=2018", ""):
        found = client.post("/api/audit?lang=en", typed).json()
        assert found == {"defects": [], "fields": {}, "html": found["html"]}


WANTING = (
    ("title=x&name-1=2018&lots-1=4262&sold-1=1243", "2018: to calibrate, First day, Last day are needed too"),
    ("title=x&name-1=2018&first-1=2018-01-01&last-1=2018-12-31&sold-1=3", "2018: to calibrate, Lots are needed too"),
    ("title=x&name-1=2018&first-1=2018-01-01&last-1=2018-12-31&lots-1=4262", "nothing to calibrate to"),
    (FIGURES.replace("2018-12-31", "2017-12-31"), "2018: the last day (2017-12-31) is before the first"),
    (FIGURES.replace("37.51", "137.51"), "2018, Sale rate: "),
    (FIGURES.replace("courts=5", "courts=99999"), "Number of courts: "),
    ("title=x", "Type a period"),
)  # fmt: skip


@pytest.mark.parametrize(("typed", "words"), WANTING)
def test_what_cannot_be_calibrated_is_said_at_once_as_the_form_says_it(
    client: Client, typed: str, words: str
) -> None:
    for lang in ("en", "zh"):
        answer = client.post(f"/api/calibrate?lang={lang}", typed)
        assert answer.status_code == 422
        assert not re.search(r"windows\.|\[set\]|toml|typed-", answer.text)
        assert str(client.context.work) not in answer.text
        assert words in answer.text or lang == "zh"
    assert client.context.jobs.every() == []


def test_a_calibration_that_fails_names_the_form_and_no_folder(
    here: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from calibration import pipeline

    def run(targets: Any, *_: Any) -> None:
        places = ("windows.2018", "windows.2018.lots", "definitions.sold", "")
        raise ScenarioError([Defect(str(targets.path), one, "bad") for one in places])

    monkeypatch.setattr(pipeline, "run", run)
    job = client.finished(client.post("/api/calibrate?lang=en", FIGURES).json()["id"])
    assert job["state"] == "failed"
    assert job["message"].split("\n") == ["2018: bad", "2018, Lots: bad", "Sold: bad", "figures: bad"]


def test_no_message_names_the_work_folder(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    place = client.context.jobs.home / "x" / "answer" / "a b.csv"

    def broken(*_: Any, **__: Any) -> None:
        raise KeyError(f"{place}: broken")

    monkeypatch.setattr(figures, "in_own_process", broken)
    job = client.finished(client.post("/api/calibrate?lang=en", FIGURES).json()["id"])
    assert job["message"] == "A mistake of the program: KeyError: 'a b.csv: broken'"
    assert client.context.explained(ScenarioError([Defect(str(place), "", "bad")])) == "a b.csv: bad"


def test_what_is_typed_comes_back_from_the_address(client: Client) -> None:
    html = client.get(f"/figures?{FIGURES}&name-2=2019&lang=en").text
    assert (
        'name="sale_rate-1" maxlength="200" aria-describedby="figures-help sale_rate-1-wrong" value="37.51%"'
        in html
    )
    assert '<details class="further" open>' in html
    assert 'value="&lt;b&gt;"' in client.get("/figures?title=<b>").text


def test_fields_that_are_no_figures_are_left_out() -> None:
    found = figures.read_fields(f"{FIGURES}&evil-1=x&lots-9=1&source=")
    assert set(found) == {"title", "courts", "name-1", "first-1", "last-1", "lots-1", "sold-1", "sale_rate-1"}
    with pytest.raises(QuestionError):
        figures.read_fields(f"title={'x' * 201}")
    assert figures.stem_of({"title": "../../某 省"}) == "某-省"


def test_a_calibration_makes_a_scenario_to_try_policies_on(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The steps themselves are tested with calibration; here, what the application makes of them."""

    def done(handle: Any, task: str, given: Any, **_: Any) -> None:
        assert task == "calibrate"
        assert (given["effort"], given["command"][:2]) == ("quick", ["calibrate", "run"])
        assert Path(given["targets"]).read_text(encoding="utf-8").count("37.51%") == 1
        handle.tick(1, 3, "=first step")
        out = Path(given["out"])
        out.mkdir()
        said = {lang: {"headline": "Met", "parts": [["calibrate.answer", ["line"]]]} for lang in ("en", "zh")}
        (out / tasks.SUMMARY).write_text(json.dumps(said))
        (out / "report.html").write_text("<script>let a</script>")
        Path(given["scenario"]).write_text((client.context.work / OWN / "village.toml").read_text())

    monkeypatch.setattr(figures, "in_own_process", done)
    answer = client.post("/api/calibrate?lang=en", f"{FIGURES}&effort=quick")
    name = answer.json()["id"]
    assert client.finished(name)["state"] == "done"
    assert "/?scenario=Place" in client.get(f"/jobs/{name}/answer?lang=en").text
    form = client.get(f"/api/jobs/{name}").json()["form"]
    assert 'value="37.51%"' in client.get(form).text
    assert 'value="Place" selected' in client.get("/?scenario=Place").text
    names = zipfile.ZipFile(io.BytesIO(client.get(f"/jobs/{name}/files/zip").content)).namelist()
    assert "Place.toml" in names  # which the command takes
    assert "'sha256-" in client.get(f"/jobs/{name}/page").headers["content-security-policy"]
    assert client.post("/api/calibrate", "title=x").status_code == 422


@pytest.mark.processes  # the whole page of a calibration, in both languages
def test_what_a_calibration_leaves_is_there_in_both_languages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import fake_result
    from openpyxl import load_workbook

    from calibration import pipeline

    monkeypatch.setattr(pipeline, "run", lambda *_: fake_result.result())
    given = {
        "targets": str(fake_result.result().targets.path), "out": str(tmp_path / "out"), "jobs": 1, "effort": "quick",
        "scenario": str(tmp_path / "place.toml"), "command": ["calibrate", "run"],
    }  # fmt: skip
    for _ in range(2):  # again, over what is there
        with answering("zh"):
            tasks.calibrate(given)
    sheets = {
        lang: load_workbook(tmp_path / "out" / lang / "tables.xlsx").sheetnames for lang in ("zh", "en")
    }
    assert all(name.isascii() for name in sheets["en"])
    assert not any(name.isascii() for name in sheets["zh"])
    for lang, tag in (("zh", "zh-CN"), ("en", "en")):
        assert f'<html lang="{tag}">' in (tmp_path / "out" / f"page-{lang}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pages_of_figures_and_files_have_labels(client: Client, lang: str) -> None:
    for path in ("/figures", "/files", "/"):
        html = client.get(f"{path}?lang={lang}").text
        assert html.count("<h1") == 1
        assert html.count("<label") >= 2
        assert 'aria-current="page">' in html
