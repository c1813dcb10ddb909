"""Which page a folder gets, by what is in it; for one that has no page here, where its results are seen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.reporting.pages.run_folder import read_manifest
from sim.reporting.pages.shell import Page, PageError

# What another command shows: how it is called and what to do, in English and in Chinese.
ELSEWHERE = {
    "sensitivity": (
        "{path} holds a sensitivity analysis, which has no page: sim sensitivity {path} shows its tables and draws its picture",
        "{path} 是敏感性分析的文件夹，没有网页：用 sim sensitivity {path} 查看表格并画图",
    ),
    "optimise": (
        "{path} holds a search for policies: the policies, as they were settled, are a sweep: sim report {path}/final",
        "{path} 是政策搜索的文件夹；最后确定的政策是一次扫描：sim report {path}/final",
    ),
    "search": (
        "{path} holds a search for policies that is not finished: the same sim optimise command goes on",
        "{path} 是尚未完成的政策搜索：重新运行同一 sim optimise 命令即可继续",
    ),
    "calibration": (
        "{path} holds a calibration, whose page calibrate run has written: {path}/report.html",
        "{path} 是校准的文件夹，网页已由 calibrate run 写出：{path}/report.html",
    ),
    "calibrating": (
        "{path} holds a calibration that is not finished: the same calibrate run command goes on and writes its page",
        "{path} 是尚未完成的校准：重新运行同一 calibrate run 命令即可继续并写出网页",
    ),
    "audit": (
        "{path} holds an audit, whose page calibrate audit has written: {path}/audit.html",
        "{path} 是公布数字核对的文件夹，网页已由 calibrate audit 写出：{path}/audit.html",
    ),
    "verify": (
        "{path} holds a verification: sim verify --markdown FILE writes it as a page",
        "{path} 是验证的文件夹：用 sim verify --markdown 文件 写成页面",
    ),
}


def kind_of(manifest: Mapping[str, Any]) -> str:
    """What an output folder holds: sweep, compare, run, or a key of ``ELSEWHERE``."""
    kind = str(manifest["kind"])
    if kind == "sweep" and manifest["design"].get("purpose") == "sensitivity":
        return "sensitivity"
    return "calibrating" if kind == "calibration" and not manifest["complete"] else kind


def elsewhere(path: Path, kind: str) -> PageError:
    """Says where the results of a folder are seen that has no page of this sort."""
    return PageError("\n".join(words.format(path=path) for words in ELSEWHERE[kind]))


def folder_page(path: Path, lang: str) -> Page:
    """The page of the folder of a run, a comparison or a sweep. Raises ``PageError`` for any other."""
    if (path / "search.json").is_file() and not (path / "manifest.json").exists():
        raise elsewhere(path, "search")
    manifest = read_manifest(path)
    kind = kind_of(manifest)
    if kind in ELSEWHERE:
        raise elsewhere(path, kind)
    if kind == "compare":
        from sim.reporting.pages.compare_page import compare_page

        return compare_page(path, lang)
    if kind == "run":
        from sim.reporting.pages.run_page import run_page

        return run_page(path, lang)
    from sim.reporting.pages.sweep_folder import read_sweep, summary
    from sim.reporting.pages.sweep_page import sweep_page

    return sweep_page(read_sweep(path), manifest, lang, summary(path))
