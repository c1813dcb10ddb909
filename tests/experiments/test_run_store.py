"""The store: the same bytes in whichever pieces, nothing half-written, damage found, changes refused."""

from __future__ import annotations

import errno
import io
import itertools
import json
import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from signing import changed, sign
from sweeps import make_sweep, outcome, run

from sim.experiments.execution.executors import Given
from sim.experiments.storage.checksum import DamagedError, json_with_checksum
from sim.experiments.sweep import chunks
from sim.experiments.sweep import run_store as module
from sim.experiments.sweep.results import RESULTS, SUMMARY, layout
from sim.experiments.sweep.run_store import DESIGN, FAILED, MANIFEST, RunStore, RunStoreError
from sim.experiments.sweep.scheduler import StoppedError
from sim.experiments.sweep.sweep import chunk_size, differences, open_sweep, run_failed, run_missing


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """The hash of the sweep, run in order without anything happening."""
    store = make_sweep(tmp_path_factory.mktemp("expected") / "s")
    run(store)
    return outcome(store)


def test_results_are_the_work_and_failures_are_rows(tmp_path):
    store = make_sweep(tmp_path / "s", replications=3)
    progress = run(store)
    assert (progress.done, progress.failed) == (60, 4)
    outcome(store)
    table = pd.read_parquet(tmp_path / "s" / RESULTS)
    assert table["point"].tolist() == [p for p in range(20) for _ in range(3)]
    assert table["replication"].tolist() == [0, 1, 2] * 20
    good = table[table["error"].isna()]
    assert good["sum"].tolist() == good["x"].tolist()
    failed = table[table["error"].notna()]
    assert list(zip(failed["point"], failed["replication"], strict=True)) == [
        (7, 1),
        (13, 0),
        (13, 1),
        (13, 2),
    ]
    assert failed["sum"].isna().all()
    assert failed["error"].iloc[0].startswith("Traceback")
    assert "ZeroDivisionError: x is seven" in failed["error"].iloc[0]
    files = [line.split('"')[1] for line in failed["error"].iloc[0].splitlines() if "File" in line]
    assert files == ["sim/experiments/sweep/chunks.py", "tests/experiments/workloads.py"], (
        "no machine's folders"
    )
    summary = pd.read_csv(tmp_path / "s" / SUMMARY)
    seven = summary[(summary["point"] == 7) & (summary["measure"] == "noise")].iloc[0]
    noisy = good[good["point"] == 7]["noise"]
    assert seven["replications"] == 2
    assert seven["mean"] == pytest.approx(noisy.mean())
    assert seven["sd"] == pytest.approx(noisy.std())


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_the_pieces_do_not_matter(tmp_path, expected, chunk):
    store = make_sweep(tmp_path / "s", chunk=chunk)
    run(store)
    assert outcome(store) == expected


def test_the_order_does_not_matter(tmp_path, expected):
    store = make_sweep(tmp_path / "s")
    for chunk in reversed(list(store.todo(store.state()))):
        chunks.make(chunk)
    assert outcome(store) == expected


def test_expanding_gives_what_more_replications_from_the_start_would(tmp_path, expected):
    store = make_sweep(tmp_path / "s", replications=2)
    run(store)
    store.expand(3)
    assert RunStore(store.folder).replications == 5
    with pytest.raises(RunStoreError, match="has not been run"):
        outcome(store)
    run(RunStore(store.folder))
    assert outcome(store) == expected


def test_shards_are_a_partition(tmp_path, expected):
    store = make_sweep(tmp_path / "s")
    parts = [[chunk.name for chunk in store.todo(store.state(), (i, 3))] for i in (1, 2, 3)]
    assert sorted(itertools.chain(*parts)) == sorted(chunk.name for chunk in store.todo(store.state()))
    for i in (3, 1, 2):
        run(RunStore(store.folder), part=(i, 3))
    assert outcome(store) == expected


@pytest.mark.parametrize("threads", [1, 3])
def test_any_executor_will_do(tmp_path, expected, threads):
    store = make_sweep(tmp_path / "s", chunk=3)
    with ThreadPoolExecutor(threads) as executor:
        run(store, Given(executor, 2 * threads))
    assert outcome(store) == expected


def test_the_whole_design_is_on_disk_before_the_first_run(tmp_path):
    store = make_sweep(tmp_path / "s")
    again = RunStore(tmp_path / "s")
    assert (again.points, again.runs, again.state().missing) == (20, 100, 25)
    assert again.design.values(0, 20) == {"x": [float(i) for i in range(20)]}
    assert list((tmp_path / "s" / chunks.FOLDER).iterdir()) == []
    assert [p.name for p in tmp_path.iterdir()] == ["s"], "no temporary folder is left"
    assert make_sweep(tmp_path / "s").sweep == store.sweep, "the same sweep is opened"
    with pytest.raises(RunStoreError, match="holds another sweep"):
        make_sweep(tmp_path / "s", pause=1e-9)


def test_fail_fast_stops_at_the_first_failure(tmp_path):
    store = make_sweep(tmp_path / "s")
    with pytest.raises(StoppedError, match="--fail-fast"):
        run(store, fail_fast=True)
    assert 0 < store.state().missing < 25


def test_a_full_disk_stops_the_sweep_and_costs_nothing(tmp_path, expected, monkeypatch):
    store = make_sweep(tmp_path / "s")
    real, written = os.fsync, []

    def full(handle):
        if len(written) == 10:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(real(handle))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoppedError, match="No space left on device"):
        run(store)
    monkeypatch.undo()
    assert store.state().missing == 25 - 10
    assert not list((tmp_path / "s" / chunks.FOLDER).glob(".*")), "no half-written file is left"
    run(RunStore(store.folder))
    assert outcome(store) == expected


def test_a_file_cut_off_counts_as_missing_and_is_made_again(tmp_path, expected):
    store = make_sweep(tmp_path / "s")
    run(store)
    files = sorted((tmp_path / "s" / chunks.FOLDER).iterdir())
    files[3].write_bytes(files[3].read_bytes()[:-100])
    files[5].write_bytes(b"")
    state = store.state()
    assert (state.missing, state.damaged) == (2, 2)
    run(store)
    assert sorted(p.name for p in (tmp_path / "s" / "damaged").iterdir()) == [files[3].name, files[5].name]
    assert outcome(store) == expected


def test_a_file_with_a_changed_byte_is_found_when_it_is_read(tmp_path, expected):
    store = make_sweep(tmp_path / "s")
    run(store)
    file = sorted((tmp_path / "s" / chunks.FOLDER).iterdir())[4]
    content = bytearray(file.read_bytes())
    content[40] ^= 0xFF
    file.write_bytes(content)
    with pytest.raises(RunStoreError, match=r"is damaged.*sim sweep resume"):
        outcome(store)
    assert store.state().missing == 1
    run(store)
    assert outcome(store) == expected


def test_no_changed_byte_goes_through(tmp_path):
    store = make_sweep(tmp_path / "s", replications=3, chunk=60)
    run(store)
    (file,) = (tmp_path / "s" / chunks.FOLDER).iterdir()
    content = file.read_bytes()
    for i in range(0, len(content), 7):
        changed = bytearray(content)
        changed[i] ^= 0x55
        file.write_bytes(changed)
        with pytest.raises(DamagedError, match="checksum"):
            chunks.read(file)


def test_failed_runs_alone_are_made_again(tmp_path):
    store = make_sweep(tmp_path / "s")
    run(store)
    assert store.state().failed_runs == 6
    again = [run_ for chunk in store.failures(store.state()) for run_ in chunk.only]
    assert again == [7 * 5 + 1, *range(65, 70)]
    with ThreadPoolExecutor(1) as executor:
        progress = run_failed(store, Given(executor, 1))
    assert (progress.done, progress.failed, store.state().failed_runs) == (6, 6, 6), "they fail again"
    # One that succeeds takes the place of the old row, and the count in the file's name goes down.
    (number, index) = next(
        (n, i) for n, c in enumerate(store.state().chunks) for i, x in enumerate(c) if x == FAILED
    )
    chunk = next(store.failures(store.state()))
    rows = store.read_chunk(number, index)
    at = chunk.only[0] - chunk.start
    chunks.leave(chunk, chunks.Rows(rows.values[at : at + 1] * 0.0 + 1.0, [None]))
    assert store.state().failed_runs == 5
    assert len(list((tmp_path / "s" / chunks.FOLDER).iterdir())) == 25


def test_what_has_changed_is_named_and_refused_unless_forced(tmp_path, monkeypatch):
    assert differences(make_sweep(tmp_path / "now")) == []
    then = module.provenance(module.SWEEP) | {"numpy": "1.0", "code": "abc"}
    with monkeypatch.context() as patch:
        patch.setattr(module, "provenance", lambda root: then)
        make_sweep(tmp_path / "s")
    (tmp_path / "s" / "scenario.toml").write_text("# edited")
    with pytest.raises(RunStoreError) as caught:
        open_sweep(tmp_path / "s", False, lambda what: None)
    for words in ("numpy: 1.0 then", "code: abc then", "scenario.toml: not as the sweep left it", "--force"):
        assert words in str(caught.value)
    said = []
    opened = open_sweep(tmp_path / "s", True, said.extend)
    assert len(said) == 3
    (record,) = RunStore(opened.folder).sweep["overruled"]
    assert record["although"] == said


def test_the_same_sweep_of_other_code_is_opened_and_says_so(tmp_path, monkeypatch):
    make_sweep(tmp_path / "s")
    now = module.provenance(module.SWEEP)
    monkeypatch.setattr(module, "provenance", lambda root: now | {"numpy": "9.9"})
    again = make_sweep(tmp_path / "s")
    assert again.changed() == [f"numpy: {now['numpy']} then, 9.9 now"]
    with pytest.raises(RunStoreError, match="holds another sweep"):
        make_sweep(tmp_path / "s", pause=1e-9)


def test_no_results_are_joined_under_a_changed_design(tmp_path):
    store = make_sweep(tmp_path / "s")
    run(store)
    other = make_sweep(tmp_path / "t")
    (tmp_path / "s" / DESIGN).write_bytes((tmp_path / "t" / DESIGN).read_bytes() + b" ")
    with pytest.raises(RunStoreError, match="is damaged"):
        outcome(store)
    assert other.design.paths == ["x"]


def test_a_changed_design_cannot_be_forced(tmp_path):
    make_sweep(tmp_path / "s")
    (tmp_path / "s" / DESIGN).write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(RunStoreError, match="the command that made it makes it again"):
        open_sweep(tmp_path / "s", True, lambda what: None)


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_a_damaged_manifest_is_reported(tmp_path, content):
    make_sweep(tmp_path / "s")
    (tmp_path / "s" / MANIFEST).write_text(content)
    with pytest.raises(RunStoreError, match=r"manifest.json is damaged"):
        RunStore(tmp_path / "s")


@pytest.mark.parametrize("content", ["{}", '{"sweep": {}}', '{"sweep": {"batches": [{"a": 1}]}}'])
def test_a_manifest_of_an_earlier_version_is_not_called_damaged(tmp_path, content):
    make_sweep(tmp_path / "s")
    (tmp_path / "s" / MANIFEST).write_text(content)
    with pytest.raises(
        RunStoreError, match=r"manifest.json: it has no checksum: an earlier version wrote it"
    ):
        RunStore(tmp_path / "s")


def test_no_sweep_is_reported(tmp_path):
    with pytest.raises(RunStoreError, match="no such folder"):
        RunStore(tmp_path / "none")
    with pytest.raises(RunStoreError, match=r"has no manifest\.json"):
        RunStore(tmp_path)


def test_chunks_take_some_seconds_and_leave_enough_for_all():
    assert chunk_size(0.05, 100_000, 2) == 40
    assert chunk_size(1e-9, 1_000_000, 2) == 5_000
    assert chunk_size(10.0, 1_000, 2) == 1
    assert chunk_size(float("inf"), 1_000, 2) == 1
    assert chunk_size(0.001, 160, 2) == 10
    assert chunk_size(0.001, 3, 8) == 1


def test_columns_of_measures_become_rows():
    columns = [(w, b, m) for w in ("2018/H1", "all") for b in ("event", "cohort") for m in ("sold", "rate")]
    found = layout(columns)
    assert found.groups == [("2018/H1", "event"), ("2018/H1", "cohort"), ("all", "event"), ("all", "cohort")]
    assert found.measures == ["sold", "rate"]
    assert [found.column("rate", "all", "event"), found.column("sold", "2018/H1", "cohort")] == [5, 2]
    with pytest.raises(KeyError, match="price is not among"):
        found.column("price")
    assert layout(["sum", "noise"]).keys == ()
    assert layout(["sum", "noise"]).column("noise") == 1


def chunk_files(store: RunStore) -> list[Path]:
    return sorted((store.folder / chunks.FOLDER).iterdir())


def renamed(path: Path, content: bytes, like: Path | None = None) -> Path:
    """A chunk's file with another content and the checksum that belongs to it, under the name of ``like``."""
    name, failed, _, end = (like or path).name.split(".")
    path.unlink()
    target = path.with_name(f"{name}.{failed}.{zlib.crc32(content):08x}.{end}")
    target.write_bytes(content)
    return target


def parquet(**columns: object) -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame(columns).to_parquet(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"PAR1PAR1", parquet(a=[1, 2]), parquet(values=[1.0] * 4, error=[None] * 4), parquet(values=[[1.0, 2.0]] * 4)],
)  # fmt: skip
def test_a_foreign_table_with_a_right_checksum_is_set_aside_and_run_again(tmp_path, expected, content):
    store = make_sweep(tmp_path / "s")
    run(store)
    foreign = renamed(chunk_files(store)[4], content)
    with pytest.raises(
        RunStoreError, match=rf"{foreign.name} is damaged .*it was moved to .*sim sweep resume"
    ):
        outcome(store)
    assert store.state().missing == 1
    run(store)
    assert outcome(store) == expected


@pytest.mark.parametrize("other", ["the next chunk", "another sweep"])
def test_a_chunk_under_the_name_of_another_is_not_taken_for_it(tmp_path, expected, other):
    store, stranger = make_sweep(tmp_path / "s"), make_sweep(tmp_path / "t", pause=1e-9)
    for one in (store, stranger):
        run(one)
    files = chunk_files(store)
    content = (files[5] if other == "the next chunk" else chunk_files(stranger)[4]).read_bytes()
    renamed(files[4], content)
    with pytest.raises(RunStoreError, match="it is not a file of this chunk"):
        outcome(store)
    run(store)
    assert outcome(store) == expected


def test_going_on_finds_every_damaged_chunk_by_itself_and_runs_it_again(tmp_path, expected):
    """Not only those that are cut off: with one bit flipped, ``resume`` used to find nothing to do, and then to fail."""
    store = make_sweep(tmp_path / "s")
    run(store)
    for path in chunk_files(store)[3:5]:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    assert (store.state().missing, store.state(thorough=True).missing) == (0, 2)
    with ThreadPoolExecutor(1) as executor:
        progress = run_missing(RunStore(store.folder), Given(executor, 1))
    assert (progress.runs, progress.done, progress.damaged) == (8, 8, 2)
    assert outcome(store) == expected


def test_two_models_are_never_mixed_in_one_table(tmp_path):
    """With other arguments in the manifest and half the chunks gone, what is left of the old ones is not used."""
    store = make_sweep(tmp_path / "s")
    run(store)
    for path in chunk_files(store)[::2]:
        path.unlink()
    path = tmp_path / "s" / MANIFEST
    content = json.loads(path.read_text())
    content["sweep"]["work"]["arguments"]["pause"] = 1e-9
    path.write_text(json.dumps(content))
    with pytest.raises(RunStoreError, match="is damaged: its checksum"):
        RunStore(tmp_path / "s")
    path.write_bytes(json_with_checksum(content))
    with pytest.raises(RunStoreError, match="it was changed by hand"):
        RunStore(tmp_path / "s")
    sign(tmp_path / "s")
    assert RunStore(tmp_path / "s").state().missing == 25, "none of the old ones is of this sweep"


def test_a_scenario_in_the_manifest_that_is_not_the_one_that_is_run_is_refused(tmp_path):
    make_sweep(tmp_path / "s")
    changed(tmp_path / "s", scenario="title = 'another'")
    with pytest.raises(RunStoreError, match="it was changed by hand"):
        RunStore(tmp_path / "s")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"batches": [{"first": 0, "count": 5, "chunk": 0}]}, "sweep.sweep.batches.0.chunk: Input should be greater than or equal to 1 (it is 0)"),
        ({"batches": [{"first": 0, "count": 5, "chunk": True}]}, "chunk: Input should be a valid integer (it is True)"),
        ({"batches": [{"first": 0, "count": 5, "chunk": 4}, {"first": 9, "count": 1, "chunk": 4}]}, "each begins where the one before ends"),
        ({"batches": []}, "batches: List should have at least 1 item"),
        ({"points": "20"}, "points: Input should be a valid integer (it is '20')"),
        ({"points": 20.0}, "points: Input should be a valid integer (it is 20.0)"),
        ({"points": 10**18}, "points: Input should be less than or equal to"),
        ({"points": 10**9}, "too many chunks, the most are 100,000,000"),
        ({"columns": "sum"}, "columns: Input should be a valid list"),
        ({"coded": ["z"]}, "paths: one of each, and coded among them"),
        ({"code": None}, "code: Input should be a valid dictionary"),
        ({"work": {"work": "Sums"}}, "work.arguments: Field required"),
    ],
)  # fmt: skip
def test_wrong_values_with_right_checksums_end_in_a_sentence(tmp_path, values, message):
    make_sweep(tmp_path / "s")
    sign(tmp_path / "s", **values)
    with pytest.raises(RunStoreError) as error:
        RunStore(tmp_path / "s")
    assert message in str(error.value)


def test_all_wrong_values_are_reported_at_once(tmp_path):
    make_sweep(tmp_path / "s")
    sign(tmp_path / "s", points="20", columns=[])
    changed(tmp_path / "s", packages=[], seed=-1)
    with pytest.raises(RunStoreError) as error:
        RunStore(tmp_path / "s")
    for words in ("packages: ", "seed: ", "sweep.points: ", "sweep.columns: "):
        assert words in str(error.value)


def test_another_number_of_points_than_the_design_has_is_refused(tmp_path):
    make_sweep(tmp_path / "s")
    sign(tmp_path / "s", points=19)
    with pytest.raises(RunStoreError, match="it has other points than the manifest says"):
        list(RunStore(tmp_path / "s").todo(RunStore(tmp_path / "s").state()))


@pytest.mark.parametrize(
    "spoil", [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:-9])]
)
def test_a_damaged_design_is_made_again_by_the_command_that_made_it(tmp_path, expected, spoil):
    run(make_sweep(tmp_path / "s"))
    spoil(tmp_path / "s" / DESIGN)
    with pytest.raises(
        RunStoreError, match=r"design.parquet is damaged .*; the command that made it makes it again"
    ):
        outcome(RunStore(tmp_path / "s"))
    with pytest.raises(RunStoreError, match="holds another sweep"):
        make_sweep(tmp_path / "s", pause=1e-9)
    store = make_sweep(tmp_path / "s")
    assert store.state().missing == 0
    assert outcome(store) == expected
