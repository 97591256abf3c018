"""The command line: its commands and arguments as tables, and its words in the user's language."""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from functools import partial
from typing import Any, NoReturn, TextIO

from gongkai import __version__
from gongkai.cli import commands, fetching, preparing, teaching
from gongkai.cli.commands import CORPUS, DATA, OK, REFUSED
from gongkai.cli.interrupt import language_of, say_interrupted
from gongkai.cli.warned import warning_text
from gongkai.core.errors import ReportError, of_system
from gongkai.core.messages import LANGUAGES, say, tell, wrapped

PROGRAM = "gongkai"
CUT_OFF = 141  # as a shell counts SIGPIPE
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
    language = language_of(arguments)
    _never_fail_on_a_character()
    try:
        status = _exit_status(arguments, language)
        for stream in _streams():
            stream.flush()
        return status
    except BrokenPipeError:
        _let_go()
        return CUT_OFF
    except OSError as error:
        tell(of_system(error, "file.reachable", error.filename or PROGRAM).in_language(language), file=sys.stderr)
        return REFUSED


def _exit_status(arguments: Sequence[str], language: str) -> int:
    """Run one command, and tell what it raises in one sentence."""
    parser = _parser(language)
    try:
        parser.refuse_unknown_start(arguments)
        chosen, unknown = parser.parse_known_args(arguments, argparse.Namespace(lang=language, parser=parser))
        if unknown:
            chosen.parser.refuse_unknown(unknown)
        if chosen.command is None:
            parser.print_help()
            return REFUSED
        with warning_text(language):
            return int(chosen.command(chosen))
    except ReportError as error:
        tell(error.in_language(language), file=sys.stderr)
        return REFUSED
    except SystemExit as ended:
        return int(ended.code or OK)
    except KeyboardInterrupt as stopped:
        return say_interrupted(arguments, stopped)


def _streams() -> list[TextIO]:
    return [stream for stream in (sys.stdout, sys.stderr) if stream is not None]


def _let_go() -> None:
    """Discard what is left to print after a pipe is closed (``| head``), so that Python does not complain at exit."""
    for stream in _streams():
        with suppress(OSError), open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())


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
        found = next(((key, m.groupdict()) for key, p in _WRONG.items() if (m := re.search(p, message))), None)
        self._refuse(say(f"wrong.{found[0]}", self.language, **self._listed(found[1])) if found else message)

    def refuse_unknown(self, unknown: Sequence[str]) -> NoReturn:
        """Say what is unknown to the command, and its options, the likeliest alone where a letter or two are wrong."""
        if not any(one.startswith("-") for one in unknown):
            self._refuse(say("wrong.surplus", self.language, what=" ".join(unknown)))
        options = [option for option in self._option_string_actions if len(option) > 2]
        names = [option[2:] for option in options]  # the dashes that all share would make any two short names alike
        near = [f"--{name}" for one in unknown for name in get_close_matches(one.partition("=")[0].lstrip("-"), names, 1)]
        shown = self._listed({"what": " ".join(unknown), "choices": ", ".join(near or options)})
        self._refuse(say("wrong.near" if near else "wrong.unknown", self.language, **shown))

    def refuse_unknown_start(self, arguments: Sequence[str]) -> None:
        """Refuse a misspelt option before the command, whose value would be taken for the command."""
        start = arguments[0].partition("=")[0] if arguments else ""
        if start.startswith("--") and start not in self._option_string_actions:
            self.refuse_unknown([arguments[0]])

    def _listed(self, parts: Mapping[str, str]) -> dict[str, str]:
        """Join the choices with the comma of the language; argparse quotes them in some versions."""
        comma = say("explain.comma", self.language)
        return {**parts, **({"choices": comma.join(re.findall(r"[^\s,']+", parts["choices"]))} if "choices" in parts else {})}

    def _refuse(self, told: str) -> NoReturn:
        tell(say("cli.wrong", self.language, message=told, program=self.prog), file=sys.stderr)
        raise SystemExit(REFUSED)


_WRONG = {
    "required": r"arguments are required: (?P<what>.+)", "choice": r"invalid choice: (?P<what>.+?) \(choose from (?P<choices>.+)\)",
    "value": r"argument (?P<what>.+?): expected one argument", "years": r"invalid _years value: (?P<what>.+)",
    "number": r"invalid \w+ value: (?P<what>.+)",
}  # fmt: skip


def _parser(language: str) -> _Parser:
    """Describe all commands in one language."""
    told = partial(say, language=language)
    kind = type("Parser", (_Parser,), {"language": language})
    parser: _Parser = kind(prog=PROGRAM, description=told("cli.about"), epilog=told("cli.examples"))
    parser.add_argument("--version", action="version", version=f"gongkai {__version__}", help=told("cli.version"))
    parser.set_defaults(command=None)
    known: argparse._SubParsersAction[_Parser] = parser.add_subparsers(
        title=told("cli.commands"), metavar=told("cli.command"), parser_class=kind
    )
    for name, arguments in COMMANDS.items():
        command = known.add_parser(name, help=told(f"cli.{name}"), description=told(f"cli.{name}_more"))
        room = next(module for module in (fetching, preparing, teaching, commands) if hasattr(module, name))
        command.set_defaults(command=getattr(room, name), parser=command)
        for argument in arguments:
            flags, more = ARGUMENTS[argument]
            command.add_argument(*flags, help=told(f"cli.{argument.split('_or_')[0]}", n=JOBS), **more)
    return parser


def _years(text: str) -> tuple[int, int]:
    """Read ``2019-2024``, or one year."""
    first, dash, last = text.partition("-")
    return int(first), int(last if dash else first)


def _positive_number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


ARGUMENTS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "file": (("file",), {"metavar": "FILE"}),
    "file_or_none": (("file",), {"metavar": "FILE", "nargs": "?"}),
    "json": (("--json",), {"action": "store_true"}),
    "read_out": (("-o", "--out"), {"metavar": "OUT"}),
    "page_out": (("-o", "--out"), {"metavar": "OUT.html"}),
    "diff_out": (("-o", "--out"), {"metavar": "OUT.csv"}),
    "out": (("-o", "--out"), {"metavar": "OUT"}),
    "data": (("data",), {"metavar": "DIR", "nargs": "?", "default": DATA}),
    "corpus_dir": (("--corpus",), {"metavar": "CORPUS"}),
    "notebook": (("notebook",), {"metavar": "NOTEBOOK"}),
    "table": (("table",), {"metavar": "PARAMETERS.csv"}),
    "batch_out": (("-o", "--out"), {"metavar": "OUT"}),
    "rerun": (("--rerun",), {"choices": ("failed", "all"), "default": "changed"}),
    "only": (("--only",), {"metavar": "CODE", "default": ""}),
    "dry_run": (("--dry-run",), {"action": "store_true"}),
    "timeout": (("--timeout",), {"metavar": "S", "type": _positive_number, "default": 600}),
    "memory": (("--memory",), {"metavar": "MB", "type": _positive_number, "default": 4096}),
    "jobs": (("--jobs",), {"metavar": "N", "type": _positive_number, "default": JOBS}),
    "parameter": (("-p", "--parameter"), {"metavar": "NAME=VALUE", "action": "append", "default": []}),
    "lessons_dir": (("folder",), {"metavar": "DIR"}),
    "students": (("--class",), {"metavar": "N", "type": _positive_number, "dest": "students"}),
    "folders": (("folders",), {"metavar": "DIR", "nargs": "*"}),
    "verify": (("--verify",), {"action": "store_true"}),
    "corpus_out": (("-o", "--out"), {"metavar": "OUT", "default": CORPUS}),
    "curation": (("--curation",), {"metavar": "DIR"}),
    "coverage": (("--coverage",), {"metavar": "OUT.png"}),
    "most": (("--most",), {"metavar": "N", "type": _positive_number}),
    "key": (("key",), {"metavar": "KEY"}),
    "old": (("old",), {"metavar": "OLD"}),
    "new": (("new",), {"metavar": "NEW"}),
    "counties": (("--counties",), {"metavar": "N", "type": int, "required": True}),
    "years": (("--years",), {"metavar": "A-B", "type": _years, "required": True}),
    "seed": (("--seed",), {"metavar": "S", "type": int, "default": 0}),
    "simulated_out": (("-o", "--out"), {"metavar": "DIR", "required": True}),
    "plain": (("--plain",), {"action": "store_true"}),
    "missing": (("--missing",), {"action": "store_true"}),
    "corpus_in_or_tidy": (("corpus",), {"metavar": "CORPUS", "nargs": "?", "default": CORPUS}),
    "to": (("--to",), {"metavar": "FORMAT", "choices": ("csv", "parquet", "stata", "excel"), "required": True}),
    "export_out": (("-o", "--out"), {"metavar": "OUT", "required": True}),
    "cells_drawn": (("-n",), {"metavar": "N", "type": _positive_number, "default": 200}),
    "sheet_out": (("-o", "--out"), {"metavar": "OUT.xlsx", "default": "audit.xlsx"}),
    "sheet": (("--sheet",), {"metavar": "FILLED.xlsx"}),
    "documents": (("folder",), {"metavar": "DIR"}),
    "manifest_out": (("-o", "--out"), {"metavar": "OUT"}),
    "filled": (("--sheet",), {"metavar": "FILLED", "action": "append", "default": []}),
    "read_into": (("--corpus",), {"metavar": "CORPUS", "default": CORPUS}),
    "name": (("name",), {"metavar": "NAME", "nargs": "+"}),
    "worklist_out": (("-o", "--out"), {"metavar": "OUT.xlsx"}),
    "decided": (("--sheet",), {"metavar": "FILLED.xlsx"}),
    "frame": (("--frame",), {"metavar": "LIST"}),
    "on": (("--on",), {"metavar": "DAY"}),
    "roster_years": (("--years",), {"metavar": "A-B", "type": _years}),
    "roster_out": (("-o", "--out"), {"metavar": "OUT.xlsx"}),
    "list": (("list",), {"metavar": "LIST.csv"}),
    "fetched_into": (("-o", "--out"), {"metavar": "DIR", "required": True}),
    "contact": (("--contact",), {"metavar": "MAIL", "default": ""}),
    "dask": (("--dask",), {"metavar": "ADDRESS"}),
    "pause": (("--pause",), {"metavar": "S", "type": _positive_number, "default": 2}),
    "again": (("--again",), {"action": "store_true"}),
    "processes": (("--jobs",), {"metavar": "N", "type": _positive_number, "default": JOBS}),
}
_HOW_ONE = ("dry_run", "jobs", "timeout", "memory", "parameter")
_HOW = ("rerun", "only", *_HOW_ONE)
COMMANDS = {
    "read": ("file", "read_out", "json"), "check": ("file", "page_out", "json"),
    "study": ("file_or_none", "out", *_HOW_ONE), "studies": ("data", "corpus_dir", "out", "dask", *_HOW),
    "batch": ("notebook", "table", "batch_out", *_HOW),
    "corpus": ("folders", "corpus_out", "curation", "processes", "dask", "most", "coverage", "verify"),
    "fetch": ("list", "fetched_into", "contact", "pause", "again"),
    "manifest": ("documents", "manifest_out", "filled", "read_into", "processes"), "places": ("name",),
    "worklist": ("corpus_in_or_tidy", "worklist_out", "decided", "curation"),
    "roster": ("corpus_in_or_tidy", "frame", "on", "roster_years", "roster_out"),
    "trace": ("key", "corpus_in_or_tidy", "json"), "diff": ("old", "new", "diff_out"),
    "export": ("corpus_in_or_tidy", "to", "export_out"), "audit": ("corpus_in_or_tidy", "cells_drawn", "seed", "sheet_out", "sheet"),
    "simulate": ("counties", "years", "seed", "simulated_out", "plain", "missing", "processes"),
    "lessons": ("lessons_dir", "students", "processes"),
}  # fmt: skip
