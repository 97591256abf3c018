"""Choose where a run of studies and its corpus are written: never over the output of other sources."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from gongkai.core.errors import UsageError
from gongkai.corpus.outputs import hindrance, kind_of
from gongkai.studies.units import file_name

RUN, TIDY = "study", "tidy"


def folder_of_run(data: Path, run: str | None, out: str | Path | None, reports: Path, sources: Sequence[Path]) -> Path:
    """Choose the folder of a run; the default avoids a folder that holds a run of other data."""
    if run and out:
        raise UsageError.of("studies.run_and_out", "--run", run=run)
    if run or out:
        folder, option = (Path(out), "-o") if out else (reports / _run_name(str(run)), "--run")
        if refused := hindrance(folder, "run", sources, option):
            raise refused
        return folder
    first, second = reports / RUN, reports / f"{RUN}-{file_name(data.resolve().name)}"
    if hindrance(first, "run", sources) is None:
        return first
    if refused := hindrance(second, "run", sources):
        raise refused
    return second


def place_of_corpus(data: Path, asked: str | Path | None, run: Path) -> Path:
    """Choose where the corpus of a folder is built: where it was before, else beside the folder, else inside the run's folder."""
    if asked:
        if refused := hindrance(Path(asked), "corpus", [data], "--corpus"):
            raise refused
        return Path(asked)
    own, beside = run / TIDY, data.parent / TIDY
    is_free = hindrance(beside, "corpus", [data]) is None and os.access(beside if beside.exists() else beside.parent, os.W_OK)
    return own if kind_of(own) or not is_free else beside


def _run_name(run: str) -> str:
    if not run or run.startswith(".") or set(run) & set('/\\:*?"<>|'):
        raise UsageError.of("studies.run_name", "--run", run=run)
    return run


def short(path: Path) -> str:
    """Write a path relative to the current folder if possible, so that a study does not reveal its author's folders."""
    absolute, here = path.resolve(), Path.cwd().resolve()
    return absolute.relative_to(here).as_posix() if absolute.is_relative_to(here) else absolute.as_posix()
