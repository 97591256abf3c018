"""The editions' files, against what is known of the official forms."""

from __future__ import annotations

import copy
import re
import tomllib
from collections import Counter
from importlib import resources
from typing import Any

import pytest

from gongkai.core.errors import FormError
from gongkai.core.model import Form
from gongkai.core.text import label_key, ordinal_key
from gongkai.forms import MAX_SHORT, build_form, editions, load_form


@pytest.fixture(scope="module")
def form() -> Form:
    return load_form("2019")


@pytest.fixture
def raw() -> dict[str, Any]:
    text = resources.files("gongkai.forms").joinpath("2019.toml").read_text(encoding="utf-8")
    return copy.deepcopy(tomllib.loads(text))


def test_the_form_of_2019_has_its_cells_in_the_order_of_the_page(form: Form) -> None:
    assert list(form.tables) == ["disclosure", "applications", "review"]
    assert Counter(f.table for f in form.fields) == {"disclosure": 22, "applications": 161, "review": 15}
    paths = [f.path for f in form.fields]
    assert len(set(paths)) == len(paths) == 198
    assert paths[0] == "disclosure/regulations/newly_made"
    assert paths[21:24] == [
        "disclosure/procurement/amount_yuan",
        "applications/new_received/natural_person",
        "applications/new_received/commercial_enterprise",
    ]
    assert paths[-1] == "review/litigation_after_reconsideration/total"


def test_only_changes_are_signed_and_only_money_is_in_yuan(form: Form) -> None:
    assert {f.measure for f in form.fields if f.signed} == {"change"}
    assert [f.path for f in form.fields if f.unit != "count"] == ["disclosure/procurement/amount_yuan"]


def test_every_identity_has_its_terms(form: Form) -> None:
    sizes = Counter((i.code, len(i.left), len(i.right)) for i in form.identities)
    assert sizes == {("balance", 2, 2): 7, ("results", 19, 1): 7, ("applicants", 6, 1): 23, ("review_total", 4, 1): 3}
    assert all((i.item is None) != (i.measure is None) for i in form.identities)


def test_no_identity_speaks_of_the_first_table(form: Form) -> None:
    assert {term.table for i in form.identities for term in i.terms} == {"applications", "review"}


def test_every_result_row_counts_once_in_the_results(form: Form) -> None:
    results = next(i for i in form.identities if i.code == "results" and i.measure == "total")
    outside = {"new_received", "carried_in", "processed_total", "carried_out"}
    assert [f.item for f in results.left] == [item for item in form.tables["applications"].items if item not in outside]


@pytest.mark.parametrize("code", editions())
def test_short_names_suit_stata(code: str) -> None:
    shorts = [f.short for f in load_form(code).fields]
    assert [s for s in shorts if len(s) > MAX_SHORT or not re.fullmatch(r"[a-z][a-z0-9_]*", s)] == []
    assert len(set(shorts)) == len(shorts)


def test_the_short_names_that_the_contract_quotes(form: Form) -> None:
    shorts = {f.path: f.short for f in form.fields}
    assert shorts["applications/granted/total"] == "app_granted_total"


@pytest.mark.parametrize("code", editions())
def test_a_label_names_one_row_or_column_of_its_table(code: str) -> None:
    for table in load_form(code).tables.values():
        for group in table.groups:
            for names in ([table.items[i] for i in group.items], [table.measures[m] for m in group.measures]):
                labels = [{(label_key(t), ordinal_key(t)) for t in (name.zh, *name.aliases)} for name in names]
                assert [k for k, n in Counter(key for keys in labels for key in keys).items() if n > 1 or not k[0]] == [], table.code


@pytest.mark.parametrize("code", editions())
def test_every_merged_label_that_a_row_names_exists(code: str) -> None:
    for table in load_form(code).tables.values():
        assert {s for name in (*table.items.values(), *table.measures.values()) for s in name.under} <= set(table.spans)


@pytest.mark.parametrize("code", editions())
def test_a_heading_belongs_to_one_section(code: str) -> None:
    keys = [label_key(title) for _, titles in load_form(code).sections for title in titles]
    assert len(set(keys)) == len(keys)


def test_a_short_name_given_twice_is_refused(raw: dict[str, Any]) -> None:
    raw["tables"]["disclosure"]["items"]["fees"]["short"] = "penalty"
    with pytest.raises(FormError, match="dis_penalty_last"):
        build_form(raw)


def test_a_short_name_too_long_for_stata_is_refused(raw: dict[str, Any]) -> None:
    raw["prefixes"]["review"] = "review_of_disclosure"
    with pytest.raises(FormError, match="longer than 24"):
        build_form(raw)


def test_an_identity_that_names_no_row_is_refused(raw: dict[str, Any]) -> None:
    raw["identities"][1]["right"] = ["processed"]
    with pytest.raises(FormError, match="results has an empty side"):
        build_form(raw)


@pytest.mark.parametrize("code", ["statistics", "narrative"])
def test_an_edition_need_not_have_tables(code: str) -> None:
    edition = load_form(code)
    assert (edition.tables, edition.fields, edition.identities) == ({}, (), ())
    assert {"overview", "disclosure", "applications", "problems"} <= set(dict(edition.sections))


@pytest.mark.parametrize(
    "title, section",
    [
        ("一、 概述", "overview"), ("三、政府信息依申请公开工作情况", "applications"), ("四、政府信息公开的收费及减免情况", "fees"),
        ("五、因政府信息公开申请行政复议、提起行政诉讼的情况", "review"), ("六、主要问题和改进措施", "problems"),
    ],
)  # fmt: skip
def test_the_headings_of_the_old_reports_are_known(title: str, section: str) -> None:
    for code in ("statistics", "narrative"):
        titles = {label_key(t): name for name, titles in load_form(code).sections for t in titles}
        assert titles[label_key(title)] == section
