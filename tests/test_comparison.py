"""Counties side by side: the right ones, greyed and with intervals, said to be simulated where they are."""

import warnings
from dataclasses import replace

import pandas as pd
import pytest

from gongkai import indicators, inference, read_corpus, read_report
from gongkai.inference import DesignEffect
from gongkai.studies import canvas, comparison
from gongkai.studies.comparison import effects
from gongkai.studies.comparison.selection import digits
from gongkai.studies.units import counties
from gongkai.synthetic import lessons, simulate

CODE, YEAR = lessons.SHARE_CODE, lessons.YEARS[0]
ROWS = lessons.invented_counties(1)
FIRST, SECOND = (comparison.one_year(ROWS, CODE, year) for year in lessons.YEARS)
RATIOS = pd.DataFrame({"ratio": [0.7, 1.0, 1.6], "low": [0.5, 1.0, 1.3], "high": [0.9, 1.0, 2.1]}, index=[2022, 2023, 2024])
FIGURES = {
    "funnel": lambda la: comparison.funnel_figure(ROWS, CODE, YEAR, la),
    "ranks": lambda la: comparison.ranks_figure(ROWS, CODE, YEAR, la),
    "years": lambda la: comparison.distribution_figure(ROWS, CODE, la),
    "twice": lambda la: comparison.twice_figure(FIRST, SECOND, la),
    "profile": lambda la: comparison.profile_figure("x", RATIOS, 2023, FIRST.index, la),
    "intervals": lambda la: comparison.intervals_figure("x", {"a": (7, 23), "b": (40, 50)}, la, FIRST.index),
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("province") / "documents"
    simulate(folder, 12, (2022, 2023), 3, plain=True)
    return read_corpus(folder)


@pytest.mark.parametrize("language, mark", [("zh", "模拟数据"), ("en", "SIMULATED DATA")])
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_of_simulated_data_says_so_and_is_drawn_without_a_warning(name, language, mark):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = FIGURES[name](language)
        assert figure.png().startswith(b"\x89PNG") and figure.alt.startswith(mark)
    assert any(t.get_text().startswith(mark) for t in figure.texts)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", FIGURES)
def test_no_note_or_title_leaves_the_figure(name, language):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = FIGURES[name](language)
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [t.get_window_extent(renderer) for axes in [figure, *figure.axes] for t in axes.texts]
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 and box.y0 >= 0 and box.y1 <= figure.bbox.y1 for box in boxes)


def test_real_data_are_not_called_simulated_and_few_counties_are_not_compared():
    rows = comparison.compared(read_corpus("data/raw"))
    assert {*rows["division_code"]} == {"140430", "350128", "320813"}
    assert {(a["division_code"], a["why"]) for a in rows.attrs["set_aside"]} == {("321300", "no_county"), ("320800", "no_county")}
    for figure in (
        comparison.funnel_figure(rows, "refusal_share", 2024, "en"),
        comparison.distribution_figure(rows, "refusal_share", "en"),
    ):
        assert "not compared" in figure.alt and "SIMULATED" not in figure.alt
    assert "<table" not in comparison.ranked_table(rows, "refusal_share", 2024, "en")


def test_identical_counties_have_no_order_and_few_cases_are_grey():
    table, said = comparison.ranked_table(ROWS, CODE, YEAR, "en"), comparison.conclusions(ROWS, CODE, YEAR, "en")
    assert "these 30 counties cannot be ordered" in said and "above / below" not in said
    assert table.count("class=few") == (FIRST["denominator"] < 30).sum() > 0
    assert table.count("<tr") == 31


@pytest.mark.parametrize(
    "language, wrong, right", [("zh", "无次序", "一次只对一个县成立"), ("en", "No order where", "one county at a time")]
)
def test_overlap_is_not_said_to_be_no_order(language, wrong, right):
    unlike = lessons.invented_counties(1, spread=0.08)
    told = [comparison.ranks_figure(unlike, CODE, YEAR, language).alt, comparison.ranked_table(unlike, CODE, YEAR, language)]
    told.append(comparison.conclusions(unlike, CODE, YEAR, language))
    assert all(right in one and wrong not in one for one in told)
    first = comparison.one_year(unlike, CODE, YEAR)
    ranked = inference.ranked(first["numerator"], first["denominator"])
    cells = [
        f"<td>{above}{'／' if language == 'zh' else ' / '}{below}</td>"
        for above, below in zip(ranked["above"], ranked["below"], strict=True)
    ]
    assert all(cell in told[1] for cell in cells) and ranked["above"].sum() > 50
    assert str(ranked["above"].sum()) in told[2]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_funnel_that_allows_for_variance_does_not_speak_of_chance_alone(language):
    told = comparison.funnel_figure(ROWS, CODE, YEAR, language).alt + comparison.conclusions(ROWS, CODE, YEAR, language)
    assert not any(word in told for word in ("chance alone", "仅凭偶然", "nothing can be said", "不能下任何结论"))


def test_an_outlier_is_named_by_the_funnel():
    codes = [f"9001{k:02}" for k in range(1, 32)]
    rows = pd.DataFrame({"division_code": codes, "name": codes, "year": 2022, "indicator": CODE, "numerator": 900, "denominator": 2000})
    rows.loc[30, "numerator"] = 1600
    rows = rows.astype({"numerator": "Float64", "denominator": "Float64"}).assign(value=rows["numerator"] / 2000, status="printed")
    assert "outside the limits: 900131" in comparison.funnel_figure(rows, CODE, 2022, "en").alt
    assert "limits: 1, where" in comparison.conclusions(rows, CODE, 2022, "en")


def test_reports_without_a_value_are_counted_by_the_reason():
    first = ROWS.index < 2
    rows = ROWS.assign(value=ROWS["value"].mask(first), status=ROWS["status"].mask(first, "blank"))
    assert "of 2 more give no value (blank: 2)" in comparison.conclusions(rows, CODE, YEAR, "en")
    assert "没有数值（空白 2 个）" in comparison.conclusions(rows, CODE, YEAR, "zh")


def test_ranks_that_change_are_counted():
    top = [{*(-one["numerator"] / one["denominator"]).astype(float).rank(method="first").nsmallest(5).index} for one in (FIRST, SECOND)]
    assert f"{len(top[0] & top[1])} are among the first five again" in comparison.twice_figure(FIRST, SECOND, "en").alt
    assert "0 places" in comparison.twice_figure(FIRST, FIRST, "en").alt


@pytest.mark.parametrize(
    "parent, codes", [("", 12), ("90", 12), ("900000", 12), ("9001", 10), ("900200", 2), ("900101", 1), ("32", 0), ("91", 0)]
)
def test_counties_below_a_division(corpus, parent, codes):
    rows = comparison.compared(corpus, parent, (2023, 2023), ["refusal_share"])
    assert rows["division_code"].nunique() == len(rows) == codes
    assert all(code.startswith(digits(parent)) for code in rows["division_code"])


def test_another_scope_is_set_aside(corpus):
    class Other:
        def select(self, **how):
            part = corpus.select(**how)
            part.reports["scope"] = part.reports["scope"].mask(part.reports["division_code"] == "900102", "organ")
            return part

    rows = comparison.compared(Other(), "90", (2023, 2023), ["refusal_share"])
    assert "900102" not in {*rows["division_code"]}
    assert [(a["division_code"], a["why"]) for a in rows.attrs["set_aside"]] == [("900102", "other_scope")]


def report_of(corpus, code):
    reports = corpus.select(division_code=code, years=(2023, 2023)).reports
    return corpus.read(reports["report_id"].iloc[0])


@pytest.mark.parametrize("code, parent, others", [("900103", "9001", 9), ("900201", "90", 11)])
def test_a_county_is_never_among_its_own_peers(corpus, code, parent, others):
    found, rows = comparison.peers(corpus, report_of(corpus, code))
    assert found == parent and rows["division_code"].nunique() == others and code not in {*rows["division_code"]}


def test_a_county_with_few_peers_is_shown_alone(corpus):
    report = report_of(corpus, "900201")
    assert comparison.among_peers(report, None) == ()
    assert comparison.among_peers(report, corpus.select(division_code=["900201", "900202", "900101"])) == ()
    heading, figure = comparison.among_peers(report, corpus, "en")
    assert "peers" in heading and isinstance(figure, canvas.Picture)


def test_a_county_stands_beside_what_its_peers_would_report_on_as_many_cases(corpus):
    report = report_of(corpus, "900201")
    _, rows = comparison.peers(corpus, report)
    cases = comparison.one_year(rows, "refusal_share", 2023)
    own = indicators.table(report, codes=["refusal_share"]).iloc[0]
    ends = inference.predicted(cases["numerator"], cases["denominator"], own["n"])
    first, third = (inference.percent(ends[level], own["n"], "en") for level in (0.25, 0.75))
    assert f"with as many cases, the middle half {first}–{third}" in comparison.among_peers(report, corpus, "en")[1].alt
    assert not any(ends[[0.25, 0.75]].isna()) and "shrunken" not in comparison.among_peers(report, corpus, "en")[1].alt


def test_who_is_missing_is_named(corpus):
    without = corpus.select(division_code=["900101", "900102"])
    kept = without.reports[(without.reports["division_code"] == "900101") | (without.reports["year"] == 2022)]

    class Fewer:
        def select(self, **how):
            return type("Part", (), {"reports": kept, "coverage": lambda self: _coverage(kept, without.failures)})()

    table = comparison.presence_table(Fewer(), "90", (2022, 2023), "en")
    assert table["Counties"].tolist() == ["2", "2"] and table["Those missing"].tolist() == ["none", "模拟乙坤区"]


def _coverage(reports, failures):
    from gongkai.corpus.coverage import coverage

    return coverage(reports, failures, None)


def test_the_ratios_of_a_model_are_those_of_its_years():
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    data = pd.DataFrame({"cases": [9, 21, 39, 31, 59, 121], "year": [2022, 2023, 2024] * 2, "county": ["a"] * 3 + ["b"] * 3})
    fit = smf.glm("cases ~ C(year, Treatment(2023)) + C(county)", data, family=sm.families.Poisson()).fit()
    ratios = comparison.year_ratios(fit, 2023)
    assert ratios["ratio"].round(6).to_dict() == {2022: 0.5, 2023: 1.0, 2024: 2.0}
    assert (ratios["low"] <= ratios["ratio"]).all() and (ratios["ratio"] <= ratios["high"]).all()


def test_a_study_is_made_again_when_a_peer_changes(corpus):
    whole, part = ({c.code: c.inputs for c in counties(one)} for one in (corpus, corpus.select(division_code=sorted(CODES))))
    assert whole["900103"] != part["900103"]
    real = {c.code: c.beside for c in counties(read_corpus("data/raw"))}
    assert {*real.values()} == {""}


CODES = {f"9001{n:02}" for n in range(1, 8)}


@pytest.mark.parametrize("seed", [1, 2])
def test_planted_misreadings_are_found_by_an_audit(seed):
    from gongkai.corpus import audit

    whole, truths = lessons.province(seed, 3, (2022, 2022))
    cells = lessons.misread(whole.cells, seed, documents=1)
    key = audit.draw(cells, whole.reports, len(cells), seed)
    judged = audit.judge(key, lessons.answers(key, truths))
    wrong = (cells["value"].fillna(-1) != whole.cells["value"].fillna(-1)).sum()
    assert judged["outcome"].isin(["wrong", "missed"]).sum() == wrong > 0
    assert judged.loc[judged["outcome"] != "right", "report_id"].nunique() == 1


def test_a_county_study_says_both_intervals_where_the_design_effect_is_above_one(monkeypatch):
    report = read_report("data/raw/huaian-2024.docx", division_code="320800")
    monkeypatch.setattr(effects, "compared", lambda *_, **__: pd.DataFrame())
    monkeypatch.setattr(effects, "years_of", lambda rows, code: code)
    above = DesignEffect(4.0, 3.0, 5.0, 90, 400, "", pd.DataFrame())
    monkeypatch.setattr(effects, "design_effect", lambda code: above if code == "refusal_share" else replace(above, value=0.9))
    (told,) = comparison.at_design_effects(report, object(), "en")
    assert "178 of 3,050" in told and "at a design effect of 4.0" in told and "independent draws" in told
    monkeypatch.setattr(effects, "design_effect", lambda code: replace(above, value=0.9))
    (told,) = comparison.at_design_effects(report, object(), "zh")
    assert "设计效应估计为 0.9" in told
    assert comparison.at_design_effects(report, None) == ()
