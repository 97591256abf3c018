"""What the server does once so that no study waits for it: the package's data read, patterns compiled, fonts and figures prepared."""

from __future__ import annotations

from gongkai import indicators, plots, render, study
from gongkai.forms import load_form
from gongkai.model import Form
from gongkai.report import read_report
from gongkai.texts import LANGUAGES

PROSE = "{year}年，本机关收到政府信息公开申请5件，其中自然人3件，办结5件，予以公开2件；主动公开信息约1,200条，占60%，同比增长3.5%。"


def rehearse() -> None:
    """Study a report of zeros in memory, in both editions and languages, and throw all of it away."""
    for year in (2020, 2021):
        form = load_form("2019" if year < 2021 else "2021")
        page = render.to_html(form, render.layout(form, {field.path: 0 for field in form.fields}), _story(form, year))
        report = read_report(page.encode())
        for language in LANGUAGES:
            rates = indicators.table(report)
            strip = plots.years_strip(*study.years([report], year, year + 1), language)
            for figure in (plots.flow(report, language), strip, plots.indicator_figure(rates, report, language)):
                figure.png()
            for table in (study.facts, study.status_counts, study.indicator_table, study.figure_table, study.all_findings):
                study.as_table(table(report, language))
            for text in (study.title, study.conclusion, study.first_findings, study.official_form, study.citation):
                text(report, language)
            study.indicator_notes(language)


def _story(form: Form, year: int) -> render.Story:
    return render.Story(year=year, prose={code: (PROSE.format(year=year),) for code, _ in form.sections})
