"""What reading a document may do to its process; another process finds these functions by their names."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from typing import NoReturn


class Panic(BaseException):
    """What a library written in Rust raises: no Exception, and of a kind that cannot be sent to another process."""

    def __reduce__(self) -> NoReturn:
        raise TypeError


def panic() -> NoReturn:
    raise Panic("attempt to subtract with overflow")


def crash() -> None:
    ctypes.string_at(0)


def swell(megabytes: int = 2000) -> None:
    """Take memory, and keep it for a while."""
    held = [b"x" * 2**20 for _ in range(megabytes)]
    time.sleep(len(held))


def hang() -> None:
    """Hang in one call, within C code that lets nothing else run."""
    import re

    re.match(r"(a+)+$", "a" * 60 + "b")


def recur() -> None:
    """Use up the stack."""
    sys.setrecursionlimit(10**9)
    recur()


def leave() -> NoReturn:
    sys.exit(3)


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def speak() -> str:
    print("\x1b]0;owned\x07")
    os.write(1, b"\x1b[2J")
    os.write(2, b"\x1b[2J")
    return "said"


def nothing_picklable() -> object:
    return lambda: 1
