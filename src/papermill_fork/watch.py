"""What a notebook's process opens, written down line by line as it happens, so that a process that is killed has told it too."""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from contextlib import suppress
from typing import Any

_IMPORTING = {"importlib._bootstrap_external", "_frozen_importlib_external"}


def start(path: str) -> None:
    """Write to a file, a line of JSON each, what this process reads, writes and lists from here on: ``["read", path]`` and so on.

    What Python itself opens is seen, and so is every module that is imported; what a library in C opens by itself is not.
    """
    trace, seen = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), set[tuple[str, str]]()
    libraries = tuple({os.path.abspath(p) + os.sep for p in (sys.prefix, sys.base_prefix, *sysconfig.get_paths().values())})

    def tell(kind: str, named: Any) -> None:
        if isinstance(named, int) or named is None:
            return
        full = os.path.abspath(os.fsdecode(named))
        if (kind, full) not in seen and not full.startswith(libraries):
            seen.add((kind, full))
            os.write(trace, json.dumps([kind, full]).encode() + b"\n")

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            tell("write" if arguments[2] & (os.O_WRONLY | os.O_RDWR) else "read", arguments[0])
        elif event == "os.rename":
            tell("write", arguments[1])
        elif event == "sqlite3.connect":
            tell("read", arguments[0])
        elif event in ("os.listdir", "os.scandir") and sys._getframe(1).f_globals.get("__name__") not in _IMPORTING:
            tell("list", arguments[0] if arguments[0] is not None else ".")

    def never_fails(event: str, arguments: tuple[Any, ...]) -> None:
        with suppress(OSError, ValueError, TypeError, IndexError):  # of a name that is none, which the call itself refuses
            hook(event, arguments)

    sys.addaudithook(never_fails)
