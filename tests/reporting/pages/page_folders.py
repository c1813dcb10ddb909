"""Small folders that tests of pages are made from."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from sim.cli.main import app

SMALL = ("arrivals.volume=0.06", "courts.number=12")
TINY = ("arrivals.volume=0.02", "courts.number=4")
AXES = {
    "start.ratio": [1.0, 0.7, 0.8],
    "rounds.second.cut": [0.0, 0.1, 0.2, 0.3],
    "disposal.payment_days": [7.0, 10.0],
}


def settings(overrides: tuple[str, ...]) -> list[str]:
    """Overrides as options."""
    return [word for one in overrides for word in ("--set", one)]


def sweep_into(out: Path) -> Path:
    """A finished sweep over ``AXES``, two replications a point."""
    vary = [
        word for path, levels in AXES.items() for word in ("--vary", f"{path}={','.join(map(str, levels))}")
    ]
    words = [
        "sweep",
        "shanxi-prior",
        *vary,
        "--replications",
        "2",
        "-j",
        "1",
        "--no-pictures",
        *settings(TINY),
    ]
    result = CliRunner().invoke(app, [*words, "--out", str(out)])
    assert result.exit_code == 0, result.output
    return out


def made(words: str, out: Path) -> Path:
    """What a command leaves in a folder, run in this process on a tiny scenario."""
    command = [*words.split(), "-j", "1", "--no-pictures", *settings(TINY), "--out", str(out)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    return out


def sensitivity_into(out: Path) -> Path:
    """A sensitivity analysis of two parameters by Morris' method, with two trajectories."""
    measures = "lots_sold,sale_rate_final,days_to_sale_mean,turnover"
    words = "sensitivity shanxi-prior -p start.ratio=0.7:1.0 -p rounds.second.cut=0:0.2 --samples 2 -n 1"
    return made(f"{words} --measure {measures}", out)


def optimise_into(out: Path) -> Path:
    """A search over two decision variables with two goals, some of the policies not allowed by the law."""
    words = "optimise shanxi-prior --variable rounds.second.cut=0:0.4 --variable start.ratio=0.5:1 --unlawful"
    return made(f"{words} --maximise lots_sold --maximise recovery --points 5 -n 1 --final 2", out)


def compare_into(out: Path) -> Path:
    """Three pairs of a small Shanxi under three policies, one of them a reform."""
    words = [
        "compare",
        "shanxi-prior",
        "cut-00",
        "start-70",
        "short-notice",
        "-n",
        "3",
        "-j",
        "1",
        "--no-pictures",
    ]
    result = CliRunner().invoke(app, [*words, *settings(SMALL), "--out", str(out)])
    assert result.exit_code == 0, result.output
    return out
