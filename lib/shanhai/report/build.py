"""The whole report from a folder of results, put in place in one step."""

import sys
import tempfile
from pathlib import Path

from shanhai.core.beside import beside
from shanhai.core.errors import ReportError
from shanhai.report.explore.write import write_explorers
from shanhai.report.files import write_files
from shanhai.report.ledger.files import write_ledger_files
from shanhai.report.papers.write import write_papers
from shanhai.report.results import REPORT, Results
from shanhai.report.site.build import build_site

_SIGN = "shanhai-report.txt"
"""File by which a report is known, with the files that it has: a folder without it is not replaced."""


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
    if results.alone:
        print(f"left out, in one language only: {', '.join(results.alone)}", file=sys.stderr)
    target = (to or results.folder / REPORT).resolve()
    _require_report(target, results.folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as name:
        draft = Path(name) / REPORT
        draft.mkdir()
        with beside(write_explorers, results, draft / "explore") as finish:  # it takes as long as files and papers
            write_files(results, draft / "files")
            write_ledger_files(results, draft / "files")
            write_papers(results, draft)
            finish()
        build_site(results, draft)  # last: it offers what lies there
        (draft / _SIGN).write_text("\n".join(_files(draft)) + "\n", encoding="utf-8", newline="\n")
        _replace(target, draft, Path(name) / "before")
    return target / "index.html"


def _replace(target: Path, draft: Path, before: Path) -> None:
    """Put the draft in the place of the target; if that fails, the old one is there again."""
    try:
        if target.exists():
            target.rename(before)
        draft.rename(target)
    except BaseException:
        if before.exists() and not target.exists():
            before.rename(target)
        raise


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _require_report(target: Path, results: Path) -> None:
    """Refuse to replace what is no report, or a report with files that no report has written."""
    if results == target or results.is_relative_to(target):
        raise ReportError(f"{target} holds the results themselves; name a folder inside of them, or another one.")
    if not target.exists():
        return
    sign = target / _SIGN
    if not target.is_dir() or (not sign.is_file() and any(target.iterdir())):
        raise ReportError(
            f"{target} is no report; name an empty folder, one that is not there yet, or an older report."
        )
    known = {_SIGN, *sign.read_text(encoding="utf-8").splitlines()} if sign.is_file() else set()
    if others := [name for name in _files(target) if name not in known]:
        named = ", ".join(map(ascii, others[:3])) + (" and more" if len(others) > 3 else "")
        raise ReportError(
            f"{target} holds {named}, which no report has written; move it elsewhere, then make the report again."
        )
