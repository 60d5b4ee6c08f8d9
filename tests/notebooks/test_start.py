"""The start pages say what the saved notebooks say, and their links lead somewhere; ``tests/report`` has the rest."""

import base64
import json
import re
from html import unescape
from pathlib import Path

import pytest

from shanhai.core.notebooks import START, find_notebooks, study_notebooks
from shanhai.core.paths import NOTEBOOKS
from shanhai.run.answers import notebook_answers

PAGES = sorted(NOTEBOOKS.glob(f"{START}*.ipynb"))

each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)


def text_of(path: Path) -> str:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert {cell["cell_type"] for cell in cells} == {"markdown"}
    return unescape("\n\n".join("".join(cell["source"]) for cell in cells))


def test_there_is_one_in_each_language_and_nothing_runs_them() -> None:
    assert [path.stem for path in PAGES] == [f"{START}-zh", START]
    assert not set(PAGES) & set(find_notebooks().values())


def test_the_english_page_has_question_and_finding_of_each_notebook_as_it_is_saved() -> None:
    text = text_of(NOTEBOOKS / f"{START}.ipynb")
    missing = [
        answer.notebook
        for answer in notebook_answers()
        if f"<b>{answer.question}</b><br>{answer.finding}<br>" not in text
    ]
    assert missing == [], "run `shanhai reproduce`, then `shanhai build start`"


@each_page
def test_each_notebook_has_a_link_and_a_picture_with_words_for_it(path: Path) -> None:
    text = text_of(path)
    assert [f'<a href="{stem}.ipynb">' in text for stem in study_notebooks()] == [True] * len(study_notebooks())
    pictures = dict(re.findall(r'<img src="attachment:([\w-]+)\.png" width="300" alt="([^"]{4,})">', text))
    assert set(pictures) == set(study_notebooks())
    attached = json.loads(path.read_text(encoding="utf-8"))["cells"][-1]["attachments"]
    for name in pictures:
        assert base64.b64decode(attached[f"{name}.png"]["image/png"]).startswith(b"\x89PNG")


@each_page
def test_links_lead_to_files_of_the_project_or_to_the_report(path: Path) -> None:
    text = text_of(path)
    targets = re.findall(r"\]\(([^)]+)\)", text) + re.findall(r'href="([^"]+)"', text)
    assert len(targets) > 20
    assert [
        target for target in targets if not target.startswith("/report/") and not (NOTEBOOKS / target).exists()
    ] == []
