"""``sim run`` as a user meets it: the table, the folder, what is refused, and what a stopped run leaves."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import signal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import Result
from conftest import ROOT, SMALL
from processes import started, wait_for
from typer.testing import CliRunner

from sim.cli.main import app

PICTURES = ("days_to_sale", "open_lots", "premiums", "published_and_simulated", "where_lots_end")
RECORDS = ("lots", "rounds", "registrations", "bids")
SETS = [word for one in SMALL for word in ("--set", one)]
KIND = '{name_zh="x", share=1.0, movable=true, value_median=1e5, value_log_sd=1.0, interest=1.0}'
PUBLISHED = [
    word for key, value in {
        "lots": 150, "sold": 60, "participants": 40, "sale_rate": 0.5, "turnover": 2e7, "premium": 0.1, "commission": 9e5,
    }.items() for word in ("--set", f"published.2017.{key}={value:.3f}")
]  # fmt: skip


def sim(*arguments: object, lang: str = "en") -> Result:
    return CliRunner().invoke(
        app, [str(word) for word in arguments], env={"SIM_LANG": lang, "COLUMNS": "100"}
    )


def small(out: Path, *more: object, lang: str = "en") -> Result:
    return sim("run", ROOT / "scenarios" / "base.toml", *SETS, "--out", out, *more, lang=lang)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A whole run, pictures and all, with published figures to compare with."""
    out = tmp_path_factory.mktemp("cli") / "out"
    return out, small(out, *PUBLISHED, "-n", 3, lang="zh")


def test_the_folder_holds_all_that_the_manifest_proves(whole: tuple[Path, Result]) -> None:
    out, done = whole
    assert done.exit_code == 0, done.output
    pictures = {f"pictures/{name}.{kind}" for name in PICTURES for kind in ("png", "svg")}
    tables = {f"{name}.parquet" for name in RECORDS} | {"measures.csv", "comparison.csv", "scenario.toml"}
    content = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert set(content["files"]) == pictures | tables
    for name, digest in content["files"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    assert sorted(p.name for p in out.parent.iterdir()) == ["out"], "nothing is left beside it"


def test_pictures_are_pictures_and_their_text_is_text(whole: tuple[Path, Result]) -> None:
    for name in PICTURES:
        assert (whole[0] / "pictures" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        drawn = (whole[0] / "pictures" / f"{name}.svg").read_text(encoding="utf-8")
        text = "".join(
            re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
        )  # a long foot is folded, anywhere in Chinese
        assert "重复3次" in text or "replications: 3" in text  # English where no font has Chinese


def test_the_table_shows_print_beside_the_model(whole: tuple[Path, Result]) -> None:
    text = whole[1].stdout
    assert "公布值" in text
    assert "情景未规定口径，此处按最吻合的口径比较" in text
    assert "50.00%" in text
    assert "参拍人次作报名人次之和（2017）：每件成交至少一人报名，而公布40人次、成交60件" in text
    assert str(whole[0]) in text


def test_comparison_csv_says_what_the_table_says(whole: tuple[Path, Result]) -> None:
    with (whole[0] / "comparison.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["window"] for row in rows} == {"2017"}
    (rate,) = (row for row in rows if row["figure"] == "sale_rate" and row["role"] == "must")
    assert rate["published"] == "0.5"
    assert rate["name"] in whole[1].stdout
    assert f"{float(rate['mean']):.1%}" in whole[1].stdout
    ruled_out = {row["measure"] for row in rows if row["impossible"] == "1"}
    assert "participants" in ruled_out


def test_english_and_every_interpretation_on_request(tmp_path: Path) -> None:
    done = small(tmp_path / "out", *PUBLISHED, "-n", 2, "--no-pictures", "--records", "none", "--full")
    assert done.exit_code == 0, done.output
    for words in (
        "of final outcomes",
        "of listed lots",
        "cohort",
        "Interpretations that the published figures themselves rule out",
    ):
        assert words in done.stdout
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "comparison.csv", "manifest.json", "measures.csv", "scenario.toml",
    ]  # fmt: skip


def test_records_of_lots_only(tmp_path: Path) -> None:
    assert small(tmp_path / "out", "-n", 2, "--no-pictures", "--records", "lots").exit_code == 0
    assert [p.name for p in (tmp_path / "out").glob("*.parquet")] == ["lots.parquet"]
    assert set(pq.read_table(tmp_path / "out" / "lots.parquet")["replication"].to_pylist()) == {0, 1}


@pytest.mark.parametrize("records", ["all"])
def test_one_job_or_two_the_same_bytes(records: str, tmp_path: Path) -> None:
    for jobs in (1, 2):
        done = small(tmp_path / str(jobs), "-n", 4, "--jobs", jobs, "--no-pictures", "--records", records)
        assert done.exit_code == 0, done.output
    for name in ("measures.csv", "comparison.csv", *(f"{table}.parquet" for table in RECORDS)):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name


def test_set_and_seed_reach_the_model_and_the_manifest(tmp_path: Path) -> None:
    outs = {}
    for name, more in {"a": (), "b": ("--seed", 3), "c": ("--set", "interest.mean=0.0")}.items():
        assert small(tmp_path / name, "-n", 1, "--no-pictures", *more).exit_code == 0
        outs[name] = json.loads((tmp_path / name / "manifest.json").read_text(encoding="utf-8"))
    assert outs["b"]["seed"] == 3
    assert "mean = 0.0" in outs["c"]["scenario"]
    assert (tmp_path / "a" / "measures.csv").read_bytes() != (tmp_path / "b" / "measures.csv").read_bytes()
    assert pq.read_table(tmp_path / "c" / "bids.parquet").num_rows == 0, "no bidders: nothing sells"


def test_auto_stops_by_precision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.experiments.replications.HEADLINES", {"days_to_sale_mean": 0.5})
    done = small(
        tmp_path / "out", "--replications", "auto", "--jobs", 1, "--no-pictures", "--records", "none"
    )
    content = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert done.exit_code == 0
    assert content["precise"] is True
    assert content["replications"] % 10 == 0
    half = [
        (float(row["ci_high"]) - float(row["ci_low"])) / 2
        for row in csv.DictReader((tmp_path / "out" / "measures.csv").open(encoding="utf-8-sig"))
        if (row["segment"], row["basis"], row["measure"], row["window"]) == ("all", "event", "days_to_sale_mean", "2017")
    ]  # fmt: skip
    assert half[0] <= 0.5
    assert content["replications"] > 10, "ten are not enough for so few lots"


def test_auto_says_when_it_gave_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.experiments.replications.MOST", 10)
    done = small(
        tmp_path / "out", "--replications", "auto", "--jobs", 1, "--no-pictures", "--records", "none"
    )
    assert done.exit_code == 0
    assert "stopped at 10 replications before every headline measure was known" in done.stderr


def test_an_unlawful_policy_runs_and_says_so_with_the_article(tmp_path: Path) -> None:
    done = small(tmp_path / "out", "-n", 1, "--no-pictures", "--set", "rounds.second.cut=0.3")
    assert done.exit_code == 0
    assert "rounds.second.cut" in done.stderr
    assert "2016 rules Art 26" in done.stderr
    content = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert content["unlawful"] == ["rounds.second.cut: 2016 rules Art 26"]


def test_nothing_is_replaced_without_force(tmp_path: Path) -> None:
    assert small(tmp_path / "out", "-n", 1, "--no-pictures").exit_code == 0
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    refused = small(tmp_path / "out", "-n", 2, "--no-pictures")
    assert refused.exit_code == 2
    assert "exists and is not empty" in refused.stderr
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before
    assert small(tmp_path / "out", "-n", 2, "--no-pictures", "--force").exit_code == 0
    assert (tmp_path / "out" / "manifest.json").read_bytes() != before


def test_a_variable_that_is_no_language_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIM_LANG", "fr")
    refused = CliRunner().invoke(app, ["list"])
    assert refused.exit_code == 2
    assert "SIM_LANG=fr: allowed" in refused.stderr or "SIM_LANG=fr：可取" in refused.stderr


def test_force_does_not_replace_what_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    refused = small(tmp_path / "thesis", "-n", 1, "--force")
    assert refused.exit_code == 2
    assert "no run made it" in refused.stderr
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--replications", "0"), "--replications 0: allowed are auto and whole numbers from 1 to 100000"),
        (("--replications", "many"), "--replications many"),
        (("--replications", "1e9"), "--replications 1e9"),
        (("--jobs", "-1"), "--jobs -1: allowed are 0"),
        (("--records", "some"), "--records some: allowed are none, lots and all"),
        (("--lang", "fr"), "--lang fr: allowed are zh and en"),
        (("--set", "interest.maen=1"), "interest.maen"),
        (("--set", "arrivals.volume=nan"), "arrivals.volume"),
        (("--seed", "-1"), "run.seed"),
        (("--set", f"kinds.movable={KIND}"), "kinds.movable: this name is taken"),
    ],
)
def test_bad_input_is_reported_with_exit_code_2_and_nothing_written(
    more: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    refused = small(tmp_path / "out", *more)
    assert refused.exit_code == 2
    assert words in refused.stderr
    assert "Traceback" not in refused.output
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    refused = small(tmp_path / "file" / "out", "-n", 1)
    assert refused.exit_code == 2
    assert "is a file, not a folder" in refused.stderr


def test_a_full_disk_is_reported_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sim.experiments.run.write_csv", full)
    refused = small(tmp_path / "out", "-n", 1, "--no-pictures")
    assert refused.exit_code == 2
    assert "could not be written: No space left on device" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_no_lots_at_all_still_makes_a_folder(tmp_path: Path) -> None:
    done = small(tmp_path / "out", "-n", 2, "--set", "arrivals.volume=0.0", lang="zh")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "pictures" / "where_lots_end.png").exists()


@pytest.mark.processes
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_stopped_run_leaves_nothing(number: signal.Signals, code: int, jobs: str, tmp_path: Path) -> None:
    """Ctrl-C reaches the whole group, as from a terminal; a request to end reaches the parent alone."""
    run = ["run", "base", *SETS, "-n", "5000", "--jobs", jobs, "--out", str(tmp_path / "deep" / "out")]

    def has_written() -> bool:
        half = list(tmp_path.glob("deep/.out.*/lots.parquet"))
        return bool(half) and half[0].stat().st_size > 10_000

    with started("-m", "sim", *run) as running:
        wait_for(has_written)
        if number == signal.SIGTERM:
            running.signal(number)
        else:
            os.killpg(running.process.pid, number)
        assert running.end() == (
            code,
            "",
            f"stopped: {'Ctrl-C' if number == signal.SIGINT else number.name}. Nothing was written; "
            "the same command starts again\n",
        )
    assert list(tmp_path.iterdir()) == []
