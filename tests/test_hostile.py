"""One document costs only itself: what a library does to the process, or a machine to a document, is one failure of one document."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import NoReturn

import pytest

from gongkai import Corpus, read_corpus
from gongkai.corpus import ingest
from gongkai.corpus.build import Built, build
from gongkai.corpus.ingest import TooSlow, passes
from gongkai.corpus.manifest import ManifestEntry

GOOD = ("pingtan-2019.html", "qinxian-2019.txt")
BAD = "坏的2021年.txt"


class Panic(BaseException):
    """What a library written in Rust raises: no Exception."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two good documents."""
    made = tmp_path / "年报"
    made.mkdir()
    for name in GOOD:
        shutil.copy(Path("data/raw", name), made / name)
    return made


def built(folder: Path) -> tuple[Built, Corpus]:
    out = folder.parent / "corpus"
    return build([folder], out, quiet=True), read_corpus(out)


def the_good_are_whole(corpus: Corpus) -> bool:
    return sorted(corpus.reports["path"]) == list(GOOD) and len(corpus.cells) > 200


@pytest.mark.parametrize("error", [Panic("attempt to subtract with overflow"), MemoryError(), RecursionError("too deep"), AssertionError()])
def test_whatever_one_document_raises_is_its_own_failure(folder: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    (folder / BAD).write_text("沁县2021年政府信息公开工作年度报告\n", encoding="utf-8")
    harm(monkeypatch, error)
    done, corpus = built(folder)
    assert (done.documents, done.failures) == (3, 1)
    assert the_good_are_whole(corpus)
    assert [*corpus.failures["path"]] == [BAD]


def harm(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let the bad document, and no other, raise this."""
    read: Callable[..., object] = ingest.read_entry

    def harmed(entry: ManifestEntry, *more: object) -> object:
        return fail(error) if entry.name == BAD else read(entry, *more)

    monkeypatch.setattr(ingest, "read_entry", harmed)


def fail(error: BaseException) -> NoReturn:
    raise error


@pytest.mark.parametrize(
    ("error", "again"),
    [(MemoryError(), 1), (TooSlow.of("corpus.too_slow", "a", seconds=1), 1), (OSError(errno.EIO, "error of the disk"), 1), (Panic("x"), 0),
     (ValueError("x"), 0)],
)  # fmt: skip
def test_what_the_machine_is_guilty_of_is_tried_again_and_what_the_bytes_are_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, again: int
) -> None:
    (folder / BAD).write_text(Path("data/raw/qinxian-2019.txt").read_text(encoding="utf-8").replace("2019", "2020"), encoding="utf-8")
    with monkeypatch.context() as harmed:
        harm(harmed, error)
        assert built(folder)[0].failures == 1
    done, corpus = built(folder)
    assert (done.read, done.failures) == (again, 1 - again)
    assert set(GOOD) <= set(corpus.reports["path"])


def test_a_pool_that_breaks_and_a_missing_file_are_told_apart() -> None:
    assert passes(BrokenExecutor())
    assert not passes(FileNotFoundError(errno.ENOENT, "gone", "a"))
