"""Writing files so that an interrupted program leaves no half-written one; and finding the project's notebooks."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from glob import escape
from importlib import resources
from io import BufferedReader
from pathlib import Path

from gongkai.core.errors import ReportError, UsageError, of_system
from gongkai.core.messages import Words, both, storable

try:
    import fcntl
except ImportError:  # Windows, which lets nobody remove what is open
    fcntl = None  # type: ignore[assignment]

# A file system allots space in blocks of this many bytes: if one block cannot be written, the disk is full.
_BLOCK = bytes(4096)
# How scratch files end and scratch folders begin. A process holds a lock on its own while it lives, so another knows which are left over.
_SCRATCH, _FOLDER, _RANDOM = ".tmp", "gongkai-scratch-", "????????"


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all."""
    with whole(path) as scratch:
        scratch.write_bytes(content if isinstance(content, bytes) else content.encode())


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a file to write to that takes its place only when it is whole; else nothing is left of it, nor of a killed attempt before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    clear_scratch(path.parent.glob(f".{escape(path.name)}.{_RANDOM}{_SCRATCH}"))
    scratch, handle = _held(lambda: _closed(tempfile.mkstemp(_SCRATCH, f".{path.name}.", path.parent)))
    try:
        yield scratch
        if sys.platform != "win32":
            scratch.chmod(0o644)
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)
        _let_go(handle)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a folder for what is needed for a while only; those of processes that were killed are removed first."""
    clear_scratch(Path(tempfile.gettempdir()).glob(f"{_FOLDER}{_RANDOM}"))
    with ExitStack() as kept:
        folder, handle = _held(lambda: kept.enter_context(tempfile.TemporaryDirectory(prefix=_FOLDER)))
        kept.callback(_let_go, handle)
        yield folder


def clear_scratch(found: Iterable[Path]) -> None:
    """Remove scratch files and folders whose process was killed: the system has released its lock on them."""
    for path in found if fcntl else ():
        with suppress(OSError):
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            finally:
                os.close(handle)


def _held(make: Callable[[], str]) -> tuple[Path, int | None]:
    """Make scratch and lock it for as long as it is open; what another has cleared before it was locked is made again."""
    while True:
        made = Path(make())
        if not fcntl:
            return made, None
        with suppress(FileNotFoundError):
            handle = os.open(made, os.O_RDONLY)
            with suppress(OSError):  # a disk that knows no locks
                fcntl.flock(handle, fcntl.LOCK_EX)
            if made.exists():
                return made, handle
            os.close(handle)


def _closed(made: tuple[int, str]) -> str:
    os.close(made[0])
    return made[1]


def _let_go(handle: int | None) -> None:
    if handle is not None:
        os.close(handle)


def refuse_unwritable(path: str | Path, *, is_folder: bool = False, option: str = "") -> Path:
    """Refuse, before any work is done, an output that cannot be written; nothing is left of the attempt.

    Parameters
    ----------
    path : path
        The file, or the folder with ``is_folder``; it and the folders above it need not be there yet.
    option : str
        The option of the command line by which its user can name another place.

    Raises
    ------
    UsageError
        If it is of the other kind, or the system does not let it be written: rights, a full or read-only disk, a name that is too long.

    Examples
    --------
    >>> refuse_unwritable("reports/study", is_folder=True).name
    'study'
    """
    refuse_unnamed(path)
    try:
        _try(Path(path), is_folder)
    except OSError as error:
        raise unwritable(path, error, is_folder=is_folder, option=option) from error
    return Path(path)


def refuse_unnamed(path: str | Path) -> None:
    """Refuse a path that is no UTF-8: no record could name it. It may be the locale that knows no Chinese.

    Examples
    --------
    >>> refuse_unnamed("沁县/报告")
    """
    try:
        os.path.abspath(path).encode()
    except UnicodeEncodeError as error:
        raise UsageError.of("file.unnamed", storable(str(path)), encoding=sys.getfilesystemencoding()) from error


def unwritable(path: str | Path, error: OSError, *, is_folder: bool = False, option: str = "") -> ReportError:
    """Say why an output cannot be written."""
    refused = of_system(error, "file.writable_folder" if is_folder else "file.writable", path)
    advice = Words(*refused.advice)
    if error.errno == errno.EACCES and Path(path).is_file():
        advice = both("file.or_close", advice=advice)
    if option:
        advice = both("file.or_elsewhere", advice=advice, option=option)
    return refused.advised(advice)


def _try(target: Path, is_folder: bool) -> None:
    """Write where the output will stand: into the file, and into the nearest folder that is there."""
    mode = _mode(target)
    if mode is not None and is_folder != stat.S_ISDIR(mode):
        number = errno.ENOTDIR if is_folder else errno.EISDIR
        raise OSError(number, os.strerror(number), str(target))
    if mode is not None and not is_folder:
        if stat.S_ISREG(mode):
            target.open("r+b").close()
        return
    absolute = target.absolute()
    nearest = next(place for place in (absolute, *absolute.parents) if _mode(place) is not None)
    with tempfile.TemporaryFile(dir=nearest) as probe:
        probe.write(_BLOCK)


def _mode(path: Path) -> int | None:
    """Return the kind of what stands at a path; None where there is nothing."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def open_regular(path: str | Path) -> BufferedReader:
    """Open a file to be read; what is none (a pipe, a device, a socket) is refused and not waited for.

    Examples
    --------
    >>> with open_regular("data/raw/manifest.csv") as file:
    ...     file.read(4)
    b'path'
    """
    _refuse_irregular(os.stat(path).st_mode, path)
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    file = os.fdopen(handle, "rb")
    _refuse_irregular(os.fstat(handle).st_mode, path)  # it may have been replaced meanwhile
    return file


def _refuse_irregular(mode: int, path: str | Path) -> None:
    if not stat.S_ISREG(mode):
        closed = stat.S_ISDIR(mode) and not os.access(path, os.R_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids)
        number = errno.EACCES if closed else errno.EISDIR if stat.S_ISDIR(mode) else errno.ESPIPE
        raise OSError(number, os.strerror(number), str(path))


def find_notebook(name: str) -> Path:
    """Return a notebook of the project: from the installed package, else from the top of the tree.

    Examples
    --------
    >>> find_notebook("studies/county_study.ipynb").name
    'county_study.ipynb'
    """
    package = Path(str(resources.files("gongkai")))
    places = [package / "notebooks" / name, package.parents[1] / "notebooks" / name]
    for place in places:
        if place.is_file():
            return place
    tried = "、".join(map(str, places))
    raise UsageError.of("core.notebook", name, tried=tried)
