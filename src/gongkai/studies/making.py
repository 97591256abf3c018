"""One study: its notebooks run, and what is written of them; a language in which one fails has no page."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

from gongkai.core.messages import LANGUAGES, say
from gongkai.studies import execute, reads, resume
from gongkai.studies.execute import NotebookFailure
from gongkai.studies.languages import failed_in, told_in
from gongkai.studies.outcome import INDEXES, NOTEBOOKS, PAGES, StudyTask
from gongkai.studies.pages import study_page

KEPT = (NOTEBOOKS["zh"], *PAGES.values())
STOP = threading.Event()


def run_study(tasks: Sequence[StudyTask], made_from: Mapping[str, str]) -> dict[str, NotebookFailure]:
    """Run the notebooks of one study; its record is written last, so that a study without a record counts as not made."""
    folder = tasks[0].target
    resume.begin(folder)
    with reads.watched(tasks) as seen:
        failures = {code: failure for task in tasks for code, failure in run_task(task, seen.trace).items()}
    resume.keep(folder, made_from, tasks[0].limits, failures, seen.digests)
    return failures


def run_task(task: StudyTask, trace: Path | None = None) -> dict[str, NotebookFailure]:
    """Run one notebook and write its files; for a language in which it fails, only the notebook is written and no page."""
    _refuse_if_stopped()
    executed, failure = execute.run_notebook(
        task.notebook,
        task.parameters,
        task.cwd,
        **task.limits._asdict(),
        trace=trace,
        for_both=task.twice,
    )
    _refuse_if_stopped()
    where, cell = failed_in(executed, failure.cell) if failure and task.twice else (dict(task.pages), failure and failure.cell)
    failed = dict.fromkeys(where, failure._replace(cell=cell)) if failure else {}
    files = _files(task, executed, failed)
    resume.note(task.target, files)
    for name, content in files.items():
        execute.write(task.target / name, content)
    return failed


def _files(task: StudyTask, executed: Any, failed: Collection[str]) -> dict[str, str | bytes]:
    """Return what is written of a notebook that was run: the notebook, and where it ran to its end its figures and pages."""
    files: dict[str, str | bytes] = {}
    for language, title in task.pages:
        own = NOTEBOOKS[language] if task.twice else task.kept
        told = told_in(executed, [language] if task.twice else [code for code, _ in task.pages])
        if language in failed or task.twice or own in KEPT:
            files[own] = execute.text_of(told)
        if language in failed:
            continue
        other = next(code for code in LANGUAGES if code != language)
        links = [(say("page.index", language), f"../{INDEXES[language]}")] if task.has_index else []
        links.append((say("page.other", language), PAGES[other]))
        page = study_page(told, title, language, links, Path(PAGES[language if task.twice else task.pages[0][0]]).stem)
        files |= {**page.figures, PAGES[language]: page.html}
    return files


def _refuse_if_stopped() -> None:
    """Stop without recording a failure if the batch was interrupted: the notebook was ended by the interrupt, not by an error."""
    if STOP.is_set():
        raise CancelledError
