"""From the first click to the download, in a real browser, with the keyboard; on a desk and a phone, light and dark.

The pictures of the guide are taken here: ``SIM_SHOTS=docs/pictures pytest -m browser tests/app/test_browser_app.py``.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import chrome
import pytest
from clients import QUESTION, work_folder
from openpyxl import load_workbook
from programs import eventually, started

pytestmark = pytest.mark.browser
TALL = 1560.0  # pixels of a page that a picture of the guide shows
SEEN = "return document.querySelector(arguments[0])?.textContent || ''"


def clean(browser: chrome.Chrome, base: str) -> None:
    """Nothing went wrong, nothing was loaded from elsewhere, nothing is too pale, unnamed or too wide."""
    assert browser.console() == []
    assert [address for address in browser.outside() if not address.startswith(base)] == []
    assert browser.run(chrome.LOW_CONTRAST) == []
    assert browser.run(chrome.UNNAMED) == []
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")


def click(browser: chrome.Chrome, selector: str) -> None:
    browser.run("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", selector)
    browser.driver.find_element("css selector", selector).click()


def test_from_the_first_click_to_the_download(browser: chrome.Chrome, tmp_path: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    with started(work_folder(tmp_path / "work")) as (process, client):
        base = str(client.base_url).rstrip("/")
        address: Any = process.address  # type: ignore[attr-defined]
        browser.visit(f"{address}&scenario=base&effort=quick&lang=zh")
        assert browser.run("return location.search").find("token") < 0
        field = browser.driver.find_element("id", "rounds-second-cut-1")
        field.send_keys(Keys.CONTROL + "a" + Keys.NULL + "30")
        eventually(lambda: "降价不得超过" in browser.run(SEEN, "#rounds-second-cut-1-law"))
        assert (
            browser.run("return document.querySelector('[data-key=\"rounds.second.cut\"] .slide').value")
            == "30"
        )
        slide = browser.driver.find_element("css selector", '[data-key="rounds.second.cut"] .slide')
        slide.send_keys(*[Keys.ARROW_LEFT] * 20)
        eventually(lambda: not browser.run(SEEN, "#rounds-second-cut-1-law"))
        click(browser, "#add")
        assert browser.run("return document.activeElement.id") == "name-2"
        browser.driver.find_element("id", "start-ratio-2").send_keys(Keys.CONTROL + "a" + Keys.NULL + "60")
        eventually(lambda: "70%" in browser.run(SEEN, "#start-ratio-2-law"))
        eventually(lambda: "policy-2.toml" in browser.run(SEEN, "#command"))
        eventually(lambda: "因而不比较" in browser.run(SEEN, "#refused"))
        click(browser, "#unlawful")
        eventually(lambda: not browser.run(SEEN, "#refused"))
        click(browser, "#run")
        eventually(lambda: "最终结果" in browser.run(SEEN, "#answer .badge"))
        assert "起拍率 60%" in browser.run(SEEN, "#answer")
        assert "法律不允许" in browser.run(SEEN, "#answer .warn")
        clean(browser, base)
        browser.picture("app.zh", TALL)
        link = browser.run("return location.href")
        click(browser, "#answer a[href*='/files/xlsx']")
        name = browser.run("return document.querySelector(\"#answer a[href*='/files/xlsx']\").href").split(
            "/jobs/"
        )[1][:6]
        content = browser.downloaded(f"结果-{name}.xlsx")
        assert len(load_workbook(io.BytesIO(content)).sheetnames) >= 3
        click(browser, "#answer .pin")
        assert browser.run("return document.querySelectorAll('#pinned .answer').length") == 1
        browser.visit(link, 390, 844, dark=True)  # a second tab, on a phone
        eventually(lambda: "最终结果" in browser.run(SEEN, "#answer .badge"))
        assert browser.run("return document.getElementById('start-ratio-2').value") == "60"
        clean(browser, base)
        click(browser, "#lang")
        eventually(lambda: "Final answer" in browser.run(SEEN, "#answer .badge"))
        clean(browser, base)
        browser.visit(browser.run("return location.href"))
        eventually(lambda: "Final answer" in browser.run(SEEN, "#answer .badge"))
        browser.picture("app", TALL)
        click(browser, ".jobs .delete")
        browser.driver.switch_to.alert.accept()
        eventually(lambda: browser.run("return document.querySelectorAll('.jobs li').length") == 0)


@pytest.mark.parametrize(
    ("width", "lang", "dark", "beyond", "words", "written"),
    [(1280, "zh", False, "可取不小于0%且小于100%", "应为百分数，如10", "未填写"), (390, "en", True, "at least 0% and below 100%", "a percentage such as 10", "nothing is written")],
)  # fmt: skip
def test_what_is_no_value_is_said_beside_its_field_as_it_is_typed(
    browser: chrome.Chrome,
    tmp_path: Path,
    width: int,
    lang: str,
    dark: bool,
    beyond: str,
    words: str,
    written: str,
) -> None:
    from selenium.webdriver.common.keys import Keys

    whole = Keys.CONTROL + "a" + Keys.NULL
    said, value = "#rounds-second-cut-1-wrong", "return document.getElementById('rounds-second-cut-1').value"
    invalid = "return document.getElementById('rounds-second-cut-1').getAttribute('aria-invalid')"
    with started(work_folder(tmp_path / "work")) as (process, client):
        base = str(client.base_url).rstrip("/")
        address: Any = process.address  # type: ignore[attr-defined]
        browser.visit(f"{address}&scenario=village&effort=quick&lang={lang}", width, 844, dark)
        field = browser.driver.find_element("id", "rounds-second-cut-1")
        for typed, answer in (("150", beyond), ("一成", words), (Keys.BACKSPACE, written)):
            field.send_keys(whole + typed)
            eventually(lambda answer=answer: answer in browser.run(SEEN, said))
            assert browser.run(invalid) == "true"
            assert browser.run("return document.getElementById('defects').hidden")
        field.send_keys("一成")
        click(browser, "#run")  # nothing is asked, and the field has the focus
        eventually(lambda: browser.run("return document.activeElement.id") == "rounds-second-cut-1")
        assert "一成" in browser.run(SEEN, said)
        assert browser.run("return document.querySelectorAll('.jobs li').length") == 0
        clean(browser, base)
        field.send_keys(whole + "１２％")  # as Chinese keyboards type it
        eventually(lambda: not browser.run(SEEN, said))
        assert (
            browser.run("return document.querySelector('[data-key=\"rounds.second.cut\"] .slide').value")
            == "12"
        )
        eventually(lambda: "12%25" in browser.run("return location.search"))
        field.send_keys(Keys.ARROW_UP)
        assert browser.run(value) == "13"
        eventually(lambda: "13%25" in browser.run("return location.search"))
        assert browser.run(invalid) is None


def test_a_question_is_stopped_and_goes_on(browser: chrome.Chrome, tmp_path: Path) -> None:
    with started(work_folder(tmp_path / "work")) as (process, client):
        address: Any = process.address  # type: ignore[attr-defined]
        browser.visit(f"{address}&scenario=village&effort=precise&policy=;start.ratio=70%25&lang=en")
        click(browser, "#run")
        eventually(lambda: "pairs of runs:" in browser.run(SEEN, "#state"))
        client.post("/api/run?lang=en", content=QUESTION)  # from a second tab
        browser.run("document.dispatchEvent(new Event('visibilitychange'))")  # and back in this one
        eventually(lambda: browser.run("return document.querySelectorAll('.jobs li').length") == 2)
        pressed = (
            "const stop = document.getElementById('cancel'); stop.click();"
            "return [stop.disabled, document.getElementById('state').textContent]"
        )
        assert browser.run(pressed) == [True, "stopping"]
        eventually(lambda: browser.run(SEEN, "#state") == "stopped")
        assert browser.run("return document.getElementById('cancel').hidden")
        click(browser, "#again")
        eventually(lambda: "Final answer" in browser.run(SEEN, "#answer .badge"), 240.0)
        assert browser.console() == []


def test_a_stop_in_another_tab_is_seen_in_this_one(browser: chrome.Chrome, tmp_path: Path) -> None:
    said = (
        "draw({id: 'other', state: 'running', done: 1, total: 2, said: 'half', title: '', stopping: arguments[0]});"
        "return [document.getElementById('cancel').disabled, document.getElementById('state').textContent]"
    )
    with started(work_folder(tmp_path / "work")) as (process, _client):
        browser.visit(f"{process.address}&scenario=village&lang=en")  # type: ignore[attr-defined]
        assert browser.run(said, True) == [True, "stopping"]
        assert browser.run(said, False) == [False, "half"]


def test_figures_are_typed_and_a_file_is_read(browser: chrome.Chrome, tmp_path: Path) -> None:
    from lot_files import CASES

    (tmp_path / "cases.csv").write_text(CASES, encoding="utf-8")
    with started(work_folder(tmp_path / "work")) as (process, client):
        base = str(client.base_url).rstrip("/")
        address: Any = process.address  # type: ignore[attr-defined]
        browser.visit(address)
        browser.visit(f"{base}/figures?lang=en")
        for name, text in (
            ("title", "Place"),
            ("name-1", "2018"),
            ("lots-1", "4262"),
            ("sold-1", "1243"),
            ("sale_rate-1", "37.51%"),
        ):
            browser.driver.find_element("id", name).send_keys(text)
        eventually(lambda: "29.16%" in browser.run(SEEN, "#audit"))
        browser.driver.find_element("id", "turnover-1").send_keys("many")
        eventually(lambda: "Turnover" in browser.run(SEEN, "#turnover-1-wrong"))
        assert browser.run("return document.getElementById('defects').hidden")
        assert (
            browser.run("return document.getElementById('turnover-1').getAttribute('aria-invalid')") == "true"
        )
        assert "29.16%" in browser.run(SEEN, "#audit")
        clean(browser, base)
        browser.picture("app-figures-wrong", TALL)
        browser.driver.find_element("id", "turnover-1").send_keys(*["\ue003"] * len("many"))  # Backspace
        eventually(lambda: not browser.run(SEEN, "#turnover-1-wrong"))
        clean(browser, base)
        browser.picture("app-figures", TALL)
        browser.visit(f"{base}/files?lang=en", 390, 844)
        browser.driver.find_element("id", "file").send_keys(str(tmp_path / "cases.csv"))
        click(browser, "#estimate")
        click(browser, "#run")
        eventually(lambda: "What was read" in browser.run(SEEN, "#answer"))
        clean(browser, base)
        job = browser.run("return new URLSearchParams(location.search).get('job')")
        folder = tmp_path / "work" / "jobs" / job
        assert folder.is_dir()
        for again in ("/files?lang=en", "/figures?name-1=2018&lots-1=10&sold-1=4&lang=en"):
            browser.visit(f"{base}{again}&job={job}")
            eventually(lambda: "What was read" in browser.run(SEEN, "#answer"))
            assert f"job={job}" in browser.run("return location.search")
        browser.visit(f"{base}/files?job={job}&lang=en")
        eventually(lambda: "What was read" in browser.run(SEEN, "#answer"))
        click(browser, "#answer .delete")  # one click, and nothing is asked
        eventually(lambda: browser.run(SEEN, "#gone").startswith("Deleted: File: cases.csv."))
        assert browser.run("return document.querySelector('#gone[role=status]') === document.activeElement")
        assert browser.run("return document.querySelectorAll('#answer > *, .jobs li').length") == 0
        assert "job=" not in browser.run("return location.search")
        assert not folder.exists()
        clean(browser, base)


def test_a_file_that_is_not_recognised_is_read_by_a_mapping_made_on_the_page(
    browser: chrome.Chrome, tmp_path: Path
) -> None:
    ours = "标的号,起拍价（万元）,结束日期,情形,成交价（万元）\nA1,70,2024-03-02,流拍,\nA1,56,2024-04-02,成交,61.5\n"
    (tmp_path / "ours.csv").write_bytes(ours.encode("gbk"))
    (tmp_path / "ours.toml").write_bytes(
        'title = "我院"\nrows = "rounds"\nlot = "标的号"\noutcome = "情形"\n'.encode("gbk")
    )
    value = "return document.getElementById('mapping').value"
    with started(work_folder(tmp_path / "work")) as (process, client):
        base = str(client.base_url).rstrip("/")
        browser.visit(process.address)  # type: ignore[attr-defined]
        browser.visit(f"{base}/files?lang=zh", 390, 844, dark=True)
        browser.driver.find_element("id", "file").send_keys(str(tmp_path / "ours.csv"))
        click(browser, "#run")
        eventually(lambda: "哪一列是什么" in browser.run(SEEN, "#answer h2"))
        assert "没有列对应表认得表头" in browser.run(SEEN, "#failure")
        assert browser.run(
            "return document.getElementById('again').hidden"
        )  # the file is gone, so nothing goes on
        assert browser.run(SEEN, "#jobs-h") == "已给出的文件"
        clean(browser, base)
        click(browser, "#answer .fill")
        assert 'outcome = ""' in browser.run(value)
        assert browser.run("return document.activeElement.id") == "mapping"
        assert "文本已填入" in browser.run(SEEN, "#mapping-said[role=status]")
        clean(browser, base)
        click(browser, "#run")  # not completed
        eventually(lambda: "outcome：" in browser.run(SEEN, "#failure"))
        browser.run(
            "const m = document.getElementById('mapping'); m.value = m.value.replace('outcome = \"\"', 'outcome = \"情形\"')"
        )
        click(browser, "#run")
        eventually(lambda: "标的物1件，拍次2次" in browser.run(SEEN, "#answer"))
        browser.driver.find_element("id", "mapping-file").send_keys(str(tmp_path / "ours.toml"))
        eventually(lambda: 'outcome = "情形"' in browser.run(value))  # from a file as Chinese editors save it
        click(browser, "#run")
        eventually(lambda: browser.run("return document.querySelectorAll('.jobs li').length") == 4)
        clean(browser, base)


def test_the_answer_and_the_form_are_those_of_the_job_that_is_shown(
    browser: chrome.Chrome, tmp_path: Path
) -> None:
    cut = "return document.getElementById('rounds-second-cut-1').value"
    with started(work_folder(tmp_path / "work")) as (process, _client):
        address: Any = process.address  # type: ignore[attr-defined]
        browser.visit(f"{address}&{QUESTION}&lang=zh")
        click(browser, "#run")
        eventually(lambda: "最终结果" in browser.run(SEEN, "#answer .badge"))
        first = browser.run("return new URLSearchParams(location.search).get('job')")
        browser.run(
            "const cut = document.getElementById('rounds-second-cut-1'); cut.value = '15';"
            "cut.dispatchEvent(new Event('input', {bubbles: true}))"
        )
        eventually(lambda: "cut%3D15" in browser.run("return location.search"))
        browser.run(  # what is below the second question before it has an answer of its own
            "window.stale = null; new MutationObserver(() => {"
            "  const job = new URLSearchParams(location.search).get('job'), seen = document.querySelector('#answer .answer');"
            "  if (job !== arguments[0] && window.stale === null) window.stale = Boolean(seen);"
            "}).observe(document.getElementById('job'), {subtree: true, childList: true})",
            first,
        )
        click(browser, "#run")
        eventually(lambda: browser.run("return window.stale") is not None)
        assert browser.run("return window.stale") is False
        eventually(lambda: "最终结果" in browser.run(SEEN, "#answer .badge"))
        click(browser, f".jobs [data-job='{first}'] .open")
        eventually(lambda: browser.run(cut) == "10")
        asked = "return new URLSearchParams(location.search)"
        assert browser.run(f"{asked}.getAll('policy')") == [";rounds.second.cut=10%"]
        assert browser.run(f"{asked}.get('job')") == first
        assert browser.run(f"{asked}.get('effort')") == "quick"
        assert browser.console() == []


def test_a_job_of_the_list_fills_its_form_or_says_why_not(browser: chrome.Chrome, tmp_path: Path) -> None:
    """A calibration stands on the page of published figures; of a question whose scenario is gone the rest is filled in."""
    work = work_folder(tmp_path / "work")
    figures = "title=Place&name-1=2018&first-1=2018-01-01&last-1=2018-12-31&lots-1=40&sold-1=10"
    rate = "return document.getElementById('sold-1').value"
    with started(work) as (process, client):
        base = str(client.base_url).rstrip("/")
        asked = client.post("/api/run?lang=en", content=QUESTION).json()["id"]
        made = client.post("/api/calibrate?lang=en", content=figures).json()["id"]
        client.post(f"/api/jobs/{made}/cancel", content="")
        (work / "scenarios" / "village.toml").unlink()
        browser.visit(f"{process.address}&lang=en")  # type: ignore[attr-defined]
        click(browser, f".jobs [data-job='{asked}'] .open")
        eventually(lambda: "there is none of this name" in browser.run(SEEN, "#link-wrong"))
        assert browser.run("return document.getElementById('rounds-second-cut-1').value") == "10"
        click(browser, f".jobs [data-job='{made}'] .open")
        eventually(lambda: browser.run("return location.pathname") == "/figures")
        eventually(lambda: browser.run(rate) == "10")
        eventually(lambda: browser.run(SEEN, "#job-title") != "")
        browser.run("document.getElementById('sold-1').value = '11'")
        click(browser, f".jobs [data-job='{made}'] .open")
        eventually(lambda: browser.run(rate) == "10")
        clean(browser, base)


ASKED = """
window.asked = []; window.answers = arguments[1]; window.broken = new RegExp(arguments[0]);
const real = window.setTimeout, known = window.fetch;
window.pauses = [];
window.setTimeout = (what, after) => { // of the job alone: all else on the page keeps its pauses
  if (what !== poll) return real(what, after);
  window.pauses.push(after);
  return real(what, 1);
};
window.fetch = (path, options) => {
  if (!window.broken.test(path)) return known(path, options);
  window.asked.push(path);
  const next = window.answers.length > 1 ? window.answers.shift() : window.answers[0];
  return next ? Promise.resolve(new Response('why', { status: next })) : Promise.reject(new TypeError('no network'));
};
show(new URLSearchParams(location.search).get('job'));
"""


@pytest.mark.parametrize(
    ("width", "lang", "dark", "ends", "again", "lost"),
    [(1280, "zh", False, "不再自动重试", "30秒后再试", "程序没有应答"), (390, "en", True, "does not try again by itself", "again in 30 s", "does not answer")],
)  # fmt: skip
def test_what_keeps_failing_is_not_asked_without_end(
    browser: chrome.Chrome,
    tmp_path: Path,
    width: int,
    lang: str,
    dark: bool,
    ends: str,
    again: str,
    lost: str,
) -> None:
    """Answers with an error end it, and why is said; where nothing answers, pauses grow, and the first answer clears what was said."""
    failure, asked = "#failure", "return window.asked.length"
    with started(work_folder(tmp_path / "work")) as (process, client):
        base = str(client.base_url).rstrip("/")
        job = client.post(f"/api/run?lang={lang}", content=QUESTION).json()["id"]
        browser.visit(f"{process.address}&job={job}&lang={lang}", width, 844, dark)  # type: ignore[attr-defined]
        eventually(lambda: browser.run("return Boolean(document.querySelector('#answer .badge'))"))
        here = browser.run("return location.href")
        for failing, statuses in (
            ("/api/jobs/", [404]),
            ("/answer", [500]),
            ("/api/jobs/", [0, 409, 409, 409]),
        ):
            browser.visit(here, width, 844, dark)
            eventually(lambda: "why" not in browser.run(SEEN, failure))
            browser.run(ASKED, failing, statuses)
            eventually(lambda: ends in browser.run(SEEN, failure), 20.0)
            assert browser.run(SEEN, failure).startswith("why\n")
            assert browser.run(asked) == 4
            assert browser.run("return window.pauses") == [1500, 3000, 6000]
            assert browser.run("return document.getElementById('cancel').hidden")
            clean(browser, base)
        browser.visit(here, width, 844, dark)
        browser.run(ASKED, "/api/jobs/", [0])
        eventually(lambda: again in browser.run(SEEN, failure), 20.0)
        assert lost in browser.run(SEEN, failure)
        clean(browser, base)
        eventually(lambda: browser.run(asked) > 9)
        assert browser.run("return window.pauses.slice(0, 7)") == [
            1500,
            3000,
            6000,
            12000,
            24000,
            30000,
            30000,
        ]
        browser.run("window.broken = /nothing/")  # it was started again
        eventually(lambda: browser.run("return document.getElementById('failure').hidden && failures === 0"))
        # A page with such short pauses, and nobody who answers, takes a processor.
        browser.visit("about:blank")
