"""What is said of an interrupt (Ctrl-C), and in which language: it imports little, since it may be asked before anything else is there."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from gongkai.core.errors import Interrupted
from gongkai.core.messages import LANGUAGES, say, tell

INTERRUPTED = 130  # as a shell counts SIGINT


def say_interrupted(argv: Sequence[str] | None = None, stopped: BaseException | None = None) -> int:
    """Say that the command was interrupted, or what it says of that itself, and return the exit status."""
    language = language_of(argv)
    tell(stopped.in_language(language) if isinstance(stopped, Interrupted) else say("cli.interrupted", language), file=sys.stderr)
    return INTERRUPTED


def language_of(argv: Sequence[str] | None = None) -> str:
    """Find the language before anything is parsed: help and errors are told in it.

    Examples
    --------
    >>> language_of(["read", "a.txt", "--lang", "en"]), language_of(["--lang=fr"])
    ('en', 'zh')
    """
    finder = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    finder.add_argument("--lang")
    try:
        asked = finder.parse_known_args(list(sys.argv[1:] if argv is None else argv))[0].lang
    except argparse.ArgumentError:
        asked = None
    return asked if asked in LANGUAGES else "zh"
