"""Simulation of online judicial auctions (网络司法拍卖): from case to hammer.

Folders are layers, each importing only those below it: see ``docs/design.md``, and the contracts in ``pyproject.toml``.
"""

__version__ = "0.1.0"
