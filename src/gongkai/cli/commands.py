"""What each command of the command line does: one function each, from the arguments to the exit status."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai.core import findings as words
from gongkai.core.errors import UsageError
from gongkai.core.messages import LANGUAGES, aligned, place_words, say
from gongkai.report import STATUSES

if TYPE_CHECKING:
    from gongkai.corpus import Corpus
    from gongkai.report import Report
    from gongkai.studies.outcome import Done

OK, QUESTIONED, REFUSED = 0, 1, 2


def read(chosen: argparse.Namespace) -> int:
    """Show one report as the official tables, and save it where asked."""
    from gongkai.report import read_report
    from gongkai.report.view import form_text

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
    from gongkai.studies.batch import run_file

    if chosen.file is None:
        return studies(chosen)
    done = run_file(chosen.file, chosen.out, **_how(chosen))
    _tell(done, chosen.lang)
    folder = done.folder / done.studies[0].folder
    print(folder / ("study.html" if done.status == OK else "study.ipynb"))
    return done.status


def studies(chosen: argparse.Namespace) -> int:
    """Make the studies of all counties of a folder."""
    from gongkai.studies.batch import run_studies

    given = dict(_parameter(text) for text in chosen.parameter)
    return _ended(run_studies(chosen.data, chosen.run, given, corpus_dir=chosen.corpus, **_how(chosen)), chosen)


def batch(chosen: argparse.Namespace) -> int:
    """Run any notebook over a table of parameters."""
    from gongkai.studies.batch import run_table

    given = dict(_parameter(text) for text in chosen.parameter)
    return _ended(run_table(chosen.notebook, chosen.table, chosen.out, given, **_how(chosen)), chosen)


def _how(chosen: argparse.Namespace) -> dict[str, Any]:
    """Return how a batch is to be run."""
    return {
        "rerun": chosen.rerun, "only": chosen.only, "dry_run": chosen.dry_run, "seconds": chosen.timeout, "megabytes": chosen.memory,
        "jobs": chosen.jobs, "language": chosen.lang,
    }  # fmt: skip


def _ended(done: Done, chosen: argparse.Namespace) -> int:
    """Say what became of a batch, or would, and end with the path of its list."""
    from gongkai.studies.outcome import FAILURES

    if chosen.dry_run:
        for folder, why in done.why.items():
            print(say("batch.would", chosen.lang, folder=folder, why=say(f"why.{why}", chosen.lang)))
        print(say("batch.would_in_all", chosen.lang, n=done.ran, of=len(done.studies)))
        return OK
    _tell(done, chosen.lang)
    if done.kept:
        print(say("batch.kept", chosen.lang, n=done.kept), file=sys.stderr)
    if done.failures:
        print(say("cli.failures", chosen.lang, path=done.folder / FAILURES), file=sys.stderr)
    print(done.index)
    return done.status


def corpus(chosen: argparse.Namespace) -> int:
    """Read folders of documents into one data set, and say what there is."""
    from gongkai.corpus import Corpus
    from gongkai.corpus.build import build

    built = build(chosen.folders, chosen.out, curation=chosen.curation, jobs=chosen.jobs, language=chosen.lang)
    held = Corpus(built.folder)
    print(say("corpus.built", chosen.lang, documents=built.documents, read=built.read, kept=built.documents - built.read))
    print(_held(held, chosen.lang))
    for row in held.failures.head(chosen.most).itertuples():
        print("  -", row.reason_zh if chosen.lang == "zh" else row.reason, file=sys.stderr)
    if len(held.failures) > chosen.most:
        print(say("corpus.more_failures", chosen.lang, n=len(held.failures) - chosen.most, path=built.folder), file=sys.stderr)
    print(built.folder)
    return QUESTIONED if built.failures else OK


def trace(chosen: argparse.Namespace) -> int:
    """Show where a cell comes from, and why it has its value."""
    from gongkai.corpus import read_corpus
    from gongkai.corpus.trace import trace as told

    print(told(read_corpus(chosen.corpus), chosen.key, chosen.lang))
    return OK


def diff(chosen: argparse.Namespace) -> int:
    """Show what differs between two builds of a corpus, by what it was caused."""
    from gongkai.corpus import read_corpus
    from gongkai.corpus.diff import compare, summary
    from gongkai.corpus.export import write_frame

    found = compare(read_corpus(chosen.old), read_corpus(chosen.new))
    if found.empty:
        print(say("corpus.same", chosen.lang))
        return OK
    counts = summary(found)
    rows = [["", *(say(f"change.{c}", chosen.lang) for c in counts.columns)]]
    names = [say(f"cause.{cause}", chosen.lang) for cause in counts.index.astype(str).tolist()]
    rows += [[name, *map(str, row)] for name, row in zip(names, counts.to_numpy(), strict=True)]
    print(aligned(rows))
    if chosen.csv:
        print(say("cli.saved", chosen.lang, path=write_frame(found, chosen.csv)))
    return QUESTIONED


def _held(held: Corpus, language: str) -> str:
    """Say what a corpus holds: reports and units, cells by status, findings by level."""
    reports, levels = held.reports, Counter(held.findings["level"])
    statuses = {status: int(reports[f"cells_{status}"].sum()) for status in STATUSES}
    cells = "  ".join(f"{say(f'status.{status}', language)} {n}" for status, n in statuses.items() if n)
    found = "  ".join(f"{say(f'level.{level}', language)} {levels[level]}" for level in words.LEVELS if levels[level])
    return "\n".join([
        say("corpus.held", language, reports=len(reports), failures=len(held.failures), units=reports["unit_id"].nunique()),
        say("cli.cells", language, n=sum(statuses.values()), counts=cells),
        say("cli.found", language, n=sum(levels.values()), counts=found),
    ])  # fmt: skip


def export(chosen: argparse.Namespace) -> int:
    """Save all tables of a corpus in the format asked for."""
    from gongkai.corpus import read_corpus
    from gongkai.corpus.export import export as write

    for path in write(read_corpus(chosen.corpus), chosen.to, chosen.out, chosen.lang):
        print(say("cli.saved", chosen.lang, path=path))
    return OK


def audit(chosen: argparse.Namespace) -> int:
    """Draw cells for an audit; with a sheet that was filled in, tell the error rates."""
    from gongkai.corpus import read_corpus
    from gongkai.corpus.audit import changed, draw, judge, paragraph, summary
    from gongkai.corpus.audit.sheet import read_sheet, write_sheet

    corpus, language = read_corpus(chosen.corpus), chosen.lang
    if chosen.sheet is None:
        key = draw(corpus.cells, corpus.reports, chosen.n, chosen.seed)
        sheet, beside = write_sheet(key, corpus.cells, lambda report_id: corpus.read(report_id).document, chosen.out, language)
        print(say("audit.drawn", language, n=len(key), path=sheet, key=beside, corpus=chosen.corpus))
        return OK
    key, answers = read_sheet(chosen.sheet)
    judged = judge(key, answers)
    if others := changed(key, corpus.cells):
        print(say("audit.changed", language, n=others), file=sys.stderr)
    said = (paragraph(judged, len(key), len(corpus.cells), len(corpus.reports), each) for each in LANGUAGES)
    print(summary(judged, language), *said, sep="\n\n")
    return OK


def simulate(chosen: argparse.Namespace) -> int:
    """Write the reports of a province that does not exist."""
    from gongkai.synthetic import simulate as written

    years = chosen.years
    n = written(chosen.out, chosen.counties, years, chosen.seed, plain=chosen.plain, missing=chosen.missing, jobs=chosen.jobs)
    print(say("cli.simulated", chosen.lang, n=n, path=chosen.out))
    return OK


def _tell(done: Done, language: str) -> None:
    """Say how many studies were made, and of each failed page why."""
    made, failed = len({*done.why} - done.failed), len(done.failed)
    print(say("cli.made", language, made=made, unchanged=done.unchanged, failed=failed))
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
    from gongkai.corpus.export import write_csv, write_excel

    return [*(write_csv(report, csv) if csv else ()), *([write_excel(report, excel, language)] if excel else ())]


def _parameter(text: str) -> tuple[str, str | int]:
    """Split ``name=value``; a value of digits is a number."""
    name, equals, value = text.partition("=")
    if not (name.isidentifier() and equals):
        raise UsageError("-p", ("NAME=VALUE", "NAME=VALUE"), (text, text), ("如 -p first_year=2019", "as in -p first_year=2019"))
    return name, int(value) if value.isdecimal() else value
