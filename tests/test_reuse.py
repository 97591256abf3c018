"""Text that is found again: planted copies with known shares, none among independent texts, formulas and the form's own words left out."""

from __future__ import annotations

import random

import pandas as pd
import pytest

from gongkai.core.errors import UsageError
from gongkai.indicators import copied_codebook, copied_places, copied_text
from gongkai.indicators.reuse import COLUMNS

# Words made of characters drawn at random: no sentence of one report shares a run of five with another but by planting.
_CHARACTERS = [chr(c) for c in range(0x4E00, 0x4E00 + 3000)]


def sentence(rng: random.Random, length: int = 30) -> str:
    return "".join(rng.choices(_CHARACTERS, k=length))


def corpus(texts: dict[tuple[str, int], list[str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the tables of reports of divisions and years, whose sentences stand in paragraphs of three."""
    reports = pd.DataFrame({
        "report_id": [f"r{code}{year}" for code, year in texts], "division_code": [code for code, _ in texts],
        "year": pd.array([year for _, year in texts], "Int64"), "body": "government",
    })  # fmt: skip
    rows = [
        (f"r{code}{year}", "。".join(said[n : n + 3]) + "。", f"line {n}")
        for (code, year), said in texts.items()
        for n in range(0, len(said), 3)
    ]
    return pd.DataFrame(rows, columns=["report_id", "text", "where"]), reports


def row(found: pd.DataFrame, report_id: str) -> pd.Series:
    return found.set_index("report_id").loc[report_id]


@pytest.fixture(scope="module")
def texts() -> dict[tuple[str, int], list[str]]:
    rng = random.Random(7)
    return {(f"14040{n}", year): [sentence(rng) for _ in range(100)] for n in range(12) for year in (2021, 2022)}


def test_among_independent_texts_nothing_is_found(texts):
    found = copied_text(*corpus(texts))
    assert tuple(found.columns) == COLUMNS and len(found) == 24
    assert (found["sentences"] == 100).all() and (found["formula"] == 0).all() and (found["other"] == 0).all()
    assert (found["before"].dropna() == 0).all() and found["before"].notna().sum() == 12


@pytest.mark.parametrize("share", [0.01, 0.1, 0.37, 0.8, 1.0])
def test_planted_copies_are_found_with_their_shares(texts, share):
    """From the year before, and from another county of this year or the last, in another order and with other punctuation."""
    rng, planted, n = random.Random(1), dict(texts), round(100 * share)

    def mixed(source: list[str], own: list[str]) -> list[str]:
        said = [s[:15] + "，" + s[15:] for s in rng.sample(source, n)] + own[n:]
        return rng.sample(said, len(said))

    planted["140401", 2022] = mixed(texts["140401", 2021], texts["140401", 2022])
    planted["140402", 2022] = mixed(texts["140403", 2022], texts["140402", 2022])
    planted["140404", 2022] = mixed(texts["140405", 2021], texts["140404", 2022])
    found = copied_text(*corpus(planted))
    own, same_year, last_year = (row(found, f"r14040{n}2022") for n in (1, 2, 4))
    assert own["before_share"] == pytest.approx(share, abs=0.01) and own["before_id"] == "r1404012021" and own["other"] == 0
    assert same_year["other_share"] == pytest.approx(share, abs=0.01) and same_year["other_id"] == "r1404032022"
    assert last_year["other_share"] == pytest.approx(share, abs=0.01) and last_year["other_id"] == "r1404052021"
    untouched = found[~found["report_id"].isin(["r1404012022", "r1404022022", "r1404042022", "r1404032022"])]
    assert (untouched["other"] == 0).all() and (untouched["before"].dropna() == 0).all()


def test_a_formula_is_no_copy_of_another_and_is_counted_apart(texts):
    rng = random.Random(3)
    formula = [sentence(rng) for _ in range(10)]
    found = copied_text(*corpus({key: formula + said[10:] for key, said in texts.items()}))
    assert (found["formula"] == 10).all() and (found["other"] == 0).all() and (found["before_share"].dropna() == 0.1).all()


@pytest.mark.parametrize(
    "change, is_found",
    [
        (lambda s: s, True),
        (lambda s: s.replace("2021", "2022"), True),
        (lambda s: f"  {s[:10]} {s[10:]}", True),
        (lambda s: s.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"}), True),
        (lambda s: s.replace("2021年度主动公开信息", "全年发布各类文件若干"), False),
        (lambda s: s[:14], True),
        (lambda s: s[::-1], False),
    ],
)
def test_what_counts_as_found_again(change, is_found):
    said = "我县2021年度主动公开信息涉及乡村振兴营商环境教育医疗等重点领域群众关切"
    found = copied_text(*corpus({("140401", 2021): [said], ("140401", 2022): [change(said)]}))
    assert (row(found, "r1404012022")["before"] == 1) == is_found


def test_the_forms_own_words_and_short_sentences_are_no_text():
    words = ["主动公开政府信息情况", "收到和处理政府信息公开申请情况", "本年新收政府信息公开申请数量", "较上年略有增加"]
    found = copied_text(*corpus({("140401", 2021): words, ("140402", 2021): words}))
    assert found.empty and tuple(found.columns) == COLUMNS


def test_versions_of_one_report_and_two_bodies_of_one_place():
    rng = random.Random(5)
    said = [sentence(rng) for _ in range(6)]
    sections = pd.DataFrame({"report_id": ["ra"] * 6 + ["rb"] * 6 + ["rc"] * 6 + ["rd"] * 6, "text": said * 4, "where": "line 1"})
    reports = pd.DataFrame({
        "report_id": ["ra", "rb", "rc", "rd"], "division_code": "140401", "year": pd.array([2022, 2022, 2022, None], "Int64"),
        "body": ["government", "government", "department", "government"], "authority": ["县政府", "县政府办", "教育局", "县政府"],
    })  # fmt: skip
    found = copied_text(sections, reports).set_index("report_id")
    assert list(found.index) == ["ra", "rb", "rc"] and (found["other_share"] == 1).all() and found["before"].isna().all()
    assert found["other_id"].to_dict() == {"ra": "rc", "rb": "rc", "rc": "rb"}


def test_the_places_stand_side_by_side(texts):
    sections, _ = corpus({**texts, ("140402", 2022): texts["140403", 2022][:4] + texts["140402", 2022][4:]})
    shown = copied_places(sections, "r1404022022", "r1404032022")
    assert list(shown["sentence"]) == list(shown["found"]) == texts["140403", 2022][:4]
    assert list(shown["where"]) == list(shown["found_where"]) == ["line 0"] * 3 + ["line 3"] and (shown["share"] == 1).all()


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda s, r: copied_text(s, r, least=0), "over 0 and at most 1"),
        (lambda s, r: copied_places(s, "r1", "r2", least=2), "over 0 and at most 1"),
        (lambda s, r: copied_places(s, r["report_id"][0], "rx"), "rx: expected a report with sentences"),
    ],
)
def test_what_cannot_be_compared_is_refused(texts, call, said):
    with pytest.raises(UsageError) as error:
        call(*corpus(texts))
    assert said in error.value.in_language("en")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_column_and_the_caution_are_said_in_both_languages(texts, language):
    assert set(copied_codebook(language).index) == {*COLUMNS} - {"report_id", "division_code", "year"}
    assert {"caution", "caution_zh"} == set(copied_text(*corpus(texts)).attrs)
