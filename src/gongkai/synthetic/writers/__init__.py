"""Print the cells of an edition as a document, complete or with one damage whose truth is known.

What is printed is driven by the form alone. ``layout`` gives the official tables as rows of boxes, the damages (``damage`` of rows and
numbers, ``defaced`` of labels and heads) change boxes, and the writers turn boxes and a story into a page, a text or an office file.
"""

from gongkai.forms.layout import Box, Sheet, Sheets, Style, Values, layout, print_value
from gongkai.synthetic.writers.layouts import LAYOUTS, ON_ONE_LINE, to_text
from gongkai.synthetic.writers.lists import list_form, list_sheet
from gongkai.synthetic.writers.markup import to_html
from gongkai.synthetic.writers.office import to_docx, to_xlsx
from gongkai.synthetic.writers.story import Story

__all__ = [
    "LAYOUTS", "ON_ONE_LINE", "Box", "Sheet", "Sheets", "Story", "Style", "Values", "layout", "list_form", "list_sheet", "print_value",
    "to_docx", "to_html", "to_text", "to_xlsx",
]  # fmt: skip
