"""The whole report from a folder of results, put in place in one step."""

import tempfile
from pathlib import Path

from shanhai.core.errors import ReportError
from shanhai.report.explore.write import write_explorers
from shanhai.report.files import write_files
from shanhai.report.ledger.files import write_ledger_files
from shanhai.report.papers.write import write_papers
from shanhai.report.results import REPORT, Results
from shanhai.report.site.build import build_site

_MARK = "index.html"
"""File by which a report is known: a folder without it is not replaced."""


def build_report(results_folder: Path, to: Path | None = None) -> Path:
    """Write site, papers, interactive pages and files of a set of results; the same results give the same bytes.

    Parameters
    ----------
    results_folder : Path
        What ``reproduce`` left.
    to : Path, optional
        Folder of the report, replaced in one step if it holds a report; if not given, ``report`` among the results.

    Returns
    -------
    Path
        The first page.

    Raises
    ------
    ReportError
        If the folder holds no complete results, or `to` is something else than a report or an empty folder.
    """
    results = Results.read(results_folder)
    target = (to or results.folder / REPORT).resolve()
    _require_report(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as name:
        draft = Path(name) / REPORT
        draft.mkdir()
        write_files(results, draft / "files")
        write_ledger_files(results, draft / "files")
        write_papers(results, draft)
        write_explorers(results, draft / "explore")
        build_site(results, draft)  # last: it offers what lies there
        if target.exists():
            target.rename(Path(name) / "before")
        draft.rename(target)
    return target / _MARK


def _require_report(target: Path) -> None:
    """Refuse to replace what is no report."""
    if target.exists() and not (target.is_dir() and ((target / _MARK).is_file() or not any(target.iterdir()))):
        raise ReportError(
            f"{target} is no report; name an empty folder, one that is not there yet, or an older report."
        )
