"""Runs of values + the rows of a table -> one monotone assignment for the whole table, and what it leaves in doubt."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from math import inf

from rapidfuzz import fuzz

from gongkai.core.model import Table
from gongkai.core.text import label_key, ordinal_key
from gongkai.extract.alignment.runs import FOREIGN, FORM, ITEM, MAYBE, Run, Vocabulary, Word

ALIKE = 70
_RIVAL = 8
_TAIL = 4
_SHORTEST = 3
_SURPLUS = 3
# A row with more candidate runs than this is left open, since nothing tells which of them is its own.
_MOST_RUNS = 12
# Where this many labels have more values behind them than cells, labels and numbers do not stand in the same order.
_MOST_OVERFULL = 3
# What speaks for a run as a row: its label in its own row, the word right before it, a word before that, nothing at all.
_OWN, _NEAR, _BEFORE, _NOTHING = 2.0, 1.2, 0.7, 0.1
_ORDINAL = 0.5
_OTHERS = -1.0
# Costs: values that no row takes; a row without values whose label is printed; one whose label is not printed.
_UNCLAIMED, _EMPTY, _ABSENT = 0.6, 0.2, 0.4
# Assignments whose scores differ by less than this, the difference of one word's place, count as equally good.
_MARGIN = 0.25


@dataclass(frozen=True, slots=True)
class Assigned:
    """Which runs each row of the table is read from, which rows are printed without values, and which runs are in doubt.

    ``margins`` says by how much the assignment of a row is better than the best without it; ``disputed`` are runs that assignments
    within the margin give to a row, and others do not.
    """

    rows: Mapping[str, tuple[Run, ...]]
    empty: Mapping[str, Word]
    torn: frozenset[str]
    margins: Mapping[str, float]
    disputed: Mapping[str, tuple[Run, ...]]


def assign(runs: Sequence[Run], printed: Sequence[Word], table: Table, words: Vocabulary) -> Assigned:
    """Assign runs to rows: exact labels with their values first, then between them what scores best as a whole."""
    named = {i for w in printed if w.sort == ITEM for i in words.items[w.key]}
    possible = [i for i, name in table.items.items() if not any(other in named for other in name.instead)]
    runs = [run if run.own else _with_possible(run, words, possible) for run in runs]
    rows: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        item = _anchor(run, words, possible)
        if item:
            rows[item].append(run)
    taken = {id(run) for found in rows.values() for run in found}
    margins: dict[str, float] = {}
    disputed: dict[str, list[Run]] = defaultdict(list)
    for low, high, items in _gaps(rows, possible):
        free = [run for run in runs if id(run) not in taken and low < run.row < high]
        for run, item, margin in _best(free, items, table, words, named):
            margins[item] = min(margin, margins.get(item, margin))
            if margin < _MARGIN:
                disputed[item] += [run] * (run not in disputed[item])
                continue
            rows[item].append(run)
            taken.add(id(run))
    empty = {i: w for w in reversed(printed) if w.sort == ITEM for i in words.items[w.key] if i in possible and i not in rows}
    found, torn = {i: tuple(own) for i, own in rows.items()}, frozenset(_torn(runs, rows, empty, words))
    return Assigned(found, empty, torn, margins, {i: tuple(own) for i, own in disputed.items() if i not in rows and i not in empty})


def _with_possible(run: Run, words: Vocabulary, possible: Sequence[str]) -> Run:
    """Leave out the words before a run that name only rows which others stand instead of: there they are merged labels."""
    kept = tuple(w for w in run.words if w.sort == FOREIGN or not set(words.items.get(w.key, ())).isdisjoint(possible))
    return replace(run, words=kept)


def _anchor(run: Run, words: Vocabulary, possible: Sequence[str]) -> str | None:
    """Return the only possible row of a run: just one label, printed exactly, stands before it and names one row."""
    word = run.words[-1] if run.words else None
    if word is None or word.sort != ITEM or not (run.own or (len(run.words) == 1 and run.nth == 0)):
        return None
    named = [i for i in words.items[word.key] if i in possible]
    by_number = [i for i in named if word.ordinal in words.ordinals[word.key]] if len(named) > 1 else named
    return by_number[0] if len(by_number) == 1 else None


def _gaps(rows: Mapping[str, Sequence[Run]], possible: Sequence[str]) -> Iterator[tuple[int, int, list[str]]]:
    """Yield the rows of the form that stand between two that are found, with the rows of the document between which they must be."""
    at = 0
    order = list(possible)
    places = {i: (min(r.row for r in found), max(r.row for r in found)) for i, found in rows.items()}
    while at < len(order):
        end = at
        while end < len(order) and order[end] not in places:
            end += 1
        if end > at:
            low = max((places[i][1] for i in order[:at] if i in places), default=-1)
            high = min((places[i][0] for i in order[end:] if i in places), default=10**9)
            yield low, high, order[at:end]
        at = end + 1


def _best(runs: Sequence[Run], items: Sequence[str], table: Table, words: Vocabulary, named: set[str]) -> Iterator[tuple[Run, str, float]]:
    """Yield the pairs of the best assignment, each with its margin: what the best assignment without it scores less.

    Where that is as good, its other pairs are yielded, too, by the same margin.
    """
    if not runs or len(runs) > _MOST_RUNS * len(items) + _MOST_RUNS:
        return
    free = [0.0 if run.words and run.words[-1].sort == FOREIGN and run.nth == 0 else _UNCLAIMED for run in runs]
    found = sorted((_Search.of(runs, rows, table, words, named, free) for rows in _variants(items, table)), key=lambda s: -s.best)
    lead = min((found[0].best - other.best for other in found[1:]), default=inf)
    yield from ((runs[i], found[0].items[j], min(margin, lead)) for i, j, margin in found[0].pairs())


def _variants(items: Sequence[str], table: Table) -> list[list[str]]:
    """Return the rows that a document can print together: those that stand instead of others, or those others."""
    alone = [i for i in items if not set(table.items[i].instead).isdisjoint(items)]
    replaced = {i for one in alone for i in table.items[one].instead}
    return [[i for i in items if i not in gone] for gone in ([alone, replaced] if alone else [[]])]


@dataclass(frozen=True, slots=True)
class _Search:
    """The best alignment of runs and rows, with all that it was found by."""

    items: Sequence[str]
    scores: list[list[float]]
    free: Sequence[float]
    costs: Sequence[float]
    best: float
    found: list[tuple[int, int]]

    @classmethod
    def of(
        cls, runs: Sequence[Run], items: Sequence[str], table: Table, words: Vocabulary, named: set[str], free: Sequence[float]
    ) -> _Search:
        scores = [[_score(run, item, items, table, words) for item in items] for run in runs]
        costs = [_EMPTY if item in named else _ABSENT for item in items]
        return cls(items, scores, free, costs, *_aligned(scores, free, costs))

    def pairs(self) -> Iterator[tuple[int, int, float]]:
        for i, j in self.found:
            second, others = _aligned(_without(self.scores, i, j), self.free, self.costs)
            yield i, j, self.best - second
            if self.best - second < _MARGIN:
                yield from ((a, b, self.best - second) for a, b in others if (a, b) not in self.found)


def _without(scores: Sequence[Sequence[float]], i: int, j: int) -> list[list[float]]:
    return [[-1e6 if (a, b) == (i, j) else s for b, s in enumerate(line)] for a, line in enumerate(scores)]


def _aligned(scores: Sequence[Sequence[float]], free: Sequence[float], costs: Sequence[float]) -> tuple[float, list[tuple[int, int]]]:
    """Return the best monotone alignment (Needleman and Wunsch 1970): its score and its pairs."""
    m, n = len(free), len(costs)
    table = [[0.0] * (n + 1) for _ in range(m + 1)]
    step = [[""] * (n + 1) for _ in range(m + 1)]
    for i in range(m + 1):
        for j in range(n + 1):
            ways = [(table[i - 1][j - 1] + scores[i - 1][j - 1], "pair")] if i and j else []
            ways += [(table[i - 1][j] - free[i - 1], "run")] if i else []
            ways += [(table[i][j - 1] - costs[j - 1], "item")] if j else []
            table[i][j], step[i][j] = max(ways, default=(0.0, ""))
    pairs, i, j = [], m, n
    while i or j:
        if step[i][j] == "pair":
            pairs.append((i - 1, j - 1))
        i, j = i - (step[i][j] != "item"), j - (step[i][j] != "run")
    return table[m][n], pairs[::-1]


def _score(run: Run, item: str, items: Sequence[str], table: Table, words: Vocabulary) -> float:
    """Say how much speaks for a run as a row of the form."""
    if not run.own and run.filled > words.sizes[item] + _SURPLUS:
        return _OTHERS
    nothing = _NOTHING if words.sizes[item] in (run.filled, len(run.cells)) else _OTHERS
    if not run.words or (run.words[-1].sort == FORM and run.own):
        return nothing
    place = run.nth if run.of == len(run.words) else len(run.words) - 1
    nearest = run.own or run.nth == 0 or run.of == len(run.words)
    exact = [k for k, w in enumerate(run.words) if w.sort in (ITEM, MAYBE) and item in words.items[w.key]]
    if place in exact and nearest:
        word = run.words[place]
        return (_OWN if run.own else _NEAR) + (_ORDINAL if word.ordinal and word.ordinal == ordinal_key(table.items[item].zh) else 0.0)
    word = run.words[place]
    likeness = _likeness(word.key, item, items, table) if word.sort != ITEM and nearest else 0.0
    if likeness:
        return likeness / 100 * (_OWN if run.own else _NEAR)
    if nearest and (word.sort == FOREIGN or (word.sort == ITEM and (run.own or run.of == len(run.words)))):
        return _OTHERS
    return _BEFORE if exact else nothing if not nearest or word.sort != ITEM else _OTHERS


def _likeness(key: str, item: str, items: Sequence[str], table: Table) -> float:
    """Compare a misprinted or cut label with a row's, if no other open row is as like it."""
    if len(key) < _SHORTEST:
        return 0.0
    own = alike(key, label_key(table.items[item].zh))
    rival = max((alike(key, label_key(table.items[other].zh)) for other in items if other != item), default=0.0)
    return own if own >= ALIKE and own >= rival + _RIVAL else 0.0


def alike(printed: str, official: str) -> float:
    """Compare two labels; a label of which only the last line was printed counts as like the whole."""
    return 90.0 if len(printed) >= _TAIL and official.endswith(printed) else fuzz.ratio(printed, official)


def _torn(runs: Sequence[Run], rows: Mapping[str, Sequence[Run]], empty: Mapping[str, Word], words: Vocabulary) -> Iterator[str]:
    """Name the rows between labels without values above and values without labels below: one of those may be theirs.

    So may some of the values behind several labels, where they are not as many as the last of them has.
    """
    owners = {id(run): item for item, found in rows.items() for run in found}
    behind = [(owners[id(run)], run) for run in runs if not run.own and id(run) in owners]
    if _overfull(runs, words) >= _MOST_OVERFULL:
        yield from (item for item, _ in behind)
    for k, run in enumerate(runs):
        item = owners.get(id(run))
        above = runs[k - 1].row if k else -1
        below = runs[k + 1] if k + 1 < len(runs) else None
        stranded = [i for i, w in empty.items() if above < w.row < run.row] if item else []
        if item and run.own and stranded and below and not below.words and id(below) not in owners:
            yield from (item, *stranded)
        if item and run.own and not run.filled and len(run.more) > words.sizes[item]:
            yield from (item, *_blank_above(runs[:k], owners))
        if not run.own and run.nth == 0 and run.of > len(run.words) > 0 and (higher := [*_blank_above(runs[:k], owners)]):
            yield from (*higher, *(i for w in run.words for i in words.items.get(w.key, ())))
        before = [i for w in run.words[:-1] for i in words.items.get(w.key, ()) if i in empty]
        if item and before and _printed(run) != words.sizes[item]:
            yield from (item, *before)


def _overfull(runs: Sequence[Run], words: Vocabulary) -> int:
    """Count the labels, or labels right behind each other, that have more values behind them than their rows have cells."""
    printed: Counter[tuple[Word, ...]] = Counter()
    for run in runs:
        printed[run.words] += 0 if run.own else _printed(run)
    return sum(n > sum(words.size([w]) for w in labels) for labels, n in printed.items() if labels)


def _printed(run: Run) -> int:
    return sum(len(c.text.split()) for _, c in run.cells)


def _blank_above(runs: Sequence[Run], owners: Mapping[int, str]) -> Iterator[str]:
    """Yield the rows right above that have nothing but empty cells, either."""
    blank = takewhile(lambda run: run.own and not run.filled, reversed(runs))
    yield from (owners[id(run)] for run in blank if id(run) in owners)
