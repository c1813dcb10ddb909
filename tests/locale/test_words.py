"""What people read: both languages of a text say the same of the same things, with the signs of their language."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from sim.locale.numbers import filled
from sim.locale.words import LANGUAGES, Words, texts
from sim.reporting.fonts import LATIN, drawable

EN, ZH = ({(table, key): text for table, rows in texts(lang).items() for key, text in rows.items()} for lang in LANGUAGES)  # fmt: skip
# A fact in braces counts as Chinese where it stands beside a sign: what is filled in is a part of the sentence.
HALF_WIDTH = re.compile(
    r"(?:[\u4e00-\u9fff”）)}%]\s?[,;:!?(])|(?:[\u4e00-\u9fff”]\))|(?:[,;:!?)]\s?[\u4e00-\u9fff“（({])"
)
TYPED = (
    "axis.form.grid",
    "axis.form.range",
    "axis.forms",
    "axis.varies",
    "design.step",
)  # a colon as it is typed: 起:止:步长
FORMULAS = {("verification", "below_limit"), *(("errors", key) for key in TYPED)}  # E[min(price, 2 million)]
ALIKE = {
    "option.day",
    "app.other",
    "language.other",
    "z",
    "p",
    "squares",
    "manifest.python",
    "col.z",
    "col.rhat",
}  # in both languages
FORMULA = re.compile(
    r"(?:ln)?\([^()]*[-+÷][^()]*\)"
)  # a sum, a difference or a quotient keeps its own brackets
MANY = (
    "replications|runs|pairs|points|chunks|policies|lots|bids|bidders|days|draws|histories|cases|auctions|courts|"
    "processes|sales|files|participants|parameters|z-scores|times"
)
PROSE = re.compile("[A-Za-z]{2,},? [a-z]{2,}")
PROGRAMMERS = {
    "NotCoveredError",
    "OffAxisError",
}  # of the cases of verification, which are ours; of a path that is drawn again
ROOT = Path(__file__).parents[2]
CHINESE = re.compile("[\u4e00-\u9fff]")
DATA = {  # Chinese that belongs to data: declared with a parameter, a measure or a rule of law, or read in files
    "sim/scenario/schema.py", "sim/scenario/behaviour.py", "sim/scenario/published.py", "sim/measures/definitions.py",
    "sim/law/provisions.py", "sim/law/holidays.py", "sim/scenario/units.py", "sim/scenario/text.py",
    "calibration/lots/cells.py", "calibration/lots/mapping.py", "calibration/lots/reader/rounds.py", "calibration/lots/template.py",
    "calibration/lots/simulated_files.py", "calibration/targets/reader/workbook.py",
}  # fmt: skip
SIGNS = re.compile("[\u3001-\u3011\uff01-\uff5e]")  # of Chinese sentences
READ = {  # signs that people type, cells hold or lines are broken at, as sets of characters
    "calibration/representative/export.py", "sim/cli/shared/help.py", "sim/experiments/storage/spreadsheet.py",
    "sim/reporting/style.py", "sim/scenario/numerals.py",
}  # fmt: skip
SAMPLES = {
    "sim/cli/shared/program.py": "中文",
    "sim/reporting/fonts.py": "拍卖溢价率",
    "sim/verification/random_cases.py": "车辆",
}
APART = {
    "distance.times": "a ratio with its decimals",
    "distance.points_high": "percentage points with their decimals",
    "distance.points_low": "percentage points with their decimals",
    "points": "percentage points with their decimals",
    "premium.title": "the top 1 % of sales",
    "note.drawn": "keys, and then the draws",
    "sweep.headline": "a measure that runs from one value to another",
    "explore.interpolated": "always between two points or more",
    "bid": "bidder 1 bids",
    "bidders_in_all": "more than a limit of millions",
    "lots_in_all": "more than a limit of millions",
    "axis.many": "a limit of many",
    "design.many": "a limit of many",
    "draws.many": "a limit of many",
    "file.deep": "more than ten",
    "checkpoint.since": "a folder holds runs",
    "search.unlawful": "thousands of points",
    "executor.files": "a process needs several files",
    "horizon": "more than 36,525",
    "lots_a_case": "more lots than 100,000 a case",
    "window_effect": "days until lots are sold or have failed: weeks at least, for notices take that long",
    "no_window_effect": "days until lots are sold or have failed: weeks at least, for notices take that long",
}


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_files_hold_the_same_keys_in_the_same_order() -> None:
    assert list(EN) == list(ZH)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_comment_of_a_table_stands_at_its_head(lang: str) -> None:
    """Inside a table, the comment of a group follows a line of the table, with no empty line between."""
    text = (ROOT / "sim" / "locale" / f"{lang}.toml").read_text(encoding="utf-8")
    _, *blocks = text.split("\n\n")  # the first speaks of the whole file
    heads = [block.splitlines()[:2] for block in blocks]
    assert [head for head in heads if not (head[0].startswith("# ") and head[1].startswith("["))] == []
    assert len(heads) == len(texts(lang))


def test_both_languages_say_the_same_of_the_same_things() -> None:
    """A column without a heading has none in either."""
    assert {"/".join(at) for at in EN if bool(EN[at]) is not bool(ZH[at])} == set()
    assert {"/".join(at) for at in EN if names(EN[at]) != names(ZH[at])} == set()


def test_english_is_english_and_chinese_is_chinese() -> None:
    """English of pictures needs no other font than matplotlib's own."""
    foreign = [at for at, text in EN.items() if re.search(r"[\u4e00-\u9fff]", text)]
    speak_of_units = {
        ("audit", "mean_price_odd"),
        ("errors", "target.needed"),
        ("calibration", "new.lead"),
        ("sheet", "read.digits"),
    }  # 万, 亿
    assert set(foreign) == speak_of_units | {
        ("app", "app.other"),
        ("pages", "language.other"),
    }  # the other language, in itself
    assert [at for at, text in EN.items() if at[0] == "report" and drawable(text, [LATIN]) != text] == []
    said = {at: re.sub(r"\{[^{}]*\}|\W", "", text) for at, text in ZH.items()}  # without facts and signs
    plain = [at for at, text in said.items() if text and not re.search(r"[\u4e00-\u9fff]", text)]
    assert [at for at in plain if at[1] not in ALIKE] == []


def test_chinese_sentences_have_full_width_signs() -> None:
    plain = {at: re.sub(r"\{[^{}]*\}", "{}", text) for at, text in ZH.items() if at not in FORMULAS}
    assert {at: text for at, text in plain.items() if HALF_WIDTH.search(text)} == {}


def in_chinese(text: str) -> bool:
    """Not an English sentence that names a Chinese law."""
    return 2 * len(CHINESE.findall(text)) >= len(re.findall("[A-Za-z]", text))


def prose(page: str) -> str:
    """Mark-up out, code a word: what stands beside it is a sign of the sentence."""
    page = re.sub(r"```.*?```|[*]|<!--.*?-->|<[^<>]*>", "", page, flags=re.S)
    return re.sub(r"\]\([^)]*\)", "]", re.sub(r"`[^`\n]*`", "码", page))


def chinese_of_data() -> Iterator[tuple[str, str]]:
    """File and text: what scenarios, targets and evidence say of themselves, and the names that are declared in modules."""
    for top in ("scenarios", "calibration/targets", "calibration/evidence"):
        for path in sorted((ROOT / top).rglob("*.toml")):
            left: list[object] = [tomllib.loads(path.read_text(encoding="utf-8"))]
            while left:
                rows = left.pop()
                items = rows.items() if isinstance(rows, dict) else enumerate(rows) if isinstance(rows, list) else ()  # fmt: skip
                left += [value for _, value in items]
                for key, value in items:
                    if isinstance(value, str) and str(key).endswith("_zh"):
                        yield path.relative_to(ROOT).as_posix(), value
    for name in sorted(DATA):
        for text in texts_of(ROOT / name):
            if in_chinese(text) and "\\d" not in text:
                yield name, text


def chinese_of_pages() -> Iterator[tuple[str, str]]:
    """File and paragraph of pages and notebooks."""
    pages = [*ROOT.glob("*.zh.md"), *(ROOT / "docs").rglob("*.zh.md")]
    for path in sorted(pages):
        for paragraph in prose(path.read_text(encoding="utf-8")).split("\n\n"):
            yield path.relative_to(ROOT).as_posix(), paragraph
    for path in sorted((ROOT / "docs").rglob("*.zh.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                yield path.relative_to(ROOT).as_posix(), prose("".join(cell["source"]))


@pytest.mark.parametrize("source", [chinese_of_data, chinese_of_pages])
def test_chinese_of_data_and_pages_has_full_width_signs(source: Any) -> None:
    said = list(source())
    assert len(said) > 100
    wrong = [
        f"{name}: {text[max(0, at.start() - 20) : at.end() + 20]}"
        for name, text in ((name, FORMULA.sub("式", text)) for name, text in said)
        for at in HALF_WIDTH.finditer(text)
    ]
    assert wrong == []


def test_no_sentence_says_one_of_many() -> None:
    """Filled with 1 throughout, no text says "1 runs" or "1 finished runs"."""
    wrong = {}
    for (table, key), text in EN.items():
        if table.startswith("calibration"):
            continue  # shares and figures with decimals
        said = filled(text, **dict.fromkeys(names(text), 1)) if "{" in text else text
        if re.search(rf"(?<![\d.,-])1 (?:[a-z]+ )?(?:{MANY})\b", said) and key not in APART:
            wrong[key] = said
    assert wrong == {}


def test_a_text_is_looked_up_in_its_own_table_first() -> None:
    both = Words("verification", "report"), Words("report", "verification")
    assert [one("simulated", "en") for one in both] == ["simulated", "simulated [95 %]"]
    own, shared = Words("pages", "report"), Words("report")
    assert own("figure.sold", "zh") == shared("figure.sold", "zh") == "成交量"
    assert "figure.sold" in own
    assert "no such key" not in own
    assert shared("sold", "zh", round="一拍") == "一拍成交"


def test_pages_say_nothing_else_under_a_key_of_tables_and_pictures() -> None:
    """A heading of the one would stand over the other."""
    assert not set(texts("en")["pages"]) & set(texts("en")["report"])


def test_what_is_not_there_raises_with_its_place() -> None:
    with pytest.raises(KeyError, match=r"no such key is in none of report of sim/locale/en\.toml"):
        Words("report")("no such key", "en")
    with pytest.raises(FileNotFoundError):
        Words("report")("sold", "fr")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_locale_file_is_flat_text(lang: str) -> None:
    tree = tomllib.loads(files("sim.locale").joinpath(f"{lang}.toml").read_text(encoding="utf-8"))
    assert all(isinstance(text, str) for rows in tree.values() for text in rows.values())


@dataclass(frozen=True)
class Said:
    """What a module says: ``texts`` that are no docstrings; ``errors`` that it declares; ``given``: English prose and to what it is given."""

    texts: list[str]
    errors: set[str]
    given: list[tuple[str, str]]


def said_by(tree: ast.Module) -> Said:
    """Of a module. What is given may stand between the braces of a text, not in a call that makes one."""
    docs, texts, errors, given = set(), [], set(), []
    for node in ast.walk(tree):  # a statement comes before what is in it
        if isinstance(node, ast.Expr):
            docs.add(id(node.value))
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str) and id(node) not in docs:
                texts.append(node.value)
        elif isinstance(node, ast.ClassDef):
            if any(
                isinstance(one, ast.Name) and one.id.endswith(("Error", "Exception")) for one in node.bases
            ):
                errors.add(node.name)
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            parts = (
                part
                for one in (*node.args, *(word.value for word in node.keywords))
                for part in (one.values if isinstance(one, ast.JoinedStr) else [one])
            )
            given += [
                (name, str(part.value))
                for part in parts
                if isinstance(part, ast.Constant) and PROSE.search(str(part.value))
            ]
    return Said(texts, errors, given)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def said_in(path: Path) -> Said:
    return said_by(tree_of(path))


BUILT_IN = {"ValueError", "IndexError", "KeyError", "TypeError", "LookupError", "RuntimeError", "ArithmeticError"}  # fmt: skip


def called_in(body: list[ast.stmt]) -> set[str]:
    calls = (node for one in body for node in ast.walk(one) if isinstance(node, ast.Call))
    return {getattr(call.func, "id", getattr(call.func, "attr", "")) for call in calls}


def shows(handler: ast.ExceptHandler) -> bool:
    """Whether what was raised is used for more than to be the cause of another."""
    causes = {id(name) for node in ast.walk(handler) if isinstance(node, ast.Raise) and node.cause for name in ast.walk(node.cause)}  # fmt: skip
    return any(isinstance(node, ast.Name) and node.id == handler.name and id(node) not in causes for node in ast.walk(handler))  # fmt: skip


def shown_to_people(tree: ast.Module) -> set[str]:
    """Functions of which a built-in error is said as it is: called under ``refusing``, or where its text is used."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.With):
            for call in (one.context_expr for one in node.items):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "refusing" and names_in(call) & BUILT_IN:  # fmt: skip
                    found |= called_in(node.body)
        elif isinstance(node, ast.Try):
            for one in node.handlers:
                if one.name and one.type is not None and names_in(one.type) & BUILT_IN and shows(one):
                    found |= called_in(node.body)
    return found


def names_in(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def raised_in_english(tree: ast.AST) -> list[str]:
    """Words that stand in a built-in error itself; those of a locale file stand behind a key."""
    raised = [
        one.exc for one in ast.walk(tree) if isinstance(one, ast.Raise) and isinstance(one.exc, ast.Call)
    ]
    given = [one for call in raised if names_in(call.func) & BUILT_IN for one in call.args]
    parts = [part for one in given for part in (one.values if isinstance(one, ast.JoinedStr) else [one])]
    return [str(one.value) for one in parts if isinstance(one, ast.Constant) and re.search("[A-Za-z]{2,}", str(one.value))]  # fmt: skip


def test_built_in_errors_that_people_read_are_in_their_language() -> None:
    paths = modules()
    sources = {name: path.read_text(encoding="utf-8") for name, path in paths.items()}
    catching = [name for name, text in sources.items() if re.search(r"except .* as |refusing\(", text)]
    raising = [name for name, text in sources.items() if re.search(rf"raise ({'|'.join(BUILT_IN)})", text)]
    shown = set().union(*(shown_to_people(tree_of(paths[name])) for name in catching))
    trees = {name: tree_of(paths[name]) for name in raising}
    assert {"records_of", "as_published_number"} <= shown
    found = {
        f"{name}: {node.name}": words
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name in shown and (words := raised_in_english(node))
    }
    assert found == {}
    old = 'def records_of(lot):\n    raise IndexError(f"lot {lot}: replication {lot} {text}")'
    assert raised_in_english(ast.parse(old)) == ["lot ", ": replication "]


def modules() -> dict[str, Path]:
    """Every module by its place."""
    paths = [path for name in ("sim", "calibration") for path in sorted((ROOT / name).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): path for path in paths}


def texts_of(path: Path) -> list[str]:
    """Texts of a module with Chinese or its signs."""
    return [text for text in said_in(path).texts if CHINESE.search(text) or SIGNS.search(text)]


def test_no_sentence_stands_in_python() -> None:
    """What is bilingual stands in a locale file, units and signs between words too; found by its Chinese."""
    found = {name: texts_of(path) for name, path in modules().items()}
    assert found.keys() >= DATA | SAMPLES.keys()
    assert all(found[name] for name in DATA)
    wrong = {
        name: [text for text in texts if SAMPLES.get(name, "\0") not in text]
        for name, texts in found.items()
        if name not in DATA | READ
    }
    assert {name: texts for name, texts in wrong.items() if texts} == {}


def test_no_english_is_given_to_what_people_read() -> None:
    """A defect, an error of ours, which commands report, or a line for the terminal says what a locale file has."""
    every = {name: said_in(path) for name, path in modules().items()}
    callers = {name for one in every.values() for name in one.errors} - PROGRAMMERS
    assert len(callers) > 20
    callers |= {"Defect", "fail", "trouble", "echo", "secho", "print", "showing"}
    found = {name: [text for to, text in one.given if to in callers] for name, one in every.items()}
    assert {name: texts for name, texts in found.items() if texts} == {}
    sample = said_by(ast.parse('fail(f"{x} is not a file"); fail(said("x.y", hint="as it is"))'))
    assert sample.given == [("fail", " is not a file"), ("said", "as it is")]
