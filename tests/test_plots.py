"""Figures: right numbers, nothing hidden, and Chinese labels without any system font."""

import subprocess
import sys
import warnings
from dataclasses import replace

import handmade
import pytest
from matplotlib import colors
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle

from gongkai import indicators
from gongkai.studies import canvas, plots

PNG = b"\x89PNG\r\n\x1a\n"
REPORTS = {"one": handmade.qinxian, "broken": handmade.pingtan_2020, "many": handmade.huaian_2024, "none": lambda: handmade.report({})}


def words(picture):
    return " ".join(t.get_text() for axes in [picture, *picture.axes] for t in axes.texts)


def bars(picture):
    return [p for p in picture.axes[0].patches if isinstance(p, Rectangle)]


@pytest.fixture(autouse=True)
def warnings_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", REPORTS)
def test_every_figure_is_drawn_without_a_warning(name, language):
    report = REPORTS[name]()
    figures = [
        plots.flow(report, language),
        plots.years_strip({report.year: report}, 2008, 2025, language),
        plots.indicator_figure(indicators.table(report), report, language),
    ]
    assert all(f.png().startswith(PNG) and f.alt for f in figures)


@pytest.mark.parametrize("name", REPORTS)
def test_labels_are_drawn_with_the_packages_own_font_alone(name, monkeypatch):
    monkeypatch.setattr(canvas, "SYSTEM_FONTS", ())
    for cached in (canvas.font_families, canvas.glyphs):
        cached.cache_clear()
    try:
        assert canvas.font_families() == ("Gongkai Sans SC",)
        assert plots.flow(REPORTS[name](), "zh").png().startswith(PNG)
    finally:
        for cached in (canvas.font_families, canvas.glyphs):
            cached.cache_clear()


def extremes():
    everything = {f.path: "blank" for f in handmade.FORM.fields}
    some = {f"applications/{item}/total": "blank" for item in ("carried_in", "denied.state_secret", "unavailable.not_held", "other")}
    large = {f.path: 123456.0 for f in handmade.FORM.fields}
    return [handmade.report({}, everything), handmade.report(handmade.PINGTAN_2020, some), handmade.report(large)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_drawn_outside_the_figure(language):
    for report in [make() for make in REPORTS.values()] + extremes():
        for figure in (plots.flow(report, language), plots.years_strip({2019: report}, 2019, 2025, language)):
            renderer = FigureCanvasAgg(figure).get_renderer()
            boxes = [t.get_window_extent(renderer) for axes in [figure, *figure.axes] for t in axes.texts]
            assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 and box.y0 >= 0 and box.y1 <= figure.bbox.y1 for box in boxes)


@pytest.mark.parametrize("authority", ["县" * 30, "Office of the People of Qinxian", "沁县人民政府"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_long_title_is_broken_and_not_cut_off(authority, language):
    report = replace(handmade.huaian_2024(), authority=authority, division_code="900101")
    for figure in (plots.flow(report, language), plots.indicator_figure(indicators.table(report), report, language)):
        renderer = FigureCanvasAgg(figure).get_renderer()
        title, *notes = [text.get_window_extent(renderer) for text in figure.texts]
        assert title.x1 <= figure.bbox.x1 and title.y1 <= figure.bbox.y1 and all(note.y1 < title.y0 for note in notes)
        assert figure.texts[0].get_text().replace("\n", " " if " " in authority else "").count(authority[:30]) == 1


def test_the_flow_of_one_request():
    told = plots.flow(handmade.qinxian(), "en").alt
    assert told.startswith(
        "Newly received 1; Carried in 0; Granted 1; Partially granted 0; Denied 0*; Unable to provide 0; Not processed or other 0"
    )
    assert "read from a shifted row" in told


def test_the_five_groups_add_up_the_rows_of_the_form():
    told = plots.flow(handmade.huaian_2024(), "zh").alt
    assert "予以公开 1,362; 部分公开 454; 不予公开 178; 无法提供 781; 不予处理及其他 275; 结转下年度 103" in told


def test_a_zero_is_a_thin_grey_line():
    heights = [bar.get_height() for bar in bars(plots.flow(handmade.report({}), "zh"))]
    assert heights == pytest.approx([plots.ZERO] * len(heights))


def test_a_cell_without_a_value_is_hatched_and_said_never_zero():
    report = handmade.report(handmade.PINGTAN_2020, {"applications/other/total": "blank"})
    picture = plots.flow(report, "en")
    assert "Not processed or other no value (printed part: 3)" in picture.alt
    hatched = [bar for bar in bars(picture) if bar.get_hatch()]
    assert len(hatched) == 2 and all(colors.same_color(bar.get_facecolor(), "white") for bar in hatched)


def test_sums_that_fail_in_print_are_drawn_and_said():
    picture = plots.flow(handmade.pingtan_2020(), "en")
    drawn = " ".join(words(picture).split())
    assert "to process: 21 ≠ outcomes: 27" in drawn and "results add up to 27, the printed total is 21" in drawn


def test_a_dollar_sign_or_an_endless_name_does_no_harm():
    for authority in ("$x$ $", "$\\bad{$县", "县" * 500, "沁\U0002ffff县"):
        assert plots.flow(replace(handmade.qinxian(), authority=authority), "zh").png().startswith(PNG)
    assert canvas.drawable("沁\U0002ffff\u202e县 2019") == "沁〓县 2019"


def test_the_strip_speaks_of_the_corpus_and_marks_the_breaks():
    for language, here, missing, breaks in (
        ("zh", "2019 已读 2019 版", "2021 不在语料中", ("2020 | 2021 表样改版", "2023 | 2024 新行政复议法")),
        ("en", "2019 read, form 2019", "2021 not in the corpus", ("2020 | 2021 new form", "2023 | 2024 new law on review")),
    ):
        told = plots.years_strip({2019: handmade.qinxian()}, 2019, 2025, language).alt
        assert here in told and missing in told and all(b in told for b in breaks)
        assert "未发布" not in told and "did not publish" not in told


def test_an_indicator_list_is_named_not_coded():
    listed = replace(handmade.qinxian(), edition=replace(handmade.qinxian().edition, code="statistics"))
    assert "2016 read, indicator list" in plots.years_strip({2016: listed}, 2016, 2016, "en").alt


def test_the_strip_of_one_year_has_no_break():
    assert "|" not in plots.years_strip({2019: handmade.qinxian()}, 2019, 2019, "en").alt


def test_indicators_show_their_cases_and_are_grey_under_thirty():
    for report, colour in ((handmade.qinxian(), plots.FAINT), (handmade.huaian_2024(), plots.ACCENT)):
        picture = plots.indicator_figure(indicators.table(report), report, "en")
        assert {line.get_color() for line in picture.axes[0].lines if line.get_marker() == "None"} == {colour}
    assert "1,362 of 3,050" in words(picture)


def test_an_indicator_without_a_value_has_no_dot_and_says_why():
    report = handmade.pingtan_2020()
    picture = plots.indicator_figure(indicators.table(report), report, "zh")
    assert words(picture).count("无值：报告自身不一致") == 5
    assert [line.get_marker() for line in picture.axes[0].lines] == ["D"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_caption_states_the_condition_and_the_source(language):
    report = handmade.qinxian()
    picture = plots.indicator_figure(indicators.table(report), report, language)
    condition, reported = {"zh": ("独立抽取", "据该机关报告"), "en": ("independent draws", "as reported by the authority")}[language]
    drawn, flow = ("".join(words(made).split()) for made in (picture, plots.flow(report, language)))
    condition, reported = ("".join(text.split()) for text in (condition, reported))
    assert condition in drawn and reported in drawn and reported in flow


def test_importing_the_package_draws_nothing():
    code = "import sys, gongkai; sys.exit(bool({'matplotlib', 'seaborn', 'statsmodels'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
