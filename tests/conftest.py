"""Where the documents stand that the tests read: the project's own sample, and the shared real reports where they exist."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def sample() -> Path:
    """Return the path of the project's own real report."""
    return ROOT / "data" / "raw" / "qinxian-2019.txt"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of the shared real reports, or skip where there is none."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared here: the real reports are not part of the repository")
    return SHARED
