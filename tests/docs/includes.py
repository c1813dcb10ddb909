"""What is written into documents and is no output of a command."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

HEADS = {
    "en": "| | change | 95 % interval |\n|---|---|---|",
    "zh": "| | 变化 | 95%区间 |\n|---|---|---|",
}
ROWS = {
    "en": (
        ("sold_ever", 100, "+.1f", "| **Lots sold**, of all lots listed | **{}** points | {} to {} |"),
        ("recovery_all", 100, "+.1f", "| **Recovery**: turnover over the reference prices of all lots | **{}** points | {} to {} |"),
        ("days_to_sale", 1, "+.0f", "| **Days to a sale**, mean from listing | **{}** days | {} to {} |"),
    ),
    "zh": (
        ("sold_ever", 100, "+.1f", "| **最终成交率**（以全部上拍标的物为分母） | **{}**个百分点 | {}至{} |"),
        ("recovery_all", 100, "+.1f", "| **变现率**（成交金额÷全部标的物参考价） | **{}**个百分点 | {}至{} |"),
        ("days_to_sale", 1, "+.0f", "| **成交用时**（自上拍起的平均天数） | **{}**天 | {}至{} |"),
    ),
}  # fmt: skip


def answers(path: Path, lang: str) -> str:
    """The table that README opens with: what a cut of 20 % does against none, with evidence."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = {
            row["outcome"]: row for row in csv.DictReader(file)
            if (row["evidence"], row["policy"], row["against"]) == ("evidence", "cut-20", "cut-00")
        }  # fmt: skip
    said = [
        line.format(*(format(float(rows[outcome][end]) * times, form) for end in ("median", "low", "high")))
        for outcome, times, form, line in ROWS[lang]
    ]
    return "\n".join([HEADS[lang], *said])


WAITING_HEADS = {
    "en": "| of those interested, look ahead | first auctions that fail | lots sold, points | recovery, points | days to a sale |\n|---|---|---|---|---|",
    "zh": "| 关注者中向前看的 | 一拍流拍率 | 最终成交率，百分点 | 变现率，百分点 | 成交用时，天 |\n|---|---|---|---|---|",
}
BETWEEN = {"en": "**{}** ({} to {})", "zh": "**{}**（{}至{}）"}
# Outcome, its scale and its form; those of a cut of 20 % less none.
WAITING = (("sold", 100, "+.1f"), ("recovery", 100, "+.1f"), ("days", 1, "+.1f"))


def waiting(path: Path, lang: str, curve: str) -> str:
    """What a cut does the more bidders wait for it: medians of the draws, and 5 to 95 % of them."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["curve"] == curve]
    lines = [WAITING_HEADS[lang]]
    for share in dict.fromkeys(row["share"] for row in rows):
        mine = [row for row in rows if row["share"] == share]
        failed = float(np.median([float(row["failed_first"]) for row in mine]))
        cells = [f"{float(share):.0%}", f"{failed:.0%}"]
        for outcome, times, form in WAITING:
            gaps = [
                times * (float(row[f"with_{outcome}"]) - float(row[f"without_{outcome}"])) for row in mine
            ]
            middle, *ends = (format(float(x), form) for x in np.quantile(gaps, [0.5, 0.05, 0.95]))
            cells.append(BETWEEN[lang].format(middle, *ends))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
