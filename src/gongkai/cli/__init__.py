"""The command line."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # as in gongkai itself
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status, as :func:`gongkai.cli.command_line.main` does, of which nothing is imported yet.

    Importing it takes a moment, in which the user may already interrupt.
    """
    if argv is None:
        _speak_utf8()
    try:
        from gongkai.cli.command_line import main as run

        return run(argv)
    except KeyboardInterrupt:
        from gongkai.cli.interrupt import say_interrupted

        return say_interrupted(argv)


def _speak_utf8() -> None:
    """Begin again in Python's UTF-8 mode where the locale (``LC_ALL=C``) knows no Chinese file name, nor do processes begun from here."""
    if sys.getfilesystemencoding() != "utf-8" and os.environ.get("PYTHONUTF8") != "1":
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
