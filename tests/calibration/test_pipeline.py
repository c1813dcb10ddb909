"""The order of the steps of a calibration, the steps themselves taken out."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import small
from typer.testing import CliRunner

from calibration import pipeline
from calibration.cli.main import app
from calibration.settings import QUICK


class NoWorkers:
    """Workers that hold a model and are asked for nothing."""

    def __init__(self, model: Any, *_: object) -> None:
        self.model = model

    def __enter__(self) -> NoWorkers:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def sampled(
    monkeypatch: pytest.MonkeyPatch, evidence: tuple[Any, ...], variants: bool, own: tuple[Any, ...] = ()
) -> list[str]:
    """The answers that are sampled, in order. ``own``: facts of the court's own rows, which touch no window."""
    found: list[str] = []
    targets = SimpleNamespace(evidence=evidence, seed=1)
    main = SimpleNamespace(posteriors=[SimpleNamespace(one=SimpleNamespace(interpretation="the one"))])

    def one(workers: NoWorkers, name: str, interpretations: list[str], *_: object) -> str:
        assert interpretations == ["the one"]
        found.append(name)
        return name

    fakes = {
        "audit": lambda targets: [], "ruled_out": lambda findings: {}, "followed": lambda *_: ["the one"],
        "inflows": lambda *_: [], "without_end": lambda *_: [], "Workers": NoWorkers,
        "ForwardModel": lambda targets, *_: SimpleNamespace(targets=targets, every=[]),
        "_main": lambda *_: (main, np.empty((0, 2)), None), "_prior": lambda workers: np.empty(0),
        "_sampled": one, "_changed": lambda targets: {"narrow": targets, "wide": targets}, "_predict": lambda result: None,
        "chosen": lambda evidence, role: evidence, "own": lambda evidence: own, "beside_rows": lambda targets: targets,
        "_apart": lambda *_: {name: one(NoWorkers(None), name, ["the one"]) for name in ("figures", "rows")},
        "policy": SimpleNamespace(questions=lambda model: [], effects=lambda *_: np.empty(0)),
    }  # fmt: skip
    for name, fake in fakes.items():
        monkeypatch.setattr(pipeline, name, fake)
    result = pipeline.run(targets, QUICK, 1, None, lambda *_: None, variants)  # type: ignore[arg-type]
    assert list(result.variants) == found
    return found


def test_with_facts_they_are_left_out_once_and_doubted_once(monkeypatch):
    assert sampled(monkeypatch, ("a fact",), True) == ["figures", "doubled", "narrow", "wide"]


def test_beside_own_rows_figures_alone_are_there_once_whether_or_not_rows_touch_a_window(monkeypatch):
    """They once were missing where the rows touched none."""
    assert sampled(monkeypatch, ("a fact",), True, ("a fact",)) == ["doubled", "figures", "rows", "narrow", "wide"]  # fmt: skip


def test_without_facts_other_priors_are_looked_at_all_the_same(monkeypatch):
    """There the answer without the facts would be the main one; other priors once failed for want of it."""
    assert sampled(monkeypatch, (), True) == ["narrow", "wide"]


def test_without_variants_there_is_the_main_answer_alone(monkeypatch):
    assert sampled(monkeypatch, ("a fact",), False) == []


@pytest.mark.parametrize(("lang", "words"), [("en", "rule out all that it may stand for"), ("zh", "全部被公布值自身排除")])  # fmt: skip
def test_figures_that_rule_out_every_interpretation_are_refused_before_anything_is_simulated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, words: str
) -> None:
    """A premium of 20 % is no price over start, which lies above 1: and that is all that it may stand for here."""
    path = tmp_path / "ratio.toml"
    path.write_text(
        small.TARGETS.replace("premium_mean =", "premium_mean_ratio =").replace(
            "premium_turnover =", "premium_turnover_ratio ="
        ),
        encoding="utf-8",
    )
    monkeypatch.setattr(pipeline, "inflows", lambda *_: pytest.fail("the simulator was run"))
    done = CliRunner().invoke(
        app, ["run", str(path), "-j", "1", "--out", str(tmp_path / "out"), "--lang", lang]
    )
    assert done.exit_code == 2, done.output
    assert words in done.stderr
    assert "definitions.premium" in done.stderr
    assert "premium_mean_ratio" in done.stderr
    assert "sale_rate" not in done.stderr


def efforts_of(monkeypatch: pytest.MonkeyPatch, below: dict[str, float], weighs: dict[str, float]) -> tuple[list[tuple[str, str]], list[str]]:  # fmt: skip
    """With which effort each interpretation is sampled, in order, and of which effort the posteriors are that answer.

    ``below``: log points below the best; ``weighs``: log marginal likelihoods.
    """
    done: list[tuple[str, str]] = []

    class Workers(NoWorkers):
        def do(self, name: str, step: Any, tasks: list[Any]) -> list[Any]:
            if name == "nearest":
                return [-100.0 - below[one.key] for _, (one, *_) in tasks]
            asked = [(one.key, str(effort)) for _, (one, *_, effort) in tasks]
            done.extend(asked)
            return asked

    monkeypatch.setattr(pipeline, "density", lambda model, one, *_: one)
    monkeypatch.setattr(
        pipeline, "posterior", lambda one, run: SimpleNamespace(one=SimpleNamespace(interpretation=one), log_marginal=weighs[one.key], run=run)
    )  # fmt: skip
    monkeypatch.setattr(pipeline, "_answered", lambda workers, name, posteriors, settings: posteriors)
    workers = Workers(SimpleNamespace(targets=SimpleNamespace(seed=1)))
    found = pipeline._sampled(
        workers, "evidence", [SimpleNamespace(key=key, weight=1.0 / len(below)) for key in below], (), 1.0,  # type: ignore[arg-type, misc]
        SimpleNamespace(effort="full", lesser="lesser"),  # type: ignore[arg-type]
    )  # fmt: skip
    return done, [p.run[1] for p in found]  # type: ignore[attr-defined, union-attr]


def test_an_interpretation_that_weighs_next_to_nothing_is_sampled_less(monkeypatch):
    done, kept = efforts_of(
        monkeypatch, {"best": 0.0, "near": 3.9, "weak": 8.0, "hopeless": 9.1}, {"best": 0.0, "near": -1.0, "weak": -4.0}
    )  # fmt: skip
    assert done == [("best", "full"), ("near", "full"), ("weak", "lesser")]
    assert kept == ["full", "full", "lesser"]


def test_one_that_turns_out_to_weigh_is_sampled_again_like_the_others(monkeypatch):
    done, kept = efforts_of(monkeypatch, {"best": 0.0, "weak": 8.0}, {"best": 0.0, "weak": -1.0})
    assert done == [("best", "full"), ("weak", "lesser"), ("weak", "full")]
    assert kept == ["full", "full"]
