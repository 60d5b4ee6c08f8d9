"""The package itself: contents and descriptions, checksums last, as one archive."""

import csv
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from shanhai.core.bibliography import work
from shanhai.core.errors import PackageError
from shanhai.core.manifest import MANIFEST
from shanhai.core.paths import ROOT
from shanhai.report.package.archive import Content, read_content, write_archive
from shanhai.report.package.codebook import codebook
from shanhai.report.package.contents import STORED, gather
from shanhai.report.package.facts import Facts
from shanhai.report.package.metadata import crate, zenodo
from shanhai.report.package.page import page
from shanhai.report.package.readme import readme
from shanhai.report.package.standard import CODEBOOK, CRATE, EXHIBITS, README, RIGHTS, WORDS, ZENODO
from shanhai.report.package.sums import SUMS, sums_text
from shanhai.report.results import LANGUAGES, Results

GENERATED = (
    *(f"{README}{ending}" for ending in (".md", ".html", ".zh.md", ".zh.html")),
    *(f"{CODEBOOK}{ending}" for ending in (".html", ".zh.html")),
    *(RIGHTS, EXHIBITS, ZENODO, CRATE),
)
"""Files that a package adds to what it holds, beside the list of checksums."""

_EXHIBIT_COLUMNS = ("edition", "run", "notebook", "code_cell", "kind", "name", "caption", "file", "sha256")


@dataclass(frozen=True)
class Written:
    """An archive that was written.

    Attributes
    ----------
    path : Path
    sha256 : str
        Of the archive.
    packed, unpacked : int
        Bytes.
    files : int
    left_out : int
        Results that are not in it.
    own_missing : tuple of str
        Tables, layers and grids of the project that the user has replaced by files that are not in it.
    """

    path: Path
    sha256: str
    packed: int
    unpacked: int
    files: int
    left_out: int
    own_missing: tuple[str, ...]


def write_package(
    results: Results, to: Path, root: Path = ROOT, *, include_own: bool = False, full: bool = False
) -> Written:
    """Write a replication package; the same checkout and results give the same bytes.

    Parameters
    ----------
    results : Results
    to : Path
        A ``.zip``.
    root : Path
        The checkout of git, or an unpacked package.
    include_own : bool
        Include files of the user's own that the results rest on; their rights are not known here.
    full : bool
        Include the PNG of each figure in print resolution and the pages of the site, more than all else together.

    Raises
    ------
    PackageError
        If the ending is another, the root is neither a checkout nor a package, or a file is missing or changed.
    """
    if to.suffix.lower() != ".zip":
        raise PackageError(f"--to {to}: a package is a ZIP archive; give a name that ends in .zip.")
    contents = gather(results, root, GENERATED, include_own=include_own, full=full)
    facts = Facts(results, contents, root)
    members: dict[str, Content] = {**contents.code, **contents.outputs, **contents.own}
    members |= {name: text.encode() for name, text in _descriptions(facts).items()}
    measured = {name: _measure(content) for name, content in members.items()}
    members[CRATE] = _crate(facts, measured).encode()
    measured[CRATE] = _measure(members[CRATE])
    members[SUMS] = sums_text({name: digest for name, (_, digest) in measured.items()}).encode()
    write_archive(to, f"shanhai-{facts.citation.version}", members)
    with to.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Written(
        path=to,
        sha256=digest,
        packed=to.stat().st_size,
        unpacked=sum(size for size, _ in measured.values()),
        files=len(members),
        left_out=len(contents.left_out),
        own_missing=tuple(sorted({file.replaced for file in contents.own_files if not file.included})),
    )


def _measure(content: Content) -> tuple[int, str]:
    """Bytes and SHA-256."""
    read = read_content(content)
    return len(read), hashlib.sha256(read).hexdigest()


def _descriptions(facts: Facts) -> dict[str, str]:
    """Files that say what is in the package, without the one that needs the checksums of all others."""
    texts: dict[str, str] = {}
    for language in LANGUAGES:
        ending = ".zh" if language == "zh" else ""
        text = readme(facts, language)
        texts[f"{README}{ending}.md"] = text
        texts[f"{README}{ending}.html"] = page(text, facts.citation.title, language)
        title = WORDS("codebook.title", language)
        texts[f"{CODEBOOK}{ending}.html"] = page(codebook(facts, language), title, language)
    texts[RIGHTS] = _rights(facts)
    texts[EXHIBITS] = _exhibits(facts)
    texts[ZENODO] = _zenodo(facts)
    return texts


def _rights(facts: Facts) -> str:
    """Licence of each data file, in both languages, from the registry."""
    lines = [WORDS("licences.title", "en"), "", *(WORDS("licences.intro", language) for language in LANGUAGES)]
    chinese = {origin.licence: origin.said("zh")[1] for origin in facts.origins}
    for licence, files in _by_licence(facts).items():
        lines += ["", licence, chinese[licence], *(f"  {name}" for name in files)]
    return "\n".join(lines) + "\n"


def _by_licence(facts: Facts) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for origin in facts.origins:
        found.setdefault(origin.licence, []).extend(file.file for file in origin.files)
    return found


def _exhibits(facts: Facts) -> str:
    """Every file of every table and figure, as CSV; a caption that a spreadsheet would run is quoted by a letter."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_EXHIBIT_COLUMNS)
    for row in facts.every_exhibit():
        writer.writerow([f"'{cell}" if str(cell)[:1] in "=+-@" and cell != "" else cell for cell in row])
    return stream.getvalue()


def _zenodo(facts: Facts) -> str:
    notes = "".join(
        f"<p>{escape(licence)}: {escape(', '.join(files))}</p>" for licence, files in _by_licence(facts).items()
    )
    dois = [work(key).field("DOI") for origin in facts.origins for key in origin.works]
    return zenodo(facts.citation, f"<p>{escape(_description(facts))}</p>", notes, list(filter(None, dois)))


def _description(facts: Facts) -> str:
    return f"{facts.citation.title}. {facts.citation.message}"


def _crate(facts: Facts, measured: Mapping[str, tuple[int, str]]) -> str:
    licences = {file.file: origin.licence for origin in facts.origins for file in origin.files}
    return crate(facts.citation, _description(facts), measured, licences, f"{STORED}/{MANIFEST}")
