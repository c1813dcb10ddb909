"""Units of measures: beside a number that does not carry its own, and behind a measure's name at the head of a column."""

from __future__ import annotations

from sim.locale.signs import bracketed
from sim.measures.definitions import DEFINITIONS, UNITS_ZH, Definition
from sim.reporting.text import headline, t

OWN = ("rate", "yuan")  # kinds whose numbers carry a sign: 37.4%, ¥89.0 m


def unit_of(measure: str | Definition, lang: str) -> str:
    """Lots, days, registrations a lot; empty where the number says it, or the measure is not known (a share of a round's)."""
    definition = DEFINITIONS.get(measure) if isinstance(measure, str) else measure
    if definition is None or definition.kind in OWN:
        return ""
    return UNITS_ZH[definition.unit] if lang == "zh" else definition.unit


def with_unit(text: str, measure: str | Definition, lang: str) -> str:
    """A number and its unit, where it has none: 1,243 lots; 1,243件."""
    unit = unit_of(measure, lang)
    return t("number.unit", lang, number=text, unit=unit) if unit else text


def head_with_unit(measure: str | Definition, lang: str, own: bool = False) -> str:
    """What people call a measure, its unit in brackets behind: days to sale, mean (days); 处置周期（均值，天）. ``own``: where
    numbers of days carry their unit themselves."""
    definition = DEFINITIONS.get(measure) if isinstance(measure, str) else measure
    if definition is None:
        return headline(str(measure))
    name, unit = headline(definition.zh if lang == "zh" else definition.en), unit_of(definition, lang)
    if not unit or (own and definition.kind == "days"):
        return name
    before, inside, end = name.rpartition(t("unit.close", lang))
    if inside and not end:
        return t("unit.within", lang, name=before, unit=unit)
    return bracketed(name, unit, lang)
