"""Studies of the counties of a folder, or of any table of parameters: planned, run where something changed, and written down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gongkai.core.errors import UsageError
from gongkai.core.files import find_notebook as find_notebook
from gongkai.core.messages import LANGUAGES, say
from gongkai.corpus import Corpus
from gongkai.corpus.build import RECORD as CORPUS
from gongkai.corpus.build import build
from gongkai.engine import child
from gongkai.studies import outcome, resume
from gongkai.studies.execute import CELL_SECONDS, MEGABYTES, Failure, Parameters, declared, refuse_unknown, run_notebook, text_of, write
from gongkai.studies.outcome import INDEXES, NOTEBOOKS, PAGES, Done, Limits, Study, Task, write_assets
from gongkai.studies.pages import study_page
from gongkai.studies.parameters import Row, read_rows
from gongkai.studies.units import counties, county_of_file

STUDY = "studies/county_study.ipynb"
KEPT = (NOTEBOOKS["zh"], *PAGES.values())
_STOP = threading.Event()


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

    def __post_init__(self) -> None:
        if self.rerun not in resume.RERUN:
            known = ", ".join(resume.RERUN)
            raise UsageError("rerun", (known, known), (str(self.rerun), str(self.rerun)), ("改为其中之一", "give one of these"))


def run_studies(
    data_dir: str | Path = "data/raw", run: str = "study", parameters: Parameters | None = None, *, reports_dir: str | Path = "reports",
    corpus_dir: str | Path | None = None, notebook: Path | None = None, **how: Any,
) -> Done:  # fmt: skip
    """Make the study of each county of a folder, in both languages, and the page that lists them.

    Parameters
    ----------
    data_dir : path
        A folder of documents, with or without ``manifest.csv``, or a corpus that was built of some.
    run : str
        Name of the run's folder in ``reports_dir``.
    parameters : mapping, optional
        Further parameters of the notebook, such as ``first_year``.
    reports_dir : path
        Where the run's folder stands.
    corpus_dir : path
        Where the corpus of a folder of documents is built; ``tidy`` beside the folder unless given.
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
        If nothing can start: no document, an unknown parameter, a faulty manifest.
    """
    folder, asked, chosen = Path(reports_dir) / _run_name(run), _refuse_own(parameters or {}), How(**how)
    notebook = notebook or find_notebook(STUDY)
    refuse_unknown(notebook, {*_OWN - {"source"}, *asked})
    corpus = Path(data_dir)
    if not (corpus / CORPUS).is_file():
        corpus = build([data_dir], corpus_dir or corpus.parent / "tidy", jobs=chosen.jobs, language=chosen.language).folder
    given = {"data_dir": _short(corpus), **asked}
    found = counties(Corpus(corpus))
    return _run([Row(c.folder, c.name, {**given, "division_code": c.key}, c.inputs, c) for c in found], notebook, folder, chosen)


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
        If nothing can start: a column that the notebook does not declare, two rows of one name, no rows.
    """
    notebook, given = Path(notebook), parameters or {}
    refuse_unknown(notebook, given)
    return _run(read_rows(Path(table), notebook, given), notebook, Path(out_dir or Path("reports", notebook.stem)), How(**how))


def run_file(source: str | Path, out_dir: str | Path = "reports/study", **how: Any) -> Done:
    """Make the study of one file: one file in, one study out.

    Raises
    ------
    ReportError
        If the file cannot be read as a report.
    """
    county, _ = county_of_file(source)
    row = Row(county.folder, county.name, {"source": county.key}, county.inputs, county)
    studies = _plan([row], find_notebook(STUDY), Path(out_dir), {}, How(**how), Path(source).parent, has_index=False)
    write_assets(Path(out_dir))
    return Done(Path(out_dir), tuple(studies), _execute(studies, How(**how), _silent, is_kept=False), {county.folder: "new"})


def _plan(
    rows: Iterable[Row], notebook: Path, folder: Path, base: Mapping[str, Any], how: How, cwd: Path | None = None, has_index: bool = True
) -> list[Study]:
    """Say what would be run for each row: a notebook for each language, or one for both if it does not ask for the language."""
    asks, limits = "language" in declared(notebook), Limits(how.seconds, how.megabytes)
    studies = []
    for row in rows:
        pages = [(code, say("page.title", code, name=row.name) if row.county else row.name) for code in LANGUAGES]
        if asks and "language" not in row.parameters:
            parts = [({**row.parameters, "language": page[0]}, [page]) for page in pages]
        else:
            parts = [(dict(row.parameters), pages)]
        tasks = tuple(Task(notebook, given, cwd, folder / row.folder, tuple(made), has_index, limits) for given, made in parts)
        made_from = resume.made_from(base, inputs=row.inputs, parameters=parts)
        studies.append(Study(row.folder, row.name, tasks, made_from, row.county))
    return studies


def _run(rows: Iterable[Row], notebook: Path, folder: Path, how: How) -> Done:
    """Run what has changed, then write down what was made and from what."""
    base = resume.base_of(notebook)
    studies = _plan(rows, notebook, folder, base, how)
    if not (chosen := {s.folder for s in studies if s.folder.startswith(how.only)}):
        names = "、".join(s.folder for s in studies[:20]) or "—"
        raise UsageError("--only", (f"其中之一的开头：{names}", f"how one of these begins: {names}"), (how.only, how.only),
                         ("改正代码", "correct the code"))  # fmt: skip
    known = {s.folder: resume.recall(folder / s.folder) for s in studies}
    stale = {s.folder: reason for s in studies if (reason := resume.why(folder / s.folder, s, known[s.folder], how.rerun))}
    listed = tuple(s for s in studies if s.folder in chosen or known[s.folder])
    why = {name: reason for name, reason in stale.items() if name in chosen}
    before = {(s.folder, code): told for s in listed if s.folder not in why for code, told in resume.failures_of(known[s.folder]).items()}
    kept = len({name for name, _ in before} - {*stale})
    outdated = {s.folder for s in listed if s.folder in stale} - {*why}
    if how.dry_run:
        return Done(folder, listed, before, why, kept, outdated)
    with _log(folder / outcome.LOG) as log:
        log(say("batch.begins", how.language, n=len(why), of=len(studies)))
        for name in resume.remove_others(folder, {s.folder for s in studies}):
            log(say("batch.removed", how.language, folder=name))
        failures = {**before, **_execute([s for s in listed if s.folder in why], how, log)}
        done = Done(folder, listed, failures, why, kept, outdated)
        outcome.write_failures(folder / outcome.FAILURES, done)
        outcome.write_indexes(done)
        write(folder / outcome.MANIFEST, resume.manifest(done, base))
        log(say("batch.ends", how.language, n=len(listed), failed=len(done.failed)))
    return done


@contextmanager
def _log(path: Path) -> Iterator[Callable[[str], None]]:
    """Open the run's log: each line is there as soon as it is written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", buffering=1) as file:
        yield lambda text: print(time.strftime("%Y-%m-%d %H:%M:%S"), *text.split("\n"), file=file)


def _silent(_: str) -> None:
    """Log nothing."""


def _execute(studies: Sequence[Study], how: How, log: Callable[[str], None], is_kept: bool = True) -> dict[tuple[str, str], Failure]:
    """Run studies in any executor; what one of them raises stays its own. An interrupt ends those that run, and nothing of them counts."""
    _STOP.clear()
    executor = how.executor or ThreadPoolExecutor(how.jobs)
    running = {executor.submit(run_study, study.tasks, study.made_from if is_kept else None): study for study in studies}
    try:
        return _gather(running, how.language, log)
    except KeyboardInterrupt:
        _STOP.set()
        for future in running:
            future.cancel()
        child.close()
        log(say("batch.interrupted", how.language))
        raise
    finally:
        if how.executor is None:
            executor.shutdown()


def _gather(
    running: Mapping[Future[dict[str, Failure]], Study], language: str, log: Callable[[str], None]
) -> dict[tuple[str, str], Failure]:
    from tqdm import tqdm

    failures: dict[tuple[str, str], Failure] = {}
    with tqdm(total=len(running), desc=say("batch.progress", language), unit="", disable=None if running else True, leave=False) as bar:
        for future in as_completed(running):
            study, error = running[future], future.exception()
            failed = dict.fromkeys(LANGUAGES, _unforeseen(error)) if error else future.result()
            failures |= {(study.folder, code): failure for code, failure in failed.items()}
            bar.set_postfix_str(say("batch.failed", language, n=len({folder for folder, _ in failures})))
            bar.update()
            reason = next((f.zh if language == "zh" else f.en for f in failed.values()), "")
            log(say("batch.study_failed" if failed else "batch.made", language, folder=study.folder, reason=reason))
    return failures


def _unforeseen(error: BaseException) -> Failure:
    said = f"{type(error).__name__}: {error}".splitlines()[0]
    return Failure(f"未能运行：{said}", f"could not be run: {said}", type(error).__name__)


def run_study(tasks: Sequence[Task], made_from: Mapping[str, str] | None) -> dict[str, Failure]:
    """Run the notebooks of one study; its record is written last, so that without it nothing of the study counts."""
    folder = tasks[0].target
    resume.begin(folder) if made_from else resume.clear(folder)
    failures = {code: failure for task in tasks if (failure := run_task(task)) for code, _ in task.pages}
    if made_from:
        resume.keep(folder, made_from, tasks[0].limits, failures)
    return failures


def run_task(task: Task) -> Failure | None:
    """Run one notebook and write what came of it; a failed one leaves its notebook and no page."""
    _refuse_if_stopped()
    executed, failure = run_notebook(task.notebook, task.parameters, task.cwd, seconds=task.limits.seconds, megabytes=task.limits.megabytes)
    _refuse_if_stopped()
    if failure or task.kept in KEPT:
        write(task.target / task.kept, text_of(executed))
    if failure:
        return failure
    for language, title in task.pages:
        other = next(code for code in LANGUAGES if code != language)
        links = [(say("page.index", language), f"../{INDEXES[language]}")] if task.has_index else []
        links.append((say("page.other", language), PAGES[other]))
        page = study_page(executed, title, language, links, Path(PAGES[task.pages[0][0]]).stem)
        for name, data in page.figures.items():
            write(task.target / name, data)
        write(task.target / PAGES[language], page.html)
    return None


def _refuse_if_stopped() -> None:
    """Leave a study where the batch was interrupted: what ends its notebook then is no failure of its own."""
    if _STOP.is_set():
        raise CancelledError


_OWN = {"data_dir", "division_code", "language", "source"}


def _refuse_own(parameters: Parameters) -> Parameters:
    """Refuse what the batch sets itself for each county."""
    if own := sorted(_OWN & set(parameters)):
        names = "、".join(own)
        raise UsageError(
            "parameters", ("笔记本的其他参数", "other parameters of the notebook"), (names, names),
            ("由批处理逐县设定，删去即可", "the batch sets these for each county: leave them out"),
        )  # fmt: skip
    return parameters


def _run_name(run: str) -> str:
    if not run or run.startswith(".") or set(run) & set('/\\:*?"<>|'):
        raise UsageError(
            "--run", ("一个文件夹名", "the name of a folder"), (f"“{run}”", repr(run)), ("改用普通的名称", "give a plain name")
        )
    return run


def _short(path: Path) -> str:
    """Write a path as short as it can be from here, so that no study tells where its maker keeps his files."""
    absolute, here = path.resolve(), Path.cwd().resolve()
    return absolute.relative_to(here).as_posix() if absolute.is_relative_to(here) else absolute.as_posix()
