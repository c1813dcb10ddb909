"""Simulation of online judicial auctions (网络司法拍卖): from case to hammer.

Floors, each importing only those below it: ``cli`` > ``experiments``, ``report`` > ``measures`` >
``model`` and its rooms > ``scenario``, ``law``, ``calendar``, ``streams``. See ``docs/design.md``.
"""

__version__ = "0.1.0"
