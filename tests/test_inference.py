"""Intervals, and what may be said about a share."""

import pandas as pd
import pytest

from gongkai.core.errors import UsageError
from gongkai.inference import condition, percent, sentence, wilson


@pytest.mark.parametrize(
    "count, n, low, high",
    [(1, 1, 0.207, 1.0), (0, 3, 0.0, 0.561), (64, 136, 0.389, 0.554), (7, 23, 0.156, 0.509), (0, 1, 0.0, 0.793)],
)
def test_the_interval_is_wilsons(count, n, low, high):
    assert [round(end, 3) for end in wilson(count, n)] == [low, high]


def test_the_interval_widens_with_confidence():
    narrow, wide = wilson(7, 23, confidence=0.8), wilson(7, 23, confidence=0.99)
    assert wide.low < narrow.low < narrow.high < wide.high


def test_nothing_over_nothing_has_no_interval():
    assert all(end is pd.NA for end in wilson(0, 0))


@pytest.mark.parametrize("count, n, confidence", [(2, 1, 0.95), (-1, 3, 0.95), (0.5, 3, 0.95), (1, 2.5, 0.95), (1, 2, 95)])
def test_what_is_no_share_is_refused(count, n, confidence):
    with pytest.raises(UsageError, match="0 <= count <= n"):
        wilson(count, n, confidence)


@pytest.mark.parametrize(
    "count, n, zh, en",
    [
        (1, 1, ("对比率不能下任何结论", "21%—100%"), ("nothing can be said about rates", "21 %–100 %")),
        (0, 0, ("没有可以作分母的件数",), ("there is no rate",)),
        (7, 23, ("16% 到 51%", "件数太少"), ("between 16 % and 51 %", "too few cases")),
        (1362, 3050, ("42.9% 到 46.4%",), ("between 42.9 % and 46.4 %",)),
    ],
)
def test_a_sentence_says_what_may_be_concluded(count, n, zh, en):
    said = {"zh": sentence(count, n, "zh"), "en": sentence(count, n, "en")}
    assert all(part in said["zh"] for part in zh) and all(part in said["en"] for part in en)
    assert n == 0 or (condition("zh") in said["zh"] and condition("en") in said["en"])


@pytest.mark.parametrize("n", range(1, 30))
def test_no_decimals_under_thirty(n):
    assert all("." not in percent(count / n, n) and "." not in sentence(count, n, "en") for count in range(n + 1))


@pytest.mark.parametrize(
    "share, n, shown", [(0.0, 5, "0 %"), (1.0, 5, "100 %"), (0.0001, 3000, "<0.1 %"), (0.9999, 3000, ">99.9 %"), (0.998, 29, ">99 %")]
)
def test_a_share_is_never_rounded_to_none_or_all(share, n, shown):
    assert percent(share, n, "en") == shown


def test_an_unknown_language_is_refused():
    with pytest.raises(UsageError, match="zh or en"):
        sentence(1, 1, "fr")
