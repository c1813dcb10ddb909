"""Run every command of README and docs/ and write outputs in, in both languages: ``python tests/docs/refresh.py [FILE ...]``."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from documents import ROOT, Desk, alike, documents, english_of, notes, refreshed, translations


def main() -> None:
    """Rewrite the documents whose outputs have changed, and their pictures; differences in time alone are left."""
    named = [Path(name).resolve() for name in sys.argv[1:]]
    for path in named or [*documents(), *translations()]:
        text = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            desk = Desk(Path(folder).resolve())
            less = notes(path).get("less") or notes(english_of(path) if ".zh" in path.name else path).get(
                "less", ()
            )
            desk.follow(text, less)
            new = refreshed(text, desk, "zh" if ".zh" in path.name else "en")
            if alike(new) != alike(text):
                path.write_text(new, encoding="utf-8")
                for picture, made in notes(path).get("pictures", {}).items():
                    shutil.copyfile(desk.folder / made, path.parent / picture)
                print(f"{path.relative_to(ROOT)}: refreshed")


if __name__ == "__main__":
    main()
