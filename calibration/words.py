"""Words of calibration's output, English and Chinese: key -> (en, zh)."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    # audit
    "audit": ("Audit", "数字核查"),
    "audit.title": ("Audit of printed figures: {title}", "公布数字核查:{title}"),
    "audit.caption": ("What the printed figures say about each other", "公布数字之间的相互印证"),
    "audit.lead": (
        "Arithmetic on the printed figures alone; no model has been asked yet.",
        "仅对公布数字作算术核对,尚未使用任何模型。",
    ),
    "audit.all": ("all", "各期"),
    "audit.window": ("Window", "统计期"),
    "audit.figure": ("Figure", "指标"),
    "audit.says": ("What follows", "由此可知"),
    "audit.verdict": ("Verdict", "结论"),
    "audit.summary": (
        "{all} findings: {against} contradictions, {possible} that hold under a condition, {consistent} in order, {implied} that only tell something",
        "共{all}项:矛盾{against}项,有条件成立{possible}项,相符{consistent}项,其余{implied}项为推知",
    ),
    "audit.written": ("written: {files}", "已写入:{files}"),
}


def w(key: str, lang: str, **kw: object) -> str:
    """The words for ``key``; an unknown key is a mistake in the code and raises."""
    words = WORDS[key][lang == "zh"]
    return words.format(**kw) if kw else words
