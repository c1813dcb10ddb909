"""What pages say; what they share with tables and pictures is said in the same words."""

from __future__ import annotations

from typing import Final

from sim.locale.words import Words

LANG_TAG: Final = {"zh": "zh-CN", "en": "en"}

w: Final = Words("pages", "report")
