"""The catalogue of messages: every key that the code names is there, every text is used, and no sentence stands in the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from string import Formatter

import pytest

from gongkai.core import errors, messages
from gongkai.core.data import packaged
from gongkai.core.messages import texts
from gongkai.core.schema import schemas
from gongkai.forms import editions, load_form

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "gongkai"
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
PARTS = {"expected", "found", "advice"}
# Whose first argument is a key of the catalogue, and what stands before it there.
NAMED = {"say": "", "both": "", "of": "", "told_as": "", "Unreadable": "unreadable."}
PART = {name: "(?:.expected|.found|.advice)" if name == "of" else "" for name in NAMED}
CHINESE, ENGLISH = re.compile("[\u3400-\u9fff]"), re.compile("[a-z]{2}")
# Texts that say in one language what the other leaves out: the English citation names the year, the English advice the columns.
UNLIKE = {"cite.online", "cite.offline", "panel.no_indicators.expected"}
# What stands side by side and is no message: endings of folders that browsers make, a pattern, formats of dates.
NO_MESSAGES = {"manifest.py": "_文件", "numbers.py": "(?P<last>", "formats.py": 'yyyy"年"'}


def leaves(table: object, key: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Yield every text by its key; one that stands once is the same in both languages."""
    if isinstance(table, str):
        yield key, {"zh": table, "en": table}
    elif isinstance(table, dict) and "zh" in table:
        yield key, table
    elif isinstance(table, dict):
        for name, below in table.items():
            yield from leaves(below, f"{key}.{name}".lstrip("."))


ALL = dict(leaves(dict(texts())))
# The keys of errors, whose texts are parts of an entry: area, name, part.
ERRORS = {key.rpartition(".")[0] for key in ALL if key.count(".") == 2 and not key.startswith("system.")}


def literal(node: ast.AST) -> str | None:
    """Return a literal as a pattern; what is filled in is anything."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(re.escape(str(v.value)) if isinstance(v, ast.Constant) else ".+" for v in node.values)
    return None


def plain(node: ast.AST) -> str:
    """Return the characters of a literal; of anything else nothing."""
    if isinstance(node, ast.JoinedStr):
        return "".join(plain(v) for v in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def literals(node: ast.AST) -> Iterator[str]:
    """Yield what an argument may be, where it is chosen between two."""
    for choice in (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,):
        if (found := literal(choice)) is not None:
            yield found


def calls() -> Iterator[tuple[Path, str, ast.Call]]:
    """Yield every call of a function of the catalogue; the room of indicators has functions of these names for its own words."""
    for path, tree in TREES.items():
        theirs = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module == "gongkai.indicators.descriptions"]
        own = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)] if path.parent.name == "indicators" else []
        others = {a.name for n in theirs for a in n.names} | {n.name for n in own}
        for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call) and n.args):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name in NAMED and name not in others:
                yield path, name, call


def asked() -> Iterator[tuple[str, str, str]]:
    """Yield file, function and pattern of every key that is named."""
    for path, name, call in calls():
        yield from ((path.name, name, re.escape(NAMED[name]) + key) for key in literals(call.args[0]))


def test_every_key_that_is_named_is_in_the_catalogue() -> None:
    named = list(asked())
    assert len(named) > 300
    assert [(file, key) for file, name, key in named if not any(re.fullmatch(key, k) for k in (ERRORS if name == "of" else ALL))] == []


def test_every_text_of_the_catalogue_is_used() -> None:
    strings = {found for tree in TREES.values() for node in ast.walk(tree) if (found := literal(node)) and re.match(r"\w+\\?\.", found)}
    patterns = {
        *strings,
        *(key for _, _, key in asked()),
        *(f"remedy.{kind['advice']}" for kind in packaged("gongkai.readers", "foreign.toml")["kind"]),
    }
    patterns |= {f"remedy.{entry['advice']}" for entry in texts()["unreadable"].values() if "advice" in entry} | {"remedy.unknown"}
    patterns |= {found for page in PACKAGE.rglob("*.j2") for found in re.findall(r"say\('([\w.]+)'", page.read_text(encoding="utf-8"))}
    # A mapping of names to texts that is read whole, by the identities of the form.
    patterns |= {rf"identity\.{identity.code}" for code in editions() for identity in load_form(code).identities} | {
        "identity.statistics_total"
    }
    # The codes of a table's column are said by the names of both.
    patterns |= {rf"{name}\.{code}" for schema in schemas().values() for name, column in schema.columns.items() for code in column.codes}
    used = re.compile("|".join(f"(?:{p})" for p in patterns if not p.startswith(".+")))
    assert [key for key in ALL if not used.fullmatch(key) and not used.fullmatch(key.rpartition(".")[0])] == []


def test_an_error_has_its_three_parts_and_no_key_stands_in_two_files() -> None:
    read = [packaged("gongkai.core", name) for name in messages._FILES]
    keys = [f"{area}.{name}" for file in read for area, entries in file.items() for name in entries]
    assert len(keys) == len(set(keys))
    assert [key for key in ERRORS if not {f"{key}.{part}" for part in PARTS} <= ALL.keys()] == []


def test_an_error_is_raised_by_its_key() -> None:
    """What a study of a county cannot be made of is told in words that stand in its list already."""
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.ReportError)}
    kinds -= {"NothingToStudy"}
    made = [
        (p.name, n.lineno)
        for p, tree in TREES.items()
        for n in ast.walk(tree)
        if isinstance(n, ast.Call) and getattr(n.func, "id", "") in kinds
    ]
    assert made == []


def test_one_helper_reads_the_packaged_tables() -> None:
    """The other reader of TOML is for entries of indicators that a user writes."""
    assert {p.name for p, tree in TREES.items() if "tomllib" in ast.unparse(tree)} == {"data.py", "definitions.py"}


def holes(text: str) -> set[str]:
    """Return the names that are filled into a text."""
    bare = re.sub(r"\{(\w+):[^{}]*\|[^{}]*\}", r"{\1}", text)
    return {name for _, name, _, _ in Formatter().parse(bare) if name}


@pytest.mark.parametrize("key", ALL)
def test_a_text_is_filled_with_the_same_in_both_languages(key: str) -> None:
    assert set(ALL[key]) >= {"zh", "en"} and all(ALL[key].values())
    if key not in UNLIKE:
        assert holes(ALL[key]["zh"]) == holes(ALL[key]["en"])


def test_whoever_names_a_text_gives_what_it_is_filled_with() -> None:
    lacking = []
    for path, name, call in calls():
        given = {k.arg for k in call.keywords}
        for key in (
            key for key in ALL for asked in literals(call.args[0]) if re.fullmatch(re.escape(NAMED[name]) + asked + PART[name], key)
        ):
            needed = holes(ALL[key]["zh"]) | holes(ALL[key]["en"])
            if None not in given and not needed <= given and "{" not in ast.unparse(call.args[0]):
                lacking.append((path.name, call.lineno, key, needed - given))
    assert lacking == []


def beside(tree: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Yield what stands side by side in code: members of a tuple, arguments of a call, entries of a mapping, the two sides of a choice."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple | ast.List):
            yield from pairwise(node.elts)
        elif isinstance(node, ast.Call):
            yield from pairwise([*node.args, *(k.value for k in node.keywords)])
        elif isinstance(node, ast.Dict):
            yield from pairwise(node.values)
        elif isinstance(node, ast.IfExp):
            yield node.body, node.orelse


@pytest.mark.parametrize("path", TREES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_sentence_stands_in_the_code_in_two_languages(path: Path) -> None:
    pairs = [(plain(one), plain(other)) for one, other in beside(TREES[path])]
    found = [(a, b) for pair in pairs for a, b in (pair, pair[::-1]) if CHINESE.search(a) and ENGLISH.search(b) and not CHINESE.search(b)]
    known = NO_MESSAGES.get(path.name)
    assert [pair for pair in found if known is None or not pair[0].startswith(known)] == []
