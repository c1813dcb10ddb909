"""What an argument of a wrong kind is answered with: its name, what was given, what is allowed, and no bare error."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from api.conftest import CUT

import sim
from sim.api.calibrations import AuditResult, CalibrationResult
from sim.api.wording import OPTIONS, place, sentence
from sim.experiments.storage.folders import FolderError
from sim.locale.language import speaking

AXIS = {"start.ratio": [0.8, 0.9]}
RANGE = {"start.ratio": (0.7, 1.0)}
WHOLE, MAPPING, TEXTS, TEXT = (
    "must be a whole number",
    "must be a mapping",
    "must be a text or a list",
    "must be a text",
)
PATH, DAY, DRAWS = "must be the path", "must be a date", "must be the path of a file, a table of pandas, "
Call = Callable[[sim.Scenario, Any], object]


def swept(name: str) -> Call:
    return lambda base, value: sim.sweep(base, **{"vary": AXIS, "replications": 1, name: value})


def screened(name: str) -> Call:
    return lambda base, value: sim.sensitivity(base, **{"parameters": RANGE, "samples": 2, "replications": 1, name: value})  # fmt: skip


def searched(name: str) -> Call:
    how = {"variables": RANGE, "maximise": "lots_sold", "points": 4, "replications": 1, "final": 2}
    return lambda base, value: sim.optimise(base, **{**how, name: value})  # type: ignore[arg-type]


def compared(name: str) -> Call:
    return lambda base, value: sim.compare(base, **{"policies": {"x": CUT}, "replications": 2, name: value})


def ran(name: str) -> Call:
    return lambda base, value: sim.run(base, **{"replications": 1, name: value})


def calibrated(name: str) -> Call:
    return lambda base, value: sim.calibrate("shanxi", **{name: value})


def of(result: type[Any], method: str, name: str) -> Call:
    """A result's method, on a result that holds nothing: what is wrong is said before anything is looked at."""

    def call(base: sim.Scenario, value: object) -> object:
        empty = SimpleNamespace(policies=("x",), base="base", found=None, targets=None, _of=None)
        more = {"out": "x.pdf"} if method == "brief" and name != "out" else {}
        return getattr(result, method)(empty, **more, **{name: value})

    return call


WRONG: list[tuple[str, Call, list[object], str]] = [
    ("changes", lambda base, value: base.replace(value), [5, None, [1], "start.ratio=0.8"], MAPPING),
    ("source", lambda base, value: sim.load_scenario(value), [5, None, [1]], "must be a name, a path"),
    ("scenario", lambda base, value: sim.sweep(value, AXIS), [5, None], "must be a name, a path"),
    ("base", lambda base, value: sim.compare(value, {"x": CUT}), [5, None], "must be a name, a path"),
    ("against", compared("against"), [3, [1]], "must be the name of a policy or of a file"),
    ("targets", lambda base, value: sim.audit(value), [3, None], PATH),
    ("targets", lambda base, value: sim.calibrate(value), [3, None], PATH),
    ("vary", swept("vary"), [None, [1], "start.ratio=0.8:0.9:0.1"], MAPPING),
    ("parameters", screened("parameters"), [None, [1], "x"], MAPPING),
    ("variables", searched("variables"), [None, [1], "x"], MAPPING),
    ("replications", swept("replications"), ["x", "auto", 1.5, True], WHOLE),
    ("replications", screened("replications"), ["x", 1.5, True], WHOLE),
    ("replications", ran("replications"), ["x", 1.5, True, [1]], "allowed are auto and whole numbers"),
    ("replications", compared("replications"), ["x", 1.5, True], "allowed are auto and whole numbers"),
    ("samples", swept("samples"), ["x", 1.5, True], WHOLE),
    ("samples", screened("samples"), ["x", 1.5], WHOLE),
    ("points", searched("points"), ["x", 4.5], WHOLE),
    ("replications", searched("replications"), ["x", 1.5], WHOLE),
    ("final", searched("final"), ["x", 2.5], WHOLE),
    ("replications", searched("replications"), [0], "allowed are 1 to 100,000"),
    ("final", searched("final"), [0], "allowed are 2 to 100,000"),
    ("date", searched("date"), [3, [1]], DAY),
    ("date", searched("date"), ["2020-13-01"], "date"),
    *[("date", call("date"), [3, [1], pd.NaT], DAY) for call in (ran, compared)],
    ("date", of(sim.CompareResult, "brief", "date"), [3], DAY),
    ("out", of(sim.CompareResult, "brief", "out"), [3, None], PATH),
    ("path", of(CalibrationResult, "save_scenario", "path"), [3, None], PATH),
    ("policies", of(sim.CompareResult, "brief", "policies"), [3, None], TEXTS),
    ("draws", compared("draws"), [5, [1.0], {"interest.mean": [1.0]}], DRAWS),
    ("draws", swept("draws"), [5, [1.0], {"interest.mean": [1.0]}], DRAWS),
    ("max_draws", compared("max_draws"), ["x", 1.5, True], WHOLE),
    ("measures", swept("measures"), [3, None, [3]], TEXTS),
    ("measures", screened("measures"), [3, None, [3]], TEXTS),
    ("maximise", searched("maximise"), [None, 3, [3]], TEXTS),
    ("minimise", searched("minimise"), [None], TEXTS),
    ("subject_to", searched("subject_to"), [3, None], TEXTS),
    ("window", searched("window"), [3, [1]], TEXT),
    ("window", screened("window"), [3, [1]], TEXT),
    ("records", ran("records"), [["all"], 3, "some"], "allowed are all, lots, none"),
    ("method", screened("method"), [[1], 3, "x"], "allowed are morris, sobol"),
    ("engine", ran("engine"), [[1], 3, "foo"], "allowed are auto, simpy, compiled"),
    ("effort", calibrated("effort"), [3, None, [1], "smal"], "allowed are full, quick, small"),
    *[("force", call("force"), ["no", None, 1], "allowed are True, False") for call in (ran, compared, calibrated)],
    ("force", of(sim.CompareResult, "brief", "force"), ["no"], "allowed are True, False"),
    ("variants", calibrated("variants"), ["no", None], "allowed are True, False"),
    ("unlawful", searched("unlawful"), ["no", None], "allowed are True, False"),
    ("design", swept("design"), [3, [1], None], TEXT),
    ("date", searched("date"), [pd.NaT], DAY),
    *[("out", call("out"), [3, ["x"], "a\0b"], PATH) for call in (ran, compared, swept, screened, searched, calibrated)],
    ("path", lambda base, value: sim.codebook(value), [3, None], PATH),
    ("jobs", ran("jobs"), ["x", 1.5, -1], "allowed are 0"),
    ("kind", lambda base, value: base.run(1).plot(value), [3, "x"], "allowed are fit, flow"),
    ("kind", of(sim.CompareResult, "plot", "kind"), [3, None, "x"], "allowed are differences, tradeoff, flow"),
    ("kind", of(AuditResult, "plot", "kind"), [3, None, "en"], "allowed are findings"),
    ("kind", of(CalibrationResult, "plot", "kind"), [3, None, "x"], "allowed are answer, parameters, fit"),
    ("kind", of(sim.SensitivityResult, "plot", "kind"), [3, "x"], "allowed are tornado"),
    ("kind", of(sim.OptimiseResult, "plot", "kind"), [3, "x"], "allowed are front"),
    ("lang", of(AuditResult, "plot", "lang"), [3, "x", "", [1]], "allowed are en, zh"),
    ("policy", of(sim.CompareResult, "sentence", "policy"), [3, None, "y"], "allowed are x"),
]  # fmt: skip
CASES = [(name, call, value, allowed) for name, call, values, allowed in WRONG for value in values]


@pytest.mark.parametrize(("name", "call", "value", "allowed"), CASES, ids=lambda one: one if isinstance(one, str) else repr(one)[:20])  # fmt: skip
def test_a_bad_value_is_named_with_what_was_given_and_what_is_allowed(village: sim.Scenario, name: str, call: Call, value: object, allowed: str) -> None:  # fmt: skip
    with pytest.raises(sim.SimError) as error:
        call(village, value)
    lines = str(error.value).splitlines()
    assert len(lines) == 1, "said once, and nothing else is wrong"
    assert lines[0].startswith(f"{name}={value!r}: ")
    assert allowed in lines[0]
    assert "--" not in lines[0]


def test_everything_that_is_wrong_is_said_at_once(village: sim.Scenario) -> None:
    with pytest.raises(sim.ScenarioError) as error:
        sim.optimise(
            village, {"start.ratio": (0.7, 1.0), 3: [1]}, maximise=None, subject_to=3, points="x", replications=0,  # type: ignore[arg-type]
            final=True, window=3, date=[], draws=5, jobs="x", engine="foo", out=3,  # type: ignore[arg-type]
        )  # fmt: skip
    where = [one.file for one in error.value.defects]
    assert len(where) == len(set(where))
    assert {one.partition("=")[0] for one in where} >= {
        "variables[3]", "maximise", "subject_to", "points", "replications", "final", "window", "date", "draws", "jobs", "engine", "out"
    }  # fmt: skip


@pytest.mark.parametrize("call", [swept, screened, searched], ids=["sweep", "sensitivity", "optimise"])
@pytest.mark.parametrize("under", [False, True], ids=["a file", "within a file"])
def test_a_file_is_no_folder_to_write(
    village: sim.Scenario, tmp_path: Path, call: Callable[[str], Call], under: bool
) -> None:
    file = tmp_path / "out"
    file.write_text("mine")
    with pytest.raises(FolderError, match="is a file, not a folder; give another out="):
        call("out")(village, file / "more" if under else file)
    assert file.read_text() == "mine"


def test_numbers_of_numpy_are_numbers(village: sim.Scenario) -> None:
    found = sim.sweep(village, AXIS, replications=np.int64(1), measures="lots_sold")  # type: ignore[arg-type]
    assert (found.replications, found.points) == (1, 2)
    assert village.run(np.int64(1)).replications == 1  # type: ignore[arg-type]


# values


@pytest.mark.parametrize("cell", [np.nan, None, pd.NA, " "])
@pytest.mark.parametrize("other", [{}, {"start.ratio": [0.7, 0.8, 0.9]}], ids=["one column", "two"])
def test_an_empty_cell_of_a_table_of_draws_is_refused_by_its_row(
    village: sim.Scenario, cell: object, other: dict[str, list[float]]
) -> None:
    draws = pd.DataFrame({"interest.mean": [1.0, cell, 3.0], **other})
    for call in (swept("draws"), compared("draws")):
        with pytest.raises(sim.ScenarioError) as error:
            call(village, draws)
        assert str(error.value) == "draws, row 2: interest.mean: is empty"


def test_where_draws_are_wrong_nobody_says_that_there_are_none(village: sim.Scenario) -> None:
    for draws in (5, pd.DataFrame({"interest.mean": [np.nan]})):
        with pytest.raises(sim.ScenarioError) as error:
            sim.compare(village, {"x": CUT}, draws=draws, max_draws=3)  # type: ignore[arg-type]
        assert len(error.value.defects) == 1


def test_what_else_is_wrong_with_a_table_of_draws_names_no_file(village: sim.Scenario) -> None:
    for table, said in (
        ({"interest.mean": [1.0, -3.0]}, "draws, row 2: interest.mean: "),
        ({"interest.meen": [1.0, 2.0]}, "draws, row 1: interest.meen: unknown key; did you mean mean?"),
        ({"courts.number": [1, 2]}, "courts.number is varied and set"),
        ({"interest.mean": []}, "draws: "),
    ):
        for call in (swept("draws"), compared("draws")):
            with pytest.raises(sim.ScenarioError) as error:
                call(village, pd.DataFrame(table))
            assert said in str(error.value)
            assert ".csv" not in str(error.value)


def test_true_and_false_are_draws_everywhere(village: sim.Scenario) -> None:
    assert sim.sweep(village, AXIS, draws=False, replications=1, measures="lots_sold").points == 2
    with pytest.raises(sim.ScenarioError, match="the scenario names no draws"):
        sim.sweep(village, AXIS, draws=True, replications=2)


def test_a_value_that_is_given_twice_is_refused_with_both(village: sim.Scenario) -> None:
    with pytest.raises(sim.ScenarioError) as error:
        village.replace({"start.ratio": 0.8, "start": {"ratio": 0.9}})
    assert str(error.value) == "changes: start.ratio: is given twice: start.ratio = 0.8 and start.ratio = 0.9"
    with pytest.raises(sim.ScenarioError, match="is given twice"):
        sim.load_scenario({"start . ratio": 0.8, "start.ratio": 0.8})


def test_one_text_is_one_measure(village: sim.Scenario) -> None:
    assert set(sim.sweep(village, AXIS, replications=1, measures="lots_sold").summary["measure"]) == {"lots_sold"}  # fmt: skip
    found = sim.sensitivity(village, RANGE, samples=2, replications=1, measures="lots_sold")
    assert set(found.indices["measure"]) == {"lots_sold"}
    assert repr(found).startswith("<SensitivityResult of base to 1 parameter: ")


def test_a_scenario_has_its_keys(village: sim.Scenario) -> None:
    assert "start.ratio" in village
    assert "rounds" in village
    for none in ("start.rate", "not a key", "", 3, None):
        assert none not in village
    keys = list(village)
    assert set(village.to_frame().index) <= set(keys)
    assert all(key in village for key in keys)


# words


@pytest.mark.parametrize(
    ("said", "english"),
    [
        ("give another --out, or --force to replace it", "give another out=, or force=True to replace it"),
        ("--engine simpy and --engine auto run it", "engine='simpy' and engine='auto' run it"),
        ("--replications 9 needs; --jobs 2 does", "replications=9 needs; jobs=2 does"),
        ("--design lhs需要", "design='lhs'需要"),
        ("请用--out另给，或用--force覆盖", "请用out=另给，或用force=True覆盖"),
        (
            "path=start:stop:step, path=low:high or path=a,b,c",
            "(start, stop, step), (low, high) or [a, b, c]",
        ),
        ("/tmp/--out and --outer stay", "/tmp/--out and --outer stay"),
    ],
)
def test_sentences_name_arguments(said: str, english: str) -> None:
    assert sentence(said) == english


def test_axes_are_written_as_in_python_in_chinese_too() -> None:
    with speaking("zh"):
        assert (
            sentence("参数路径=起:止:步长、参数路径=下限:上限或参数路径=a,b,c")
            == "(start, stop, step)、(low, high)或[a, b, c]"
        )


def test_places_name_arguments() -> None:
    assert place("--vary start.ratio=0.7:1.0") == "vary['start.ratio']"
    assert place("--jobs -1") == "jobs=-1"
    assert place("--set") == "changes"
    assert place("a file.toml") == "a file.toml"
    assert place("--max-draws 3") == "max_draws=3"
    assert set(OPTIONS.values()) >= {"vary", "variables", "parameters", "changes"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_call_speaks_of_options(village: sim.Scenario, lang: Literal["en", "zh"], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("SIM_LANG", lang)
    full = tmp_path / "full"
    full.mkdir()
    (full / "file").write_text("mine")
    few = sim.compare(village, {"x": CUT}, replications=1)
    wrong: list[Callable[[], object]] = [
        lambda: sim.optimise(village, {}, points=1, final=1, window="x", subject_to="x", replications=0),
        lambda: sim.sensitivity(village, RANGE, method="sobol", samples=5, window="x", replications=0),
        lambda: sim.sweep(village, {"start.ratio": (0.7, 1.0)}, samples=0, design="x", draws="scenario"),
        lambda: sim.sweep(village, {"rounds.second.cut": [9.0]}, design="lhs"),
        lambda: sim.sweep(village, {"start.ratio": (0.7, 1.0)}),
        lambda: sim.sensitivity(village, {"not a key": [1.0], "start.ratio": [0.7]}),
        lambda: sim.compare(village, {"x": {"a": 1}}, max_draws=0, draws="x.csv", replications=1, jobs=-1),
        lambda: sim.compare(village, {"x": CUT}, max_draws=3),
        lambda: village.replace({"rounds.second.cut": 9}),
        lambda: village.run(0, engine="foo", records="x"),
        lambda: village.run(1, out=full),
        lambda: village.run(1, out=full, force=True),
        lambda: sim.sweep(village, AXIS, replications=1, out=full),
        lambda: sim.optimise(village, RANGE, maximise="lots_sold", points=4, replications=1, final=2, out=full),
        lambda: sim.calibrate("shanxi", out=full),
        lambda: few.brief(tmp_path / "x.txt"),
        lambda: few.brief(full / "file" / "x.pdf"),
        lambda: few.brief(full / "x.pdf", policies="y"),
    ]  # fmt: skip
    for i, call in enumerate(wrong):
        with pytest.raises(sim.SimError) as error, speaking(lang):
            pytest.fail(f"{i}: {call()!r}")
        assert "--" not in str(error.value)
        assert "path=" not in str(error.value)
        assert "路径=" not in str(error.value)
        assert (full / "file").read_text() == "mine"


# one base


@pytest.mark.parametrize(
    "name",
    [
        "calibration.outputs.OutputError", "calibration.targets.reader.defects.TargetsError",
        "sim.api.arguments.ArgumentError", "sim.api.calibrations.RefusedError", "sim.api.runs.NotKeptError",
        "sim.experiments.execution.executors.ExecutorError", "sim.experiments.execution.memory.TooLargeError",
        "sim.experiments.optimise.search.NoPolicyError", "sim.experiments.storage.checksum.DamagedError",
        "sim.experiments.storage.codebook.NoCodebookError", "sim.experiments.storage.folders.FolderError",
        "sim.experiments.storage.manifest.ManifestError", "sim.experiments.sweep.run_store.RunStoreError",
        "sim.model.engine.NotCompiledError", "sim.reporting.briefs.content.BriefError", "sim.scenario.errors.ScenarioError",
        "sim.scenario.extensions.ExtensionError",
    ],
)  # fmt: skip
def test_every_error_has_one_base_that_names_it(name: str) -> None:
    module, _, error = name.rpartition(".")
    assert issubclass(getattr(import_module(module), error), sim.SimError)
    assert f"``{error}``" in (sim.SimError.__doc__ or "")


def test_errors_of_files_are_caught_by_it(tmp_path: Path) -> None:
    with pytest.raises(sim.SimError, match="No such file"):
        sim.codebook(tmp_path / "nope.parquet")
    with pytest.raises(sim.SimError):
        sim.codebook(tmp_path)
