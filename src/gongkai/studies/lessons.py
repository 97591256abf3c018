"""The lessons as a student gets them: copied with their data in one language; and what an instructor needs beside them."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from gongkai.core.data import packaged
from gongkai.core.errors import UsageError, refuse_language
from gongkai.core.files import find_notebook, refuse_unwritable, write
from gongkai.core.messages import number_text
from gongkai.studies import execute
from gongkai.studies.exercises import DATA, samples
from gongkai.studies.notebooks import read

FIRST = "lessons/01_from_page_to_table.ipynb"
INSTRUCTOR, FIRST_SEED = "instructor", 101
_EITHER = re.compile(r'\{"zh": ("[^"]*"), "en": ("[^"]*")\}\[language\]')
_HEAD = re.compile(r"^(#+) (?:(\d+)\. )?(.*)$")
_BOLD = re.compile(r"^\*\*(.+?)\*\*\s*")


def copy(folder: str | Path, language: str = "zh") -> list[Path]:
    """Copy the lessons and the documents that they read into a folder, in one language.

    Parameters
    ----------
    folder : path
        New, or one without files of the same names: a student's answers are never overwritten.
    language : {"zh", "en"}

    Returns
    -------
    list of Path
        The lessons.

    Raises
    ------
    UsageError
        If the folder cannot be written, or holds a file of the same name that is not the same.
    """
    refuse_language(language)
    target = refuse_unwritable(folder, is_folder=True)
    lessons = {path.name: execute.text_of(in_language(read(path), language)) for path in sources()}
    if others := [name for name, text in lessons.items() if (target / name).exists() and (target / name).read_text("utf-8") != text]:
        raise UsageError.of("studies.lessons_there", target, names="、".join(others))
    for name, text in lessons.items():
        write(target / name, text)
    for path in sorted(samples().iterdir()):
        if not (target / DATA / path.name).exists():
            (target / DATA).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / DATA / path.name)
    return [target / name for name in lessons]


def sources() -> list[Path]:
    """Return the lessons as the package has them, in both languages."""
    return sorted(find_notebook(FIRST).parent.glob("[0-9]*.ipynb"))


def in_language(notebook: Any, language: str) -> Any:
    """Return a lesson in one of its languages.

    In prose, English is what stands in quotation below the Chinese; in code, ``{"zh": "…", "en": "…"}[language]`` is a choice.
    """
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell["source"] = prose(cell.source, language)
        else:
            chosen = _EITHER.sub(lambda found: found[1 if language == "zh" else 2], cell.source)
            cell["source"] = chosen.replace('language = "zh"', f'language = "{language}"')
        if cell.source:
            cells.append(cell)
    notebook["cells"] = cells
    return notebook


def prose(source: str, language: str) -> str:
    r"""Return one language of a text in both; a heading's English is what stands first and bold.

    Examples
    --------
    >>> prose("## 2. 表\n\n看。\n\n> **The table.** Look.", "en")
    '## 2. The table\n\nLook.'
    >>> prose("## 2. 表\n\n看。\n\n> **The table.** Look.", "zh")
    '## 2. 表\n\n看。'
    """
    lines = source.splitlines()
    if language == "zh":
        return "\n".join(line for line in lines if not line.startswith(">")).strip()
    heads = [found for line in lines if not line.startswith(">") and (found := _HEAD.match(line))]
    english = [line[1:].removeprefix(" ") for line in lines if line.startswith(">")]
    return "\n".join(_with_heads(english, heads)).strip()


def _with_heads(lines: Sequence[str], heads: Sequence[re.Match[str]]) -> Iterator[str]:
    """Yield lines, those that begin in bold made the headings that the Chinese has, the last ones first where there are fewer."""
    bold = [n for n, line in enumerate(lines) if _BOLD.match(line) and not re.match(r"\*\*Exercise \d", line)]
    places = dict(zip(bold[-len(heads) :] if heads else [], heads, strict=False))
    for n, line in enumerate(lines):
        if n not in places:
            yield line
            continue
        marks, number, _ = places[n].groups()
        name = _BOLD.match(line)
        assert name is not None
        yield f"{marks} {f'{number}. ' if number else ''}{name[1].strip().rstrip('.,:')}"
        if rest := line[name.end() :].strip():
            yield from ("", rest[:1].upper() + rest[1:])


def for_class(folder: str | Path, students: int, language: str = "zh", jobs: int = 1) -> list[Path]:
    """Write what an instructor needs: the guide, a seed for each student, and the answers of each.

    The files stand in ``instructor`` and are not to be handed out with the lessons.
    """
    target, seeds = Path(folder, INSTRUCTOR), range(FIRST_SEED, FIRST_SEED + students)
    asked = [(path, seed) for path in sources() for seed in seeds]
    with ThreadPoolExecutor(jobs) as executor:
        found = list(executor.map(lambda each: answers(*each), asked))
    rows = [
        (seed, path.stem, n, number_text(round(a, 4))) for (path, seed), each in zip(asked, found, strict=True) for n, a in each.items()
    ]
    files = {
        "seeds.csv": _table(["student", "seed"], ((n, seed) for n, seed in enumerate(seeds, 1))),
        "answers.csv": _table(["seed", "lesson", "exercise", "answer"], sorted(rows)),
        "guide.md": guide(language, {path.stem: each for (path, seed), each in zip(asked, found, strict=True) if seed == FIRST_SEED}),
    }
    for name, text in files.items():
        write(target / name, text)
    return [target / name for name in files]


def answers(lesson: Path, seed: int) -> dict[int, float]:
    """Return the right answers of a lesson for a seed, by running it; a lesson without a seed has the same for all.

    Raises
    ------
    UsageError
        If the lesson does not run to its end.
    """
    import tempfile

    import nbformat

    notebook, known = read(lesson), execute.declared(lesson)
    notebook.cells.append(nbformat.v4.new_code_cell("import json\nprint(json.dumps(check.all()))", id="all"))  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory(prefix="gongkai-") as scratch:
        path = Path(scratch, lesson.name)
        write(path, execute.text_of(notebook))
        executed, failure = execute.run_notebook(path, {"seed": seed} if "seed" in known else {})
    if failure:
        raise UsageError.of("studies.lesson_fails", lesson.name, said=failure.en)
    return {int(number): value for number, value in json.loads(executed.cells[-1].outputs[0].text).items()}


def guide(language: str, solved: Mapping[str, Mapping[int, float]]) -> str:
    """Compose the instructor's guide: of each lesson its aim, minutes, common mistakes, answers of one seed, and a rubric."""
    words = packaged(__package__, "guide.toml")
    head = words["head"]
    parts = [f"# {head['title'][language]}", head["how"][language].format(seed=FIRST_SEED)]
    for path in sources():
        about = words[path.stem[:2]]
        parts += [f"## {path.stem[:2]} {about['title'][language]}", f"**{head['aim'][language]}** {about['aim'][language]}"]
        parts += [f"**{head['minutes'][language]}** {about['minutes'][language]}"]
        parts += [_list(head["mistakes"][language], about["mistakes"][language])]
        found = [f"{n}: {number_text(round(value, 4))}" for n, value in sorted(solved.get(path.stem, {}).items())]
        parts += [f"**{head['answers'][language].format(seed=FIRST_SEED)}** " + "; ".join(found)]
        parts += [_list(head["rubric"][language], about["rubric"][language])]
    return "\n\n".join(parts) + "\n"


def _list(head: str, items: Sequence[str]) -> str:
    return "\n".join([f"**{head}**", "", *(f"- {item}" for item in items)])


def _table(head: Sequence[str], rows: Any) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows([head, *rows])
    return "\ufeff" + stream.getvalue()
