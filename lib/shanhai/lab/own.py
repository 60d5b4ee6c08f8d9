"""A notebook of a user's own: the right cells around a small question that runs as it is."""

import json
import re
from typing import Any
from unicodedata import normalize

from shanhai.core.errors import ParameterError
from shanhai.core.manifest import folded
from shanhai.core.paths import MINE, ROOT
from shanhai.render.citations import reference_list
from shanhai.render.words import Words
from shanhai.report.results import Language

_WORDS = Words.beside(__file__, "own.toml")

_NAME = re.compile(r"[^\W_][\w-]{0,79}")
"""A name that every file system and every command line takes: letters of any script, digits, ``-`` and ``_``."""

_MOST_BYTES = 100
"""Bytes of a name: file systems end at 255, and what a run stores has it twice in its name."""

_RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)[\d\u00b9\u00b2\u00b3]", re.IGNORECASE)
"""Names that Windows keeps for devices, numbered by a superscript too."""

_ALLOWED = (
    f"up to 80 letters, digits, - and _, beginning with a letter or digit, of at most {_MOST_BYTES} bytes (33 Chinese "
    "characters), and no name that Windows keeps for a device (CON, COM1), as in border-of-anhui"
)

_PARAMETERS = """\
province: str = "{province}"  # {province_help}
year: int = 2021  # {year_help}
language: str = "{language}"  # {language_help}
"""

_SETUP = """\
from math import expm1

import shanhai as sh
from shanhai.render import publish_figure, publish_table, publish_text
from shanhai.render.numbers import format_percent

language = sh.speak(language)
gdp = f"gdp_per_capita_{year}"
counties = sh.counties(province, years=[year])
formula = f"log({gdp}) ~ on_border + z(ruggedness) + is_district"
result = sh.fit(formula, counties, errors="conley(200 km)", sample=province)
"""

_ANSWER = """\
border = result.estimate("on_border")
shown = [format_percent(100 * expm1(log), signed=True) for log in (border.value, *border.interval())]
size, low, high = shown
publish_text(
    f"{answer}"
)
"""

_MAP = """\
picture = sh.map_of(counties, gdp, outline="on_border")
publish_figure(picture.figure, "map", "{map}")
"""

_TABLE = """\
table = sh.table(result)
publish_table(table, "border")
"""

_WORD = """\
file = sh.save(table, "{name}.docx")
"""


def new_notebook(name: str, language: Language) -> list[str]:
    """Write a notebook into the user's folder and say what to do with it.

    Parameters
    ----------
    name : str
        Of the file, without or with its ending.
    language : {"en", "zh"}
        Of its text.

    Raises
    ------
    ParameterError
        If no file can be called so, or if there is one already.
    """
    stem = normalize("NFC", name).removesuffix(".ipynb")
    is_too_long = len(stem.encode(errors="replace")) > _MOST_BYTES
    if not _NAME.fullmatch(stem) or _RESERVED.fullmatch(stem) or is_too_long:
        raise ParameterError(f"{name!r} is no name for a notebook; allowed: {_ALLOWED}. Choose another.")
    _refuse_twin(stem)
    file = MINE / f"{stem}.ipynb"
    shown = file.relative_to(ROOT).as_posix()
    MINE.mkdir(exist_ok=True)
    text = json.dumps(_notebook(stem, language), ensure_ascii=False, indent=1) + "\n"
    try:
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise ParameterError(f"{shown} is there already. Choose another name, or open it in JupyterLab.") from error
    return [shown, f"Next: python3 bootstrap.py lab {shown}"]


def _refuse_twin(stem: str) -> None:
    """Refuse a name that differs from one that is there in case or in the form of its accents only."""
    names = [path.name.removesuffix(".ipynb") for path in sorted(MINE.glob("*.ipynb"))]
    if twin := next((name for name in names if name != stem and folded(name) == folded(stem)), None):
        raise ParameterError(
            f"{stem!r} is the name of notebooks/mine/{twin}.ipynb in other letters, which many file systems take for "
            "the same; allowed: a name of its own. Choose another."
        )


def _notebook(name: str, language: Language) -> dict[str, Any]:
    names = [key.removeprefix("code.") for key in _WORDS.entries if key.startswith("code.")]
    said = {name: _WORDS(f"code.{name}", language) for name in names}
    works = "\n".join(f"- {entry}" for entry in reference_list(["conley1999"], language))
    cells = [
        _cell("title", "markdown", f"# {name}"),
        _cell("parameters", "code", _PARAMETERS.format(language=language, **said), "parameters"),
        _cell("setup", "code", _SETUP),
        _cell("question", "markdown", _WORDS("question", language), "question"),
        _cell("answer", "code", _ANSWER.replace("{answer}", said["answer"]), "answer"),
        _cell("map", "code", _MAP.format(**said)),
        _cell("table", "code", _TABLE),
        _cell("appendix", "markdown", _WORDS("appendix", language, name=name), "appendix"),
        _cell("word", "code", _WORD.format(name=name)),
        _cell("references", "markdown", f"{_WORDS('references', language)}\n\n{works}"),
    ]
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _cell(name: str, kind: str, source: str, *tags: str) -> dict[str, Any]:
    metadata = {"tags": list(tags)} if tags else {}
    cell = {"cell_type": kind, "id": name, "metadata": metadata, "source": source.strip("\n").splitlines(keepends=True)}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})
