"""The floor: how well each case of ``scoring`` is read, so that none is ever read worse. ``python tests/floor.py`` raises it.

``floor.csv`` has a line a case. A case may come to have more cells right and fewer wrong or missed, never the other way: a cell that was
wrong may become missed, one that was missed flagged, and where nothing was wrong nothing may be. The command scores every case that is
here, or those that are named; it adds new ones, writes what has become better, and writes nothing at all where one has become worse.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from scoring import OUTCOMES, Case, Score, cases

FLOOR = Path(__file__).resolve().parent / "floor.csv"
COLUMNS = ("case", "digest", *OUTCOMES)
Floor = dict[str, tuple[str, Score]]  # by case: the digest of document and truth, and how it was read


def load(path: Path = FLOOR) -> Floor:
    """Read the floor; there is none before the first run."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["case"]: (row["digest"], Score(*(int(row[name]) for name in OUTCOMES))) for row in csv.DictReader(file)}


def save(floor: Floor, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([name, digest, *(getattr(score, o) for o in OUTCOMES)] for name, (digest, score) in sorted(floor.items()))


def fallen(known: Score, now: Score) -> list[str]:
    """Say what is worse than it was: the better outcome counts for the worse one below it, never the other way round."""
    said = []
    if now.right < known.right:
        said.append(f"right {now.right}, was {known.right}")
    if now.wrong > known.wrong:
        said.append(f"wrong {now.wrong}, was {known.wrong}")
    if now.wrong + now.missed > known.wrong + known.missed:
        said.append(f"wrong or missed {now.wrong + now.missed}, was {known.wrong + known.missed}")
    return said


def known_score(floor: Floor, case: Case) -> Score | None:
    """Return how this case was read, or None where the floor does not know it: it is new, or its document or truth is another."""
    digest, score = floor.get(case.name, ("", None))
    return score if digest == case.digest else None


def main(names: Sequence[str], here: Mapping[str, Case] | None = None, path: Path = FLOOR) -> int:
    """Score the cases and raise the floor; return 1, and leave it as it is, where a case has become worse."""
    here, floor, worse = cases() if here is None else here, load(path), 0
    unknown = set(names) - set(here)
    if unknown:
        print(f"no such case here: {', '.join(sorted(unknown))}")
        return 2
    for name in names or here:
        case = here[name]
        known, now = known_score(floor, case), case.score()
        lost = fallen(known, now) if known else []
        worse += bool(lost)
        if known != now:
            before = f"was: {known}" if known else f"another document or truth; was: {floor[name][1]}" if name in floor else "new"
            print(f"{name}: {now} ({before})" + "".join(f"\n    WORSE: {what}" for what in lost))
        floor[name] = (case.digest, now)
    if worse:
        print(f"{worse} cases are read worse: the floor stays as it is")
        return 1
    save(floor, path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
