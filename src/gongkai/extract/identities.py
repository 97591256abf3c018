"""Candidate readings + identities -> one reading of each row, or an honest "uncertain"; and what the identities prove about empty cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import inf, prod

from gongkai.core.codes import State, Status
from gongkai.core.model import Field, Form, Identity, Reading
from gongkai.core.text import unitless
from gongkai.extract.alignment.match import Candidate, Line, Slot

Values = dict[Field, float | None]
MOST_TOGETHER = 3000
MOST_ROUNDS = 60
# Reasons: rows whose place was told by their order only, though every cell is printed.
MOVED = ("shifted", "scrambled", "by_order", "glued")
# Reasons: rows that are complete if the numbers below them or without a label are theirs; no digit is changed by assuming so.
_WHOLE = ("continued", "unlabelled")


@dataclass(frozen=True, slots=True)
class Choice:
    """A line, its readings that break the fewest identities, and whether identities had to choose among them."""

    line: Line
    survivors: tuple[Candidate, ...]
    contested: bool

    @property
    def as_printed(self) -> bool:
        """Whether the row was read as it is printed; then it is not ``realigned``, even if another reading was considered."""
        line = self.line
        stands = line.settled and line.reason not in MOVED
        return stands and {_values(c) for c in self.survivors} == {_values(line.candidates[0])}


@dataclass(frozen=True, slots=True)
class Aligned:
    """One reading for each official cell, and the identities that were used to choose among readings."""

    readings: tuple[Reading, ...]
    choices: tuple[Choice, ...]
    used: frozenset[Identity]


def align(form: Form, lines: Sequence[Line]) -> Aligned:
    """Choose among candidate readings; a cell that no line has is absent."""
    lines = _one_line_a_row(lines)
    touching = _touching(form)
    survivors = _survivors(lines, touching)
    choices = tuple(Choice(line, kept, len({_values(c) for c in line.candidates}) > 1) for line, kept in zip(lines, survivors, strict=True))
    read = {f: r for choice in choices for f, r in _readings(choice).items()}
    readings = [read.get(f) or Reading(f, None, Status.ABSENT) for f in form.fields]
    decided = [c for c in choices if c.contested and len(c.survivors) < len(c.line.candidates)]
    used = frozenset(i for c in decided for f in c.line.fields for i in touching[f])
    return Aligned(deduce(form, readings), choices, used)


def _one_line_a_row(lines: Sequence[Line]) -> list[Line]:
    """Join the lines that print the same row twice: equal ones are one, others compete."""
    alike: dict[frozenset[Field], list[Line]] = defaultdict(list)
    for line in lines:
        alike[frozenset(line.fields)].append(line)
    return [_merged(same) if len(same) > 1 else same[0] for same in alike.values()]


def _merged(lines: Sequence[Line]) -> Line:
    candidates = tuple(dict.fromkeys(c for line in lines for c in line.candidates))
    same = len({_values(c) for c in candidates}) == 1
    settled, reason = same and lines[0].settled, "disputed" if lines[0].reason == "disputed" else "doubled"
    return replace(lines[0], candidates=candidates[:1] if same else candidates, settled=settled, reason=reason, by_width=False)


def _touching(form: Form) -> Mapping[Field, tuple[Identity, ...]]:
    touching: dict[Field, list[Identity]] = {f: [] for f in form.fields}
    for identity in form.identities:
        for f in identity.terms:
            touching[f].append(identity)
    return {f: tuple(found) for f, found in touching.items()}


def _values(candidate: Candidate) -> tuple[tuple[float | None, str], ...]:
    return tuple((s.value, s.status) for s in candidate)


def _survivors(lines: Sequence[Line], touching: Mapping[Field, tuple[Identity, ...]]) -> list[tuple[Candidate, ...]]:
    """Choose readings line by line as far as the other lines determine them, then choose for the remaining lines together."""
    kept = [line.candidates for line in lines]
    several = (line.by_width or len({_values(c) for c in line.candidates}) > 1 for line in lines)
    open_lines = [i for i, (line, more) in enumerate(zip(lines, several, strict=True)) if more and line.reason != "disputed"]
    progress = True
    while progress and open_lines:
        progress = False
        for i in list(open_lines):
            best = _best_alone(i, lines, kept, touching)
            if len({_values(c) for c in best}) <= 1:
                kept[i] = best
                open_lines.remove(i)
                progress = True
    _settle_together(open_lines, lines, kept, touching)
    return kept


def _known(lines: Sequence[Line], kept: Sequence[tuple[Candidate, ...]], but: Iterable[int] = ()) -> Values:
    """Return the values on which all remaining readings of each line agree."""
    skipped, known = set(but), {}
    for i, line in enumerate(lines):
        if i not in skipped:
            for k, f in enumerate(line.fields):
                values = {c[k].value for c in kept[i]}
                known[f] = values.pop() if len(values) == 1 else None
    return known


def _best_alone(
    i: int, lines: Sequence[Line], kept: Sequence[tuple[Candidate, ...]], touching: Mapping[Field, tuple[Identity, ...]]
) -> tuple[Candidate, ...]:
    """Keep the readings of one line that break the fewest identities, the others being as far known as they are."""
    known = _known(lines, kept, [i])
    return _fewest_broken(lines[i], kept[i], known, touching)


def _fewest_broken(
    line: Line, candidates: tuple[Candidate, ...], known: Values, touching: Mapping[Field, tuple[Identity, ...]]
) -> tuple[Candidate, ...]:
    identities = tuple(dict.fromkeys(i for f in line.fields for i in touching[f]))
    counts = [
        broken_count(identities, known | dict(zip(line.fields, (s.value for s in c), strict=True)), line.fields)
        + sum(s.status == Status.UNREADABLE or bool(s.options) for s in c)
        for c in candidates
    ]
    least = min(counts, default=0)
    if not identities:
        return candidates[:1] if line.settled and not line.by_width else candidates
    if line.by_width and least:
        return ()
    if line.settled and counts and (counts[0] == least or least > 0):
        return (candidates[0], *(_confirmed(line, candidates[1:], identities) if line.by_width and not least else ()))
    best = tuple(c for c, n in zip(candidates, counts, strict=True) if n == least)
    return (_confirmed(line, best, identities) if not least and line.reason in _WHOLE else ()) or best


def _confirmed(line: Line, candidates: tuple[Candidate, ...], identities: Sequence[Identity]) -> tuple[Candidate, ...]:
    """Return the readings that have a cell for every number and in which the identities within the row hold."""
    within = [i for i in identities if all(f in line.fields for f in i.terms)]
    whole = tuple(c for c in candidates if all(s.printed is not None for s in c))
    return tuple(c for c in whole if _all_hold(within, dict(zip(line.fields, (s.value for s in c), strict=True))))


def _all_hold(identities: Sequence[Identity], values: Values) -> bool:
    return bool(identities) and all(weigh(i, values)[0] == State.HOLDS for i in identities)


def _settle_together(
    open_lines: list[int], lines: Sequence[Line], kept: list[tuple[Candidate, ...]], touching: Mapping[Field, tuple[Identity, ...]]
) -> None:
    """Weigh the lines that are still open against each other, if there are few enough combinations to look at them all."""
    for i in open_lines:
        kept[i] = _best_alone(i, lines, kept, touching)
    if len(open_lines) < 2 or not 0 < prod(len(kept[i]) for i in open_lines) <= MOST_TOGETHER:
        return
    known = _known(lines, kept, open_lines)
    fields = tuple(f for i in open_lines for f in lines[i].fields)
    identities = tuple(dict.fromkeys(t for f in fields for t in touching[f]))
    scored: dict[tuple[Candidate, ...], int] = {}
    for combination in product(*(kept[i] for i in open_lines)):
        values = {f: s.value for i, c in zip(open_lines, combination, strict=True) for f, s in zip(lines[i].fields, c, strict=True)}
        scored[combination] = broken_count(identities, known | values, fields)
    least = min(scored.values())
    best = [c for c, n in scored.items() if n == least]
    for k, i in enumerate(open_lines):
        kept[i] = tuple(dict.fromkeys(c[k] for c in best))


def broken_count(identities: Sequence[Identity], values: Values, empty_of: Sequence[Field] = ()) -> int:
    """Count the identities that fail, and the empty cells of which two identities demand different values."""
    demanded: dict[Field, set[float]] = {}
    broken = 0
    for identity in identities:
        state, cell, value = weigh(identity, values)
        broken += state == State.BROKEN
        if cell is not None and value is not None:
            demanded.setdefault(cell, set()).add(value)
    return broken + sum(len(demanded[f]) > 1 for f in empty_of if f in demanded)


def weigh(identity: Identity, values: Mapping[Field, float | None]) -> tuple[str, Field | None, float | None]:
    """Evaluate one identity: ``holds``, ``broken`` or ``undecided``; and the one empty cell with the value that it demands there."""
    left, left_empty = _side(identity.left, values)
    right, right_empty = _side(identity.right, values)
    empty = left_empty + right_empty
    if not empty:
        return (State.HOLDS if left == right else State.BROKEN), None, None
    if (not right_empty and left > right) or (not left_empty and right > left):
        return State.BROKEN, None, None
    if len(empty) == 1:
        return State.UNDECIDED, empty[0], (right - left if left_empty else left - right)
    return State.UNDECIDED, None, None


def _side(fields: tuple[Field, ...], values: Mapping[Field, float | None]) -> tuple[float, list[Field]]:
    total, empty = 0.0, []
    for f in fields:
        value = values.get(f)
        if value is None:
            empty.append(f)
        else:
            total += value
    return total, empty


def _readings(choice: Choice) -> dict[Field, Reading]:
    """Turn the surviving readings of a line into one reading a cell."""
    line = choice.line
    in_place = choice.as_printed
    read = {f: _reading(f, line, in_place, [c[k] for c in choice.survivors]) for k, f in enumerate(line.fields)}
    return read if line.margin is None else {f: replace(r, margin=line.margin) for f, r in read.items()}


def _reading(field: Field, line: Line, in_place: bool, slots: Sequence[Slot]) -> Reading:
    """A cell has a value where all surviving readings agree on it; it is ``printed`` only where its row was read as it stands."""
    first = slots[0] if slots else Slot(None, Status.UNCERTAIN, None, "")
    agreed = len({(s.value, s.status) for s in slots}) == 1
    if agreed and first.status == Status.UNCERTAIN and first.printed is not None:
        options = first.options or (unitless(first.printed) if field.unit == "yuan" else ())
        return Reading(field, None, Status.UNCERTAIN, first.printed, first.where, line.label, candidates=options)
    if not agreed or first.status == Status.UNCERTAIN:
        values = tuple(dict.fromkeys(s.value for s in slots))
        return Reading(field, None, Status.UNCERTAIN, line.source or None, line.where or None, line.label, candidates=values)
    if in_place:
        return Reading(field, first.value, first.status, first.printed, first.where, line.label)
    status = Status.REALIGNED if first.status == Status.PRINTED else first.status
    weighed = tuple(dict.fromkeys(c[line.fields.index(field)].value for c in line.candidates))
    return Reading(field, first.value, status, line.source, first.where or line.where, line.label, candidates=weighed)


def deduce(form: Form, readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """Fill ``deduced`` where the identities prove an empty cell: counts are not negative, and contradicting proofs prove nothing."""
    values: dict[Field, float | None] = {r.field: r.value for r in readings}
    bounds: dict[Field, tuple[float, float]] = {f: (0.0, inf) for f, v in values.items() if v is None}
    identities = [i for i in form.identities if any(f in bounds for f in i.terms)]
    for _ in range(MOST_ROUNDS):
        if not any([_tighten(identity, values, bounds) for identity in identities]):
            break
    spoilt = {f for i in identities for f in i.terms if any(bounds[g][0] > bounds[g][1] for g in i.terms if g in bounds)}
    proven = {f: low for f, (low, high) in bounds.items() if low == high and f not in spoilt}
    return tuple(_with_proof(r, proven.get(r.field)) for r in readings)


def _with_proof(reading: Reading, proof: float | None) -> Reading:
    return reading if proof is None else replace(reading, deduced=proof)


def _tighten(identity: Identity, values: Mapping[Field, float | None], bounds: dict[Field, tuple[float, float]]) -> bool:
    """Narrow the bounds of each empty cell of an identity by those of the other terms."""
    moved = False
    signs = [(f, 1) for f in identity.left] + [(f, -1) for f in identity.right]
    for f, sign in signs:
        if f not in bounds or bounds[f][0] > bounds[f][1]:
            continue
        low, high = 0.0, 0.0
        for g, other in signs:
            if g is not f:
                a, b = bounds[g] if g in bounds else (values[g] or 0.0, values[g] or 0.0)
                weight = -sign * other
                low, high = (low + a, high + b) if weight > 0 else (low - b, high - a)
        old = bounds[f]
        new = (max(old[0], low), min(old[1], high))
        if new != old:
            bounds[f], moved = new, True
    return moved
