"""What root may not do: the tests run as root in containers, where rights would hinder nobody."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

# capabilities(7): to read and write what is not one's own, as bits of the first word.
_OVERRIDE, _READ_SEARCH = 1 << 1, 1 << 2
_VERSION_3 = 0x20080522


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


@contextmanager
def bound_by_rights() -> Iterator[None]:
    """Let this thread be bound by the rights of files and folders, as a user who is not root is."""
    if sys.platform == "win32":
        pytest.skip("rights of files are others here")
    if os.geteuid() != 0:
        yield
        return
    libc, header, data = ctypes.CDLL(None, use_errno=True), _Header(_VERSION_3, 0), (_Data * 2)()
    if not hasattr(libc, "capget") or libc.capget(ctypes.byref(header), data):
        pytest.skip("root cannot lay down its capabilities here")
    before = data[0].effective
    data[0].effective = before & ~(_OVERRIDE | _READ_SEARCH)
    libc.capset(ctypes.byref(header), data)
    try:
        yield
    finally:
        data[0].effective = before
        libc.capset(ctypes.byref(header), data)
