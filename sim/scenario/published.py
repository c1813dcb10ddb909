"""What a court published, and how its figures are to be understood: what each stands for, which the model must produce."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from sim.locale.language import said
from sim.scenario.errors import joined, meant
from sim.scenario.keys import Key
from sim.scenario.parts import LONGEST_TEXT, PLAIN, Contradictions, Part, param


class Published(Part):
    """Figures a court published for one window, in plain units; compared with, never used by, the model."""

    cases: float | None = Field(
        None,
        description="cases with online auctions",
        json_schema_extra={"unit": "cases", "zh": "涉及案件数"},
    )
    lots: float | None = Field(
        None, description="lots", json_schema_extra={"unit": "lots", "zh": "标的物数量"}
    )
    sold: float | None = Field(
        None, description="lots sold", json_schema_extra={"unit": "lots", "zh": "成交量"}
    )
    participants: float | None = Field(
        None, description="participants", json_schema_extra={"unit": "persons", "zh": "参拍人次"}
    )
    sale_rate: float | None = Field(
        None, description="sale rate as a share", json_schema_extra={"unit": "share", "zh": "成交率"}
    )
    turnover: float | None = Field(
        None, description="turnover", json_schema_extra={"unit": "yuan", "zh": "成交金额"}
    )
    premium: float | None = Field(
        None, description="premium rate as a share", json_schema_extra={"unit": "share", "zh": "溢价率"}
    )
    commission: float | None = Field(
        None, description="commission saved", json_schema_extra={"unit": "yuan", "zh": "节省佣金"}
    )

    def contradictions(self) -> Contradictions:
        if self.sale_rate is not None and not 0.0 <= self.sale_rate <= 1.0:
            problem = said("sale_rate", rate=f"{self.sale_rate:g}")
            if 1.0 < self.sale_rate <= 100.0:
                problem = said("number.meant", said=problem, meant=f'"{self.sale_rate:g}%"')
            yield ("sale_rate",), problem, ()


FIGURES: tuple[str, ...] = tuple(Published.model_fields)
INPUTS = ("cases", "lots")  # what a scenario takes from a court's figures unless it says otherwise
WIDE = 5.0  # factor between the ends of a band from which on it holds nearly any figure
CHINESE = "_zh"  # ends the key of a reason in Chinese


def cannot_fail(published: float, low: float, high: float) -> bool:
    """Whether a figure that lies in a band could hardly lie outside: that it is met says nothing, so it is not counted."""
    return low <= published <= high and high > max(low, 0.0) * WIDE


def _measure(figure: str, zh: str) -> Any:
    """What a figure stands for; left open, the measure that fits best is shown."""
    extra: dict[str, Any] = {"unit": PLAIN, "zh": zh, "source": "choice"}
    return Field(None, description=f"measure that the published {figure} stands for", json_schema_extra=extra)


class Interpretation(Part):
    """An interpretation of a court's figures (口径): results are compared under it; the model does not use it."""

    basis: Literal["event", "cohort"] = param(
        PLAIN,
        "event: figures count what happened in the window; cohort: what became of lots listed in it",
        "归期",
        "choice",
    )
    cases: Literal["cases"] | None = _measure("cases", "涉及案件数的口径")
    lots: Literal["lots_listed"] | None = _measure("lots", "标的物数量的口径")
    sold: Literal["lots_sold"] | None = _measure("number sold", "成交量的口径")
    participants: Literal["participants", "participants_distinct"] | None = _measure(
        "participants", "参拍人次的口径"
    )
    sale_rate: Literal["sale_rate_final", "sale_rate_ended", "sale_rate_listed", "sale_rate_round"] | None = (
        _measure("sale rate", "成交率的口径")
    )
    turnover: Literal["turnover"] | None = _measure("turnover", "成交金额的口径")
    premium: (
        Literal["premium_turnover", "premium_mean", "premium_median", "premium_first_start_mean"] | None
    ) = _measure("premium", "溢价率的口径")
    commission: Literal["commission_saved", "commission_saved_flat"] | None = _measure(
        "commission", "节省佣金的口径"
    )
    inputs: list[str] = Field(
        list(INPUTS),
        description="published figures that the scenario's parameters were set to meet, so that meeting them says nothing",
        json_schema_extra={"unit": PLAIN, "zh": "作为输入的公布值", "source": "choice"},
        max_length=len(FIGURES),
    )
    unmet: dict[str, Any] = Field(
        default_factory=dict,
        description="published figures that are not meant to be met, and why (FIGURE, FIGURE_zh); also by window",
        json_schema_extra={"unit": PLAIN, "zh": "不要求再现的公布值及理由", "source": "choice"},
        max_length=200,
    )

    def measure(self, figure: str) -> str | None:
        """The measure that a figure stands for; None where that is left open."""
        value: str | None = getattr(self, figure)
        return value

    def reason(self, window: str, figure: str, lang: str) -> str | None:
        """Why a window's figure is not meant to be met; None where it is."""
        for table in (self.unmet.get(window), self.unmet):
            if isinstance(table, dict) and figure in table:
                return str(table[figure + CHINESE if lang == "zh" and figure + CHINESE in table else figure])
        return None

    def contradictions(self) -> Contradictions:
        for name in self.inputs:
            if name not in FIGURES:
                yield ("inputs",), said("figure.no", name=name, allowed=_allowed(name)), ()
        for key, value in self._reasons():
            figure = key[-1].removesuffix(CHINESE)
            if figure not in FIGURES:
                yield key, said("figure.none", allowed=_allowed(figure)), ()
            elif not isinstance(value, str) or not 0 < len(value.strip()) <= LONGEST_TEXT:
                yield key, said("figure.reason"), ()
            elif key[-1].endswith(CHINESE) and figure not in self._table(key):
                yield key, said("figure.english", figure=figure), ()
            elif figure in self.inputs:
                yield key, said("figure.input"), (("inputs",),)

    def unpublished(self, published: Mapping[str, Published]) -> Iterator[tuple[Key, str]]:
        """Keys that speak of what the court did not publish."""
        known = {
            name for window in published.values() for name in FIGURES if getattr(window, name) is not None
        }
        for figure in FIGURES:
            if self.measure(figure) is not None and figure not in known:
                yield (figure,), said("figure.unpublished")
        if "inputs" in self.model_fields_set:
            for figure in self.inputs:
                if figure in FIGURES and figure not in known:
                    yield ("inputs",), said("figure.unpublished_named", figure=figure)
        for key, _ in self._reasons():
            figure = key[-1].removesuffix(CHINESE)
            if len(key) == 3 and key[1] not in published:
                yield (
                    key[:2],
                    said("figure.no_window", names=joined(published)),
                )
            elif len(key) == 3 and figure in FIGURES and getattr(published[key[1]], figure) is None:
                yield key, said("figure.window", window=key[1])
            elif len(key) == 2 and figure in FIGURES and figure not in known:
                yield key, said("figure.unpublished")

    def _reasons(self) -> Iterator[tuple[Key, Any]]:
        for name, value in self.unmet.items():
            if isinstance(value, dict):
                yield from ((("unmet", name, inner), one) for inner, one in value.items())
            else:
                yield ("unmet", name), value

    def _table(self, key: Key) -> Mapping[str, Any]:
        return dict(self.unmet[key[1]]) if len(key) == 3 else self.unmet


def _allowed(name: str) -> str:
    allowed, near = said("figure.allowed", names=joined(FIGURES)), meant(name, FIGURES)
    return said("hint", said=allowed, hint=near) if near else allowed
