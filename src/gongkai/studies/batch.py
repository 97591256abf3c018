"""Studies of the counties of a folder, or of any table of parameters: planned, run where something changed, and written down."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from gongkai.core.errors import Interrupted, UsageError, of_system
from gongkai.core.files import find_notebook as find_notebook
from gongkai.core.files import refuse_unwritable
from gongkai.core.messages import LANGUAGES, Words, both, say, tell
from gongkai.corpus import Corpus
from gongkai.corpus.build import RECORD as CORPUS
from gongkai.corpus.build import build
from gongkai.corpus.mending import mend_all
from gongkai.corpus.outputs import Skipped, hindrance, left_out, mark, sources_of
from gongkai.corpus.unread import unread
from gongkai.studies import execute, listing, outcome, resume
from gongkai.studies.execute import CELL_SECONDS, MEGABYTES, NotebookFailure
from gongkai.studies.making import KEPT as KEPT
from gongkai.studies.making import STOP, run_study
from gongkai.studies.outcome import Done, Limits, Study, Unread, write_assets
from gongkai.studies.parameters import ParameterRow, read_rows
from gongkai.studies.planning import comparisons, newest_rates, plan
from gongkai.studies.targets import folder_of_run, place_of_corpus, short
from gongkai.studies.units import County, counties, county_of_file
from gongkai.studies.values import Parameters
from papermill_fork import child

STUDY = "studies/county_study.ipynb"
LISTED_EVERY = 10.0  # seconds between two states of the list while a run goes on: writing that of 3,000 counties takes one


@dataclass(frozen=True)
class How:
    """How a batch is run, and what of it.

    Parameters
    ----------
    rerun : {"changed", "failed", "all"}
        What is run: studies that are new or of which anything has changed; also those that failed before; all.
    only : str
        Only the studies whose folders' names begin so, with a code such as ``1404``.
    dry_run : bool
        Run nothing: say what would be run, and why.
    seconds, megabytes : int
        What one cell may take of time, and one notebook of memory.
    jobs : int
        Studies made, and documents read, at the same time.
    executor : concurrent.futures.Executor, optional
        What runs the studies instead, a cluster's for instance.
    language : {"zh", "en"}
        The language of the progress bar and the log.
    """

    rerun: str = "changed"
    only: str = ""
    dry_run: bool = False
    seconds: int = CELL_SECONDS
    megabytes: int | None = MEGABYTES
    jobs: int = 1
    executor: Executor | None = None
    language: str = "zh"

    @property
    def limits(self) -> Limits:
        """What one notebook may take."""
        return Limits(self.seconds, self.megabytes)

    def __post_init__(self) -> None:
        if self.rerun not in resume.RERUN:
            known = ", ".join(resume.RERUN)
            raise UsageError.of("studies.rerun", "rerun", known=known, rerun=str(self.rerun))


def run_studies(
    data_dir: str | Path = "data/raw", run: str | None = None, parameters: Parameters | None = None, *, out_dir: str | Path | None = None,
    reports_dir: str | Path = "reports", corpus_dir: str | Path | None = None, notebook: Path | None = None, **how: Any,
) -> Done:  # fmt: skip
    """Make the study of each county of a folder, in both languages, and the page that lists them.

    Parameters
    ----------
    data_dir : path
        A folder of documents, with or without ``manifest.csv``, or a corpus that was built of some.
    run : str, optional
        Name of the run's folder in ``reports_dir``; ``study`` unless given; where that is of other data, ``study-`` and the data's.
    parameters : mapping, optional
        Further parameters of the notebook, such as ``first_year``.
    out_dir : path, optional
        The run's folder itself: new or empty, or that of an earlier run of the same data.
    reports_dir : path
        Where the run's folder stands, if ``out_dir`` does not say it.
    corpus_dir : path, optional
        Where the corpus of a folder of documents is built; ``tidy`` beside the folder unless given, or where that holds something else,
        ``tidy`` in the run's folder.
    notebook : path, optional
        Another notebook than the county study.
    **how
        The fields of :class:`How`.

    Returns
    -------
    Done

    Raises
    ------
    UsageError
        If nothing can start: no document, an unknown parameter, a faulty manifest, a folder that holds something else.
    Interrupted
        If it is interrupted: what is done is listed, and another run goes on from there.
    """
    asked, chosen, notebook = _refuse_own(parameters or {}), How(**how), notebook or find_notebook(STUDY)
    execute.refuse_unknown(notebook, {**dict.fromkeys(_OWN - {"source"}), **asked})
    data = Path(data_dir)
    is_built = os.path.isfile(data / CORPUS)  # a folder that may not be read counts as none here; reading it gives the error
    sources = sources_of(data) if is_built else [data]
    folder = refuse_unwritable(folder_of_run(data, run, out_dir, Path(reports_dir), sources), is_folder=True)
    corpus, skipped = data, tuple[Skipped, ...]()
    if is_built:
        mend_all(data)  # before the notebooks, of which several would do so at once
    else:
        tidy = refuse_unwritable(place_of_corpus(data, corpus_dir, folder), is_folder=True, option="--corpus")
        built = build([data], tidy, jobs=chosen.jobs, language=chosen.language)
        corpus, skipped = built.folder, built.skipped
    given, held = {"data_dir": short(corpus), **asked}, Corpus(corpus)
    found = counties(held)
    compared = comparisons(found, given, folder, chosen.limits) if notebook == find_notebook(STUDY) else ()
    rows = [ParameterRow(c.folder, c.name, {**given, "division_code": c.key}, c.inputs, c) for c in found]
    documents = Input(_unread(found, held), left_out(skipped, folder, "run", sources), compared, newest_rates(held, found))
    return _run(rows, notebook, folder, chosen, sources, documents)


def _unread(found: Sequence[County], corpus: Corpus) -> tuple[Unread, ...]:
    """Return every document that could not be read, once, with the county whose it is."""
    known = {row["path"]: Unread(row, county.folder, county.name) for county in reversed(found) for row in county.failures}
    rows = [row for own in unread(corpus).values() for row in own]
    return tuple(known.get(row["path"], Unread(row)) for row in sorted(rows, key=lambda row: str(row["path"])))


def run_table(
    notebook: str | Path, table: str | Path, out_dir: str | Path | None = None, parameters: Parameters | None = None, **how: Any
) -> Done:
    """Run any notebook with a ``parameters`` cell over a table of parameters: a study for each row, and the page that lists them.

    Parameters
    ----------
    notebook : path
        The notebook. If it declares ``language`` and the table does not, it is run in both.
    table : path
        A CSV file: its column ``name``, else its first, names the studies, each other column is a parameter.
    out_dir : path, optional
        The run's folder; ``reports/`` and the notebook's name unless given.
    parameters : mapping, optional
        Parameters that are the same for each row.
    **how
        The fields of :class:`How`.

    Raises
    ------
    UsageError
        If nothing can start: a column that the notebook does not declare, two rows of one name, no rows, a folder that holds other things.
    Interrupted
        If it is interrupted: what is done is listed, and another run goes on from there.
    """
    notebook, table, given = Path(notebook), Path(table), parameters or {}
    execute.refuse_unknown(notebook, given)
    folder = Path(out_dir or Path("reports", notebook.stem))
    rows, sources = read_rows(table, notebook, given), [notebook, table]
    if refused := hindrance(folder, "run", sources):
        raise refused
    refuse_unwritable(folder, is_folder=True, option="-o")
    return _run(rows, notebook, folder, How(**how), sources, Input())


def run_file(source: str | Path, out_dir: str | Path = "reports/study", parameters: Parameters | None = None, **how: Any) -> Done:
    """Make the study of one file: one file in, one study out; ``parameters`` are further ones of the notebook, such as ``first_year``.

    Raises
    ------
    ReportError
        If the file cannot be read as a report, or the folder holds other things than studies.
    """
    given = _refuse_own(parameters or {})
    execute.refuse_unknown(find_notebook(STUDY), given)
    refuse_unwritable(out_dir, is_folder=True, option="-o")
    county, _ = county_of_file(source)
    folder = Path(out_dir)
    if refused := hindrance(folder, "run", sources_of(folder)):
        raise refused
    row = ParameterRow(county.folder, county.name, {**given, "source": county.key}, county.inputs, county)
    studies = plan([row], find_notebook(STUDY), folder, {}, How(**how).limits, Path(source).parent, has_index=False)
    if How(**how).dry_run:
        return Done(folder, tuple(studies), {}, {county.folder: "always" if (folder / county.folder).exists() else "new"})
    mark(folder, "run", sources_of(folder), studies=sorted(resume.begun(folder)))
    write_assets(folder)
    return Done(folder, tuple(studies), _execute(studies, How(**how), _silent, _silent), {county.folder: "new"})


class Input(NamedTuple):
    """What is known of the documents of a run besides its counties: those that could not be read, what was left out, what else is made."""

    unread: tuple[Unread, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    comparisons: Sequence[Study] = ()
    rates: Mapping[str, Mapping[str, Any]] = MappingProxyType({})


def _run(
    rows: Iterable[ParameterRow], notebook: Path, folder: Path, how: How, sources: Sequence[Path], documents: Input
) -> Done:  # fmt: skip
    """Run what has changed, then write down what was made and from what."""
    base = resume.base_of(notebook)
    studies = [*plan(rows, notebook, folder, base, how.limits), *documents.comparisons]
    if how.only and not any(s.folder.startswith(how.only) for s in studies):
        names = "、".join(s.folder for s in studies[:20]) or "—"
        raise UsageError.of("studies.only", "--only", names=names, only=how.only)
    done = _state(studies, folder, how, documents)
    if how.dry_run:
        return done
    mark(folder, "run", sources, studies=sorted({*resume.begun(folder), *done.why}))
    with _log(folder / outcome.LOG) as log:
        log(say("batch.begins", how.language, n=len(done.why), of=len(studies)))
        for name in resume.remove_others(folder, {s.folder for s in studies if s.tasks}):
            log(say("batch.removed", how.language, folder=name))
        try:
            done = replace(
                done,
                failures={**done.failures, **_execute([s for s in done.studies if s.folder in done.why], how, log, partial(_show, done))},
            )
        except KeyboardInterrupt:
            raise _interrupted(_state(studies, folder, how, documents), base) from None
        mark(folder, "run", sources, studies=sorted(resume.begun(folder)))
        _write_records(done, base)
        log(say("batch.ends", how.language, n=len(done.studies), failed=len(done.failed)))
    return done


def _state(studies: Sequence[Study], folder: Path, how: How, documents: Input) -> Done:
    """Compare a run with the records of its studies: what is up to date, and what is to be run."""
    known = {s.folder: resume.recall(folder / s.folder) for s in studies}
    stale = {s.folder: reason for s in studies if s.tasks and (reason := resume.why(folder / s.folder, s, known[s.folder], how.rerun))}
    listed = tuple(s for s in studies if s.folder.startswith(how.only) or known[s.folder])
    why = {name: reason for name, reason in stale.items() if name.startswith(how.only)}
    before = {(s.folder, code): told for s in listed if s.folder not in why for code, told in resume.failures_of(known[s.folder]).items()}
    kept = len({name for name, _ in before if name.startswith(how.only)} - {*stale})
    outdated = {s.folder for s in listed if s.folder in stale} - {*why}
    return Done(
        folder,
        listed,
        before,
        why,
        kept,
        outdated,
        unread=documents.unread,
        skipped=documents.skipped,
        only=how.only,
        rates=documents.rates,
    )


def _show(done: Done, finished: Collection[str], failures: Mapping[tuple[str, str], NotebookFailure]) -> None:
    """Write the pages that list a run while it goes on: what is not finished stands there as not made yet."""
    waiting = {*done.why} - {*finished}
    new = {name for name in waiting if done.why[name] == "new"}
    so_far = replace(done, failures={**done.failures, **failures}, unmade=new, outdated={*done.outdated, *waiting} - new, runs=True)
    listing.write_indexes(so_far)


def _write_records(done: Done, base: Mapping[str, Any]) -> None:
    """Write down what became of a run: the pages that list it, its failures, what it was made from."""
    outcome.write_failures(done.folder / outcome.FAILURES, done)
    listing.write_indexes(done)
    execute.write(done.folder / outcome.MANIFEST, resume.manifest(done, base))


def _interrupted(done: Done, base: Mapping[str, Any]) -> Interrupted:
    """List what is done of a run that was interrupted, and say it."""
    unmade = {name for name, reason in done.why.items() if reason == "new"}
    _write_records(replace(done, unmade=unmade, outdated={*done.outdated, *done.why} - unmade), base)
    n = sum(bool(study.tasks) for study in done.studies)
    return Interrupted.told_as("batch.stopped", n=n, done=n - len(done.why), path=done.index)


@contextmanager
def _log(path: Path) -> Iterator[Callable[[str], None]]:
    """Open the run's log: each line is there as soon as it is written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", buffering=1) as file:
        yield lambda text: tell(time.strftime("%Y-%m-%d %H:%M:%S"), *text.split("\n"), file=file)


def _silent(*_: Any) -> None:
    """Log nothing, and list nothing."""


def _execute(
    studies: Sequence[Study], how: How, log: Callable[[str], None], show: Callable[..., None]
) -> dict[tuple[str, str], NotebookFailure]:
    """Run studies in any executor; an error in one costs no other its result. After an interrupt, running ones count as not made."""
    STOP.clear()
    child.reopen()
    executor = how.executor or ThreadPoolExecutor(how.jobs)
    running = {executor.submit(run_study, study.tasks, study.made_from): study for study in studies}
    try:
        return _gather(running, how.language, log, show)
    except KeyboardInterrupt:
        STOP.set()
        for future in running:
            future.cancel()
        child.close(for_good=True)
        log(say("batch.interrupted", how.language))
        raise
    finally:
        if how.executor is None:
            executor.shutdown()


def _gather(
    running: Mapping[Future[dict[str, NotebookFailure]], Study], language: str, log: Callable[[str], None], show: Callable[..., None]
) -> dict[tuple[str, str], NotebookFailure]:
    from tqdm import tqdm

    failures: dict[tuple[str, str], NotebookFailure] = {}
    finished, shown = set[str](), -LISTED_EVERY
    with tqdm(total=len(running), desc=say("batch.progress", language), unit="", disable=None if running else True, leave=False) as bar:
        for future in as_completed(running):
            study, error = running[future], future.exception()
            failed = dict.fromkeys(LANGUAGES, _unforeseen(error)) if error else future.result()
            failures |= {(study.folder, code): failure for code, failure in failed.items()}
            finished.add(study.folder)
            if time.monotonic() - shown > LISTED_EVERY and len(finished) < len(running):
                show(finished, failures)
                shown = time.monotonic()
            bar.set_postfix_str(say("batch.failed", language, n=len({folder for folder, _ in failures})))
            bar.update()
            reason = next((f.zh if language == "zh" else f.en for f in failed.values()), "")
            log(say("batch.study_failed" if failed else "batch.made", language, folder=study.folder, reason=reason))
    return failures


def _unforeseen(error: BaseException) -> NotebookFailure:
    said: str | Words = f"{type(error).__name__}: {error}".splitlines()[0]
    if isinstance(error, OSError):
        said = of_system(error, "file.reachable").words
    return NotebookFailure(*both("studies.unforeseen", said=said), type(error).__name__)


_OWN = {"data_dir", "division_code", "language", "source"}


def _refuse_own(parameters: Parameters) -> Parameters:
    """Refuse parameters that the batch sets itself for each county."""
    if own := sorted(_OWN & set(parameters)):
        names = "、".join(own)
        raise UsageError.of("studies.own_parameters", "parameters", names=names)
    return parameters
