"""A court's own file: taken in pieces up to a limit, read in a process of its own, and removed as soon as nothing is computed of it any
more. Where that was stopped, the file stays so that it can go on, until its job is deleted.

What stays is what its mapped columns say: tables and pages. Columns that no mapping knows are never written anywhere else.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sim.app.comparing import ANSWER
from sim.app.jobs import DONE, CancelledError, Handle, Job, Jobs, RefusedError
from sim.app.own_process import FailedError, StoppedError, in_own_process
from sim.app.question import QuestionError
from sim.app.words import w
from sim.locale.foreign import reason
from sim.locale.language import said, spoken
from sim.scenario import ScenarioError
from sim.scenario.errors import brief, joined

LARGEST: Final = 50_000_000  # bytes
LARGEST_MAPPING: Final = 100_000  # bytes
MAPPING: Final = (
    "mapping.toml"  # in an answer: by which a file was read, or what to complete so that it can be
)
ENDINGS: Final = (".csv", ".tsv", ".txt", ".xlsx", ".parquet", ".pq")
MEMORY: Final = 4_000_000_000  # bytes that reading may take
SECONDS: Final = 600.0  # that reading may take;
ESTIMATING: Final = 3600.0  # and then the estimate: minutes, on a slow machine that does something else a good part of an hour
STOPPING: Final = 10.0  # seconds that reading may take to stop
LONGEST: Final = 120  # characters of a name


def ending_of(name: str) -> str:
    """How the name of a file ends. Raises ``RefusedError`` where no file ends so that could be read."""
    ending = Path(name[-LONGEST:]).suffix.lower()
    if ending not in ENDINGS:
        raise RefusedError(w("refused.ending", spoken(), names=joined(ENDINGS)), 415)
    return ending


async def with_mapping(parts: AsyncIterator[bytes], size: int) -> tuple[str, AsyncIterator[bytes]]:
    """The mapping in front of a file, its first ``size`` bytes, and what follows it."""
    first = bytearray()
    if size:
        async for part in parts:
            first += part
            if len(first) >= size:
                break

    async def left() -> AsyncIterator[bytes]:
        if len(first) > size:
            yield bytes(first[size:])
        async for part in parts:
            yield part

    return first[:size].decode("utf-8", "replace"), left()


def size_of_mapping(given: str) -> int:
    """How many bytes of what is sent are a mapping. Raises ``RefusedError`` where they are too many."""
    size = int(given) if given.isascii() and given.isdigit() and len(given) < 12 else 0
    if size > LARGEST_MAPPING:
        raise RefusedError(w("refused.mapping", spoken(), most=f"{LARGEST_MAPPING / 1e3:,.0f}"), 413)
    return size


async def taken(parts: AsyncIterator[bytes], folder: Path, ending: str) -> Path:
    """Write what is sent into a file of a name of ours. Raises ``RefusedError`` where it is too large or empty, or cannot be written."""
    path = folder / f"{secrets.token_hex(8)}{ending}"
    size = 0
    try:
        with path.open("wb") as file:
            async for part in parts:
                size += len(part)
                if size > LARGEST:
                    raise RefusedError(w("refused.upload", spoken(), most=f"{LARGEST / 1e6:,.0f}"), 413)
                file.write(part)
        if not size:
            raise RefusedError(w("refused.no_bytes", spoken()), 422)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise RefusedError(w("refused.disk", spoken(), why=reason(error)), 507) from None
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def known_columns(lang: str) -> dict[str, list[str]]:
    """What files are recognised: what each is called, and the columns that it must have, the names of one side by side."""
    from calibration.lots.mapping import presets

    found = {}
    for one in presets().values():
        needed = [" / ".join(entry.names) for _, entry in one.entries() if not entry.optional]
        found[w("files.kind", lang, title=one.title(lang), name=one.name)] = needed
    return found


def needed_columns(lang: str) -> list[str]:
    """What a mapping has to name."""
    from calibration.lots.template import needed

    return needed(lang)


def defects_of(error: ScenarioError, path: Path, name: str) -> list[str]:
    """Why a file is not read: under the name that its owner knows, and what can be done here, where no option can be given."""
    lang = spoken()
    elsewhere = said("lots.give_mapping")
    here = w("files.no_mapping", lang, known=w("files.known", lang), mapping=w("files.mapping", lang))
    return [
        str(
            replace(
                one,
                file=one.file.replace(brief(path), name),
                hint=here if one.hint == elsewhere else one.hint,
            )
        )
        for one in error.defects
    ]


def path_of(job: Job, folder: Path) -> Path:
    """Where the file of a job is, among those of ``folder``, while it is kept."""
    return folder / str(job.request["file"])


def delete(jobs: Jobs, job: Job, folder: Path) -> None:
    """Remove all of a file at once: stop its reading, what came of it, and the file itself, which a stopped job may still have."""
    jobs.cancel(job.id)
    jobs.ended(job, STOPPING)
    jobs.delete(job.id)
    path_of(job, folder).unlink(missing_ok=True)


def swept(jobs: Jobs, folder: Path) -> None:
    """Remove files that no job will read, as an end of the program in the middle of an upload leaves them."""
    wanted = {
        str(job.request["file"]) for job in jobs.every(None) if job.kind == "lots" and job.state != DONE
    }
    for path in folder.iterdir():
        if path.name not in wanted:
            path.unlink(missing_ok=True)


def work(folder: Path) -> Callable[[Handle], None]:
    """What is done with a file of ``folder``, which is removed at the end, unless it may go on another time."""

    def done(handle: Handle) -> None:
        path = path_of(handle.job, folder)
        if not path.is_file():
            raise RefusedError(w("lots.gone", spoken()))
        try:
            _read_and_estimated(handle, path)
        except (CancelledError, StoppedError, OSError):
            raise
        except BaseException:
            if not handle.ending:  # else it is read when the program starts again
                path.unlink(missing_ok=True)
            raise
        path.unlink(missing_ok=True)
        handle.answered(final=True)

    return done


def _read_and_estimated(handle: Handle, path: Path) -> None:
    """Both, one after the other; what was read before stands, and is not read again."""
    request, out = handle.job.request, handle.folder / ANSWER
    given = {
        "file": str(path), "name": str(request["name"]), "out": str(out), "mapping": str(request.get("mapping", "")),
    }  # fmt: skip
    try:
        if not out.is_dir():
            in_own_process(handle, "lots", given, memory=MEMORY, seconds=SECONDS)
        if request["estimate"]:
            handle.answered()  # what the rows say can be looked at meanwhile, and stays whatever becomes of the estimate
            _estimated(handle, given)
    except (RefusedError, QuestionError):
        if out.is_dir():  # which columns the file has, or what it says
            handle.answered()
        raise


def _estimated(handle: Handle, given: Mapping[str, Any]) -> None:
    """The estimate beside what was read. Raises ``FailedError`` with what is there all the same."""
    try:
        in_own_process(handle, "estimate", given, memory=MEMORY, seconds=ESTIMATING)
    except FailedError as error:
        raise type(error)(w("failed.estimate", spoken(), why=str(error))) from None
