"""What `shanhai build references` makes is what is committed; names and years in texts find their works."""

import json
import shutil
from pathlib import Path

import pytest

from shanhai.core.errors import ReportError
from shanhai.core.paths import DOCS
from shanhai.run import references
from shanhai.run.csl import csl_text
from shanhai.run.mentions import mentions, works_of
from shanhai.run.references import CSL, PAGE, build_references

SMALL = """
@article{du2020,
  author = {杜, 甫 and 李, 白},
  author_en = {Du, Fu and Li, Bai},
  title = {春望},
  title_en = {Spring view},
  journal = {诗刊},
  year = {2020},
  number = {3},
  pages = {1--20},
  document = {poem},
  langid = {chinese},
}
"""


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the build writes to, with the pages as they are."""
    docs = tmp_path / "docs"
    shutil.copytree(DOCS, docs)
    for name, path in (("CSL", tmp_path / CSL.name), ("PAGE", docs / PAGE.name), ("DOCS", docs)):
        monkeypatch.setattr(references, name, path)
    return docs


def test_the_committed_files_are_what_the_source_gives(elsewhere: Path) -> None:
    made = build_references()
    assert made == [elsewhere.parent / CSL.name, elsewhere / PAGE.name], "run `shanhai build references`"
    assert made[0].read_bytes() == CSL.read_bytes(), "run `shanhai build references`"
    assert made[1].read_bytes() == PAGE.read_bytes(), "run `shanhai build references`"


def test_a_page_lists_the_works_that_it_names_and_loses_the_list_with_them(elsewhere: Path) -> None:
    page = elsewhere / "page.md"
    page.write_text("After Theil (1967).\n", encoding="utf-8")
    assert build_references()[2:] == [page]
    made = page.read_text(encoding="utf-8")
    assert made.splitlines()[0] == "After Theil (1967)." and made.count("## References") == 1
    assert made.splitlines()[-1].startswith("- Theil, Henri. 1967. *Economics and information theory*.")
    page.write_text(made.replace("After Theil (1967).", "Nobody."), encoding="utf-8")
    assert build_references()[2:] == [page]
    assert page.read_text(encoding="utf-8") == "Nobody.\n"


def test_fields_of_bibtex_become_those_of_csl() -> None:
    (item,) = json.loads(csl_text(SMALL))
    assert item == {
        "id": "du2020",
        "type": "article-journal",
        "author": [{"family": "杜", "given": "甫"}, {"family": "李", "given": "白"}],
        "issued": {"date-parts": [[2020]]},
        "language": "zh-CN",
        "title": "春望",
        "container-title": "诗刊",
        "issue": "3",
        "page": "1–20",
        "custom": {
            "author_en": [{"family": "Du", "given": "Fu"}, {"family": "Li", "given": "Bai"}],
            "title_en": "Spring view",
            "document": "poem",
        },
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("@article", "@poem", "type 'poem'; allowed: article, book"),
        ("  number", "  strophe", "field 'strophe'; allowed: "),
        ("author = {杜", "author {杜", "no BibTeX"),
    ],
)
def test_what_is_not_known_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        csl_text(SMALL.replace(old, new, 1))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("as in Ma & Zhao (2022)", ("Ma & Zhao", "2022")),
        ("(Barro & Sala-i-Martin 1992)", ("Barro & Sala-i-Martin", "1992")),
        ("Friedman's (1937) ranks", ("Friedman", "1937")),
        ("Rambachan, A. & Roth, J. (2023)", ("Rambachan & Roth", "2023")),
        (
            "Roodman, D., MacKinnon, J. G., Nielsen, M. O. & Webb,\nM. D. (2019)",
            ("Roodman, MacKinnon, Nielsen & Webb", "2019"),
        ),
        ("Roth & Sant'Anna (2023)", ("Roth & Sant'Anna", "2023")),
        ("Quah 1993b;", ("Quah", "1993b")),
        ("Metropolis, N. et al. (1953)", ("Metropolis et al.", "1953")),
    ],
)
def test_citations_are_found_in_the_forms_that_texts_use(text: str, found: tuple[str, str]) -> None:
    assert list(mentions(text)) == [found]


def test_numbers_that_are_no_years_are_not_taken_for_them() -> None:
    assert list(mentions("Conley 2000.5 and QUZHOU, 2010 and Test 21998")) == []


def test_all_authors_or_the_first_with_et_al_name_a_work() -> None:
    assert [work.key for work in works_of("Müller & Watson", "2022")] == ["muller2022"]
    assert [work.key for work in works_of("Plagborg-Moller", "2019")] == []
    assert [work.key for work in works_of("Montiel Olea & Plagborg-Moller", "2019")] == ["montielolea2019"]
    assert [work.key for work in works_of("Wang et al.", "2024")] == ["wang2024"]
    assert works_of("Wang", "2024") == works_of("Wang et al.", "2025") == works_of("Conley et al.", "1999") == []
    assert [work.key for work in works_of("Quah", "1993")] == ["quah1993empirical", "quah1993galton"]
    assert [work.key for work in works_of("Quah", "1993b")] == ["quah1993galton"]
