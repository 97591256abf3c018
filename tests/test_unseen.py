"""What crawlers, converters and copied pages make of a report: no cell is another number, and nothing is passed over in silence."""

from __future__ import annotations

import pytest
from hypothesis import given
from strategies import EDITIONS, Edition
from truth import _outcome
from unseen import UNSEEN, Unseen, unseen_cases

from gongkai import read_report


@pytest.mark.parametrize("edition", EDITIONS, ids=str)
@pytest.mark.parametrize("kind", UNSEEN)
def test_no_page_that_was_never_seen_makes_another_number_of_a_cell(kind: str, edition: Edition) -> None:
    @given(case=unseen_cases(kind, edition))
    def examined(case: Unseen) -> None:
        report = read_report(case.document())
        known = case.expected()
        read = {r.field.path: r for r in report.readings if r.field.path in known}
        assert {p: r.value for p, r in read.items() if _outcome(r, known[p], True) == "wrong"} == {}

    examined()
