"""Run every command of README and docs/ and write outputs and numbers in: ``python tests/docs/refresh.py [FILE ...]``."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from documents import PICTURE, ROOT, Desk, alike, documents, refreshed


def main() -> None:
    """Rewrite the documents whose outputs or numbers have changed, and their pictures; differences in time alone are left."""
    named = [Path(name).resolve() for name in sys.argv[1:]]
    for path in named or documents():
        text = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            desk = Desk(Path(folder).resolve())
            desk.follow(text)
            new = refreshed(text, desk)
            if alike(new) != alike(text):
                path.write_text(new, encoding="utf-8")
                for picture, made in PICTURE.findall(text):
                    shutil.copyfile(desk.folder / made, path.parent / picture)
                print(f"{path.relative_to(ROOT)}: refreshed")


if __name__ == "__main__":
    main()
