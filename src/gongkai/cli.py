"""The command line: read, check, study, studies, simulate."""

from __future__ import annotations

import argparse
import io
import os
import re
import shlex
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from gongkai import __version__
from gongkai import findings as words
from gongkai.errors import ReportError, UsageError
from gongkai.texts import LANGUAGES, place_words, say, wrapped

if TYPE_CHECKING:
    from gongkai.outcome import Done
    from gongkai.report import Report

OK, QUESTIONED, REFUSED = 0, 1, 2
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


def read(chosen: argparse.Namespace) -> int:
    """Show one report as the official tables, and save it where asked."""
    from gongkai.report import read_report
    from gongkai.show import form_text

    report = read_report(chosen.file)
    language = chosen.lang
    print(_head(report, language), form_text(report.edition, report.readings, report.notices, language), sep="\n\n", end="\n\n")
    print(_counts(report, language))
    for path in _saved(report, chosen.csv, chosen.excel, language):
        print(say("cli.saved", language, path=path))
    print(say("cli.next", language, file=shlex.quote(chosen.file)))
    return OK


def check(chosen: argparse.Namespace) -> int:
    """List all findings of one report, the gravest first, and say what they mean for its publication."""
    from gongkai.report import read_report

    report = read_report(chosen.file)
    print(_head(report, chosen.lang))
    levels = Counter(words.level(f.code) for f in report.notices)
    for level in words.LEVELS:
        if levels[level]:
            print(f"\n{say(f'level.{level}', chosen.lang)} {levels[level]}")
            print("\n".join(_finding_lines(report, level, chosen.lang)))
    print(f"\n{_counts(report, chosen.lang)}\n{_verdict(levels, chosen.lang)}")
    return QUESTIONED if levels["error"] else OK


def study(chosen: argparse.Namespace) -> int:
    """Make the study of one file; with no file, those of all counties."""
    from gongkai.batch import run_file

    if chosen.file is None:
        return studies(chosen)
    with ThreadPoolExecutor(max_workers=chosen.jobs) as executor:
        done = run_file(chosen.file, chosen.out, executor=executor, language=chosen.lang)
    _tell(done, chosen.lang)
    folder = done.folder / done.studies[0].folder
    print(folder / ("study.html" if done.status == OK else "study.ipynb"))
    return done.status


def studies(chosen: argparse.Namespace) -> int:
    """Make the studies of all counties of a folder."""
    from gongkai.batch import run_studies
    from gongkai.outcome import FAILURES

    given = dict(_parameter(text) for text in chosen.parameter)
    with ThreadPoolExecutor(max_workers=chosen.jobs) as executor:
        done = run_studies(chosen.data, chosen.run, given, executor=executor, language=chosen.lang)
    _tell(done, chosen.lang)
    if done.failures:
        print(say("cli.failures", chosen.lang, path=done.folder / FAILURES), file=sys.stderr)
    print(done.index)
    return done.status


def simulate(chosen: argparse.Namespace) -> int:
    """Write the reports of a province that does not exist."""
    from gongkai.simulate import simulate as written

    years = chosen.years
    n = written(chosen.out, chosen.counties, years, chosen.seed, plain=chosen.plain, missing=chosen.missing, jobs=chosen.jobs)
    print(say("cli.simulated", chosen.lang, n=n, path=chosen.out))
    return OK


def _tell(done: Done, language: str) -> None:
    """Say how many studies were made, and of each failed page why."""
    failed = len({folder for folder, _ in done.failures})
    print(say("cli.made", language, made=done.ran - failed, unchanged=done.unchanged, failed=failed))
    for folder, pages, failure in done.told():
        reason = failure.zh if language == "zh" else failure.en
        print(say("cli.failure", language, folder=folder, pages=pages, reason=reason), file=sys.stderr)


def _head(report: Report, language: str) -> str:
    facts = say(
        "cli.facts", language, authority=report.authority or say("cli.no_authority", language),
        year=report.year or say("cli.no_year", language), form=getattr(report.edition, language), file=report.document.name,
    )  # fmt: skip
    return f"{report.title or say('cli.untitled', language)}\n{facts}"


def _counts(report: Report, language: str) -> str:
    """Count cells by status and findings by level."""
    statuses = Counter(r.status for r in report.readings)
    levels = Counter(words.level(f.code) for f in report.notices)
    cells = "  ".join(f"{say(f'status.{status}', language)} {n}" for status, n in statuses.items())
    found = "  ".join(f"{say(f'level.{level}', language)} {levels[level]}" for level in words.LEVELS if levels[level])
    told = say("cli.found", language, n=len(report.notices), counts=found) if report.notices else say("cli.none", language)
    return f"{say('cli.cells', language, n=len(report.readings), counts=cells)}\n{told}"


def _finding_lines(report: Report, level: str, language: str) -> list[str]:
    """Say the findings of one level, each on a line with its place."""
    lines = []
    for finding in (f for f in report.notices if words.level(f.code) == level):
        message = " ".join(words.message(finding, report.edition, language).split())
        place = say("cli.where", language, place=place_words(finding.where, language)) if finding.where else ""
        lines.append(f"  - {message}{place}")
    return lines


def _verdict(levels: Counter[str], language: str) -> str:
    worst = next((level for level in ("error", "warning") if levels[level]), "note")
    return say(f"cli.verdict_{worst}", language, n=levels[worst])


def _saved(report: Report, csv: str | None, excel: str | None, language: str) -> list[Path]:
    if not (csv or excel):
        return []
    from gongkai.export import write_csv, write_excel

    return [*(write_csv(report, csv) if csv else ()), *([write_excel(report, excel, language)] if excel else ())]


def _parameter(text: str) -> tuple[str, str | int]:
    """Split ``name=value``; a value of digits is a number."""
    name, equals, value = text.partition("=")
    if not (name.isidentifier() and equals):
        raise UsageError("-p", ("NAME=VALUE", "NAME=VALUE"), (text, text), ("如 -p first_year=2019", "as in -p first_year=2019"))
    return name, int(value) if value.isdecimal() else value


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
    commands: argparse._SubParsersAction[_Parser] = parser.add_subparsers(
        title=told("cli.commands"), metavar=told("cli.command"), parser_class=kind
    )
    for run in (read, check, study, studies, simulate):
        name = run.__name__
        command = commands.add_parser(name, help=told(f"cli.{name}"), description=told(f"cli.{name}_more"))
        command.set_defaults(command=run)
        _add_arguments(command, name, told)
    return parser


def _add_arguments(command: argparse.ArgumentParser, name: str, told: Callable[..., str]) -> None:
    if name in ("read", "check"):
        command.add_argument("file", metavar="FILE", help=told("cli.file"))
    if name == "read":
        command.add_argument("--csv", metavar="OUT", help=told("cli.csv"))
        command.add_argument("--excel", metavar="OUT.xlsx", help=told("cli.excel"))
    if name == "study":
        command.add_argument("file", metavar="FILE", nargs="?", help=told("cli.file"))
        command.add_argument("-o", "--out", metavar="OUT", default="reports/study", help=told("cli.out"))
    if name in ("study", "studies"):
        command.add_argument("--data", metavar="DIR", default="data/raw", help=told("cli.data"))
        command.add_argument("--run", metavar="RUN", default="study", help=told("cli.run"))
        command.add_argument("--jobs", metavar="N", type=_jobs, default=JOBS, help=told("cli.jobs", n=JOBS))
        command.add_argument("-p", "--parameter", metavar="NAME=VALUE", action="append", default=[], help=told("cli.parameter"))

    if name == "simulate":
        command.add_argument("--counties", metavar="N", type=int, required=True, help=told("cli.counties"))
        command.add_argument("--years", metavar="A-B", type=_years, required=True, help=told("cli.years"))
        command.add_argument("--seed", metavar="S", type=int, default=0, help=told("cli.seed"))
        command.add_argument("-o", "--out", metavar="DIR", required=True, help=told("cli.simulated_out"))
        command.add_argument("--plain", action="store_true", help=told("cli.plain"))
        command.add_argument("--missing", action="store_true", help=told("cli.missing"))
        command.add_argument("--jobs", metavar="N", type=_jobs, default=JOBS, help=told("cli.processes", n=JOBS))


def _years(text: str) -> tuple[int, int]:
    """Read ``2019-2024``, or one year."""
    first, dash, last = text.partition("-")
    return int(first), int(last if dash else first)


def _jobs(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
