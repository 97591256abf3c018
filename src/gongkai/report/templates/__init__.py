"""The pages' templates, filled with every text escaped."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    loader = jinja2.PackageLoader("gongkai.report")
    return jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)


def fill(name: str, **values: Any) -> str:
    """Fill one template; what is text is escaped, what is ``Markup`` is taken as it is."""
    return _environment().get_template(name).render(**values)


def style(name: str) -> str:
    """Return one of the style sheets that stand beside the templates."""
    return resources.files("gongkai.report.templates").joinpath(name).read_text(encoding="utf-8")


def script(name: str) -> str:
    """Return one of the scripts that stand beside the templates."""
    return resources.files("gongkai.report.templates").joinpath(name).read_text(encoding="utf-8")
