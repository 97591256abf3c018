"""What each command of the command line does: one function each, from the arguments to the exit status."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from gongkai.cli.as_json import READ, facts, rows, tell_json, trace_data
from gongkai.cli.cluster import executor_of
from gongkai.core import findings as finding_words
from gongkai.core.codes import Aside, Level, Status
from gongkai.core.errors import NoDocuments
from gongkai.core.files import refuse_unwritable, write
from gongkai.core.messages import LANGUAGES, aligned, both, place_words, say, tell
from gongkai.corpus.outputs import skipped_line
from gongkai.report import STATUSES

if TYPE_CHECKING:
    from gongkai.core.model import Finding
    from gongkai.corpus import Corpus
    from gongkai.report import Report
    from gongkai.studies.outcome import Done

OK, QUESTIONED, REFUSED = 0, 1, 2
DATA, CORPUS = "data/raw", "data/tidy"
_FEW = 3


def read(chosen: argparse.Namespace) -> int:
    """Show one report as the official tables, and save it where asked."""
    from gongkai.corpus.export import refuse_target
    from gongkai.corpus.watched import read_watched
    from gongkai.report import read_report
    from gongkai.report.view import form_text

    if chosen.out is not None:
        refuse_target(_format_of(chosen.out), chosen.out, "-o")
    report = read_watched(read_report, chosen.file, chosen.file)
    language = chosen.lang
    if chosen.json:
        tell_json({"report": facts(report), **{table: rows(report, table) for table in READ}})
        _save(report, chosen.out, language, sys.stderr)
        return OK
    tell(
        _title_and_facts(report, language),
        form_text(report.edition, report.readings, report.contents.findings, language),
        sep="\n\n",
        end="\n\n",
    )
    tell(_counts(report, language))
    _save(report, chosen.out, language)
    tell(say("cli.next", language, file=shlex.quote(chosen.file)))
    return OK


def check(chosen: argparse.Namespace) -> int:
    """List all findings of one report, the gravest first, say what no sum guards, and what all this means for its publication."""
    from gongkai.corpus.watched import read_watched
    from gongkai.report import read_report
    from gongkai.report.officer import check_page, unguarded, verdict

    language = chosen.lang
    if chosen.out is not None:
        refuse_unwritable(chosen.out, option="-o")
    report = read_watched(read_report, chosen.file, chosen.file)
    levels = Counter(finding_words.level(f.code) for f in report.contents.findings)
    status = QUESTIONED if levels[Level.ERROR] else OK
    if chosen.out is not None:
        write(Path(chosen.out), check_page(report, language))
    if chosen.json:
        cells = [r.field.path for r in unguarded(report.readings, report.contents.checks)]
        tell_json({"report": facts(report), "findings": rows(report, "findings"), "unguarded": cells, "verdict": verdict(report, language)})
        return status
    tell(_title_and_facts(report, language))
    for level in finding_words.LEVELS:
        if levels[level]:
            tell(f"\n{say(f'level.{level}', language)} {levels[level]}")
            tell("\n".join(_finding_lines(report, level, language)))
    tell("", _counts(report, language), *_unguarded(report, chosen), verdict(report, language), sep="\n")
    if chosen.out is None:
        tell(say("cli.page", language, file=shlex.quote(chosen.file)))
    else:
        tell(say("cli.saved", language, path=chosen.out))
    return status


def _unguarded(report: Report, chosen: argparse.Namespace) -> list[str]:
    """Say how many cells no sum guards, by how they were read."""
    from gongkai.report.officer import unguarded

    cells, language = unguarded(report.readings, report.contents.checks), chosen.lang
    if not cells:
        return [say("cli.guarded_all", language)] if any(r.status != Status.ABSENT for r in report.readings) else []
    counts = "  ".join(f"{say(f'status.{status}', language)} {n}" for status, n in Counter(r.status for r in cells).items())
    return [say("cli.unguarded", language, n=len(cells), counts=counts)]


def study(chosen: argparse.Namespace) -> int:
    """Make the study of one file, always anew; with no file, those of all counties of the usual folder."""
    from gongkai.studies.batch import STUDY, find_notebook, run_file
    from gongkai.studies.parameters import given_values

    if chosen.file is None:
        return studies(argparse.Namespace(**vars(chosen), data=DATA, corpus=None, dask=None))
    folder = chosen.out or Path("reports", "study")
    done = run_file(chosen.file, folder, given_values(find_notebook(STUDY), chosen.parameter), **_how(chosen))
    if chosen.dry_run:
        return _batch_outcome(done, chosen)
    _tell(done, chosen.lang)
    folder = done.folder / done.studies[0].folder
    tell(folder / ("study.html" if done.status == OK else "study.ipynb"))
    return done.status


def studies(chosen: argparse.Namespace) -> int:
    """Make the studies of all counties of a folder."""
    from gongkai.studies.batch import STUDY, find_notebook, run_studies
    from gongkai.studies.parameters import given_values

    given = given_values(find_notebook(STUDY), chosen.parameter)
    with _advising("studies"), executor_of(chosen.dask, chosen.jobs) as (executor, _):
        done = run_studies(chosen.data, parameters=given, out_dir=chosen.out, corpus_dir=chosen.corpus, executor=executor, **_how(chosen))
    return _batch_outcome(done, chosen)


def batch(chosen: argparse.Namespace) -> int:
    """Run any notebook over a table of parameters."""
    from gongkai.studies.batch import run_table
    from gongkai.studies.parameters import given_values

    given = given_values(Path(chosen.notebook), chosen.parameter)
    return _batch_outcome(run_table(chosen.notebook, chosen.table, chosen.out, given, **_how(chosen)), chosen)


def _how(chosen: argparse.Namespace) -> dict[str, Any]:
    """Return how a batch, or the study of one file, is to be run."""
    of_folders = {name: getattr(chosen, name) for name in ("rerun", "only") if hasattr(chosen, name)}
    return {
        **of_folders, "dry_run": chosen.dry_run, "seconds": chosen.timeout, "megabytes": chosen.memory, "jobs": chosen.jobs,
        "language": chosen.lang,
    }  # fmt: skip


def _batch_outcome(done: Done, chosen: argparse.Namespace) -> int:
    """Say what became of a batch, or would, and end with the path of its list."""
    from gongkai.corpus.unread import lines
    from gongkai.studies.outcome import FAILURES

    if done.skipped:
        tell(skipped_line(done.skipped, chosen.lang), file=sys.stderr)
    if chosen.dry_run:
        for folder, why in done.why.items():
            tell(say("batch.would", chosen.lang, folder=folder, why=say(f"why.{why}", chosen.lang)))
        tell(say("batch.would_in_all", chosen.lang, n=done.ran, of=len(done.studies)))
        return OK
    done = done.asked
    _tell(done, chosen.lang)
    for line in lines(done.unread, chosen.lang):
        tell(line, file=sys.stderr)
    if done.kept:
        tell(say("batch.kept", chosen.lang, n=done.kept), file=sys.stderr)
    if done.status:
        tell(say("cli.failures", chosen.lang, path=done.folder / FAILURES), file=sys.stderr)
    tell(done.index)
    return done.status


def corpus(chosen: argparse.Namespace) -> int:
    """Read folders of documents into one data set, and say what there is."""
    from gongkai.corpus import Corpus
    from gongkai.corpus.build import build
    from gongkai.corpus.road import road_ahead
    from gongkai.corpus.unread import lines, records

    if chosen.verify:
        return _verify(chosen)
    if not chosen.folders:
        chosen.parser.error("arguments are required: DIR")
    refuse_unwritable(chosen.out, is_folder=True, option="-o")
    if chosen.coverage is not None:
        refuse_unwritable(chosen.coverage, option="--coverage")
    with _advising("corpus"), executor_of(chosen.dask, chosen.jobs) as (executor, jobs):
        built = build(chosen.folders, chosen.out, curation=chosen.curation, executor=executor, jobs=jobs, language=chosen.lang)
    held = Corpus(built.folder)
    if built.skipped:
        tell(skipped_line(built.skipped, chosen.lang), file=sys.stderr)
    tell(say("corpus.built", chosen.lang, documents=built.documents, read=built.read, kept=built.documents - built.read))
    tell(_corpus_counts(held, chosen.lang))
    unread = records(held.failures)
    for line in lines(unread[: chosen.most], chosen.lang):
        tell("  -", line, file=sys.stderr)
    if chosen.most and len(unread) > chosen.most:
        tell(say("corpus.more_failures", chosen.lang, n=len(unread) - chosen.most, path=built.folder), file=sys.stderr)
    folders = " ".join(map(shlex.quote, chosen.folders))
    for words in road_ahead(held, folders, shlex.quote(str(built.folder))):
        tell(words.in_language(chosen.lang))
    if chosen.coverage is not None:
        from gongkai.studies.coverage import coverage_figure

        write(Path(chosen.coverage), coverage_figure(held.coverage(), chosen.lang).png())
        tell(say("cli.saved", chosen.lang, path=chosen.coverage))
    tell(built.folder)
    return QUESTIONED if built.failures else OK


def _verify(chosen: argparse.Namespace) -> int:
    """Check corpora, those named or that of ``-o``, and change nothing."""
    from gongkai.corpus.mending import faults
    from gongkai.corpus.outputs import is_corpus

    named = [Path(folder) for folder in chosen.folders if is_corpus(Path(folder))] or [Path(chosen.out)]
    if others := [folder for folder in named if not is_corpus(folder)]:
        raise NoDocuments.of("verify.no_corpus", others[0])
    found = {folder: list(faults(folder)) for folder in named}
    for folder, own in found.items():
        for fault in own:
            tell(fault.in_language(chosen.lang))
        tell(say("corpus.unsound" if own else "corpus.sound", chosen.lang, path=folder, n=len(own)))
    return QUESTIONED if any(found.values()) else OK


def trace(chosen: argparse.Namespace) -> int:
    """Show where a cell comes from, and why it has its value."""
    from gongkai.corpus.trace import trace as told
    from gongkai.corpus.trace import traced

    corpus = _open_corpus(chosen.corpus, "trace")
    words = told(corpus, chosen.key, chosen.lang)
    if chosen.json:
        report_id, cell = traced(corpus, chosen.key)
        tell_json(trace_data(corpus, report_id, cell) | {"explanation": words.splitlines()})
        return OK
    tell(words)
    return OK


def diff(chosen: argparse.Namespace) -> int:
    """Show what differs between two builds of a corpus, by what it was caused."""
    from gongkai.corpus.diff import compare, summary
    from gongkai.corpus.export import write_frame

    if chosen.out is not None:
        refuse_unwritable(chosen.out, option="-o")
    found = compare(_open_corpus(chosen.old, "diff"), _open_corpus(chosen.new, "diff"))
    if found.empty:
        tell(say("corpus.same", chosen.lang))
        return OK
    counts = summary(found)
    rows = [["", *(say(f"change.{c}", chosen.lang) for c in counts.columns)]]
    names = [say(f"cause.{cause}", chosen.lang) for cause in counts.index.astype(str).tolist()]
    rows += [[name, *map(str, row)] for name, row in zip(names, counts.to_numpy(), strict=True)]
    tell(aligned(rows))
    if chosen.out:
        tell(say("cli.saved", chosen.lang, path=write_frame(found, chosen.out)))
    return QUESTIONED


def _corpus_counts(held: Corpus, language: str) -> str:
    """Say what a corpus holds: reports and units, cells by status, findings by level."""
    reports, levels = held.reports, Counter(held.findings["level"])
    statuses = {status: int(reports[f"cells_{status}"].sum()) for status in STATUSES}
    cells = "  ".join(f"{say(f'status.{status}', language)} {n}" for status, n in statuses.items() if n)
    found = "  ".join(f"{say(f'level.{level}', language)} {levels[level]}" for level in finding_words.LEVELS if levels[level])
    return "\n".join([
        say("corpus.held", language, reports=len(reports), failures=len(held.failures), units=reports["unit_id"].nunique()),
        say("cli.cells", language, n=sum(statuses.values()), counts=cells),
        say("cli.found", language, n=sum(levels.values()), counts=found),
    ])  # fmt: skip


def export(chosen: argparse.Namespace) -> int:
    """Save all tables of a corpus in the format asked for."""
    from gongkai.corpus.export import export as write
    from gongkai.corpus.export import refuse_target

    refuse_target(chosen.to, chosen.out, "-o")
    held = _open_corpus(chosen.corpus, "export")
    written = write(held, chosen.to, chosen.out, chosen.lang)
    for path in written:
        tell(say("cli.saved", chosen.lang, path=path))
    has_panel = len(written) > 1 or chosen.to == "excel"
    open_still = has_panel and (held.set_aside["why"] == Aside.DUPLICATE).any()
    if open_still:
        tell(say("cli.unsettled", chosen.lang), file=sys.stderr)
    return QUESTIONED if open_still else OK


def audit(chosen: argparse.Namespace) -> int:
    """Draw cells for an audit; with a sheet that was filled in, tell the error rates."""
    from gongkai.corpus.audit import Extent, changed, draw, judge, paragraph, summary
    from gongkai.corpus.audit.sheet import read_sheet, refuse_sheet, write_sheet
    from gongkai.indicators import indicators

    language = chosen.lang
    filled = read_sheet(chosen.sheet) if chosen.sheet is not None else None
    if filled is None:
        refuse_sheet(chosen.out, "-o")
    corpus = _open_corpus(chosen.corpus, "audit")
    if filled is None:
        key = draw(corpus.cells, corpus.reports, chosen.n, chosen.seed)
        sheet, beside = write_sheet(key, corpus.cells, lambda report_id: corpus.read(report_id).document, chosen.out, language)
        tell(say("audit.drawn", language, n=len(key), path=sheet, key=beside, corpus=chosen.corpus))
        return OK
    key, answers = filled
    judged = judge(key, answers)
    if others := changed(key, corpus.cells):
        tell(say("audit.changed", language, n=others), file=sys.stderr)
    paths = {path for one in indicators().values() if not one.off_en for path in one.operands}
    said = (paragraph(judged, len(key), len(corpus.cells), len(corpus.reports), each, paths) for each in LANGUAGES)
    tell(summary(judged, language, Extent(len(key), len(corpus.reports)), paths), *said, sep="\n\n")
    return OK


def _open_corpus(path: str, command: str) -> Corpus:
    """Open the corpus that a command reads, or a folder of documents."""
    from gongkai.corpus import read_corpus

    with _advising(command):
        return read_corpus(path)


@contextmanager
def _advising(command: str) -> Iterator[None]:
    """If there is no corpus, name the option that says where it is and the command that builds one."""
    try:
        yield
    except NoDocuments as error:
        out = shlex.quote(CORPUS if Path(error.where).exists() else error.where)
        raise error.advised(both(f"advice.{command}", out=out)) from error


def _tell(done: Done, language: str) -> None:
    """Say how many studies were made, and of each failed page why."""
    made, failed = len({*done.why} - done.failed), len(done.failed)
    tell(say("cli.made", language, made=made, unchanged=done.unchanged, failed=failed))
    for folder, pages, failure in done.told():
        reason = failure.zh if language == "zh" else failure.en
        tell(say("cli.failure", language, folder=folder, pages=pages, reason=reason), file=sys.stderr)


def _title_and_facts(report: Report, language: str) -> str:
    from gongkai.report.officer import heading

    return "\n".join(heading(report, language))


def _counts(report: Report, language: str) -> str:
    """Count cells by status and findings by level."""
    statuses = Counter(r.status for r in report.readings)
    findings = report.contents.findings
    levels = Counter(finding_words.level(f.code) for f in findings)
    cells = "  ".join(f"{say(f'status.{status}', language)} {n}" for status, n in statuses.items())
    found = "  ".join(f"{say(f'level.{level}', language)} {levels[level]}" for level in finding_words.LEVELS if levels[level])
    told = say("cli.found", language, n=len(findings), counts=found) if findings else say("cli.none", language)
    return f"{say('cli.cells', language, n=len(report.readings), counts=cells)}\n{told}"


def _finding_lines(report: Report, level: str, language: str) -> list[str]:
    """Say the findings of one level, each on a line with its place; what is said alike of several rows is said once."""
    found = [f for f in report.contents.findings if finding_words.level(f.code) == level]
    alike = groupby(found, key=lambda f: (f.code, f.table, f.expected, f.observed, sorted(f.words.items())))
    return [f"  - {_said_once(list(same), report, language)}" for _, same in alike]


def _said_once(same: Sequence[Finding], report: Report, language: str) -> str:
    """Say findings that differ in their row, column or place alone."""
    names = dict.fromkeys(finding_words.place(report.edition, f.table, f.item, f.measure, language) for f in same)
    places = dict.fromkeys(place_words(f.where, language) for f in same if f.where)
    first = next(iter(names))
    message = " ".join(finding_words.message(same[0], report.edition, language).split()).replace(first, _several(names, language), 1)
    return message + (say("cli.where", language, place=_several(places, language)) if places else "")


def _several(texts: Collection[str], language: str) -> str:
    """List texts, of many the first few and how many there are."""
    shown = say("explain.comma", language).join(list(texts)[:_FEW])
    return shown + (say("explain.more", language, n=len(texts)) if len(texts) > _FEW else "")


def _format_of(out: str) -> str:
    """Return the format that the name of a file asks for: an Excel workbook, else CSV, a file or a folder."""
    return "excel" if Path(out).suffix.lower() == ".xlsx" else "csv"


def _save(report: Report, out: str | None, language: str, file: TextIO | None = None) -> None:
    """Save a report's tables where asked, and say so."""
    if out is not None:
        from gongkai.corpus.export import export as write_tables

        for path in write_tables(report, _format_of(out), out, language):
            tell(say("cli.saved", language, path=path), file=file)
