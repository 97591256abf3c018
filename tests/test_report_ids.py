"""The id of a report begins with a letter, so that no program takes it for a number; the form without the letter is still read."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from folders import SAMPLE
from hypothesis import given
from hypothesis import strategies as st

from gongkai import Corpus, indicators, read_corpus, read_report
from gongkai.core.errors import UsageError
from gongkai.core.report_ids import as_report_id, known_as, report_id_of
from gongkai.corpus.audit import changed, draw
from gongkai.corpus.audit.sheet import key_path, read_sheet, write_sheet
from gongkai.corpus.build import build
from gongkai.corpus.trace import trace
from gongkai.extract.corrections import read_corrections
from gongkai.studies.units import county_reports

NEW = "r2f84655cf071"
OLD = "2f84655cf071"
PATH = "applications/granted/total"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("reports")
    (folder / "raw").mkdir()
    (folder / "raw" / "a.txt").write_bytes(SAMPLE.read_bytes())
    build([folder / "raw"], folder / "tidy", quiet=True)
    return read_corpus(folder / "tidy")


@given(st.text("0123456789abcdef", min_size=64, max_size=64) | st.from_regex(r"[0-9]{2}e[0-9]{9}.{0}[0-9a-f]{52}", fullmatch=True))
def test_no_id_is_a_number_and_every_form_of_it_is_the_same(sha256: str) -> None:
    report_id = report_id_of(sha256)
    assert pd.isna(pd.to_numeric(pd.Series([report_id]), errors="coerce"))[0] and len(report_id) == 13
    assert {as_report_id(form) for form in (*known_as(report_id), sha256, report_id.upper(), f" {report_id} ")} == {report_id}


@pytest.mark.parametrize("said", ["", "r", "r123", "140430", "沁县", OLD + "0", "rr2f84655cf071", "g" * 12, None])
def test_what_is_no_id_stays_as_it_is(said: object) -> None:
    assert as_report_id(said) == str(said)


def test_every_table_holds_the_id_with_its_letter(corpus: Corpus) -> None:
    report = read_report(SAMPLE)
    assert report.report_id == NEW
    for name in ("reports", "cells", "findings", "sections", "figures", "checks"):
        assert set(getattr(corpus, name)["report_id"]) == {NEW}, name


@pytest.mark.parametrize("known", [NEW, OLD, OLD.upper()])
def test_a_report_and_a_citation_are_found_by_both_forms(corpus: Corpus, known: str) -> None:
    assert corpus.read(known).report_id == NEW
    assert f"SHA-256 {OLD}" in trace(corpus, f"{known}#{PATH}", "en")


def test_a_key_that_is_neither_form_is_refused(corpus: Corpus) -> None:
    with pytest.raises(UsageError, match="report_id#table"):
        trace(corpus, f"{OLD}g#{PATH}")


@pytest.mark.parametrize("known", [NEW, OLD])
def test_corrections_fit_by_both_forms(tmp_path: Path, known: str) -> None:
    (tmp_path / "corrections.csv").write_text(f"report_id,cell,printed,value,reason\n{known},{PATH},1,2,x\n", encoding="utf-8")
    assert list(read_corrections(tmp_path)) == [NEW]


def test_a_sheet_drawn_before_ids_had_a_letter_is_still_judged(corpus: Corpus, tmp_path: Path) -> None:
    key = draw(corpus.cells, corpus.reports, 20, 1)
    sheet, beside = write_sheet(key, corpus.cells, lambda one: corpus.read(one).document, tmp_path / "a.xlsx", "en")
    key.assign(report_id=OLD).to_parquet(beside, index=False)
    assert beside == key_path(sheet)
    assert changed(read_sheet(sheet)[0], corpus.cells) == 0


def test_indicators_kept_by_the_old_form_join_the_panel(corpus: Corpus) -> None:
    own = indicators.table(corpus)
    before, after = corpus.panel(indicators=own.assign(report_id=OLD)), corpus.panel(indicators=own)
    pd.testing.assert_frame_equal(before, after)


def test_a_corpus_built_before_ids_had_a_letter_is_still_a_whole(corpus: Corpus, tmp_path: Path) -> None:
    import shutil

    older = Path(shutil.copytree(corpus.folder.parent, tmp_path / "older")) / "tidy"
    for path in older.rglob("*.parquet"):
        table = pq.read_table(path, partitioning=None)
        if "report_id" in table.column_names:
            at = table.schema.get_field_index("report_id")
            pq.write_table(table.set_column(at, "report_id", pc.utf8_slice_codeunits(table["report_id"], 1).cast(pa.string())), path)
    held = read_corpus(older)
    assert "r" not in "".join(pq.read_table(next((older / "cells").rglob("*.parquet")), partitioning=None)["report_id"].to_pylist())
    for name in ("reports", "cells", "findings", "sections", "figures", "checks"):
        pd.testing.assert_frame_equal(getattr(held, name), getattr(corpus, name))
    assert trace(held, f"{OLD}#{PATH}", "en") == trace(corpus, f"{NEW}#{PATH}", "en")
    assert len(held.read(OLD).findings) == len(corpus.read(NEW).findings)


def test_a_county_without_a_code_is_found_by_both_forms(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(SAMPLE.read_text(encoding="utf-8").replace("沁县", "某某县"), encoding="utf-8")
    corpus = read_corpus(tmp_path)
    new, old = known_as(corpus.reports["report_id"][0])
    assert [county_reports(corpus, f"nocode-{form}")[0].report_id for form in (new, old)] == [new, new]
