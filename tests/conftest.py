"""Where the documents stand that the tests read: the project's own sample, and the shared real reports where they exist."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
import tallies

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


def _reports(config: pytest.Config) -> Iterable[pytest.TestReport]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return [r for kind in ("passed", "failed", "xfailed", "xpassed") for r in reporter.stats.get(kind, ())] if reporter else []


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which too few cells of all damaged documents were read right."""
    counts = tallies.total(tallies.collected(_reports(session.config)))
    if counts and tallies.share(counts) < tallies.LEAST and not hasattr(session.config, "workerinput"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what the tests of damage counted: a table in a long or verbose run, else its last line."""
    found = tallies.collected(_reports(config))
    if found:
        terminalreporter.section(f"damaged documents, at least {tallies.LEAST:.1%} right")
        table = list(tallies.lines(found))
        shown = os.environ.get("GONGKAI_PROFILE") == "long" or config.option.verbose > 0
        for line in table if shown else table[-1:]:
            terminalreporter.write_line(line)
