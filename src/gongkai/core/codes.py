"""The codes that stand in tables and are decided on in code: each is the string that the tables hold, as ``schema.toml`` lists them."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """A code of a table's column; it is a string, and shows itself as one."""

    def __repr__(self) -> str:
        return repr(self.value)


class Status(Code):
    """Whether a cell has a value, and why not."""

    PRINTED = "printed"
    BLANK = "blank"
    MARK = "mark"
    ABSENT = "absent"
    REALIGNED = "realigned"
    UNCERTAIN = "uncertain"
    UNREADABLE = "unreadable"


class State(Code):
    """Whether an identity holds; ``chose`` where it was used to choose a reading, and so is no check."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNDECIDED = "undecided"
    CHOSE = "chose"


class Level(Code):
    """How much a finding weighs, the heaviest first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Body(Code):
    """The kind of body that reports."""

    GOVERNMENT = "government"
    DEPARTMENT = "department"
    STREET_OR_TOWN = "street_or_town"


class Aside(Code):
    """Why a document is not in the panel."""

    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    NOT_CHOSEN = "not_chosen"
    COPY = "copy"
    NO_DIVISION = "no_division"
    NO_YEAR = "no_year"
    NO_BODY = "no_body"
    NO_AUTHORITY = "no_authority"
    OTHER_BODY = "other_body"
    NOT_USED = "not_used"
    SAME_FILE = "same_file"
    UNREAD = "unread"
