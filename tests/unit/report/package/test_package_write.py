"""A package of a small checkout: the same bytes twice, tracked files only, texts made from what is there."""

import json
import re
import shutil
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from rocrate.rocrate import ROCrate

import shanhai
from shanhai.core.errors import PackageError
from shanhai.core.paths import LIBRARY, ROOT
from shanhai.core.sources import SETTINGS_VARIABLE, hash_file
from shanhai.report.package.contents import gather
from shanhai.report.package.facts import Facts
from shanhai.report.package.metadata import read_citation
from shanhai.report.package.standard import WORDS, points
from shanhai.report.package.verify import verify
from shanhai.report.package.write import GENERATED, write_package
from shanhai.report.results import Results

WriteResults = Callable[..., Results]


def test_the_same_checkout_and_results_give_the_same_bytes(results: Results, checkout: Path, archive: Path) -> None:
    again = write_package(results, archive.with_name("again.zip"), checkout)
    assert again.path.read_bytes() == archive.read_bytes()
    assert again.sha256 == hash_file(archive)


def test_an_unpacked_package_gives_itself_again_without_git(
    unpacked: Path, archive: Path, checkout: Path, tmp_path: Path
) -> None:
    stored = checkout / "outputs" / "reproduce"
    for name in ("figures/01-audit--gdp.png", "zh/figures/01-audit--gdp.png", "report/en/index.html"):
        (unpacked / "outputs" / "reproduce" / name).parent.mkdir(exist_ok=True)  # left out: a run makes them again
        shutil.copy(stored / name, unpacked / "outputs" / "reproduce" / name)
    (unpacked / "own notes.txt").touch()
    repeated = write_package(Results.read(unpacked / "outputs" / "reproduce"), tmp_path / "b.zip", unpacked)
    assert repeated.path.read_bytes() == archive.read_bytes()


def test_a_package_holds_what_git_tracks_the_results_and_its_descriptions(
    unpacked: Path, tracked: frozenset[str]
) -> None:
    held = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    results = {name for name in held if name.startswith("outputs/reproduce/")}
    assert held - results == {*tracked, *GENERATED, "SHA256SUMS"}
    assert "secret.txt" not in held
    assert {name.rpartition(".")[2] for name in results} >= {"csv", "pdf", "ipynb", "json"}
    assert [name for name in results if name.endswith(".png")] == ["outputs/reproduce/report/papers/a.png"]


def test_what_is_there_in_another_form_is_left_out_unless_all_is_asked_for(
    results: Results, checkout: Path, tmp_path: Path
) -> None:
    small = write_package(results, tmp_path / "a.zip", checkout)
    whole = write_package(results, tmp_path / "b.zip", checkout, full=True)
    assert (small.left_out, whole.left_out) == (3, 0)
    assert whole.files == small.files + 3


def readme_of(folder: Path, ending: str = "") -> str:
    return (folder / f"README-REPLICATION{ending}.md").read_text(encoding="utf-8")


def test_each_readme_says_the_sources_in_its_language(unpacked: Path) -> None:
    english, chinese = readme_of(unpacked), readme_of(unpacked, ".zh")
    assert "Census, as compiled" in english and "普查资料" not in english
    assert "普查资料" in chinese and "属事实" in chinese and "Census, as compiled" not in chinese


TEMPLATE = (
    *("Overview", "Data Availability and Provenance Statements", "Statement about Rights", "License for Data"),
    *("Summary of Availability", "Details on each Data Source", "Dataset list", "Computational requirements"),
    *("Software Requirements", "Controlled Randomness", "Memory, Runtime, Storage Requirements"),
    *("Description of programs/code", "License for Code", "Instructions to Replicators"),
    *("List of tables, figures and programs", "Data and Code Availability Standard", "References"),
)
"""Headings of the template of the social-science data editors, version 1.1, in its order; the last but one is ours."""


def test_the_readme_has_the_sections_of_the_template_in_both_languages(unpacked: Path) -> None:
    headings = re.findall(r"^##+ (.+)", readme_of(unpacked), re.MULTILINE)
    assert [heading for heading in headings if not heading.startswith("Source ")] == list(TEMPLATE)
    chinese = re.findall(r"^##+ (.+)", readme_of(unpacked, ".zh"), re.MULTILINE)
    assert len(chinese) == len(headings)
    assert all(re.search("[一-鿿]", heading) for heading in chinese)


@pytest.mark.parametrize(
    "stated",
    [
        "version 0.3.0 of 2026-11-22, by Li, Na; The developers",
        "commit `0123456789ab` without uncommitted changes",
        "1 data tables, 1 map layers",
        "1 notebooks in 1 runs",
        "1 tables and 1 figures in each language",
        "`data/counties.csv` | 1 | Counties | 2001, 2011 | yes",
        "`shapefiles/counties.{shp,dbf}` | 2 | Counties (polygons) | 2017 | yes",
        "whose licence the registry does not record",
        "`shanhai build boundaries`, whose code is in this package",
        "10.5194/essd-13-889-2021",
        "Python 3.11.7 on `Linux-x`",
        "pins 2 packages",
        "numpy 2.0.0",
        "`01-audit` | `seed` | `1`",
        "`lib/shanhai/studies/audit/design.py` | `SEED` | `7`",
        "`01-audit` | 1 | 3 | 2 |",
        "`notebooks/01-audit.ipynb` | Audit the data",
        "`notebooks/01-audit.ipynb`, code cell 2 | `outputs/reproduce/tables/01-audit--gdp.csv` | 1",
        "The 16 points",
        "The manifest records no batch that made all results at once",
    ],
)
def test_the_readme_states_what_the_files_say(stated: str, unpacked: Path) -> None:
    assert stated in readme_of(unpacked)


def test_time_and_memory_are_those_that_were_measured(
    write_results: WriteResults, checkout: Path, tmp_path: Path
) -> None:
    usage = {"seconds": 330.0, "peak_memory_bytes": 2_340_000_000, "workers": 3, "cores": 2}
    usage |= {"memory_bytes": 16_800_000_000, "packages_bytes": 1_160_000_000}
    write_package(write_results(usage=usage), tmp_path / "a.zip", checkout)
    with zipfile.ZipFile(tmp_path / "a.zip") as opened:
        text = opened.read("shanhai-0.3.0/README-REPLICATION.md").decode()
    assert "5.5 minutes for all runs on 2 cores (3 processes side by side, 17 GB of memory in the machine)" in text
    assert "at most 2.3 GB of memory in use by all processes together, 1.2 GB of installed packages" in text


def test_what_others_wrote_is_shown_and_not_run(write_results: WriteResults, checkout: Path, tmp_path: Path) -> None:
    caption = "=1+1 | <script>alert(1)</script> [x](javascript:alert) `a` *b*\n# c"
    write_package(write_results(caption), tmp_path / "a.zip", checkout)
    with zipfile.ZipFile(tmp_path / "a.zip") as opened:
        page = opened.read("shanhai-0.3.0/README-REPLICATION.html").decode()
        listed = opened.read("shanhai-0.3.0/EXHIBITS.csv").decode()
    assert "<script" not in page
    assert "<b>bold</b>" not in page
    assert 'href="javascript' not in page
    assert "=1+1 | &lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert) `a` *b* # c" in page
    assert "\"'=1+1 | <script>" in listed


def test_the_codebook_has_each_column_of_both_dictionaries(unpacked: Path) -> None:
    page = (unpacked / "CODEBOOK.html").read_text(encoding="utf-8")
    for shown in ("<code>counties</code>", "<code>area</code>", "Code | of *it*", "≥ 0", "km2", "<code>zone</code>"):
        assert shown in page
    assert "县" not in page
    assert "层级" in (unpacked / "CODEBOOK.zh.html").read_text(encoding="utf-8")


def test_all_descriptions_name_the_same_title_authors_version_and_licence(unpacked: Path) -> None:
    cited = yaml.safe_load((unpacked / "CITATION.cff").read_text(encoding="utf-8"))
    zenodo = json.loads((unpacked / ".zenodo.json").read_text(encoding="utf-8"))
    root = ROCrate(unpacked, version="1.1").root_dataset
    names = ["Li, Na", "The developers"]
    assert cited["title"] == zenodo["title"] == root["name"] == "Small & <b>bold</b>"
    assert cited["version"] == zenodo["version"] == root["version"] == "0.3.0"
    assert [entry["name"] for entry in zenodo["creators"]] == [author["name"] for author in root["author"]] == names
    assert cited["license"] == zenodo["license"] == "MIT"
    assert root["license"].id == "https://spdx.org/licenses/MIT"
    assert str(cited["date-released"]) == zenodo["publication_date"] == root["datePublished"]
    assert zenodo["related_identifiers"][0]["identifier"] == "10.5194/essd-13-889-2021"


def test_the_project_has_one_version_licence_and_author() -> None:
    cited = read_citation(ROOT / "CITATION.cff")
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert cited.version == declared["version"] == shanhai.__version__
    assert cited.licence == declared["license"] == (ROOT / "LICENSE").read_text(encoding="utf-8").split()[0]
    assert list(cited.authors) == [author["name"] for author in declared["authors"]]


def test_the_crate_describes_each_file(unpacked: Path) -> None:
    """Read by the library of the RO-Crate community: metadata 1.1, each file with size and checksum."""
    crate = ROCrate(unpacked, version="1.1")
    described = {entity["name"]: entity for entity in crate.get_by_type("File")}
    present = {path.relative_to(unpacked).as_posix(): path for path in unpacked.rglob("*") if path.is_file()}
    assert set(described) == set(present) - {"SHA256SUMS", "ro-crate-metadata.json"}
    for name, entity in described.items():
        assert entity["sha256"] == hash_file(present[name])
        assert int(entity["contentSize"]) == present[name].stat().st_size
    assert described["data/counties.csv"]["license"]["name"] == "Facts"
    assert crate.metadata["conformsTo"] == "https://w3id.org/ro/crate/1.1"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda root: (root / "data" / "counties.csv").unlink(), "counties.csv of .* missing or links"),
        (lambda root: (root / "outputs/reproduce/findings.json").write_text("[1]"), "findings.json is gone or not as"),
        (lambda root: (root / ".git").rename(root / "git"), "no checkout of git and no unpacked package"),
        (lambda root: (root / "CITATION.cff").write_text("title: T\n"), "lacks cff-version, message"),
        (lambda root: (root / "CITATION.cff").write_text("a: [\n"), "cannot be read"),
        (lambda root: (root / "lib/shanhai/data").rename(root / "lib/shanhai/dates"), "load.py"),
    ],
)
def test_what_cannot_be_packed_is_refused(
    change: Callable[[Path], object], words: str, results: Results, checkout: Path, tmp_path: Path
) -> None:
    change(checkout)
    with pytest.raises(PackageError, match=words):
        write_package(results, tmp_path / "a.zip", checkout)
    assert not list(tmp_path.glob("a.zip*"))


def test_a_part_of_the_library_without_words_and_another_ending_are_refused(
    results: Results, checkout: Path, tmp_path: Path, stage: Callable[[str], None]
) -> None:
    with pytest.raises(PackageError, match=r"ends in \.zip"):
        write_package(results, tmp_path / "a.tar", checkout)
    stage("lib/shanhai/unknown/a.py")
    with pytest.raises(PackageError, match="no words for unknown"):
        write_package(results, tmp_path / "a.zip", checkout)


def test_each_part_of_the_library_has_words() -> None:
    parts = {path.parent.name for path in LIBRARY.glob("*/__init__.py")}
    assert parts == set(WORDS.labels("room"))


def test_a_link_and_a_name_of_a_description_are_refused(
    results: Results, checkout: Path, tmp_path: Path, stage: Callable[[str], None]
) -> None:
    stage("SHA256SUMS")
    with pytest.raises(PackageError, match=r"SHA256SUMS of .*a package writes files of these names"):
        write_package(results, tmp_path / "a.zip", checkout)
    stage("-SHA256SUMS")
    (checkout / "link").symlink_to("README.md")
    stage("+link")
    with pytest.raises(PackageError, match=r"link of .* are links or submodules"):
        write_package(results, tmp_path / "a.zip", checkout)


@pytest.fixture
def own(checkout: Path, tmp_path: Path, write_results: WriteResults, monkeypatch: pytest.MonkeyPatch) -> Results:
    """Results that rest on a table of the user's own in the place of county_gdp."""
    (tmp_path / "mine.csv").write_text("code,gdp\n330802,1\n", encoding="utf-8")
    (tmp_path / "settings.toml").write_text('[replace]\ncounty_gdp = "mine.csv"\n', encoding="utf-8")
    monkeypatch.setenv(SETTINGS_VARIABLE, str(tmp_path / "settings.toml"))
    return write_results(inputs={"replace/table/county_gdp.csv": hash_file(tmp_path / "mine.csv"), "settings": "x"})


def test_files_of_the_users_own_are_named_and_not_included(own: Results, checkout: Path, tmp_path: Path) -> None:
    written = write_package(own, tmp_path / "a.zip", checkout)
    with zipfile.ZipFile(tmp_path / "a.zip") as opened:
        names = {name.partition("/")[2] for name in opened.namelist()}
        text = opened.read("shanhai-0.3.0/README-REPLICATION.md").decode()
    assert written.own_missing == ("county_gdp",)
    assert not {name for name in names if name.startswith("own/") or "county_frame" in name}
    assert ".shanhai.toml" not in names
    assert "- [x] Some data **cannot be made** publicly available." in text
    assert "`county_gdp.csv` | – | file of the user's own | – | no" in text
    facts = Facts(own, gather(own, checkout, GENERATED, include_own=False, full=False), checkout)
    assert points(facts, "en")[2].status == "partly"


def test_files_of_the_users_own_are_included_on_demand(own: Results, checkout: Path, tmp_path: Path) -> None:
    written = write_package(own, tmp_path / "a.zip", checkout, include_own=True)
    assert written.own_missing == ()
    with zipfile.ZipFile(tmp_path / "a.zip") as opened:
        opened.extractall(tmp_path / "new")
    root = tmp_path / "new" / "shanhai-0.3.0"
    assert (root / ".shanhai.toml").read_text(encoding="utf-8") == (
        '[replace]\ncounty_gdp = "own/table-county_gdp.csv"\n\n[named.county_gdp]\nfile = "mine.csv"\n'
    )
    assert (root / "own" / "table-county_gdp.csv").read_bytes() == (tmp_path / "mine.csv").read_bytes()
    assert "because whoever made the package asked for it" in readme_of(root)
    assert verify(root).deviations == ()

    (tmp_path / "mine.csv").write_text("code,gdp\n330802,2\n", encoding="utf-8")
    with pytest.raises(PackageError, match="of your own for 'county_gdp'"):
        write_package(own, tmp_path / "b.zip", checkout, include_own=True)


def test_the_points_of_the_standard_are_those_of_its_list(results: Results, checkout: Path) -> None:
    """DCAS 1.0, as its authors list it: sixteen points in four groups."""
    facts = Facts(results, gather(results, checkout, GENERATED, include_own=False, full=False), checkout)
    found = points(facts, "en")
    assert [point.number for point in found] == list(range(1, 17))
    assert [point.title for point in found] == [
        *("Data Availability Statement", "Raw data", "Analysis data", "Format", "Metadata", "Citation"),
        *("Data transformation", "Analysis", "Format"),
        *("Instruments", "Ethics", "Pre-registration", "Documentation"),
        *("Location", "License", "Omissions"),
    ]
    chinese = points(facts, "zh")
    assert [point.status for point in chinese] == [point.status for point in found]
    assert all(re.search("[一-鿿]", point.how) for point in chinese)


def test_rows_of_a_table_have_a_cell_for_each_head(unpacked: Path) -> None:
    tables = re.findall(r"(?:^\|.*\n)+", readme_of(unpacked), re.MULTILINE)
    bars = [{len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()} for table in tables]
    assert len(tables) == 7
    assert [len(counts) for counts in bars] == [1] * 7
