"""The commands for who teaches or tries out: a province that does not exist, and the lessons."""

from __future__ import annotations

import argparse
import shlex

from gongkai.core.messages import say, tell

OK = 0


def simulate(chosen: argparse.Namespace) -> int:
    """Write the reports of a province that does not exist."""
    from gongkai.synthetic import simulate as written

    years = chosen.years
    n = written(chosen.out, chosen.counties, years, chosen.seed, plain=chosen.plain, missing=chosen.missing, jobs=chosen.jobs)
    tell(say("cli.simulated", chosen.lang, n=n, path=chosen.out))
    return OK


def lessons(chosen: argparse.Namespace) -> int:
    """Copy the lessons with their data, and for an instructor what is needed beside them."""
    from gongkai.studies.lessons import copy, for_class

    for path in copy(chosen.folder, chosen.lang):
        tell(path)
    for path in for_class(chosen.folder, chosen.students, chosen.lang, chosen.jobs) if chosen.students else ():
        tell(path)
    tell(say("cli.lessons_next", chosen.lang, path=shlex.quote(str(chosen.folder))))
    return OK
