"""What the tests of damage counted, put together from all workers: the share of cells read right, for each damage and layout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import pytest
from damages import NAMED
from strategies import LAYOUTS

LEAST = 0.995
OUTCOMES = ("right", "flagged", "wrong", "missed", "silent")
Tallies = Mapping[tuple[str, str], Counter[str]]


def collected(reports: Iterable[pytest.TestReport]) -> Tallies:
    """Add up what each test recorded: by damage and layout, the outcomes of its cells."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for report in reports:
        for kind, layout, counts in (value for name, value in report.user_properties if name == "damage"):
            found.setdefault((kind, layout), Counter()).update(counts)
    return found


def total(tallies: Tallies) -> Counter[str]:
    return sum(tallies.values(), Counter())


def share(counts: Mapping[str, int]) -> float:
    """Return the share of right cells among all."""
    return counts["right"] / max(1, sum(counts[outcome] for outcome in OUTCOMES))


def lines(tallies: Tallies) -> Iterator[str]:
    """Write a line a damage, a column a layout: the percentage of right cells, nothing where all are."""
    layouts = sorted({layout for _, layout in tallies}, key=[*LAYOUTS, "pdf"].index)
    yield f"{'':24}" + "".join(f"{layout:>9}" for layout in layouts)
    for kind in sorted({kind for kind, _ in tallies}, key=list(NAMED).index):
        shares = [share(tallies[kind, layout]) if (kind, layout) in tallies else None for layout in layouts]
        yield f"{kind:24}" + "".join(f"{'-' if s is None else '' if s == 1 else f'{s:.3%}':>9}" for s in shares)
    counts = total(tallies)
    yield f"{counts['documents']} documents, {share(counts):.3%} right; " + ", ".join(f"{o} {counts[o]}" for o in OUTCOMES)
