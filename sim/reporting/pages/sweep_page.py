"""The page of a sweep: what each parameter does, two at a time, and every point."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.measures.rounding import extent
from sim.reporting import formats
from sim.reporting.figures.sweep import Effect, effect_panel, heat_panel
from sim.reporting.pages.explore_page import base_state, over_draws
from sim.reporting.pages.manifest import manifest_rows
from sim.reporting.pages.run_tables import named
from sim.reporting.pages.shell import LARGEST_FILE, Block, Figure, Notes, Page, Section, packed
from sim.reporting.pages.sweep_data import HEADLINES, Axis, SweepData
from sim.reporting.pages.table import Column, Table
from sim.reporting.pages.words import w
from sim.reporting.svg import fragment
from sim.reporting.text import headline
from sim.reporting.units import head_with_unit
from sim.reporting.values import tick_writer, value
from sim.scenario.schema import WHOLE
from sim.scenario.units import CHINESE

Floats = npt.NDArray[np.float64]
BINS = 8  # stretches into which an axis without levels is cut
PAIRS = 3  # pairs of parameters that get heat maps
HEATED = 4  # measures that get one
SHOWN = 200  # points in the table that people see; the CSV has all


def sweep_page(data: SweepData, manifest: Mapping[str, Any], lang: str, summary: bytes | None = None) -> Page:
    """The page for a sweep, finished or not. ``summary``: the folder's summary.csv, to be downloaded from the page."""
    measures = [name for name in HEADLINES if np.isfinite(data.column(WHOLE, name)[0]).any()]
    done = int((data.runs > 0).sum())
    warnings = []
    if done < len(data.values):
        warnings.append(w("explore.missing", lang, missing=len(data.values) - done, all=len(data.values)))
    if data.failures:
        warnings.append(w("sweep.failures", lang, n=data.failures))
    sections = [
        Section("effects", w("sweep.effects", lang), w("sweep.effects.title", lang), _effects(data, measures, lang)),
        *_heats(data, measures, lang),
        Section("points", w("sweep.points", lang), w("sweep.points.title", lang, n=formats.count(len(data.values))), [_points(data, measures, lang)]),
    ]  # fmt: skip
    return Page(
        lang=lang,
        kind=w("sweep.kind", lang),
        name=data.scenario.title_zh if lang == "zh" else data.scenario.title,
        headline=_headline(data, measures, lang),
        lead=[
            w("sweep.lead", lang, points=formats.count(done), n=int(data.runs.max(initial=0))),
            *over_draws(data, lang),
        ],
        warnings=warnings,
        sections=sections,
        manifest=manifest_rows(manifest, lang),
        appendix=[(w("scenario.text", lang), str(manifest.get("scenario", "")))],
        files={"summary.csv": summary} if summary and len(packed(summary)) < LARGEST_FILE else {},
    )


def _headline(data: SweepData, measures: Sequence[str], lang: str) -> str:
    """How far the first measure moves, and where it is highest."""
    if not measures:
        return w("sweep.headline.none", lang)
    definition = data.measures[measures[0]]
    mean, _ = data.column(WHOLE, measures[0])
    if extent(mean) == 0.0:
        same = value(definition.kind, float(np.nanmax(mean)), lang)
        return w("sweep.headline.same", lang, measure=named(definition, lang), x=same)
    best = int(np.nanargmax(mean))
    where = w("comma", lang).join(
        f"{axis.short(lang)} {axis.text_of(x, lang)}"
        for axis, x in zip(data.axes, data.values[best], strict=True)
    )
    return w(
        "sweep.headline", lang, measure=named(definition, lang), low=value(definition.kind, float(np.nanmin(mean)), lang),
        high=value(definition.kind, float(np.nanmax(mean)), lang), where=where,
    )  # fmt: skip


def groups(data: SweepData, i: int) -> tuple[Floats, list[str], npt.NDArray[np.intp]]:
    """Places and names of an axis's values (its levels, or stretches of it), and which one each point has."""
    axis = data.axes[i]
    column = [values[i] for values in data.values]
    if axis.levels:
        at = {level: k for k, level in enumerate(axis.levels)}
        places = np.array(axis.levels if axis.numeric else range(len(axis.levels)), dtype=np.float64)
        return (
            places,
            [axis.label_of(level) for level in axis.levels],
            np.array([at[x] for x in column], dtype=np.intp),
        )
    edges = np.linspace(axis.low, axis.high, BINS + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    which = np.clip(np.searchsorted(edges, np.array(column, dtype=np.float64), side="right") - 1, 0, BINS - 1)
    return middles, [axis.label_of(float(f"{x:.3g}")) for x in middles.tolist()], which


def _effects(data: SweepData, measures: Sequence[str], lang: str) -> list[Block]:
    """For each parameter a panel for each measure, averaged over all else."""
    blocks: list[Block] = []
    for i, axis in enumerate(data.axes):
        places, names, which = groups(data, i)
        panels = []
        for measure in measures:
            definition = data.measures[measure]
            mean, sd = data.column(WHOLE, measure)
            cells = [_cell(mean, data.half(sd), which == k) for k in range(len(places))]
            middle, half, low, high = (np.array(column) for column in zip(*cells, strict=True))
            keep = np.isfinite(middle)
            if not keep.any():
                continue
            write = tick_writer(definition.kind, lang)
            label = f"{named(definition, lang)}, {axis.name(lang)}: {write(float(middle[keep][0]))} – {write(float(middle[keep][-1]))}"
            shown = [names[k] for k in np.flatnonzero(keep)]
            one = Effect(
                places[keep], shown, middle[keep], half[keep], definition.bounds, (low[keep], high[keep])
            )
            panels.append((head_with_unit(definition, lang), fragment(effect_panel(one, write, label, lang))))
        unit = f" · {CHINESE[axis.unit] if lang == 'zh' else axis.unit}" if axis.unit else ""
        blocks += [Notes([], f"{headline(axis.name(lang))}{unit}"), Figure("", panels=panels)]
    key = "sweep.effects.caption" if len(data.axes) > 1 else "sweep.effects.one"
    return [*blocks, Notes([w(key, lang)], kind="plain")]


def _cell(mean: Floats, half: Floats, mine: npt.NDArray[np.bool_]) -> tuple[float, float, float, float]:
    """Mean, half-width (under common random numbers), lowest and highest of some points."""
    known = mine & np.isfinite(mean)
    if not known.any():
        return math.nan, math.nan, math.nan, math.nan
    return (
        float(mean[known].mean()),
        float(half[known].mean()),
        float(mean[known].min()),
        float(mean[known].max()),
    )


def _heats(data: SweepData, measures: Sequence[str], lang: str) -> list[Section]:
    """Heat maps of the first pairs of parameters; the others stand at the base, or as near as a grid allows."""
    pairs = list(itertools.combinations(range(len(data.axes)), 2))[:PAIRS]
    if not pairs:
        return []
    blocks: list[Block] = []
    fixed = base_state(data)
    for i, j in pairs:
        across, down = groups(data, i), groups(data, j)
        rest = [k for k in range(len(data.axes)) if k not in (i, j)]
        mine = np.ones(len(data.values), dtype=np.bool_)
        if data.method == "grid":
            for k in rest:
                mine &= groups(data, k)[2] == round(fixed[k])
        panels = []
        for measure in measures[:HEATED]:
            definition = data.measures[measure]
            mean, _ = data.column(WHOLE, measure)
            field = np.full((len(down[1]), len(across[1])), np.nan)
            for b, a in itertools.product(range(len(down[1])), range(len(across[1]))):
                field[b, a] = _cell(mean, mean, mine & (across[2] == a) & (down[2] == b))[0]
            names = data.axes[i].short(lang), data.axes[j].short(lang)
            label = f"{named(definition, lang)}: {w('comma', lang).join(names)}"
            drawn = heat_panel(
                field, (names[0], across[1]), (names[1], down[1]), _short(definition.kind, lang), label, lang
            )
            panels.append((head_with_unit(definition, lang), fragment(drawn)))
        words = w("sweep.heat.axes", lang, across=data.axes[i].name(lang), down=data.axes[j].name(lang))
        if rest and data.method == "grid":
            at = [
                f"{data.axes[k].short(lang)} {data.axes[k].text_of(data.axes[k].levels[round(fixed[k])], lang)}"
                for k in rest
            ]
            words += w("sweep.heat.fixed", lang, fixed=w("comma", lang).join(at))
        blocks.append(Figure(words, panels=panels, big=True))
    return [Section("heat", w("sweep.heat", lang), w("sweep.heat.title", lang), blocks)]


def _short(kind: str, lang: str) -> Callable[[float], str]:
    """A number that fits into a cell."""
    return lambda x: f"{100 * x:.1f}%" if kind == "rate" else tick_writer(kind, lang)(float(f"{x:.3g}"))


def _points(data: SweepData, measures: Sequence[str], lang: str) -> Table:
    """Every point with its values, runs, and the headline measures."""
    found = {measure: data.column(WHOLE, measure) for measure in measures}
    halves = {measure: data.half(sd) for measure, (_, sd) in found.items()}
    rows = []
    for p, values in enumerate(data.values):
        row: dict[str, Any] = {axis.path: x for axis, x in zip(data.axes, values, strict=True)}
        row["replications"] = int(data.runs[p])
        for measure in measures:
            row[f"{measure} mean"], row[f"{measure} half"] = (
                float(found[measure][0][p]),
                float(halves[measure][p]),
            )
        rows.append(row)

    def show(measure: str) -> Callable[[Mapping[str, Any]], str]:
        kind = data.measures[measure].kind
        return lambda row: value(kind, row[f"{measure} mean"], lang)

    columns = [Column(headline(axis.short(lang)), _field(axis, lang), axis.numeric) for axis in data.axes]
    columns += [Column(head_with_unit(data.measures[m], lang), show(m), True) for m in measures]
    fields = tuple(rows[0])
    caption = (
        w("sweep.table", lang)
        if len(rows) <= SHOWN
        else w("sweep.table.cut", lang, shown=SHOWN, all=formats.count(len(rows)))
    )
    return Table("points", caption, columns, rows, fields, folded=len(rows) > 40, shown=SHOWN)


def _field(axis: Axis, lang: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda row: axis.text_of(row[axis.path], lang)
