"""All papers and slides of a report, written to a folder."""

from pathlib import Path

from shanhai.report.papers._slides import compose_slides, pptx_of
from shanhai.report.papers._typst import pdf_of
from shanhai.report.papers._word import docx_of
from shanhai.report.papers.compose import compose
from shanhai.report.papers.plan import plans_for
from shanhai.report.results import LANGUAGES, Results


def write_papers(results: Results, to: Path) -> tuple[Path, ...]:
    """Write each paper as PDF and for Word, and the slides, in both languages.

    Parameters
    ----------
    results : Results
    to : Path
        Folder of the report; the files go to ``papers/`` inside it.

    Returns
    -------
    tuple of Path
        ``quzhou-en.pdf``, ``quzhou-en.docx`` and so on, in the order of the papers, then ``slides-en.pptx`` and
        ``slides-zh.pptx``: the same bytes for the same results. A further prefecture with a report and a gap among the
        results has a paper too, under its code.

    Raises
    ------
    ReportError
        If the results lack what a paper shows, if a character has no glyph, or if a table or a text fits no page.
    """
    folder = to / "papers"
    folder.mkdir(parents=True, exist_ok=True)
    contents = {}
    for plan in plans_for(results):
        for language in LANGUAGES:
            paper = compose(plan, results, language)
            contents[f"{plan.key}-{language}.pdf"] = pdf_of(paper)
            contents[f"{plan.key}-{language}.docx"] = docx_of(paper)
    for language in LANGUAGES:
        contents[f"slides-{language}.pptx"] = pptx_of(compose_slides(results, language), language)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return tuple(folder / name for name in contents)
