"""The page of a sensitivity analysis: which parameters matter for which measure, as sentences, pictures and tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sim.experiments.sensitivity import TABLE, Index
from sim.experiments.storage.spreadsheet import ENCODING
from sim.locale.signs import clauses, listed
from sim.reporting import formats
from sim.reporting.differences import basis_note, window_name
from sim.reporting.figures.intervals import panel
from sim.reporting.figures.sensitivity import sensitivity_keys, sensitivity_panels
from sim.reporting.indices import matter, sentence, share, shifted, spread, total
from sim.reporting.pages.manifest import manifest_rows
from sim.reporting.pages.sensitivity_folder import SensitivityFolder
from sim.reporting.pages.shell import Block, Figure, Notes, Page, Section
from sim.reporting.pages.sweep_data import Axis
from sim.reporting.pages.table import Column, Table, csv_text
from sim.reporting.pages.words import w
from sim.reporting.svg import fragment, swatch
from sim.reporting.text import headline, name_of
from sim.reporting.text_explore import e
from sim.scenario.schema import WHOLE

Row = Mapping[str, Any]


def sensitivity_page(folder: SensitivityFolder, lang: str) -> Page:
    """Lay out the page of a folder that has been read."""
    names = {axis.path: axis.short(lang) for axis in folder.axes}
    columns = folder.rows
    table = csv_text(list(columns), zip(*columns.values(), strict=True))
    sections = [
        Section("answer", w("indices.answer", lang), w(f"indices.answer.{folder.method}", lang), _answer(folder, names, lang)),
        Section("pictures", w("indices.pictures", lang), w(f"indices.pictures.{folder.method}", lang), _pictures(folder, names, lang)),
        Section("indices", w("indices.tables", lang), w("indices.tables.title", lang), _tables(folder, names, lang)),
        Section("varied", w("indices.varied", lang), w("indices.varied.title", lang), [_varied(folder, lang)]),
    ]  # fmt: skip
    scenario = folder.scenario
    return Page(
        lang=lang,
        kind=w(f"indices.kind.{folder.method}", lang),
        name=scenario.title_zh if lang == "zh" else scenario.title,
        headline=_headline(folder, names, lang),
        lead=_lead(folder, lang),
        warnings=folder.left_out,
        sections=sections,
        manifest=manifest_rows(folder.manifest, lang),
        appendix=[(w("scenario.text", lang), str(folder.manifest.get("scenario", "")))],
        files={TABLE: table.encode(ENCODING)},
    )


def _headline(folder: SensitivityFolder, names: Mapping[str, str], lang: str) -> str:
    """What moves the first measure most, and which parameters may do so as well; that nothing does, where nothing does."""
    measure, rows = next(iter(folder.found.items()))
    name = headline(name_of(measure, lang))
    if not matter(rows):
        return e("sensitivity.none", lang, measure=name)
    size = " ".join(total(measure, rows[0], folder.method, lang)).strip()
    first = w(f"indices.headline.{folder.method}", lang, measure=name, parameter=names[rows[0].parameter], size=size)  # fmt: skip
    close = [names[row.parameter] for row in rows[1:] if row.high >= rows[0].low]
    return clauses([first, w("indices.close", lang, names=listed(close, lang))], lang) if close else first


def _lead(folder: SensitivityFolder, lang: str) -> list[str]:
    lead = w("indices.lead", lang, parameters=len(folder.axes), points=formats.count(folder.points), n=folder.replications)  # fmt: skip
    where = [] if folder.window == WHOLE else [w("indices.window", lang, window=window_name(folder.window, lang)), basis_note(folder.scenario.basis, lang)]  # fmt: skip
    return [lead, *where]


def _answer(folder: SensitivityFolder, names: Mapping[str, str], lang: str) -> list[Block]:
    """A sentence for each measure, then every parameter against every measure."""
    lines = [sentence(measure, rows, names, folder.method, lang) for measure, rows in folder.found.items()]
    return [Notes(lines), _matrix(folder, names, lang)]


def _matrix(folder: SensitivityFolder, names: Mapping[str, str], lang: str) -> Table:
    """A row a parameter, a column a measure; first the parameter that matters most for some measure."""
    found: dict[str, dict[str, Index]] = {m: {one.parameter: one for one in rows} for m, rows in folder.found.items()}  # fmt: skip

    def weight(path: str) -> float:
        """Its effect as a part of the largest one, of the measure for which it matters most."""
        parts = [rows[path].total / top for rows in found.values() if (top := max(one.total for one in rows.values())) > 0.0]  # fmt: skip
        return max(parts, default=0.0)

    def show(measure: str) -> Callable[[Row], str]:
        def text(row: Row) -> str:
            one = found[measure][row["parameter"]]
            size, interval = total(measure, one, folder.method, lang)
            return f"{size} {interval}".strip()

        return text

    paths = sorted(names, key=lambda path: -weight(path))
    rows = [{"parameter": path} | {m: found[m][path].total for m in found} for path in paths]
    columns = [Column(headline(e("sensitivity.parameter", lang)), lambda r: names[r["parameter"]])]
    columns += [Column(headline(name_of(m, lang)), show(m), True) for m in found]
    return Table("sensitivity-overview", w(f"indices.matrix.{folder.method}", lang), columns, rows, ("parameter", *found))  # fmt: skip


def _pictures(folder: SensitivityFolder, names: Mapping[str, str], lang: str) -> list[Block]:
    panels = sensitivity_panels(folder.found, names, folder.method, lang)
    keys = [(swatch(key.colour, key.shape), key.words) for key in sensitivity_keys(folder.method, lang)]
    drawn = [(one.title, fragment(panel(one, lang))) for one in panels]
    return [Figure(w(f"indices.caption.{folder.method}", lang), panels=drawn, big=True, keys=keys)]


def _tables(folder: SensitivityFolder, names: Mapping[str, str], lang: str) -> list[Block]:
    """Every index with its interval, a table a measure, and what they mean."""
    note = e(f"sensitivity.{folder.method}.note", lang, n=folder.replications)
    tables = [_table(folder, measure, rows, names, lang) for measure, rows in folder.found.items()]
    return [Notes([note]), *tables]


def _table(
    folder: SensitivityFolder, measure: str, rows: Sequence[Index], names: Mapping[str, str], lang: str
) -> Table:
    columns = [Column(headline(e("sensitivity.parameter", lang)), lambda r: names[r["index"].parameter])]
    for head, text in _shown(measure, folder.method, lang).items():
        columns.append(Column(headline(e(f"sensitivity.{head}", lang)), text, True))
    mine = {
        name: values for name, values in folder.rows.items() if name != "sigma" or folder.method == "morris"
    }
    at = [i for i, one in enumerate(mine["measure"]) if one == measure]
    table = [{"index": one} | {name: mine[name][i] for name in mine} for i, one in zip(at, rows, strict=True)]
    return Table(f"sensitivity-{measure}", headline(name_of(measure, lang)), columns, table, tuple(mine))


def _shown(measure: str, method: str, lang: str) -> dict[str, Callable[[Row], str]]:
    """Head -> what stands in the column of an index."""

    def joined(found: tuple[str, str]) -> str:
        return " ".join(found).strip()

    def whole(row: Row) -> str:
        return joined(total(measure, row["index"], method, lang))

    def first(row: Row) -> str:
        one: Index = row["index"]
        if method == "sobol":
            return joined(share(one.first, one.first_low, one.first_high))
        return joined(shifted(measure, one.first, one.first_low, one.first_high, lang))

    return {"total": whole, "first": first} if method == "sobol" else {"size": whole, "signed": first, "spread": lambda row: spread(measure, row["index"], lang)}  # fmt: skip


def _varied(folder: SensitivityFolder, lang: str) -> Table:
    """What was varied, from where to where, and where the scenario stands."""
    rows = [{"axis": axis, "path": axis.path, "range": _range(axis, lang), "base": folder.scenario.value(axis.key)} for axis in folder.axes]  # fmt: skip
    columns = [
        Column(headline(e("sensitivity.parameter", lang)), lambda r: r["axis"].name(lang)),
        Column(w("indices.range", lang), lambda r: r["range"], True),
        Column(headline(e("base", lang)), lambda r: r["axis"].text_of(r["base"], lang), True),
    ]
    return Table("varied", w("indices.varied.caption", lang), columns, rows, ("path", "range", "base"))


def _range(axis: Axis, lang: str) -> str:
    if not axis.levels:
        return w("indices.stretch", lang, low=axis.label_of(axis.low), high=axis.text_of(axis.high, lang))
    if not axis.numeric or len(axis.levels) <= 4:
        return w("comma", lang).join(axis.label_of(x) for x in axis.levels)
    return w(
        "indices.stretch", lang, low=axis.label_of(axis.levels[0]), high=axis.text_of(axis.levels[-1], lang)
    )
