"""The report in sentences: what a judge reads first."""

from __future__ import annotations

import numpy as np

from calibration.audit import report as audit_report
from calibration.audit.words import figure_name
from calibration.history import CUT
from calibration.report import fit_tables, parameter_tables, policy_tables, tables
from calibration.report.mixture import mixture
from calibration.report.tables import Row
from calibration.result import Case, Result
from calibration.words import w
from sim.report import formats
from sim.report.page.shell import Notes

FURTHEST = 4  # predictions that missed, told on the first page
JOIN = {"zh": "、", "en": ", "}


def headline(result: Result, rows: list[Row], lang: str) -> str:
    """The answer in one line."""
    if not rows:
        return w("headline.none", lang)
    row = main_policy(rows)
    recovery = policy_tables.best(rows, "all", row["policy"], "recovery_all")
    key = {0: "unknown", 1: "up", -1: "down"}[recovery["sign"]]
    least, most = (tables.signed_number(100 * row[f"effect_{k}"]) for k in ("least", "most"))
    effect = f"{least} to {most}" if lang == "en" else f"{least}至{most}"
    policy = _capital(policy_tables.policy_name(row["family"], row["value"], lang))
    return w(
        "headline.known", lang, policy=policy, effect=effect, recovery=w(f"headline.recovery_{key}", lang)
    )


def main_policy(rows: list[Row]) -> Row:
    """The policy that the headline is about: the deepest cut, else the lowest start."""
    mine = [r for r in rows if r["group"] == "all" and r["outcome"] == "sold_ever"]
    cuts = [r for r in mine if r["family"] == "cut"]
    return max(cuts, key=lambda r: r["value"]) if len(cuts) > 1 else min(mine, key=lambda r: r["value"])


def glance(result: Result, rows: list[Row], lang: str) -> list[Notes]:
    """What was printed, what the model says, what would happen, how sure, what is not known."""
    return [
        Notes(printed(result, lang), w("head.printed", lang)),
        Notes(model(result, lang), w("head.model", lang)),
        *(
            [
                Notes(
                    [*policies(rows, lang), *likely(rows, lang), *nearest(result, rows, lang)],
                    w("head.policy", lang),
                )
            ]
            if rows
            else []
        ),
        Notes(sure(result, lang), w("head.sure", lang)),
        Notes(unknown(result, rows, lang), w("head.unknown", lang)),
    ]


def printed(result: Result, lang: str) -> list[str]:
    number = len(list(result.targets.figures()))
    windows = JOIN[lang].join(result.targets.windows)
    lines = [
        w(
            "told.printed",
            lang,
            number=number,
            windows=windows,
            audit=audit_report.summary(result.findings, lang),
        )
    ]
    out = [tables.short(m, lang) for measures in result.excluded.values() for m in sorted(measures)]
    if out:
        lines.append(w("told.impossible", lang, out=("; " if lang == "en" else "；").join(out)))
    return lines


def model(result: Result, lang: str) -> list[str]:
    lead = result.leading
    lines = []
    if lead is None:
        near = min(result.cases, key=lambda c: c.history.implausibility)
        lines.append(w("told.none", lang, cut=f"{CUT:g}", reading=tables.reading_name(near.reading, lang), **_worst(near, lang)))  # fmt: skip
    else:
        fitted = [f for f in lead.fits if f.role == "fit"]
        lines.append(w("told.lead", lang, reading=tables.reading_name(lead.reading, lang), inside=sum(f.inside for f in fitted), all=len(fitted), worst=f"{max(abs(f.z) for f in fitted):.1f}"))  # fmt: skip
    dead = [case for case in result.cases if case.ruled_out]
    if dead and lead is not None:
        near = min(dead, key=lambda c: c.history.implausibility)
        lines.append(w("told.dead", lang, dead=len(dead), all=len(result.cases), **_worst(near, lang)))
    return lines


def _worst(case: Case, lang: str) -> dict[str, str]:
    moment, size = case.history.worst
    return {"moment": tables.moment_name(moment, lang), "worst": f"{size:.1f}"}


def policies(rows: list[Row], lang: str) -> list[str]:
    """A sentence for each policy that is not a reference."""
    lines = []
    for row in rows:
        if (
            row["group"] != "all"
            or row["outcome"] != "sold_ever"
            or row["value"] == policy_tables.reference(row["family"], rows)
        ):
            continue
        recovery = policy_tables.best(rows, "all", row["policy"], "recovery_all")
        policy = _capital(policy_tables.policy_name(row["family"], row["value"], lang))
        lines.append(w("told.policy", lang, policy=policy, sold=_to_its_ends(row), recovery=_to_its_ends(recovery)))  # fmt: skip
    return lines


def likely(rows: list[Row], lang: str) -> list[str]:
    """The main policy under each posterior, where parameters count by how likely print is under them."""
    main = main_policy(rows)
    lines = []

    for group in dict.fromkeys(r["group"] for r in rows if r["group"].startswith(policy_tables.POSTERIOR)):
        row = policy_tables.best(rows, group, main["policy"], "sold_ever")
        lines.append(w(
            "told.likely", lang, policy=policy_tables.policy_name(row["family"], row["value"], lang),
            reading=policy_tables.group_name(group.removeprefix(policy_tables.POSTERIOR), lang),
            sold=_central(policy_tables.best(rows, group, main["policy"], "sold_ever")),
            recovery=_central(policy_tables.best(rows, group, main["policy"], "recovery_all")),
        ))  # fmt: skip
    return lines


def nearest(result: Result, rows: list[Row], lang: str) -> list[str]:
    """The main policy at the vector nearest to print, one of the set; and what is compared with what, of which lots."""
    main = main_policy(rows)
    closed = {(r["policy"], r["outcome"]): r["closed"] for r in policy_tables.simulator_rows(result)}
    lines = []
    if closed:
        first = next(r["policy"] for r in rows if r["family"] == main["family"])
        told = {
            k: tables.signed_number(100 * (closed[main["policy"], k] - closed[first, k]))
            for k in ("sold_ever", "recovery_all")
        }
        policy = policy_tables.policy_name(main["family"], main["value"], lang)
        lines.append(w("told.nearest", lang, policy=policy, **told))
    return [*lines, w("told.defined", lang, window=result.window)]


def _to_its_ends(row: Row) -> str:
    """A change in points: the middle of the set, and its ends."""
    return _bracketed(row, "least", "most")


def _central(row: Row) -> str:
    """A change in points: the middle, and the central 95 %."""
    return _bracketed(row, "low", "high")


def _bracketed(row: Row, low: str, high: str) -> str:
    middle, a, b = (tables.signed_number(100 * row[k]) for k in ("effect", f"effect_{low}", f"effect_{high}"))
    return f"{middle} [{a}, {b}]"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def sure(result: Result, lang: str) -> list[str]:
    lines = []
    if not result.settings.full:
        lines.append(w("told.quick", lang))
    lead = result.leading
    test = lead.evidence.inference.test if lead is not None and lead.evidence is not None else None
    if test is not None and test.freedom > 0 and test.p < 0.05:
        lines.append(w("told.misfit", lang, p=f"{test.p:.2g}"))
    for case in result.alive:
        if case.posterior is not None:
            name = tables.reading_name(case.reading, lang)
            worst = case.posterior
            told = (
                w("told.refused", lang, reading=name, why=worst.refused)
                if worst.refused
                else w(
                    "told.accepted",
                    lang,
                    reading=name,
                    size=f"{worst.worth:.0f}",
                    r_hat=f"{worst.r_hat.max():.2f}",
                )
            )
            lines.append(w("told.posterior", lang, told=told))
    barely = [c for c in result.alive if c.evidence and c.evidence.inference.test.p < 0.05]
    if barely:
        share = sum(c.weight for c in barely)
        lines.append(w("told.barely", lang, all=len(result.alive), number=len(barely), share=formats.percent(share, 0), p=f"{max(c.evidence.inference.test.p for c in barely if c.evidence):.1g}"))  # fmt: skip
    if result.settings.full and result.alive:
        lines.append(w("told.without", lang, number=sum(not c.sampled for c in result.alive)))
    known, unknown_ = learnt(result, lang)
    if known or unknown_:
        none = formats.NOTHING
        lines.append(
            w(
                "told.learnt",
                lang,
                known=JOIN[lang].join(known) or none,
                unknown=JOIN[lang].join(unknown_) or none,
            )
        )
    return [
        *lines,
        *narrowed(result, lang),
        *spread(result, lang),
        *bounded(result, lang),
        *validated(result, lang),
    ]


def learnt(result: Result, lang: str) -> tuple[list[str], list[str]]:
    """Quantities and parameters whose spread the figures cut by half or more, and those they hardly touch."""
    slots = {slot.name: slot for slot in result.world.space.slots}
    rows = [r for r in parameter_tables.quantity_rows(result) if not r["policy"]]
    told = [(parameter_tables.quantity_name(r, lang), r["learnt"]) for r in rows]
    parameters = [r for r in parameter_tables.parameter_rows(result) if not r["ends"] or r["learnt"] < 0.25]
    told += [(slots[r["parameter"]].word(lang), r["learnt"]) for r in parameters]
    return [name for name, x in told if x > 0.75], [name for name, x in told if x < 0.25]


def narrowed(result: Result, lang: str) -> list[str]:
    """How many policy effects print narrows, and how many it leaves as wide as they were."""
    effects = [r["learnt"] for r in parameter_tables.quantity_rows(result) if r["policy"]]
    if not effects:
        return []
    return [w("told.narrowed", lang, all=len(effects), half=sum(x > 0.75 for x in effects), none=sum(x < 0.05 for x in effects))]  # fmt: skip


def spread(result: Result, lang: str) -> list[str]:
    """How prices are spread, and what print did to that."""
    return [
        w("told.spread", lang, median=f"{r['median']:.2f}", range=f"[{r['low']:.2f}, {r['high']:.2f}]", before=f"[{r['prior_low']:.2f}, {r['prior_high']:.2f}]", learnt=formats.percent(r["learnt"], 0))
        for r in parameter_tables.quantity_rows(result)
        if r["quantity"] == "price_dispersion"
    ]  # fmt: skip


def bounded(result: Result, lang: str) -> list[str]:
    """Parameters whose set is ended by the assumed range and not by print."""
    slots = {slot.name: slot for slot in result.world.space.slots}
    names = [slots[r["parameter"]].word(lang) for r in parameter_tables.parameter_rows(result) if r["ends"]]
    if not names or not result.alive:
        return []
    return [w("told.bounded", lang, number=len(names), all=len(slots), names=JOIN[lang].join(names))]


def validated(result: Result, lang: str) -> list[str]:
    """How figures that were not used came out, and the furthest off."""
    rows = fit_tables.validation_rows(result)
    if not rows:
        return []
    missed = sorted((r for r in rows if not r["inside"]), key=lambda r: -abs(r["z"]))
    met: dict[tuple[str, str, str, str], bool] = {}  # a figure under several measures is one figure
    for row in rows:
        key = (row["kind"], row["place"], row["window"], row["figure"])
        met[key] = met.get(key, False) or bool(row["inside"])
    lines = []
    for name, some in (
        ("unused", [k for k in met if k[0] != "left"]),
        ("left", [k for k in met if k[0] == "left"]),
        ("rates", [k for k in met if k[3] == "sale_rate"]),
    ):
        if some:
            lines.append(w(f"told.validated_{name}", lang, inside=sum(met[k] for k in some), all=len(some)))
    seen: dict[str, str] = {}
    for row in missed:
        where = fit_tables.predicted_where(row, lang)
        seen.setdefault(f"{where} {row['window']} {row['figure']}", w(
            "told.missed", lang, where=where, window=row["window"], figure=figure_name(row["figure"], lang),
            printed=tables.figure(row["figure"], row["printed"], lang), model=tables.figure(row["figure"], row["median"], lang),
        ))  # fmt: skip
    if seen:
        lines.append(w("told.worst_missed", lang, what=("; " if lang == "en" else "；").join(list(seen.values())[:FURTHEST])))  # fmt: skip
    return lines


def unknown(result: Result, rows: list[Row], lang: str) -> list[str]:
    lines = signs(rows, lang)
    draws, weights = mixture(result)
    if len(draws):
        noise = np.concatenate([case.noise for case in result.alive if len(case.sample)])
        share = float(weights[noise].sum())
        if 0.02 < share < 0.98 and rows:
            row = main_policy(rows)
            by = {g: policy_tables.best(rows, g, row["policy"], "sold_ever") for g in ("noise", "popularity")}
            told = {g: _to_its_ends(r) for g, r in by.items()}
            lines.append(
                w(
                    "told.explanations",
                    lang,
                    policy=policy_tables.policy_name(row["family"], row["value"], lang),
                    **told,
                )
            )
        else:
            lines.append(
                w(
                    "told.one_explanation",
                    lang,
                    which=w("group.noise" if share >= 0.5 else "group.popularity", lang),
                )
            )
    if lines and result.settings.full:
        lines.append(w("told.waiting", lang))
    for one in result.targets.figures("unused", "held_out"):
        if one.reason:
            name, why = figure_name(one.name, lang), one.why(lang)
            lines.append(f"{one.window} {name}: {why}" if lang == "en" else f"{one.window}{name}：{why}")
    return lines


def signs(rows: list[Row], lang: str) -> list[str]:
    """For each outcome: whether even the sign of its changes is known."""
    lines = []
    for outcome in ("recovery_all", "sold_ever"):
        mine = [
            r
            for r in rows
            if r["group"] == "all"
            and r["outcome"] == outcome
            and r["value"] != policy_tables.reference(r["family"], rows)
        ]
        open_ = [r for r in mine if r["sign"] == 0]
        told = w(f"outcome.{outcome}", lang)
        if open_:
            names = ("; " if lang == "en" else "；").join(
                policy_tables.policy_name(r["family"], r["value"], lang) for r in open_
            )
            lines.append(_capital(w("told.sign_unknown", lang, outcome=told, policies=names)))
        closed = [r for r in mine if r["sign"] != 0]
        if closed:
            names = ("; " if lang == "en" else "；").join(
                f"{policy_tables.policy_name(r['family'], r['value'], lang)} {policy_tables.sign_word(r, lang)}"
                for r in closed
            )
            lines.append(_capital(w("told.sign_known", lang, outcome=told, policies=names)))
            if outcome == "sold_ever":
                lines[-1] += w("told.by_construction", lang)
    return lines
