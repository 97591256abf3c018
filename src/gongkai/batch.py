"""One study for each county of a folder: planned, run where something changed, and written down with all it was made from."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from gongkai import __version__
from gongkai.build import RECORD as CORPUS
from gongkai.build import build
from gongkai.corpus import Corpus
from gongkai.counties import County, counties, county_of_file
from gongkai.errors import UsageError
from gongkai.execute import Failure, Parameters, refuse_unknown, run_notebook, text_of, write
from gongkai.files import find_notebook as find_notebook
from gongkai.outcome import FAILURES, INDEXES, NOTEBOOKS, PAGES, RECORD, Done, Study, Task, write_assets, write_failures, write_indexes
from gongkai.site import study_page
from gongkai.texts import LANGUAGES, say

STUDY = "studies/county_study.ipynb"
KEPT = (NOTEBOOKS["zh"], *PAGES.values())
VERSIONED = (
    "ipykernel",
    "jinja2",
    "matplotlib",
    "mistune",
    "nbclient",
    "numpy",
    "pandas",
    "papermill",
    "scipy",
    "seaborn",
    "statsmodels",
)


def run_studies(
    data_dir: str | Path = "data/raw", run: str = "study", parameters: Parameters | None = None, *, reports_dir: str | Path = "reports",
    corpus_dir: str | Path | None = None, notebook: Path | None = None, executor: Executor | None = None, jobs: int = 1,
    language: str = "zh",
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
    executor : concurrent.futures.Executor, optional
        What runs the notebooks, a cluster's for instance; one after the other unless given.
    jobs : int
        Processes that read the documents.
    language : {"zh", "en"}
        The language of the progress bar.

    Returns
    -------
    Done

    Raises
    ------
    UsageError
        If nothing can start: no document, an unknown parameter, a faulty manifest.
    """
    folder, asked = Path(reports_dir) / _run_name(run), _refuse_own(parameters or {})
    corpus = Corpus(Path(data_dir))
    if not (corpus.folder / CORPUS).is_file():
        corpus = Corpus(build([data_dir], corpus_dir or corpus.folder.parent / "tidy", jobs=jobs, language=language).folder)
    given = {"data_dir": _short(corpus.folder), **asked}
    return _run(_plan(counties(corpus), notebook or find_notebook(STUDY), folder, given), folder, executor, language)


def run_file(source: str | Path, out_dir: str | Path = "reports/study", *, executor: Executor | None = None, language: str = "zh") -> Done:
    """Make the study of one file: one file in, one study out.

    Raises
    ------
    ReportError
        If the file cannot be read as a report.
    """
    county, _ = county_of_file(source)
    studies = _plan([county], find_notebook(STUDY), Path(out_dir), {"source": county.key}, Path(source).parent, has_index=False)
    write_assets(Path(out_dir))
    return Done(Path(out_dir), tuple(studies), _execute(studies, executor, language), len(studies), 0)


def _plan(
    found: Iterable[County], notebook: Path, folder: Path, given: Parameters, cwd: Path | None = None, has_index: bool = True
) -> list[Study]:
    """Say what would be run for each county."""
    base = _fingerprint(notebook)
    studies = []
    for county in found:
        own = {} if "source" in given else {"division_code": county.key}
        tasks = tuple(
            Task(notebook, {**given, **own, "language": language}, cwd, folder / county.folder,
                 say("page.title", language, name=county.name), language, has_index)
            for language in LANGUAGES
        )  # fmt: skip
        studies.append(Study(county, tasks, _key(base, county, tasks)))
    return studies


def _run(studies: Sequence[Study], folder: Path, executor: Executor | None, language: str) -> Done:
    """Run what has changed, then write down what was made and from what."""
    before = _recorded(folder / RECORD)
    stale = [s for s in studies if not _is_there(folder / s.folder, before.get(s.folder, {}), s.key)]
    done = Done(folder, tuple(studies), _execute(stale, executor, language), len(stale), len(studies) - len(stale))
    write_failures(folder / FAILURES, done)
    write_indexes(done)
    write(folder / RECORD, _record(done))
    return done


def _execute(studies: Sequence[Study], executor: Executor | None, language: str) -> dict[tuple[str, str], Failure]:
    """Run the tasks of the studies in any executor; what one of them raises stays its own.

    A parameter that the notebook does not know stops them all before the first has begun. Where nothing is to be run, no parameter is new.
    """
    tasks = [task for study in studies for task in study.tasks]
    if tasks:
        refuse_unknown(tasks[0].notebook, tasks[0].parameters)
    if executor is not None:
        return _gather({executor.submit(run_task, task): task for task in tasks}, language)
    with ThreadPoolExecutor(max_workers=1) as one_by_one:
        return _gather({one_by_one.submit(run_task, task): task for task in tasks}, language)


def _gather(running: Mapping[Future[Failure | None], Task], language: str) -> dict[tuple[str, str], Failure]:
    from tqdm import tqdm

    failures: dict[tuple[str, str], Failure] = {}
    with tqdm(total=len(running), desc=say("batch.progress", language), unit="", disable=None if running else True, leave=False) as bar:
        for future in as_completed(running):
            task, error = running[future], future.exception()
            failure = _unforeseen(error) if error else future.result()
            if failure:
                failures[task.target.name, task.language] = failure
                bar.set_postfix_str(say("batch.failed", language, n=len(failures)))
            bar.update()
    return failures


def _unforeseen(error: BaseException) -> Failure:
    said = f"{type(error).__name__}: {error}".splitlines()[0]
    return Failure(f"未能运行：{said}", f"could not be run: {said}", type(error).__name__)


def run_task(task: Task) -> Failure | None:
    """Run one notebook and write what came of it; a failed one leaves its notebook and no page."""
    page, kept = task.target / PAGES[task.language], task.target / NOTEBOOKS[task.language]
    executed, failure = run_notebook(task.notebook, task.parameters, task.cwd)
    if failure or kept.name in KEPT:
        write(kept, text_of(executed))
    else:
        kept.unlink(missing_ok=True)
    for old in (page, *task.target.glob(f"{page.stem}-[0-9]*")):
        old.unlink(missing_ok=True)
    if failure:
        return failure
    other = next(language for language in LANGUAGES if language != task.language)
    links = [(say("page.other", task.language), PAGES[other])]
    if task.has_index:
        links.insert(0, (say("page.index", task.language), f"../{INDEXES[task.language]}"))
    made = study_page(executed, task.title, task.language, links, page.stem)
    for name, data in made.figures.items():
        write(task.target / name, data)
    write(page, made.html)
    return None


def _fingerprint(notebook: Path) -> dict[str, Any]:
    """Return what every study of a run depends on: notebook, library, versions."""
    package = Path(str(resources.files("gongkai")))
    sources = [p for p in sorted(package.rglob("*")) if p.is_file() and "__pycache__" not in p.parts and p.suffix != ".pyc"]
    library = hashlib.sha256()
    for path in sources:
        library.update(f"{path.relative_to(package).as_posix()}\0{_sha256(path)}\n".encode())
    versions = {name: metadata.version(name) for name in VERSIONED} | {"python": platform.python_version(), "gongkai": __version__}
    return {"notebook": {"name": notebook.name, "sha256": _sha256(notebook)}, "library": library.hexdigest(), "versions": versions}


def _key(base: Mapping[str, Any], county: County, tasks: Sequence[Task]) -> str:
    parts = {**base, "inputs": county.inputs, "parameters": [t.parameters for t in tasks], "title": [t.title for t in tasks]}
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _sha256(path: Path) -> str:
    """Hash a file; one that cannot be opened is none that was read before."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return f"unreadable ({error.strerror})"


def _recorded(path: Path) -> dict[str, dict[str, Any]]:
    """Return what an earlier run wrote down of each study; a damaged record is no record."""
    if not path.is_file():
        return {}
    try:
        studies: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["studies"]
    except (ValueError, KeyError):
        return {}
    return studies


def _is_there(folder: Path, record: Mapping[str, Any], key: str) -> bool:
    """Say whether a study was made from the same inputs before and still stands as it was written."""
    files = record.get("files", {})
    whole = set(files) >= set(KEPT) and all((folder / f).is_file() and _sha256(folder / f) == sha for f, sha in files.items())
    return record.get("key") == key and whole


def _record(done: Done) -> str:
    """Write down versions, hashes and parameters: nothing in it tells when the run was."""
    base = _fingerprint(done.studies[0].tasks[0].notebook)
    failed = {folder for folder, _ in done.failures}
    studies = {s.folder: _record_of(done.folder / s.folder, s, s.folder in failed) for s in done.studies}
    return json.dumps({"run": done.folder.name, **base, "studies": studies}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _record_of(folder: Path, study: Study, failed: bool) -> dict[str, Any]:
    files = {path.name: _sha256(path) for path in folder.glob("study*")}
    parameters = {k: v for k, v in study.tasks[0].parameters.items() if k != "language"}
    about = {
        "name": study.county.name,
        "inputs": [i.get("path", "") for i in study.county.inputs],
        "parameters": parameters,
        "files": files,
    }
    return {"status": "failed" if failed else "made", **about, **({} if failed else {"key": study.key})}


def _refuse_own(parameters: Parameters) -> Parameters:
    """Refuse what the batch sets itself for each county."""
    if own := sorted({"data_dir", "division_code", "language", "source"} & set(parameters)):
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
