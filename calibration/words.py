"""Words of the audit and of what commands say while they run, English and Chinese: key -> (en, zh)."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    # audit
    "audit": ("Audit", "数字核查"),
    "audit.title": ("Audit of printed figures: {title}", "公布数字核查：{title}"),
    "audit.caption": ("What the printed figures say about each other", "公布数字之间的相互印证"),
    "audit.lead": (
        "Arithmetic on the printed figures alone; no model has been asked yet.",
        "仅对公布数字作算术核对，尚未使用任何模型。",
    ),
    "audit.all": ("all windows", "各期"),
    "audit.window": ("Window", "统计期"),
    "audit.figure": ("Figure", "指标"),
    "audit.says": ("What follows", "由此可知"),
    "audit.verdict": ("Verdict", "结论"),
    "audit.summary": ("Findings: {all} ({parts})", "共{all}项：{parts}"),
    "audit.against": ("contradictions: {number}", "矛盾{number}项"),
    "audit.unusual": ("unusual: {number}", "少见{number}项"),
    "audit.excludes": ("interpretations ruled out: {number}", "排除口径{number}项"),
    "audit.possible": ("holding under a condition: {number}", "有条件成立{number}项"),
    "audit.consistent": ("consistent: {number}", "相符{number}项"),
    "audit.implied": ("for information: {number}", "推知{number}项"),
    "audit.none": ("Nothing can be said of these figures", "这些数字彼此无可印证"),
    "audit.written": ("written: {files}", "已写入：{files}"),
    # runs
    "step.damaged": (
        "a finished step was damaged and is computed again; the damaged file was moved to {path}",
        "一个已完成的步骤文件已损坏，将重新计算；损坏的文件已移至{path}",
    ),
    "written": (
        "report: {report}; folder: {folder} ({seconds} s)",
        "报告：{report}；文件夹：{folder}（用时{seconds}秒）",
    ),
    "stopped": (
        "stopped: {why}; finished steps are kept in {folder}: the same command goes on from there",
        "已停止：{why}；完成的步骤保存在{folder}，重复同一命令即可继续",
    ),
}


def w(key: str, lang: str, **kw: object) -> str:
    """The words for ``key``; an unknown key is a mistake in the code and raises."""
    words = WORDS[key][lang == "zh"]
    return words.format(**kw) if kw else words
