"""What is written into documents and is no output of a command."""

from __future__ import annotations

import csv
from pathlib import Path

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
