"""The codes that are decided on in code are those that the tables may hold, in the same order."""

from __future__ import annotations

import ast
import json
import pickle
from pathlib import Path

import pandas as pd
import pytest

from gongkai.core.codes import Aside, Body, Code, Level, State, Status
from gongkai.core.messages import texts
from gongkai.core.schema import schemas

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "gongkai"
COLUMNS = [
    (Status, "cells", "status"),
    (State, "checks", "state"),
    (Level, "findings", "level"),
    (Body, "reports", "body"),
    (Aside, "set_aside", "why"),
]


@pytest.mark.parametrize("codes, table, column", COLUMNS, ids=lambda value: getattr(value, "__name__", value))
def test_a_table_holds_the_codes_of_its_enumeration(codes: type[Code], table: str, column: str) -> None:
    assert tuple(codes) == schemas()[table].columns[column].codes


@pytest.mark.parametrize("codes", [Status, State, Level, Body], ids=lambda codes: codes.__name__)
def test_every_code_has_words(codes: type[Code]) -> None:
    assert {*codes} <= texts()[codes.__name__.lower()].keys()


def test_a_code_is_the_string_that_a_table_holds() -> None:
    assert (str(Status.BLANK), repr(Status.BLANK), f"{Status.BLANK}", json.dumps(Status.BLANK)) == ("blank", "'blank'", "blank", '"blank"')
    assert pickle.loads(pickle.dumps(Status.BLANK)) == "blank" and {Status.BLANK: 1}["blank"] == 1
    column = pd.Series([Status.BLANK, "mark"], dtype="str")
    assert column.tolist() == ["blank", "mark"] and column.isin(["blank"]).sum() == 1


def test_a_status_is_compared_by_its_name_in_the_enumeration() -> None:
    """A misspelt string is never equal to a status, and nobody notices."""
    literal = []
    for path in PACKAGE.rglob("*.py"):
        for node in (n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Compare)):
            sides = [node.left, *node.comparators]
            if any(isinstance(side, ast.Attribute) and side.attr in ("status", "state") for side in sides):
                literal += [
                    f"{path.name}:{node.lineno}"
                    for side in sides
                    for n in ast.walk(side)
                    if isinstance(n, ast.Constant) and isinstance(n.value, str)
                ]
    assert literal == []
