"""The time left is shown once there is a rate, leaves out what came before it, and does not count up between two pieces."""

from math import isnan

from sim.app.jobs import RUNNING, Job
from sim.app.views import said_of
from sim.reporting.pace import PIECES, SECONDS, Pace


def test_nothing_is_said_before_there_is_a_rate() -> None:
    """A first piece comes after everything has been loaded: by it, two hours would be left of ten minutes."""
    pace = Pace()
    assert isnan(pace.left(0.0))
    pace.tick(0, 80, 0.0)
    for at, done in ((60.0, 1), (61.0, 1 + PIECES)):
        pace.tick(done, 80, at)
        assert isnan(pace.left(at + 100.0))  # too few pieces, or too few seconds
    pace.tick(10, 80, 60.0 + SECONDS + 8.0)
    assert pace.left(60.0 + SECONDS + 8.0) == (SECONDS + 8.0) / 9 * 70


def test_runs_that_were_kept_are_no_rate() -> None:
    pace = Pace()
    for at, done in ((0.0, 0), (0.1, 500), (20.0, 510)):
        pace.tick(done, 520, at)
    assert pace.left(20.0) == 19.9


def test_between_two_pieces_it_only_counts_down_and_ends_at_one_piece() -> None:
    pace = Pace()
    for done in range(5):
        pace.tick(done, 8, 10.0 * done)
    seen = [pace.left(40.0 + wait) for wait in range(100)]
    assert seen[0] == 40.0
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] == 10.0
    pace.tick(1, 8, 200.0)  # from the beginning: another step
    assert isnan(pace.left(200.0))


def test_the_application_says_a_time_as_soon_as_there_is_a_rate() -> None:
    job = Job("x", "compare", {}, {}, "en", state=RUNNING, done=4, total=12, what="compare")
    assert "more" not in said_of(job, 0, False, "en")
    for at, done in ((0.0, 1), (30.0, 4)):
        job.pace.tick(done, 12, at)
    assert "more" in said_of(job, 0, False, "en")
    assert job.remaining is not None
