"""The command line: its commands and arguments as tables, and its words in the user's language."""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any, NoReturn

from gongkai import __version__
from gongkai.cli import commands
from gongkai.cli.commands import OK, REFUSED
from gongkai.core.errors import ReportError
from gongkai.core.messages import LANGUAGES, say, wrapped

INTERRUPTED = 130
JOBS = min(2, os.cpu_count() or 1)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; those of the process unless given.

    Returns
    -------
    int
        0 all well; 1 a finding of level error, or some studies failed; 2 an unreadable file, or nothing could start.

    Examples
    --------
    >>> main(["check", "data/raw/qinxian-2019.txt", "--lang", "en"])  # doctest: +ELLIPSIS
    沁县 2019 年政府信息公开年度报告
    ...
    0
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    language = _language(arguments)
    _never_fail_on_a_character()
    parser = _parser(language)
    try:
        chosen = parser.parse_args(arguments, argparse.Namespace(lang=language))
        if chosen.command is None:
            parser.print_help()
            return REFUSED
        return int(chosen.command(chosen))
    except ReportError as error:
        print(error.in_language(language), file=sys.stderr)
        return REFUSED
    except SystemExit as ended:
        return int(ended.code or OK)
    except KeyboardInterrupt:
        return INTERRUPTED


def _language(arguments: Sequence[str]) -> str:
    """Find the language before anything is parsed: help and errors are told in it."""
    finder = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    finder.add_argument("--lang")
    try:
        asked = finder.parse_known_args(list(arguments))[0].lang
    except argparse.ArgumentError:
        asked = None
    return asked if asked in LANGUAGES else "zh"


def _never_fail_on_a_character() -> None:
    """Let a terminal that cannot show a character show a question mark instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Help whose own words are in the user's language, and whose lines break between Chinese characters too."""

    def __init__(self, prog: str, language: str = "zh", **more: Any) -> None:
        super().__init__(prog, max_help_position=26, width=96)
        self.language = language

    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, say("cli.usage", self.language) if prefix is None else prefix)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrapped(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + part for line in text.splitlines() for part in (wrapped(line, width) if "    " not in line else [line]))


class _Parser(argparse.ArgumentParser):
    """A parser that says in the user's language what is wrong."""

    language = "zh"

    def __init__(self, **more: Any) -> None:
        language = self.language
        super().__init__(formatter_class=partial(_Formatter, language=language), add_help=False, allow_abbrev=False, **more)
        self._positionals.title, self._optionals.title = say("cli.arguments", language), say("cli.options", language)
        self.add_argument("-h", "--help", action="help", help=say("cli.help", language))
        self.add_argument("--lang", choices=LANGUAGES, default=argparse.SUPPRESS, help=say("cli.lang", language))

    def error(self, message: str) -> NoReturn:
        told = next((say(f"wrong.{key}", self.language, what=m[1]) for key, p in _WRONG.items() if (m := re.search(p, message))), message)
        print(say("cli.wrong", self.language, message=told, program=self.prog), file=sys.stderr)
        raise SystemExit(REFUSED)


_WRONG = {
    "required": r"arguments are required: (.+)", "choice": r"invalid choice: (.+?)(?: \(|$)", "unknown": r"unrecognized arguments: (.+)",
    "value": r"argument (.+?): expected one argument", "number": r"invalid \w+ value: (.+)",
}  # fmt: skip


def _parser(language: str) -> _Parser:
    """Describe all commands in one language."""
    told = partial(say, language=language)
    kind = type("Parser", (_Parser,), {"language": language})
    parser: _Parser = kind(prog="gongkai", description=told("cli.about"), epilog=told("cli.examples"))
    parser.add_argument("--version", action="version", version=f"gongkai {__version__}", help=told("cli.version"))
    parser.set_defaults(command=None)
    known: argparse._SubParsersAction[_Parser] = parser.add_subparsers(
        title=told("cli.commands"), metavar=told("cli.command"), parser_class=kind
    )
    for name, arguments in COMMANDS.items():
        command = known.add_parser(name, help=told(f"cli.{name}"), description=told(f"cli.{name}_more"))
        command.set_defaults(command=getattr(commands, name))
        for argument in arguments:
            flags, more = ARGUMENTS[argument]
            command.add_argument(*flags, help=told(f"cli.{argument.split('_or_')[0]}", n=JOBS), **more)
    return parser


def _years(text: str) -> tuple[int, int]:
    """Read ``2019-2024``, or one year."""
    first, dash, last = text.partition("-")
    return int(first), int(last if dash else first)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


_CORPUS = "data/tidy"
ARGUMENTS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "file": (("file",), {"metavar": "FILE"}),
    "file_or_none": (("file",), {"metavar": "FILE", "nargs": "?"}),
    "csv": (("--csv",), {"metavar": "OUT"}),
    "excel": (("--excel",), {"metavar": "OUT.xlsx"}),
    "out": (("-o", "--out"), {"metavar": "OUT", "default": "reports/study"}),
    "data": (("--data",), {"metavar": "DIR", "default": "data/raw"}),
    "corpus_dir": (("--corpus",), {"metavar": "CORPUS"}),
    "run": (("--run",), {"metavar": "RUN", "default": "study"}),
    "notebook": (("notebook",), {"metavar": "NOTEBOOK"}),
    "table": (("table",), {"metavar": "PARAMETERS.csv"}),
    "batch_out": (("-o", "--out"), {"metavar": "OUT"}),
    "rerun": (("--rerun",), {"choices": ("failed", "all"), "default": "changed"}),
    "only": (("--only",), {"metavar": "CODE", "default": ""}),
    "dry_run": (("--dry-run",), {"action": "store_true"}),
    "timeout": (("--timeout",), {"metavar": "S", "type": _count, "default": 600}),
    "memory": (("--memory",), {"metavar": "MB", "type": _count, "default": 4096}),
    "jobs": (("--jobs",), {"metavar": "N", "type": _count, "default": JOBS}),
    "parameter": (("-p", "--parameter"), {"metavar": "NAME=VALUE", "action": "append", "default": []}),
    "folders": (("folders",), {"metavar": "DIR", "nargs": "+"}),
    "corpus_out": (("-o", "--out"), {"metavar": "OUT", "default": _CORPUS}),
    "curation": (("--curation",), {"metavar": "DIR"}),
    "most": (("--most",), {"metavar": "N", "type": int, "default": 10}),
    "key": (("key",), {"metavar": "KEY"}),
    "corpus_in": (("--corpus",), {"metavar": "CORPUS", "default": _CORPUS}),
    "old": (("old",), {"metavar": "OLD"}),
    "new": (("new",), {"metavar": "NEW"}),
    "counties": (("--counties",), {"metavar": "N", "type": int, "required": True}),
    "years": (("--years",), {"metavar": "A-B", "type": _years, "required": True}),
    "seed": (("--seed",), {"metavar": "S", "type": int, "default": 0}),
    "simulated_out": (("-o", "--out"), {"metavar": "DIR", "required": True}),
    "plain": (("--plain",), {"action": "store_true"}),
    "missing": (("--missing",), {"action": "store_true"}),
    "corpus_in_or_tidy": (("corpus",), {"metavar": "CORPUS", "nargs": "?", "default": _CORPUS}),
    "to": (("--to",), {"metavar": "FORMAT", "choices": ("csv", "parquet", "stata", "excel"), "required": True}),
    "export_out": (("-o", "--out"), {"metavar": "OUT", "required": True}),
    "cells_drawn": (("-n",), {"metavar": "N", "type": _count, "default": 200}),
    "sheet_out": (("-o", "--out"), {"metavar": "OUT.xlsx", "default": "audit.xlsx"}),
    "sheet": (("--sheet",), {"metavar": "FILLED.xlsx"}),
    "processes": (("--jobs",), {"metavar": "N", "type": _count, "default": JOBS}),
}
_HOW = ("rerun", "only", "dry_run", "jobs", "timeout", "memory", "parameter")
COMMANDS = {
    "read": ("file", "csv", "excel"), "check": ("file",),
    "study": ("file_or_none", "out", "data", "corpus_dir", "run", *_HOW), "studies": ("data", "corpus_dir", "run", *_HOW),
    "batch": ("notebook", "table", "batch_out", *_HOW), "corpus": ("folders", "corpus_out", "curation", "processes", "most"),
    "trace": ("key", "corpus_in"), "diff": ("old", "new", "csv"),
    "export": ("corpus_in_or_tidy", "to", "export_out"), "audit": ("corpus_in_or_tidy", "cells_drawn", "seed", "sheet_out", "sheet"),
    "simulate": ("counties", "years", "seed", "simulated_out", "plain", "missing", "processes"),
}  # fmt: skip
