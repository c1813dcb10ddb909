"""Folders of every kind, made once a session."""

from __future__ import annotations

import pytest
from kinds import Folders


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    return Folders(tmp_path_factory.mktemp("kinds"))
