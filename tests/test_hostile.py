"""One document costs only itself: what a library does to the process, or a machine to a document, is one failure of one document."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import sys
import unicodedata
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import harms
import pytest

from gongkai import Corpus, read_corpus
from gongkai.cli import main
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


HARMS: list[tuple[Callable[[], object], str, int, str]] = [
    (os.abort, "SIGABRT", 0, ""), (harms.crash, "SIGSEGV", 0, ""), (harms.killed, "ended abruptly", 1, ""),
    (harms.leave, "SystemExit", 0, ""),
    (harms.hang, "not read after 15 seconds", 1, "GONGKAI_MOST_SECONDS"), (harms.swell, "420 MB", 1, "GONGKAI_MOST_MEGABYTES"),
]  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="what is changed here is known to copies of this process alone")
@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(("harm", "told", "again", "raised_by"), HARMS)
def test_what_reading_one_document_does_to_its_process_is_its_own_failure(
    folder: Path, monkeypatch: pytest.MonkeyPatch, harm: Callable[[], object], told: str, again: int, raised_by: str, jobs: int
) -> None:
    (folder / BAD).write_text(Path("data/raw/qinxian-2019.txt").read_text(encoding="utf-8").replace("2019", "2020"), encoding="utf-8")
    read: Callable[..., object] = ingest.read_entry
    with monkeypatch.context() as harmed:
        harmed.setenv("GONGKAI_MOST_SECONDS", "15")  # the good ones take a tenth of a second where nobody else works
        harmed.setattr(ingest, "read_entry", lambda entry, *more: harm() if entry.name == BAD else read(entry, *more))
        done = build([folder], folder.parent / "corpus", jobs=jobs, quiet=True)
    corpus = read_corpus(folder.parent / "corpus")
    assert (done.documents, done.failures) == (3, 1)
    assert the_good_are_whole(corpus)
    (reason,) = corpus.failures["reason"]
    assert told in reason
    assert raised_by in reason
    done, corpus = built(folder)
    assert (done.read, done.failures) == (again, 1 - again)


@pytest.mark.skipif(sys.platform != "linux", reason="what is changed here is known to copies of this process alone")
@pytest.mark.parametrize(("harm", "told"), [(os.abort, "SIGABRT"), (harms.panic, "Panic"), (harms.hang, "2 seconds")])
@pytest.mark.parametrize("command", ["read", "check"])
def test_the_command_line_says_in_one_sentence_what_a_document_did(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], harm: Callable[[], object], told: str
) -> None:
    monkeypatch.setenv("GONGKAI_MOST_SECONDS", "2")
    monkeypatch.setattr("gongkai.report.report.read_document", lambda _: harm())
    assert main([command, "data/raw/qinxian-2019.txt", "--lang", "en"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert told in err


def test_any_executor_reads_where_it_can_do_no_harm(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits hold in a pool of threads too, such as those in which a cluster runs its tasks."""
    monkeypatch.setenv("GONGKAI_MOST_MEGABYTES", "0")
    with ThreadPoolExecutor(2) as pool:
        assert build([folder], folder.parent / "corpus", executor=pool, jobs=2, quiet=True).failures == 2
        monkeypatch.delenv("GONGKAI_MOST_MEGABYTES")
        done = build([folder], folder.parent / "corpus", executor=pool, jobs=2, quiet=True)
    assert (done.read, done.failures) == (2, 0)
    assert the_good_are_whole(read_corpus(folder.parent / "corpus"))


def test_a_pool_that_breaks_and_a_missing_file_are_told_apart() -> None:
    assert passes(BrokenExecutor())
    assert not passes(FileNotFoundError(errno.ENOENT, "gone", "a"))


def fifo(folder: Path) -> None:
    os.mkfifo(folder / BAD)


def socket_file(folder: Path) -> None:
    short = os.path.relpath(folder / "s.txt")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(short)
    (folder / "s.txt").rename(folder / BAD)


def endless(folder: Path) -> None:
    (folder / BAD).symlink_to("/dev/zero")


def circle(folder: Path) -> None:
    (folder / BAD).symlink_to("other.txt")
    (folder / "other.txt").symlink_to(BAD)


def stranger(folder: Path) -> None:
    (folder.parent / "secret.txt").write_text("密码：12345\n", encoding="utf-8")
    (folder / BAD).symlink_to("../secret.txt")


def stranger_folder(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir()
    (folder / BAD).symlink_to("../elsewhere")


def no_text(folder: Path) -> None:
    shutil.copy(folder / GOOD[1], os.fsencode(folder) + b"/\xc9\xb3\xcf\xd8.txt")


def control(folder: Path) -> None:
    shutil.copy(folder / GOOD[1], folder / "a\x1b[2J\n\x1f.txt")


def sheet_fifo(folder: Path) -> None:
    os.mkfifo(folder / "2021.xlsx")


def record_fifo(folder: Path) -> None:
    (folder / "x").mkdir()
    os.mkfifo(folder / "x" / "corpus.json")


def gone(folder: Path) -> None:
    (folder / "manifest.csv").write_text(f"path,year\n{BAD},2021\n", encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes and links")
@pytest.mark.parametrize(
    ("put", "told"),
    [(fifo, "a pipe"), (socket_file, "a pipe"), (endless, "leads out"), (circle, "circle"), (stranger, "leads out"),
     (stranger_folder, "leads out"), (no_text, "no UTF-8"), (control, "control characters"), (sheet_fifo, "a pipe"),
     (record_fifo, "a pipe"), (gone, "no such file")],
)  # fmt: skip
def test_what_is_no_document_is_a_row_with_its_reason(folder: Path, put: Callable[[Path], None], told: str) -> None:
    put(folder)
    done, corpus = built(folder)
    assert the_good_are_whole(corpus)
    assert done.failures >= 1
    assert all(told in reason for reason in corpus.failures["reason"])
    assert not any("密码" in reason for reason in corpus.failures["reason_zh"])
    assert build([folder], folder.parent / "corpus", quiet=True).read == 0


def test_a_folder_called_like_a_page_is_a_folder(folder: Path) -> None:
    (folder / "x.html").mkdir()
    (folder / GOOD[0]).rename(folder / "x.html" / GOOD[0])
    done, corpus = built(folder)
    assert (done.failures, len(corpus.reports)) == (0, 2)


ORDERS = "\x1b]0;owned\x07\x1b[2J\u202e\u2066\x9b1A"


@pytest.mark.parametrize("name", ["good.txt", "\x1b[2J\u202e.txt", "gone\x1b[2J\u202e.txt"])
@pytest.mark.parametrize("command", ["read", "check", "corpus", "trace", "diff", "export", "unknown\x1b[2J"])
def test_a_terminal_obeys_no_document(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str, name: str
) -> None:
    monkeypatch.chdir(folder.parent)
    if not name.startswith("gone"):
        text = (folder / GOOD[1]).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace("规章", f"规章{ORDERS}").replace("沁县", f"沁县{ORDERS}"), encoding="utf-8")
    file = str(folder / name)
    arguments = {
        "corpus": [str(folder), "-o", "c", "--jobs", "1"], "trace": [f"{name}#x", "c"], "diff": [file, file],
        "export": ["c", "--to", "csv", "-o", f"o{ORDERS}"],
    }  # fmt: skip
    main([command, *arguments.get(command, [file]), "--lang", "en"])
    printed = "".join(capsys.readouterr())
    assert printed
    assert not {c for c in printed if c not in "\n\t" and (unicodedata.category(c) in ("Cc", "Cs") or c in "\u202e\u2066")}


def test_what_is_printed_shows_what_a_document_would_have_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", "\x1b[2J\u202e.txt", "--lang", "en"]) == 2
    assert "\\x1b[2J\\u202e.txt" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("known", "told"),
    [("source_url\n{}," + "x" * 200_000, None), ('source_url\n{},"http://a\nqinxian-2019.txt,http://b', "closing quote"),
     ("retrieved_at\n{},2020-99-99", "2020-99-99")],
)  # fmt: skip
def test_a_line_of_the_manifest_costs_its_own_document_alone(folder: Path, known: str, told: str | None) -> None:
    text = (folder / GOOD[1]).read_text(encoding="utf-8").replace("2019", "2020")
    (folder / BAD).write_text(text, encoding="utf-8")
    (folder / "manifest.csv").write_text(f"path,{known.format(BAD)}\n", encoding="utf-8")
    done, corpus = built(folder)
    assert done.failures == (told is not None)
    assert set(GOOD) <= set(corpus.reports["path"])
    assert all(str(told) in reason for reason in corpus.failures["reason"])
