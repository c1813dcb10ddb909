"""A headless Chromium for tests of pages: what it logs, what it asks the network for, how pages look.

Debian's packages chromium and chromium-driver are used where they are; without them the tests that need a
browser are skipped with a reason, unless SIM_NEED_BROWSER is set (as in CI), which makes that an error.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)
BINARIES = ("chromium", "chromium-browser", "google-chrome")
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir>{package}</dir><cachedir>{cache}</cachedir></fontconfig>"""


def missing() -> str | None:
    """Why no browser can be had here; None when one can."""
    if importlib.util.find_spec("selenium") is None:
        return "selenium is not installed: pip install selenium"
    found = next(filter(None, map(shutil.which, BINARIES)), None)
    if found is None:
        return "no Chromium: apt-get install chromium"
    if not shutil.which("chromedriver"):
        return "no chromedriver: apt-get install chromium-driver"
    try:
        subprocess.run(
            [found, *ARGUMENTS, "--dump-dom", "about:blank"], check=True, capture_output=True, timeout=120
        )
    except (subprocess.SubprocessError, OSError) as error:
        return f"Chromium does not start here: {error}"
    return None


SMALLEST = """return Math.min(...[...document.querySelectorAll('svg')].filter((e) => e.getClientRects().length).flatMap((e) => [...e.querySelectorAll('text')])
  .map((t) => parseFloat(getComputedStyle(t).fontSize) * t.ownerSVGElement.getBoundingClientRect().width / t.ownerSVGElement.viewBox.baseVal.width))"""
# Words of a drawing that reach beyond it: what is cut off on a phone or on paper.
CUT_OFF = """const out = [];
for (const t of document.querySelectorAll('svg text')) {
  if (!t.getClientRects().length) continue;
  const a = t.getBoundingClientRect(), b = t.ownerSVGElement.getBoundingClientRect();
  if (a.left < b.left - 5 || a.right > b.right + 5) out.push(t.textContent);
}
return out;"""
# Level words of a drawing that lie on each other.
OVERLAID = """const out = [];
for (const svg of document.querySelectorAll('svg')) {
  const all = [...svg.querySelectorAll('text')].filter((t) => t.getClientRects().length && !t.getAttribute('transform'));
  for (const [i, t] of all.entries()) for (const u of all.slice(i + 1)) {
    const a = t.getBoundingClientRect(), b = u.getBoundingClientRect();
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left), tall = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 2 && tall > 5) out.push(`${t.textContent} | ${u.textContent}`);
  }
}
return out;"""


def started(folder: Path) -> Iterator[Chrome]:
    """A headless Chromium, for a fixture; skipped with the reason where none can be had."""
    why = missing()
    if why and os.environ.get("SIM_NEED_BROWSER"):
        pytest.fail(why)
    if why:
        pytest.skip(why)
    one = Chrome(folder)
    yield one
    one.quit()


class Chrome:
    """One browser for all tests of a session."""

    def __init__(self, folder: Path) -> None:
        from selenium import webdriver
        from selenium.webdriver.chrome.options import Options
        from selenium.webdriver.chrome.service import Service

        self.downloads = folder / "downloads"
        self.downloads.mkdir()
        package = importlib.util.find_spec("pylopdf_fonts_zh_cn")
        assert package is not None
        assert package.submodule_search_locations
        fonts = folder / "fonts.conf"
        fonts.write_text(FONTS.format(package=package.submodule_search_locations[0], cache=folder / "fonts"))
        options = Options()
        options.binary_location = next(path for path in map(shutil.which, BINARIES) if path)
        for argument in ARGUMENTS:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = Service(shutil.which("chromedriver"), env={**os.environ, "FONTCONFIG_FILE": str(fonts)})
        self.driver = webdriver.Chrome(options=options, service=service)
        self.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.downloads))

    def command(self, name: str, **parameters: Any) -> Any:
        return self.driver.execute_cdp_cmd(name, parameters)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def visit(self, address: str, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Open an address afresh; earlier log entries are forgotten."""
        self._screen(width, height, dark)
        self.driver.get(address)

    def open(
        self, page: Path, width: int = 1280, height: int = 900, dark: bool = False, fragment: str = ""
    ) -> None:
        """Open a page afresh; earlier log entries are forgotten."""
        self._screen(width, height, dark)
        self.driver.get(f"{page.resolve().as_uri()}{fragment}")

    def _screen(self, width: int, height: int, dark: bool) -> None:
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", features=[scheme])
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get_log("performance")

    def console(self) -> list[str]:
        """What the page wrote to the console, errors and warnings."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def outside(self) -> list[str]:
        """Addresses asked for that are not the page's own."""
        entries = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        asked = [e["params"]["request"]["url"] for e in entries if e["method"] == "Network.requestWillBeSent"]
        return [address for address in asked if not address.startswith(("file:", "data:", "blob:", "about:"))]

    def press(self, *keys: str) -> None:
        """Keys as a person would press them, to whatever has the focus."""
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def downloaded(self, name: str, seconds: float = 10.0) -> bytes:
        """A finished download, taken away."""
        path, end = self.downloads / name, time.monotonic() + seconds
        while not path.is_file():
            assert time.monotonic() < end, f"{name} was not downloaded"
            time.sleep(0.02)
        content = path.read_bytes()
        path.unlink()
        return content

    def picture(self, name: str, most: float = float("inf")) -> None:
        """The page as it is now, for people to look at, down to ``most`` pixels: into the folder SIM_SHOTS names, if it does."""
        folder = os.environ.get("SIM_SHOTS")
        if not folder:
            return
        width, height = self.run("return [innerWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, most), "scale": 1}
        shot = self.command("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))

    def quit(self) -> None:
        self.driver.quit()


# Text whose colour is too close to what is behind it: [text, ratio]. 4.5 is WCAG 2.1 AA for normal text.
LOW_CONTRAST = """
const parse = (c) => (c.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => v / 255).map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
const out = [];
for (const e of document.querySelectorAll("body *")) {
  if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
  if (["SCRIPT", "STYLE", "TITLE", "title"].includes(e.tagName) || !e.getClientRects().length) continue;
  const style = getComputedStyle(e);
  const a = light(parse(e instanceof SVGElement ? style.fill : style.color)), b = light(behind(e));
  const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  if (ratio < 4.5) out.push([e.textContent.trim().slice(0, 40), Math.round(ratio * 100) / 100]);
}
return out;
"""

# What a screen reader would miss: a sentence for each thing without a name or a role.
UNNAMED = """
const out = [];
const named = (e) => e.getAttribute("aria-label") || e.textContent.trim() || (e.id && document.querySelector(`label[for="${e.id}"]`)) || e.closest("label") || e.getAttribute("aria-labelledby");
if (!document.documentElement.lang) out.push("html has no lang");
if (document.querySelectorAll("h1").length !== 1) out.push("not one h1");
if (!document.querySelector("main")) out.push("no main");
for (const e of document.querySelectorAll("button, a[href], input, select, output")) if (!named(e)) out.push(`unnamed ${e.outerHTML.slice(0, 80)}`);
for (const e of document.querySelectorAll("svg")) if (!(e.getAttribute("role") === "img" && e.getAttribute("aria-label")) && !e.closest("[aria-hidden=true]")) out.push(`unnamed svg ${e.outerHTML.slice(0, 80)}`);
for (const e of document.querySelectorAll("table")) if (!e.caption || !e.querySelector("thead th[scope=col]")) out.push(`bare table ${e.outerHTML.slice(0, 80)}`);
for (const e of document.querySelectorAll(".scroll")) if (e.getAttribute("role") !== "region" || e.tabIndex !== 0 || !e.getAttribute("aria-label")) out.push(`a table that scrolls is out of reach: ${e.outerHTML.slice(0, 80)}`);
for (const e of document.querySelectorAll("section")) { const h = document.getElementById(e.getAttribute("aria-labelledby")); if (!h) out.push(`unnamed section ${e.id}`); }
const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) out.push(`id twice: ${id}`);
let last = 1;
for (const h of document.querySelectorAll("h1, h2, h3, h4")) { const level = Number(h.tagName[1]); if (level > last + 1) out.push(`heading ${h.textContent} skips a level`); last = level; }
return out;
"""

# Chinese characters that would be drawn as the same box as a character no font has.
BOXES = """
const draw = (text, font) => { const c = document.createElement("canvas"); c.width = c.height = 40; const x = c.getContext("2d"); x.font = `24px ${font}`; x.fillText(text, 4, 30); return c.toDataURL(); };
const out = new Set();
const texts = document.querySelectorAll("h1, h2, p, th, td, text, summary, figcaption, button");
const seen = new Set();
for (const e of texts) {
  const font = getComputedStyle(e).fontFamily;
  for (const c of e.textContent) if (/\\p{Script=Han}/u.test(c) && !seen.has(c + font)) { seen.add(c + font); if (draw(c, font) === draw("\\u{10FFFD}", font)) out.add(c); }
}
return [[...out].join(""), seen.size];
"""
