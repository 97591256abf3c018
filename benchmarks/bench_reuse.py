"""How long it takes, and how much memory, to look for copied text among the reports of a country.

    make bench-reuse

Ten years of 3,000 reports of 5,000 characters, in which one report in ten repeats half of its text from another county, and every report a
tenth from a common stock of formulas. Ends with 1 where the peak of resident memory is 2 GB or more, or a planted share is missed by over
1 %.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
import pandas as pd

from gongkai.indicators import copied_text

COUNTIES, YEARS = map(int, sys.argv[1:3] if len(sys.argv) > 2 else (3000, 10))
SENTENCES, LENGTH = 165, 30
FORMULAS, MOST, PLANTED = 16, 2 * 2**30, 74


def sentences(rng: np.random.Generator, n: int) -> list[str]:
    """Draw sentences whose characters are as unequal as those of office prose."""
    drawn = 0x4E00 + np.minimum(rng.zipf(1.2, (n, LENGTH)), 3000).astype("<u4")
    return ["".join(map(chr, row)) for row in drawn]


def reports_of(rng: np.random.Generator, formulas: list[str]) -> tuple[list[str], dict[int, int]]:
    """Write the reports of one year, and say which county repeats which."""
    said = [formulas + sentences(rng, SENTENCES - FORMULAS) for _ in range(COUNTIES)]
    copies = {n: n + 1 for n in range(0, COUNTIES - 1, 10)}
    for own, other in copies.items():
        said[own][FORMULAS : FORMULAS + PLANTED] = said[other][FORMULAS : FORMULAS + PLANTED]
    return ["。".join(one) for one in said], copies


def main() -> int:
    """Draw, compare, tell."""
    rng = np.random.default_rng(20261128)
    formulas, rows, expected = sentences(rng, FORMULAS), [], {}
    for year in range(2014, 2014 + YEARS):
        texts, copies = reports_of(rng, formulas)
        rows += [(f"r{year}{n:04}", text, "line 1", year, f"{n:06}") for n, text in enumerate(texts)]
        expected |= {f"r{year}{own:04}": f"r{year}{other:04}" for own, other in copies.items()}
    told = pd.DataFrame(rows, columns=["report_id", "text", "where", "year", "division_code"])
    began = time.perf_counter()
    found = copied_text(told[["report_id", "text", "where"]], told[["report_id", "year", "division_code"]].assign(body="government"))
    seconds, peak = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    copied = found.set_index("report_id").loc[list(expected)]
    share = PLANTED / copied["sentences"]
    is_right = bool(((copied["other_share"] - share).abs() <= 0.01).all()) and list(copied["other_id"]) == list(expected.values())
    print(f"{len(told)} reports of {len(told['text'][0])} characters: {seconds:.0f} s, {peak / 2**30:.2f} GB at the peak (bar 2), ", end="")
    print(f"planted shares {'found' if is_right else 'MISSED'}, largest share {found['other_share'].max():.3f}")
    return int(peak >= MOST or not is_right)


if __name__ == "__main__":
    sys.exit(main())
