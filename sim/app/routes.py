"""What the browser may ask for, and who answers it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sim.app import comparing, downloads, figures, inside, uploads, views
from sim.app.context import AppContext
from sim.app.jobs import QUEUED, Job, RefusedError
from sim.app.lawful import check_lawful, marks
from sim.app.question import MOST, Question, QuestionError, Wrong, key_of, read_question, what_is_sound
from sim.app.security import Address, Guard, body_of, policy_of_page
from sim.app.tasks import SUMMARY
from sim.app.variables import as_on_the_page
from sim.app.words import w
from sim.locale.language import answering, usual
from sim.locale.words import LANGUAGES, other
from sim.reporting.briefs.content import BriefError
from sim.reporting.not_counted import few_draws
from sim.reporting.pages.folder_page import folder_page, folder_pages
from sim.reporting.pages.run_folder import read_manifest
from sim.reporting.pages.shell import PageError, render
from sim.scenario import ScenarioError

Answering = Callable[[AppContext, Request, str], Awaitable[Response]]
PAGES: Final[dict[str, tuple[str, ...]]] = {"/figures": ("calibrate",), "/files": ("lots",)}


def application(context: AppContext, address: Address) -> Guard:
    """The application behind its guard."""

    @asynccontextmanager
    async def lasting(app: Starlette) -> AsyncIterator[None]:
        context.jobs.start()
        yield
        await asyncio.to_thread(context.close)

    def route(path: str, answer: Answering, *methods: str) -> Route:
        return Route(path, _answered(context, answer), methods=list(methods or ("GET",)))

    routes = [
        route("/", page),
        route("/static/{name}", static),
        route("/api/check", check, "POST"),
        route("/api/run", run, "POST"),
        route("/api/inside", look_inside, "POST"),
        route("/figures", figures_page),
        route("/files", files_page),
        route("/api/audit", audit, "POST"),
        route("/api/calibrate", calibrate, "POST"),
        route("/api/lots", upload, "POST"),
        route("/jobs", listed),
        route("/api/jobs/{id}", state),
        route("/api/jobs/{id}/cancel", cancel, "POST"),
        route("/api/jobs/{id}/again", again, "POST"),
        route("/api/jobs/{id}/delete", delete, "POST"),
        route("/jobs/{id}/answer", answer_of),
        route("/jobs/{id}/page", whole_page),
        route("/jobs/{id}/files/{kind}", file),
    ]

    async def lost(request: Request, error: Exception) -> Response:
        return await _answered(context, nowhere)(request)

    handlers = {404: lost, Exception: broken}
    return Guard(Starlette(routes=routes, lifespan=lasting, exception_handlers=handlers), address)


async def broken(request: Request, error: Exception) -> Response:
    """A mistake of the program is said to be one, in the reader's language; its traceback goes to the terminal."""
    return PlainTextResponse(w("failed.own", _lang(request), what=type(error).__name__), 500)


def _answered(context: AppContext, answer: Answering) -> Callable[[Request], Awaitable[Response]]:
    """An answer in the reader's language; what is expected to go wrong is said in a sentence."""

    @wraps(answer)
    async def called(request: Request) -> Response:
        lang = request.query_params.get("lang", "")
        lang = lang if lang in LANGUAGES else usual()
        with answering(lang):
            try:
                return await answer(context, request, lang)
            except RefusedError as error:
                return PlainTextResponse(str(error), error.status)
            except (PageError, BriefError) as error:
                return PlainTextResponse(str(error), 409)
            except Exception as error:
                said = context.explained(error)
                if said is None:
                    raise
                return PlainTextResponse(said, 507 if isinstance(error, OSError) else 422)

    return called


async def nowhere(context: AppContext, request: Request, lang: str) -> Response:
    """What is not here is said in the reader's language too."""
    raise RefusedError(w("missing.page", lang), 404)


async def page(context: AppContext, request: Request, lang: str) -> Response:
    """The page, with the question of its link."""
    bases = context.bases()
    question, wrong = what_is_sound(_query(request), bases)
    loaded = await asyncio.to_thread(context.loaded, question.scenario)
    titles = await asyncio.to_thread(context.titles, lang)
    jobs = context.jobs.every()
    return HTMLResponse(views.desk_page(question, loaded, titles, jobs, lang, wrong))


def _query(request: Request) -> str:
    """The question of a link, without what only says how it is shown."""
    pairs = [(k, v) for k, v in request.query_params.multi_items() if k not in ("lang", "job")]
    return urlencode(pairs)


async def static(context: AppContext, request: Request, lang: str) -> Response:
    """Styles and scripts, by name."""
    name = request.path_params["name"]
    if name == "app.css":
        return Response(views.styles(), media_type="text/css")
    if name in views.SCRIPTS:
        return Response(views.SCRIPTS[name].read_text(encoding="utf-8"), media_type="text/javascript")
    return _missing(lang)


def _missing(lang: str) -> Response:
    return PlainTextResponse(w("missing", lang), 404)


async def _text_of(request: Request) -> str:
    """The question that a request brings. Raises ``RefusedError`` if it is too long."""
    body = await body_of(request)
    if body is None:
        raise RefusedError(w("refused.large", _lang(request)), 413)
    return body.decode("utf-8", "replace")


def _lang(request: Request) -> str:
    lang = request.query_params.get("lang", "")
    return lang if lang in LANGUAGES else usual()


async def check(context: AppContext, request: Request, lang: str) -> Response:
    """What is said of a question before it is submitted: defects, the law, the command."""
    text = await _text_of(request)
    return JSONResponse(await asyncio.to_thread(_checked, context, text, lang))


def _checked(context: AppContext, text: str, lang: str) -> dict[str, Any]:
    """What is wrong with single values stands with them, and what the law says of all others with them."""
    wrong: Wrong = {}
    found: dict[str, Any] = {
        "policies": [], "command": "", "limits": None, "refused": "", "held_against": "", "not_checked": "",
    }  # fmt: skip
    lines: list[str] = []
    with answering(lang):
        bases = context.bases()
        try:
            question = read_question(text, bases, wrong)
            base = bases[question.scenario]
            loaded = context.loaded(question.scenario)
            family = comparing.family_in_memory(question, base)
            found = views.checked(question, loaded, family.under()[1:], str(base), lang)
        except QuestionError as error:
            lines = error.lines
        except ScenarioError as error:
            lines = [str(as_on_the_page(one, lang)) for one in error.defects]
    if wrong:
        found["command"] = ""  # of another question than the one that is typed
    beside = [{key: said for (at, key), said in wrong.items() if at == place} for place in range(MOST)]
    return {**found, "defects": lines, "wrong": beside}


async def run(context: AppContext, request: Request, lang: str) -> Response:
    """Ask: a job, or the one that is there already."""
    text = await _text_of(request)

    def submitted() -> Job:
        with answering(lang):
            bases = context.bases()
            question = read_question(text, bases)
            comparing.check_question(question)
            tried = comparing.family_in_memory(question, bases[question.scenario]).under()
            check_lawful(question, context.loaded(question.scenario).scenario, tried[1:])
            titles = in_each(
                lambda one: comparing.title_of(question, context.titles(one)[question.scenario], one)
            )
            return context.jobs.submit(Job(question.key, "compare", {"query": question.query}, titles, lang))

    return await _accepted(context, submitted, lang)


async def _accepted(context: AppContext, submitted: Callable[[], Job], lang: str) -> Response:
    """How far the job is that ``submitted``, in a thread, has handed in."""
    job = await asyncio.to_thread(submitted)
    return JSONResponse(_progress(context, job, lang), 202)


def _progress(context: AppContext, job: Job, lang: str) -> dict[str, Any]:
    stopping = job.open and job.id in context.jobs.cancelled
    return views.progress(job, context.jobs.ahead(job), context.goes_on(job), stopping, lang)


async def look_inside(context: AppContext, request: Request, lang: str) -> Response:
    """Look into one policy of a question, or into the scenario as it is."""
    text = await _text_of(request)
    number = request.query_params.get("number", "")

    def submitted() -> Job:
        with answering(lang):
            question = read_question(text, context.bases())
            one = inside.only(question, int(number) if number in ("0", "1", "2", "3", "4") else -1)
            tried = comparing.family_in_memory(one, context.bases()[one.scenario]).under()
            check_lawful(one, context.loaded(one.scenario).scenario, tried[1:])
            titles = in_each(lambda lang: inside.run_title(one, context.titles(lang)[one.scenario], lang))
            key = key_of(f"inside {one.key}")
            return context.jobs.submit(Job(key, "inside", {"query": one.query}, titles, lang))

    return await _accepted(context, submitted, lang)


async def figures_page(context: AppContext, request: Request, lang: str) -> Response:
    """The form for published figures."""
    fields = figures.read_fields(request.url.query)
    return HTMLResponse(await asyncio.to_thread(views.figures_page, fields, context.jobs.every(), lang))


async def files_page(context: AppContext, request: Request, lang: str) -> Response:
    """The form for a court's file."""
    return HTMLResponse(views.files_page(context.jobs.every(), lang))


async def audit(context: AppContext, request: Request, lang: str) -> Response:
    """What the figures typed so far say of each other."""
    body = await _text_of(request)

    def made() -> dict[str, Any]:
        with answering(lang):
            try:
                section, wrong = figures.audited(figures.read_fields(body), context.work, lang)
            except QuestionError as error:
                section, wrong = None, {"": "\n".join(error.lines)}
            html = views.rendered("audit.html.j2", lang, section=section) if section else ""
            return {"defects": wrong.pop("", "").splitlines(), "fields": wrong, "html": html}

    return JSONResponse(await asyncio.to_thread(made))


async def calibrate(context: AppContext, request: Request, lang: str) -> Response:
    """Calibrate to the figures typed: a job, or the one that is there already."""
    body = await _text_of(request)

    def submitted() -> Job:
        with answering(lang):
            fields = figures.read_fields(body)
            figures.check_calibration(fields, context.work, lang)
            key = key_of(json.dumps(["calibrate", sorted(fields.items())]))
            titles = in_each(
                lambda one: w("figures.job", one, title=fields.get("title") or w("figures.untitled", one))
            )
            return context.jobs.submit(Job(key, "calibrate", {"fields": fields}, titles, lang))

    return await _accepted(context, submitted, lang)


async def upload(context: AppContext, request: Request, lang: str) -> Response:
    """Take a court's file, as the body of the request, and read it as a job; ``mapping`` says how many bytes in front are one."""
    name = request.query_params.get("name", "")
    estimate = request.query_params.get("estimate") == "1"
    shown = "".join(c for c in name if c.isprintable() and c not in "/\\")[-uploads.LONGEST :]
    ending, size = uploads.ending_of(name), uploads.size_of_mapping(request.query_params.get("mapping", ""))
    mapping, parts = await uploads.with_mapping(request.stream(), size)
    path = await uploads.taken(parts, context.uploads, ending)
    asks = {"file": path.name, "name": shown, "estimate": estimate, "mapping": mapping}
    titles = in_each(lambda one: w("files.job", one, name=shown))

    def submitted() -> Job:
        with answering(lang):
            try:
                return context.jobs.submit(Job(path.stem, "lots", asks, titles, lang))
            except BaseException:
                path.unlink(missing_ok=True)
                raise

    return await _accepted(context, submitted, lang)


async def listed(context: AppContext, request: Request, lang: str) -> Response:
    """The jobs as a list of the page that asks; all of them for the first page."""
    kinds = PAGES.get(request.query_params.get("page", "/"), ())
    found = [one for one in context.jobs.every() if not kinds or one.kind in kinds]
    rows = [views.rendered("job.html.j2", lang, job=one) for one in found]
    return HTMLResponse("\n".join(rows))


def in_each(made: Callable[[str], str]) -> dict[str, str]:
    """A text in each language."""
    return {lang: made(lang) for lang in LANGUAGES}


def _job(context: AppContext, request: Request, lang: str) -> Job:
    job = context.jobs.get(request.path_params["id"])
    if job is None:
        raise RefusedError(w("missing.job", lang), 404)
    return job


async def state(context: AppContext, request: Request, lang: str) -> Response:
    """How far a job is."""
    job = _job(context, request, lang)
    return JSONResponse(_progress(context, job, lang))


async def cancel(context: AppContext, request: Request, lang: str) -> Response:
    """Stop a job."""
    context.jobs.cancel(_job(context, request, lang).id)
    return JSONResponse({})


async def again(context: AppContext, request: Request, lang: str) -> Response:
    """Go on with a job that was stopped or has failed."""
    job = _job(context, request, lang)
    fresh = Job(job.id, job.kind, job.request, job.titles, lang)
    await asyncio.to_thread(context.jobs.submit, fresh)
    return JSONResponse({})


async def delete(context: AppContext, request: Request, lang: str) -> Response:
    """Remove a job that is not under way, and what came of it; of a file all of it, under way or not. What is gone is said in a sentence."""
    job = _job(context, request, lang)
    if job.kind == "lots":
        await asyncio.to_thread(uploads.delete, context.jobs, job, context.uploads)
    else:
        if job.state == QUEUED:  # nothing of it is under way
            context.jobs.cancel(job.id)
        await asyncio.to_thread(context.jobs.delete, job.id)
    return JSONResponse(
        {"said": w("deleted.file" if job.kind == "lots" else "deleted", lang, title=job.titles[lang])}
    )


def _answer_folder(context: AppContext, job: Job, lang: str) -> Path:
    folder = context.jobs.folder(job.id) / comparing.ANSWER
    if not job.version or not folder.is_dir():
        raise RefusedError(w("missing.answer", lang), 404)
    return folder


async def answer_of(context: AppContext, request: Request, lang: str) -> Response:
    """A job's answer as a piece of the page."""
    job = _job(context, request, lang)
    folder = _answer_folder(context, job, lang)

    def made() -> str:
        with answering(lang), context.jobs.locked(job.id):
            if (folder / SUMMARY).is_file():
                said = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
                return views.summary(job, said, calibrated(context, job), lang)
            question, gone = what_is_sound(str(job.request["query"]), context.bases())
            manifest = read_manifest(folder)
            command = comparing.command_line_of(manifest)
            page = folder_page(folder, lang)
            said = [
                *_of_chance(context, job, question, lang),
                *page.warnings,
                *_marks(context, question, lang),
            ]
            page = replace(page, warnings=[*gone, *page.warnings] if gone else said)
            first = bool(few_draws(int(manifest.get("draws") or 0), lang))
            return views.answer(page, job, command, lang, first=first)

    return HTMLResponse(await asyncio.to_thread(made))


def _of_chance(context: AppContext, job: Job, question: Question, lang: str) -> list[str]:
    """That the intervals of a first answer, at the scenario's own values, leave out what is not known of its parameters."""
    if job.kind != "compare" or context.loaded(question.scenario).draws is None:
        return []
    under = any((context.jobs.folder(job.id) / comparing.ANSWER).glob("draws.*"))
    return [] if under else [w("answer.chance", lang)]


def _marks(context: AppContext, question: Question, lang: str) -> list[str]:
    """What of a question the law of the chosen day does not allow."""
    if not question.day:
        return []
    tried = comparing.family_in_memory(question, context.bases()[question.scenario]).under()
    return marks(question, context.loaded(question.scenario).scenario, tried[1:], lang)


async def whole_page(context: AppContext, request: Request, lang: str) -> Response:
    """A job's answer as a page of its own, which holds everything that it shows."""
    job = _job(context, request, lang)
    folder = _answer_folder(context, job, lang)

    def made() -> str:
        with answering(lang), context.jobs.locked(job.id):
            for name in (f"page-{lang}.html", "report.html"):
                if (folder / name).is_file():
                    return (folder / name).read_text(encoding="utf-8")
            return render(*folder_pages(folder, (lang, other(lang))))

    html = await asyncio.to_thread(made)
    return HTMLResponse(html, headers={"content-security-policy": policy_of_page(html)})


async def file(context: AppContext, request: Request, lang: str) -> Response:
    """A file of a job's answer, by its kind: no name that a browser sends is the name of a file."""
    job, kind = _job(context, request, lang), request.path_params["kind"]
    folder = _answer_folder(context, job, lang)
    if kind not in views.downloads(job):
        return _missing(lang)

    def read() -> bytes:
        with answering(lang), context.jobs.locked(job.id):
            return downloads.content(context, job, folder, kind, lang)

    try:
        content = await asyncio.to_thread(read)
    except FileNotFoundError:
        return _missing(lang)
    name = quote(f"{w('file.answer', lang)}-{job.id[:6]}.{kind}")
    head = {"content-disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(content, media_type=downloads.TYPES[kind], headers=head)


def calibrated(context: AppContext, job: Job) -> str:
    """The scenario that a calibration has made; empty if it has made none."""
    name = figures.stem_of(job.request["fields"]) if job.kind == "calibrate" else ""
    return name if name in context.bases() else ""
