"""Bombs are refused by name, in seconds and with little memory, and the documents beside them are read as if they were not there."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from pathlib import Path

import pytest
from bombs import BOMBS, LONG, Bomb
from test_hostile import GOOD

from gongkai import read_corpus, read_report
from gongkai.core import isolation
from gongkai.core.errors import ReportError, UsageError
from gongkai.corpus.build import build
from gongkai.readers import read_document
from gongkai.readers.limits import LIMITS, most, passed, variable

# The machine that runs the tests may be busy with others.
SECONDS, SLACK, MEGABYTES = 5, 4, 450
EACH = [next(b for b in BOMBS if b.name.startswith(kind)) for kind in (
    "merges_hidden", "strings_styles", "vmerge.", "bz2", "nested_dl", "attributes_slash", "boxes.", "stream_pages", "each_other", "grid.")
]  # fmt: skip


def test_each_limit_is_told_with_what_raises_it() -> None:
    for name in LIMITS.keys() - {"seconds", "megabytes"}:  # of which the process that watches tells
        refused = passed(name)
        assert variable(name) in refused.advice.zh
        assert variable(name) in refused.advice.en
        assert f"{most(name):,}" in refused.found.en or name == "bytes"


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb.name)
def test_a_bomb_is_refused_by_name(bomb: Bomb) -> None:
    data = bomb.make()
    begun = time.monotonic()
    # Of a recursion that was stopped the error sometimes cannot be handed over as it is, in a copy of a process that ran many tests.
    with pytest.raises((ReportError, isolation.Fault)) as refused:
        isolation.call(read_document, data, seconds=SECONDS * SLACK, megabytes=MEGABYTES)
    assert bomb.told in str(refused.value)
    assert time.monotonic() - begun < SECONDS * SLACK


def seconds_of_reading(data: bytes) -> float:
    """Read a document, as a report or not, and return the processor's time for it."""
    with suppress(ReportError):
        read_report(data)
    return time.process_time()


@pytest.mark.parametrize("name", LONG)
def test_a_long_document_costs_as_much_as_it_is_long(name: str) -> None:
    """Where a part is compared with all others it takes minutes."""
    isolation.close()
    assert isolation.once(seconds_of_reading, LONG[name](), seconds=200, megabytes=MEGABYTES) < 20


@pytest.mark.parametrize("jobs", [1, 2])
def test_bombs_leave_their_neighbours_untouched(tmp_path: Path, jobs: int) -> None:
    for folder in ("alone", "beside"):
        (tmp_path / folder).mkdir()
        for name in GOOD:
            shutil.copy(Path("data/raw", name), tmp_path / folder / name)
    for bomb in EACH:
        (tmp_path / "beside" / bomb.name).write_bytes(bomb.make())
    held = {}
    for folder in ("alone", "beside"):
        build([tmp_path / folder], tmp_path / f"{folder}-corpus", jobs=jobs, quiet=True)
        held[folder] = read_corpus(tmp_path / f"{folder}-corpus")
    assert held["alone"].failures.empty
    told = dict(zip(held["beside"].failures["path"], held["beside"].failures["reason"], strict=True))
    assert {name: EACH_TOLD[name] in reason for name, reason in told.items()} == dict.fromkeys(EACH_TOLD, True)
    for table in ("reports", "cells", "findings", "sections", "figures", "checks"):
        assert getattr(held["alone"], table).equals(getattr(held["beside"], table)), table


EACH_TOLD = {bomb.name: bomb.told for bomb in EACH}


@pytest.mark.parametrize("name", ["bytes", "columns", "text"])
def test_a_limit_can_be_moved_and_its_failures_are_then_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (tmp_path / "raw").mkdir()
    shutil.copy("data/raw/qinxian-2019.txt", tmp_path / "raw")
    with monkeypatch.context() as lower:
        lower.setenv(variable(name), "3")
        assert build([tmp_path / "raw"], tmp_path / "corpus", quiet=True).failures == 1
        assert build([tmp_path / "raw"], tmp_path / "corpus", quiet=True).read == 0
    done = build([tmp_path / "raw"], tmp_path / "corpus", quiet=True)
    assert (done.read, done.failures) == (1, 0)


@pytest.mark.parametrize("name", ["rows", "seconds", "megabytes"])
def test_a_limit_that_is_no_number_is_refused_before_anything_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(variable(name), "viel")
    with pytest.raises(UsageError, match=variable(name)):
        build(["data/raw"], tmp_path / "corpus", quiet=True)
