"""Indicators as data: each an entry of ``indicators.toml``, computed from printed cells alone, or without a value and saying why."""

from gongkai.indicators.alternatives import by_denominator, by_scope
from gongkai.indicators.computation import COLUMNS, table
from gongkai.indicators.contrasts import contrast_sentence, contrasts
from gongkai.indicators.definitions import Indicator, Term, breaks, define, indicators
from gongkai.indicators.descriptions import codebook, formula, lead, status_word, sums_in_words
from gongkai.indicators.reuse import copied_codebook, copied_places, copied_text

__all__ = [
    "COLUMNS",
    "Indicator",
    "Term",
    "breaks",
    "by_denominator",
    "by_scope",
    "codebook",
    "contrast_sentence",
    "contrasts",
    "copied_codebook",
    "copied_places",
    "copied_text",
    "define",
    "formula",
    "indicators",
    "lead",
    "status_word",
    "sums_in_words",
    "table",
]
