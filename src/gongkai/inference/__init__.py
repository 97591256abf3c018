"""What may be said about small counts: intervals, shrinkage, ranks, funnels, families of tests, concentration, each with its sentence."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gongkai.inference.intervals import CONFIDENCE, Interval, clopper_pearson, joint_shares, newcombe, poisson, wilson, within_one_total
from gongkai.inference.phrases import FEW, FEWEST, condition, percent, sentence_texts
from gongkai.inference.sentences import (
    concentration_sentence,
    design_sentence,
    difference_sentence,
    family_sentence,
    funnel_sentence,
    ranks_sentence,
    rate_sentence,
    sentence,
    shape_sentence,
    share_sentence,
)

if TYPE_CHECKING:
    from gongkai.inference.clustering import DesignEffect, design_effect, difference, falls_at
    from gongkai.inference.families import against_others, discoveries, mid_p
    from gongkai.inference.funnels import funnel
    from gongkai.inference.inequality import concentration, gini, hhi, theil_t
    from gongkai.inference.mixtures import shapes
    from gongkai.inference.panels import (
        missing_bounds,
        multilevel,
        over_candidates,
        poisson_model,
        poisson_panel,
        presence,
        presence_weights,
        share_panel,
    )
    from gongkai.inference.predictive import predicted
    from gongkai.inference.shrinkage import ordered, ranked, shrunken

__all__ = [
    "CONFIDENCE",
    "FEW",
    "FEWEST",
    "DesignEffect",
    "Interval",
    "against_others",
    "clopper_pearson",
    "concentration",
    "concentration_sentence",
    "condition",
    "design_effect",
    "design_sentence",
    "difference",
    "difference_sentence",
    "discoveries",
    "falls_at",
    "family_sentence",
    "funnel",
    "funnel_sentence",
    "gini",
    "hhi",
    "joint_shares",
    "mid_p",
    "missing_bounds",
    "multilevel",
    "newcombe",
    "ordered",
    "over_candidates",
    "percent",
    "poisson",
    "poisson_model",
    "poisson_panel",
    "predicted",
    "presence",
    "presence_weights",
    "ranked",
    "ranks_sentence",
    "rate_sentence",
    "sentence",
    "sentence_texts",
    "shape_sentence",
    "shapes",
    "share_panel",
    "share_sentence",
    "shrunken",
    "theil_t",
    "wilson",
    "within_one_total",
]  # fmt: skip

_LATE = {
    "clustering": ("DesignEffect", "design_effect", "difference", "falls_at"),
    "inequality": ("concentration", "gini", "hhi", "theil_t"),
    "families": ("against_others", "discoveries", "mid_p"),
    "funnels": ("funnel",),
    "panels": (
        "missing_bounds",
        "multilevel",
        "over_candidates",
        "poisson_model",
        "poisson_panel",
        "presence",
        "presence_weights",
        "share_panel",
    ),
    "predictive": ("predicted",),
    "mixtures": ("shapes",),
    "shrinkage": ("ordered", "ranked", "shrunken"),
}


def __getattr__(name: str) -> Any:
    """Import what needs numpy, pandas and scipy when it is first used."""
    for module, names in _LATE.items():
        if name in names:
            return getattr(import_module(f"gongkai.inference.{module}"), name)
    raise AttributeError(f"module 'gongkai.inference' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List what is there for the user, what is imported late included."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
