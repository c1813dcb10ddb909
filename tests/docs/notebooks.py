"""Notebooks of ``docs/tutorial/``: ``python tests/docs/notebooks.py [FILE ...]`` runs them and writes their outputs in.

A notebook and its Chinese twin ``NAME.zh.ipynb`` are two texts around one code: the twin's code is that of the English one, but
for the line that says the language, and is copied there from it. Outputs hold nothing that differs from run to run.
"""

from __future__ import annotations

import base64
import html
import io
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "tutorial"
CHINESE = ".zh.ipynb"
LANGUAGE = 'os.environ["SIM_LANG"] = "{}"'
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
SECONDS = 300  # of a cell
COLOURS = 128  # of a picture: half the bytes, and nobody sees it
Notebook = dict[str, Any]


def notebooks() -> list[Path]:
    """All of them, in both languages."""
    return sorted(FOLDER.glob("*.ipynb"))


def english() -> list[Path]:
    """Those whose code is written by hand."""
    return [path for path in notebooks() if not path.name.endswith(CHINESE)]


def twin(path: Path) -> Path:
    """The Chinese notebook of an English one."""
    return path.with_name(path.stem + CHINESE)


def language(path: Path) -> str:
    return "zh" if path.name.endswith(CHINESE) else "en"


def read(path: Path) -> Notebook:
    found: Notebook = json.loads(path.read_text(encoding="utf-8"))
    return found


def write(path: Path, notebook: Notebook) -> None:
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def code(notebook: Notebook) -> list[str]:
    """The source of each cell of code."""
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def prose(notebook: Notebook) -> str:
    """What is written around the code."""
    return "\n\n".join(
        "".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"
    )


def texts(cell: dict[str, Any]) -> list[str]:
    """What a cell shows, as texts; a picture by its kind alone."""
    found = []
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            found.append("".join(output["text"]))
        elif output["output_type"] == "error":
            found.append(output["evalue"])
        else:
            for kind, data in sorted(output["data"].items()):
                found.append(kind if kind == "image/png" else "".join(data))
    return found


def shown(notebook: Notebook) -> str:
    """All that a notebook shows, as a reader sees it: without marks of HTML."""
    every = (text for cell in notebook["cells"] if cell["cell_type"] == "code" for text in texts(cell))
    return re.sub(r"<style.*?</style>|<[^>]+>", " ", html.unescape("\n".join(every)), flags=re.S)


def given_code(chinese: Notebook, of: Notebook) -> Notebook:
    """The Chinese notebook with the English one's code."""
    cells = [cell for cell in chinese["cells"] if cell["cell_type"] == "code"]
    sources = [one.replace(LANGUAGE.format("en"), LANGUAGE.format("zh")) for one in code(of)]
    for cell, source in zip(cells, sources, strict=True):
        cell["source"] = source.splitlines(keepends=True)
    return chinese


def executed(notebook: Notebook) -> Notebook:
    """The notebook as a kernel of its own shows it, in a folder that goes again."""
    import nbformat
    from nbclient import NotebookClient

    running = nbformat.reads(json.dumps(notebook), as_version=4)
    env = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    env.pop("SIM_LANG", None)
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            running, timeout=SECONDS, kernel_name="python3", record_timing=False,
            resources={"metadata": {"path": folder}},
        )  # fmt: skip
        client.execute(env=env)
    return tidy(json.loads(nbformat.writes(running)))


def tidy(notebook: Notebook) -> Notebook:
    """Without what differs from machine to machine and run to run: releases, seconds, bars of progress that are gone."""
    notebook["metadata"] = METADATA
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        if cell["cell_type"] == "code":
            cell["outputs"] = [tidied(one) for one in cell["outputs"] if not gone(one)]
    return notebook


def gone(output: dict[str, Any]) -> bool:
    """A bar of progress that has gone, or nothing but a line on stderr."""
    if output["output_type"] == "stream":
        return output["name"] == "stderr"
    return "".join(output.get("data", {}).get("text/html", ["-"])) == ""


def tidied(output: dict[str, Any]) -> dict[str, Any]:
    """One output; where there is a table or a picture, the line that stands for it in a terminal has seconds in it."""
    if data := output.get("data"):
        if len(data) > 1:
            data.pop("text/plain", None)
        if "image/png" in data:
            data["image/png"] = smaller("".join(data["image/png"]))
        output["metadata"] = {}
    return output


def smaller(png: str) -> str:
    """A picture of fewer bytes."""
    from PIL import Image

    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    out = io.BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "png", optimize=True)
    return base64.b64encode(out.getvalue()).decode("ascii") + "\n"


def main() -> None:
    """Run those named, or all; a Chinese one is given the English one's code first."""
    for path in [Path(name).resolve() for name in sys.argv[1:]] or notebooks():
        notebook = read(path)
        if language(path) == "zh":
            notebook = given_code(notebook, read(path.with_name(path.name.replace(CHINESE, ".ipynb"))))
        new = executed(notebook)
        if new != read(path):
            write(path, new)
            print(f"{path.relative_to(ROOT)}: refreshed")


if __name__ == "__main__":
    main()
