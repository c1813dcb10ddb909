"""Which font draws Chinese in a PNG, and what to do where there is none.

Looked for, in order: the fonts matplotlib knows, font packages installed beside this one, the fonts of the
system (matplotlib's own list may be older than they are). A font counts only if it has the characters. Where
none is found, pictures speak English and one warning says so; no picture ever shows empty boxes. SVG keeps
text as text and names the families below, so there the reader's machine supplies the font.
"""

from __future__ import annotations

import importlib.util
import warnings
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from sim.locale.language import said

LATIN: Final = "DejaVu Sans"  # ships with matplotlib
FAMILIES: Final = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Microsoft YaHei",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Heiti SC",
    "STHeiti",
    "Noto Sans CJK JP",  # the name under which older matplotlib lists the collection of all five
    "Droid Sans Fallback",
    "Arial Unicode MS",
    "SimSun",
    "Noto Serif CJK SC",
)
PACKAGES: Final = ("pylopdf_fonts_zh_cn", "manimgx_fonts_cjk", "mpl_font", "mplfonts")
FILES: Final = (
    "notosanscjk",
    "notosanssc",
    "sourcehansans",
    "wqy",
    "wenquanyi",
    "droidsansfallback",
    "pingfang",
    "msyh",
    "simhei",
)
PROBE: Final = "拍卖溢价率"

_said: set[str] = set()


def chinese() -> str | None:
    """Name of a font family that has Chinese characters, or None."""
    return _search()


@lru_cache(maxsize=1)
def _search() -> str | None:
    known = {entry.name: entry.fname for entry in reversed(font_manager.fontManager.ttflist)}
    for family in FAMILIES:
        if family in known and _has(known[family], PROBE):
            return _with_bold(family)
    for path in [*_packaged(), *_system()]:
        if _has(path, PROBE):
            font_manager.fontManager.addfont(path)
            return _with_bold(FT2Font(path).family_name)
    return None


def _with_bold(family: str) -> str:
    """Where a family has no bold face its regular one stands in, or matplotlib complains at every headline."""
    faces = [entry for entry in font_manager.fontManager.ttflist if entry.name == family]
    weights = [entry.weight for entry in faces]
    if faces and not any(isinstance(weight, int) and weight >= 600 for weight in weights):
        font_manager.fontManager.ttflist.append(replace(faces[0], weight=700))
    return family


def _packaged() -> list[str]:
    """Sans fonts inside the font packages that are installed; nothing is imported."""
    found: list[str] = []
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            found += sorted(str(p) for p in Path(folder).rglob("*.[ot]t[fc]") if _wanted(p))
    return sorted(found, key=lambda path: "Regular" not in path)


def _system() -> list[str]:
    return sorted(path for path in font_manager.findSystemFonts() if _wanted(Path(path)))


def _wanted(path: Path) -> bool:
    name = path.name.lower().replace("-", "").replace("_", "").replace(" ", "")
    return any(part in name for part in FILES)


def _has(path: str, characters: str) -> bool:
    try:
        face = FT2Font(path)
    except (OSError, RuntimeError, ValueError):
        return False
    return all(face.get_char_index(ord(c)) for c in characters)


def font_file() -> Path:
    """The file of a font with Chinese and Latin letters: of a font package, so that every machine has the same, else the system's.

    Raises ``OSError`` where there is none.
    """
    found = next((path for path in [*_packaged(), *_system()] if _has(path, PROBE)), None)
    if found is None:
        raise FileNotFoundError(said("font.missing"))
    return Path(found)


def choose(lang: str) -> tuple[str, list[str]]:
    """The language a picture can really speak, and the font families to draw it with."""
    if lang not in ("en", "zh"):
        raise ValueError(f"lang must be 'en' or 'zh', not {lang!r}")
    font = chinese()
    if lang == "zh" and font is None:
        _say_once(said("font.missing"))
        lang = "en"
    if font is None:
        return lang, [LATIN]
    return lang, [font, LATIN] if lang == "zh" else [LATIN, font]


def _say_once(words: str) -> None:
    if words not in _said:
        _said.add(words)
        warnings.warn(words, UserWarning, stacklevel=3)


def forget() -> None:
    """Look again at the next picture (a font was installed), and warn again if there is none."""
    _search.cache_clear()
    _said.clear()


def drawable(text: str, families: list[str]) -> str:
    """``text`` with what none of the families can draw replaced by a question mark."""
    if text.isascii():
        return text
    faces = [_characters(family) for family in families]
    return "".join(c if c.isspace() or any(ord(c) in face for face in faces) else "?" for c in text)


@lru_cache(maxsize=8)
def _characters(family: str) -> frozenset[int]:
    path = font_manager.findfont(font_manager.FontProperties(family=[family]), fallback_to_default=True)
    return frozenset(FT2Font(path).get_charmap())
