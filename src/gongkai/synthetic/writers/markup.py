"""Boxes and a story -> a page as a county's content system would write it."""

from __future__ import annotations

from html import escape

from gongkai.core.model import Form
from gongkai.forms.layout import Box, Sheet, Sheets
from gongkai.synthetic.writers.story import NEUTRAL, Story, blocks


def to_html(form: Form, sheets: Sheets, story: Story = NEUTRAL, charset: str = "utf-8") -> str:
    """Write a page as a county's content system would: paragraphs and spans in every cell, merged cells as spans.

    ``charset`` is what the page says of itself; encoding it is up to the caller.

    Examples
    --------
    >>> from gongkai.forms import load_form
    >>> from gongkai.synthetic.writers import layout
    >>> form = load_form("2019")
    >>> page = to_html(form, layout(form, {"review/reconsideration/upheld": 3}))
    >>> page.count("<table"), page.count('<td><p class="MsoNormal"><span>3</span></p></td>')
    (3, 1)
    """
    body = "".join(_block(block) for block in blocks(form, sheets, story))
    signed = "".join(f'<p class="MsoNormal" style="text-align:right"><span>{escape(t)}</span></p>' for t in story.signature)
    head = f'<meta charset="{escape(charset)}"><title>{escape(story.heading)}</title>'
    return f'<!DOCTYPE html>\n<html><head>{head}</head><body>\n<div id="content">{body}{signed}</div>\n</body></html>\n'


def _block(block: str | Sheet) -> str:
    if isinstance(block, str):
        return f'<p class="MsoNormal"><span>{escape(block)}</span></p>\n'
    rows = "".join(f"<tr>{''.join(map(_markup_cell, line))}</tr>\n" for line in block)
    return f'<table class="MsoNormalTable" border="1"><tbody>\n{rows}</tbody></table>\n'


def _markup_cell(box: Box) -> str:
    spans = "".join(f' {name}="{n}"' for name, n in (("rowspan", box.rows), ("colspan", box.columns)) if n > 1)
    return f'<td{spans}><p class="MsoNormal"><span>{escape(box.text)}</span></p></td>'
