"""Imports go one way, heavy packages have one home, and notebooks see public names only."""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from shanhai.core.paths import LIBRARY, NOTEBOOKS, ROOT

MAY_IMPORT: dict[str, set[str]] = {
    "core": set(),
    "geo": {"core"},
    "data": {"core", "geo"},
    "methods": {"core"},
    "render": {"core", "geo", "methods"},
    "claims": {"core", "geo", "data", "methods", "render"},
    "studies": {"core", "geo", "data", "methods", "render", "claims"},
    "report": {"core", "geo", "data", "methods", "render", "claims", "studies"},
    "intake": {"core", "geo", "data", "render", "claims", "studies"},
    "run": {"core", "geo", "data", "methods", "render", "claims", "studies", "report", "desk", "lab", "intake"},
    "desk": {"core", "geo", "data", "methods", "render", "claims", "studies"},
    "lab": {"core", "render", "report"},
    "__init__": {"core", "desk"},
    "__main__": {"run"},
}
"""Rooms that each room may use, beside itself."""

SHARED_STUDY = "border"
"""The one study that other studies and the claims may import: the design of the border regressions."""

HOMES = {
    "statsmodels": {"methods"},
    "matplotlib": {"render", "studies", "desk", "run"},
    "seaborn": {"render", "studies"},
    "zhplot": {"render"},
    "papermill": {"run"},
    "distributed": {"run"},
    "fsspec": {"run"},
    "docx": {"render", "report"},
    "pptx": {"report"},
    "openpyxl": {"report"},
    "python_calamine": {"intake"},
    "sphinx": {"report"},
    "typst": {"report"},
    "fontTools": {"render", "report"},
}
"""The rooms that may import each of these packages."""

READS_RESULTS = {"records", "estimate", "decomposition.gap"}
"""Modules of methods whose functions read results and estimate nothing: what tables, charts and words may call."""

PRINTING = re.compile(r"(^|_)(tables|charts|words)(_|$)|^pages$")
"""Modules of a study that take results, by a part of their name."""

IMPORTS_BY_NAME = {"claims/engine.py", "core/modules.py", "core/shown.py"}
IMPORTS_BY_NAME |= {"report/site/_api.py", "run/benchmark.py", "run/forked.py", "run/preload.py"}
"""Modules that import by computed names: claims of studies, how values are shown, benchmarks, what a kernel needs, the
reference of names; one that reads imports."""

FILE_READERS = {
    "core/bibliography.py": "bibliography",
    "core/fields.py": "data dictionary",
    "core/imported.py": "register of what was imported",
    "core/installed.py": "installed packages",
    "core/manifest.py": "manifest of results",
    "core/modules.py": "source of the library",
    "core/notebooks.py": "notebooks",
    "core/own_terrain.py": "note beside terrain of the user's own",
    "core/sources.py": "registry and settings",
    "data/_canonical.py": "folder of what `build` writes",
    "data/load.py": "tables and layers",
    "data/reading.py": "tables as text",
    "data/register.py": "hashes for the registry",
    "data/store.py": "kept frames",
    "data/terrain_table.py": "bundled terrain, where a user's own has taken its place in `load`",
    "geo/boundaries/_source.py": "archive of boundaries, for `build`",
    "geo/door/_files.py": "layers of the user's own",
    "geo/raster.py": "grids of the user's own",
    "intake/grid.py": "tables of the user's own that are taken in",
    "intake/guard.py": "first bytes and lists of archives of these",
    "intake/files.py": "archives of layers of these",
    "intake/keeping.py": "copies of these",
    "intake/mapping.py": "mappings of these",
    "intake/parts.py": "parts of workbooks among these",
    "render/_fonts.py": "fonts and those cut from them",
    "render/words.py": "words.toml",
    "render/pixels.py": "a stored figure, to make it small",
}
"""Modules outside ``run``, ``report`` and ``lab`` that read files, and which."""

READS = {"read_csv", "read_file", "read_excel", "read_parquet", "read_pickle", "read_json", "read_text", "read_bytes"}
READS |= {"read_feather", "open", "DATA", "SHAPEFILES", "loadtxt", "genfromtxt"}
"""Names with which files are read."""

CHINESE_OF_METHODS = {
    "checks.py": "how columns of longitude and latitude are called",
    "door/tables.py": "words of a table of regressions that is asked for in Chinese",
}
"""Modules of methods that hold Chinese, and why. None names a place."""

STUDY_COLUMNS = re.compile(r"(province|prefecture|county)(_code)?|provinces|prefectures|counties|\w+_zh")
"""Texts that name a column or a unit of this study, or a label in Chinese; with which methods would know it."""

IDS_THAT_STAY = {"spec/_regression.py": ["provinces"]}
"""The key of an empty list in ids of specifications, which are published."""

PLACES_IN_CHINESE = re.compile("[县省市乡镇村山海]|区(?!间)|中国|浙江|户籍|常住|人均")

HEADS_OF_TWO_THINGS = {"difference": "of estimates (差异), and of counts of people (差额)"}
"""English heads that stand for two things, which Chinese tells apart."""

BUILT_BY_NOTEBOOKS_ALONE = {
    "convergence": {"errors_print", "mobility_print", "noise_print"},
    "gap": {"country_table", "traits_table"},
    "place": {"statements_table"},  # built in unit tests, by the page that they stand on
    "pairing": {"cities_table", "county_people_table", "people_table", "power_table", "tests_table"},
    "robustness": {"adjustments_table"},
    "targets": {"overview_table", "progress_tables"},
}
"""Tables that no unit test builds yet: nbval shows them in English when it runs their notebook."""

CHINESE_IN_WORDS = {
    "studies/new_border/words.py": "joins names; others work on this folder",
}
"""Modules of words that hold Chinese, and why."""

FORMATS_IN_TABLES = {
    "studies/policy/tables.py": "the term of a record, which holds a bound",
    "studies/robustness/tables_estimate.py": "models of records, which hold a multiple",
    "studies/robustness/tables_border.py": "the id of a model, which holds a bandwidth",
}
"""Tables that format a number themselves, in names that the files of results hold: none is printed."""

READ_BY_WORDS = {
    "border.analysis.border_differences": "sums of coefficients of a fit",
    "border.analysis.border_step": "difference of two coefficients of a fit",
    "border.analysis.estimates_frame": "estimates of fits, as rows",
    "convergence.beta.beta_estimates": "estimates of fits, as records",
    "new_border.analysis.describe": "what a border joins",
    "policy.analysis.estimation_table": "estimates, as rows",
    "spatial.analysis.coefficient_estimates": "estimates of fits, as records",
    "spatial.analysis.compared_estimates": "estimates of fits, as records",
    "spatial.analysis.effect_estimates": "estimates of fits, as records",
    "spatial.analysis.parameter_estimates": "estimates of fits, as records",
    "spatial.analysis.residual_tests": "tests of fits, as records",
    "place.standing.strengths": "sorts what was compared",
    "place.standing.weaknesses": "sorts what was compared",
    "ranking.values.county_types": "the list of the 26",
}
"""Functions of analyses that tables, words and charts may call, and what they do; all others come in as results."""

FOR_NOTEBOOKS = {"data", "desk", "geo", "methods", "render", "studies"}
"""What notebooks may import of the library."""

SHARED_ROOMS = {"core", "geo", "data", "methods", "render"}
"""Rooms that all others build on. In a study, in the claims and in the program, files have fixed parts to play, and one
hands a name to the next: design to analysis, analysis to tables."""

READERS = {"data/load.py"}
"""It puts reading together from rules, codes and plausibility, whose steps stay with their topics."""

MODULES = sorted(LIBRARY.rglob("*.py"))
PAPERS = sorted(NOTEBOOKS.glob("*.ipynb"))
LIMIT = 450
"""Lines of a module, at most; the examples in its docstrings, which run as tests, are not counted."""

EXAMPLES = re.compile(r'\n +Examples\n +-+\n.*?"""', re.DOTALL)


def name(path: Path) -> str:
    return path.relative_to(LIBRARY).as_posix()


def imports(source: str) -> Iterator[tuple[str, str]]:
    """Module and name of every import, wherever it stands; the name is empty for ``import module``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            yield from ((node.module or "", alias.name) for alias in node.names)


def parts_imported(source: str) -> set[str]:
    """Parts of the library (``geo``, ``errors``, ...) that a source imports."""
    found = set()
    for module, imported in imports(source):
        steps = [*module.split("."), imported]
        if steps[0] == "shanhai" and steps[1]:
            found.add(steps[1])
    return found - {"__version__"}


def code_of(notebook: Path) -> str:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def rooms_imported(source: str) -> set[str]:
    """Rooms that a source imports; a study by its own name, as ``studies.gap``."""
    found = set()
    for module, imported in imports(source):
        steps = [*module.split("."), imported]
        if steps[0] == "shanhai" and len(steps) > 1 and steps[1]:
            found.add(".".join(steps[1:3]) if steps[1] == "studies" and steps[2] else steps[1])
    return found - {"__version__"}


def strangers(path: Path) -> set[str]:
    """Rooms that a module imports and may not."""
    place = path.relative_to(LIBRARY).with_suffix("").parts
    own = {place[0], ".".join(place[:2])}
    allowed = own | MAY_IMPORT[place[0]]
    if place[0] in ("studies", "claims"):
        allowed.add(f"studies.{SHARED_STUDY}")
    rooms = rooms_imported(path.read_text(encoding="utf-8"))
    takes_all_studies = place[0] in ("run", "desk", "report", "intake")
    return {room for room in rooms if not {room, room.partition(".")[0] if takes_all_studies else room} & allowed}


def test_rooms_import_only_what_they_may() -> None:
    found = {name(path): sorted(strangers(path)) for path in MODULES}
    assert {path: rooms for path, rooms in found.items() if rooms} == {}


def test_heavy_packages_have_their_homes() -> None:
    strays = {}
    for path in MODULES:
        own = path.relative_to(LIBRARY).parts[0]
        foreign = {module.split(".")[0] for module, _ in imports(path.read_text(encoding="utf-8"))}
        strays[name(path)] = sorted(
            package for package, homes in HOMES.items() if package in foreign and own not in homes
        )
    assert {path: packages for path, packages in strays.items() if packages} == {}


def test_p_values_and_intervals_of_t_are_computed_in_one_place() -> None:
    """Beside it only the folded normal distribution of honest intervals asks for quantiles."""
    homes = {"methods/estimate.py", "methods/did/_honest.py"}
    quantiles = re.compile(r"\bstats\.t\b|\bnorm\.ppf|\bstdtr|\bndtri")
    texts = {name(path): path.read_text(encoding="utf-8") for path in MODULES}
    assert {
        path for path, text in texts.items() if path.startswith(("methods/", "render/")) and quantiles.search(text)
    } == homes


def test_modules_say_what_they_are_and_hold_one_idea() -> None:
    texts = {name(path): path.read_text(encoding="utf-8") for path in MODULES}
    assert [path for path, text in texts.items() if not ast.get_docstring(ast.parse(text))] == []
    assert [path for path, text in texts.items() if len(EXAMPLES.sub("", text).splitlines()) > LIMIT] == []


def test_bootstrap_needs_the_standard_library_only() -> None:
    modules = {module.split(".")[0] for module, _ in imports((ROOT / "bootstrap.py").read_text(encoding="utf-8"))}
    assert modules <= sys.stdlib_module_names


def test_declared_dependencies_are_those_that_are_imported() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = declared["dependencies"] + declared["optional-dependencies"]["suite"]
    names = {line.split(">=")[0].replace("-", "_") for line in asked}
    imported_as = {"fonttools": "fontTools", "markdown_it_py": "markdown_it", "pyyaml": "yaml"}
    imported_as |= {"python_docx": "docx", "python_pptx": "pptx"}
    not_imported = {
        "zhplot",
        "sphinx_mathjax_offline",
        "jupyterlab_language_pack_zh_CN",
    }  # font, formulas
    built_with = {line.split(">=")[0] for line in declared["optional-dependencies"]["build"]}
    imported = {
        module.split(".")[0] for path in MODULES for module, _ in imports(path.read_text(encoding="utf-8"))
    } - sys.stdlib_module_names
    comes_with_papermill = {"jupyter_client", "jupyter_core"}
    comes_with_jupyterlab = {"jupyter_server", "tornado", "traitlets"}
    comes_with_sphinx, comes_with_matplotlib, comes_with_giddy = {"docutils"}, {"PIL"}, {"mapclassify"}
    on_a_cluster = {line.split(">=")[0] for line in declared["optional-dependencies"]["cluster"]}
    imported -= on_a_cluster | {"fsspec", "botocore"}  # which come with s3fs
    imported -= built_with | comes_with_papermill | comes_with_jupyterlab | comes_with_sphinx | comes_with_matplotlib
    imported -= comes_with_giddy
    assert imported - {"shanhai"} == {imported_as.get(package, package) for package in names - not_imported}


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
def test_notebook_imports_public_names_of_allowed_parts(path: Path) -> None:
    code = code_of(path)
    assert parts_imported(code) <= FOR_NOTEBOOKS
    private = [f"{module}.{imported}" for module, imported in imports(code) if "._" in f".{module}.{imported}"]
    assert not private
    attributes = [node.attr for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Attribute)]
    assert not [attribute for attribute in attributes if attribute.startswith("_")]


def dotted(path: Path) -> str:
    return ".".join(("shanhai", *path.relative_to(LIBRARY).with_suffix("").parts)).removesuffix(".__init__")


def test_modules_with_an_underscore_are_used_inside_their_folder_only() -> None:
    strays = []
    for path in MODULES:
        for module, imported in imports(path.read_text(encoding="utf-8")):
            for full in (module, f"{module}.{imported}"):
                folder, _, last = full.rpartition(".")
                private = last.startswith("_") and not last.startswith("__") and full.startswith("shanhai.")
                if private and folder != dotted(path.parent) and folder != dotted(path.parent / "__init__.py"):
                    strays.append(f"{name(path)}: {full}")
    assert strays == []


def public_definitions(path: Path) -> set[str]:
    """Functions and classes of a module that it offers to others."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return {
        node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    }


def definitions_used(path: Path) -> set[tuple[str, str]]:
    """Module and name of what the code of a module imports, takes from an imported module, or mentions of its own."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    found = {(str(node.module), alias.name) for node in imported for alias in node.names}
    modules = {alias.asname or alias.name: f"{node.module}.{alias.name}" for node in imported for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add((dotted(path), node.id))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            found.add((modules[node.value.id], node.attr))
    return found


def quoted(path: Path) -> set[str]:
    """Names that the docstrings of a module quote, as the type of a result."""
    return set(re.findall(r"``(\w+)", path.read_text(encoding="utf-8")))


def test_a_public_name_is_needed_by_others_and_what_one_module_needs_lies_in_it() -> None:
    """Others are a notebook, a page of the docs, another module; in rooms that all share, more than one sibling."""
    users: dict[tuple[str, str], set[Path]] = {}
    for path in MODULES:
        for definition in definitions_used(path):
            users.setdefault(definition, set()).add(path)
    quotes = {path: quoted(path) for path in MODULES}
    pages = [code_of(path) for path in PAPERS]
    pages += [path.read_text(encoding="utf-8") for path in (LIBRARY.parent / "docs").glob("*.md")]
    shown = set().union(*(re.findall(r"\w+", text) for text in pages))

    def is_needed(definition: str, home: Path) -> bool:
        all_users = users.get((dotted(home), definition), set())
        others = all_users - {home}
        if home.relative_to(LIBRARY).parts[0] not in SHARED_ROOMS:
            return bool(others) or any(definition in quotes[path] for path in MODULES if path != home)
        strangers = {user for user in others if user.parent != home.parent or user.stem == "__init__"}
        return bool(strangers) or len(all_users) >= 2 or bool({name(user) for user in others} & READERS)

    strays = {
        name(path): sorted(
            definition for definition in public_definitions(path) - shown if not is_needed(definition, path)
        )
        for path in MODULES
        if not path.stem.startswith("_")
    }
    assert {path: names for path, names in strays.items() if names} == {}


def test_the_page_on_the_house_names_what_is_there() -> None:
    page = (LIBRARY.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+/[\w/.-]*[\w/])`", page))
    assert len(named) > 20
    assert sorted(path for path in named if not (LIBRARY / path).exists() and not (ROOT / path).exists()) == []
    studies = {path.name for path in (LIBRARY / "studies").iterdir() if (path / "__init__.py").is_file()}
    assert studies == set(re.findall(r"\d\d `(\w+)`", page))


def printing_modules() -> list[Path]:
    """Modules of studies that print."""
    return [path for path in MODULES if path.is_relative_to(LIBRARY / "studies") and PRINTING.search(path.stem)]


def names_used(path: Path) -> set[str]:
    """Names and attributes in the code of a module."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return (
        {node.id for node in nodes if isinstance(node, ast.Name)}
        | {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        | {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    )


def test_tables_charts_and_words_estimate_nothing() -> None:
    """They take results; of methods they call only what reads these (types of results are no calls)."""
    printing = [*LIBRARY.glob("render/**/*.py"), *printing_modules()]
    calls = {
        f"{name(path)}: {module}.{imported}"
        for path in printing
        for module, imported in imports(path.read_text(encoding="utf-8"))
        if (
            module.startswith("shanhai.methods")
            and not imported[:1].isupper()
            and module.removeprefix("shanhai.methods.") not in READS_RESULTS
        )
        or module.split(".")[0] in ("scipy", "statsmodels")
    }
    calls |= {f"{name(path)}: linalg" for path in printing if "linalg" in names_used(path)}
    assert len(printing) > 40
    assert calls == set()


def test_the_library_is_imported_name_by_name() -> None:
    """``import shanhai.methods.regression.fit as f`` would hide from the other rules what is used of it."""
    found = {
        name(path): module
        for path in MODULES
        for module, imported in imports(path.read_text(encoding="utf-8"))
        if module.startswith("shanhai.") and not imported
    }
    assert found == {}


def test_modules_are_imported_by_computed_names_in_few_places() -> None:
    computed = {
        name(path)
        for path in MODULES
        if {"import_module", "__import__", "find_spec", "spec_from_file_location"} & names_used(path)
        or {"runpy", "pkgutil"} & {module.split(".")[0] for module, _ in imports(path.read_text(encoding="utf-8"))}
    }
    assert computed <= IMPORTS_BY_NAME


def test_files_are_read_in_named_places() -> None:
    rooms = ("run/", "report/", "lab/")
    readers = {name(path) for path in MODULES if READS & names_used(path) and not name(path).startswith(rooms)}
    assert readers - {"core/paths.py"} == set(FILE_READERS)


def test_methods_know_no_china() -> None:
    """No place, no code, no column of a year, and Chinese only where it is the name of a method."""
    texts = {path.relative_to(LIBRARY / "methods").as_posix(): path for path in LIBRARY.glob("methods/**/*.py")}
    texts = {path: module.read_text(encoding="utf-8") for path, module in texts.items()}
    assert {path for path, text in texts.items() if re.search(r"[\u4e00-\u9fff]", text)} == set(CHINESE_OF_METHODS)
    strings = {
        path: [
            node.value
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        for path, text in texts.items()
    }
    places = {path: [text for text in found if PLACES_IN_CHINESE.search(text)] for path, found in strings.items()}
    assert {path: found for path, found in places.items() if found} == {}
    codes = {path: [text for text in found if re.fullmatch(r"\d{6}", text)] for path, found in strings.items()}
    assert {path: found for path, found in codes.items() if found} == {}
    years = {path for path, text in texts.items() if re.search(r"_(19|20)\d\d\b", EXAMPLES.sub("", text))}
    assert years == set()
    named = {path: [text for text in found if STUDY_COLUMNS.fullmatch(text)] for path, found in strings.items()}
    assert {path: found for path, found in named.items() if found} == IDS_THAT_STAY


def test_tables_words_and_charts_of_studies_take_the_results_of_analyses() -> None:
    """They call no function of an analysis, but those that READ_BY_WORDS gives a reason for; each of these is used."""
    called = {
        f"{module.removeprefix('shanhai.studies.')}.{imported}"
        for path in printing_modules()
        if path.stem != "pages"
        for module, imported in imports(path.read_text(encoding="utf-8"))
        if re.fullmatch(r"shanhai\.studies\.\w+(\.\w+)?", module)
        and imported[:1].islower()
        and module.rpartition(".")[2] != "design"
        and not PRINTING.search(module.rpartition(".")[2])
    }
    assert called == set(READ_BY_WORDS)


def test_words_hold_no_chinese_and_claims_give_no_verdict() -> None:
    """Sentences lie in words.toml; which one is said, and with which numbers, is code."""
    said = {
        name(path): [
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and re.search(r"[\u4e00-\u9fff]", str(node.value))
        ]
        for path in LIBRARY.glob("studies/*/words*.py")
    }
    strays = {path: texts for path, texts in said.items() if texts}
    assert set(strays) == set(CHINESE_IN_WORDS)
    verdicts = [name(path) for path in LIBRARY.glob("studies/*/claims*.py") if "Verdict" in names_used(path)]
    assert verdicts == []


def test_tables_format_no_number_themselves() -> None:
    specs = {
        name(path)
        for path in printing_modules()
        if "tables" in path.stem
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None
    }
    assert specs == set(FORMATS_IN_TABLES)


def test_an_english_head_of_a_column_has_one_chinese() -> None:
    """Heads of all tables that stand as texts in a ``Column``; those of HEADS_OF_TWO_THINGS say two things."""
    heads: dict[str, set[str]] = {}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Column":
                head = next((part for part in node.args[1:2] if isinstance(part, ast.Tuple)), None)
                texts = [part.value for part in head.elts if isinstance(part, ast.Constant)] if head else []
                if len(texts) == 2:
                    heads.setdefault(str(texts[0]), set()).add(str(texts[1]))
    assert len(heads) > 200
    assert {english for english, chinese in heads.items() if len(chinese) > 1} == set(HEADS_OF_TWO_THINGS)


def test_words_of_the_page_are_those_that_are_used() -> None:
    """Each word of the list of words; Chinese has its glossary, see ``test_glossary.py``."""
    page = (LIBRARY.parent / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## Words")[2]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("| `")
    ]
    assert len(rows) > 8
    written = set(re.findall(r"\w+", "\n".join(path.read_text(encoding="utf-8") for path in MODULES)))
    names = [name for row in rows for cell in row for name in re.findall(r"`(\w+)`", cell)]
    assert [name for name in names if name not in written] == []


def test_each_table_of_a_study_is_built_in_a_unit_test() -> None:
    """A column that no row has shows when the table is built, in seconds, and not when its notebook runs."""
    tested = {
        word
        for path in (ROOT / "tests" / "unit").rglob("*.py")
        for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
    }
    unbuilt: dict[str, set[str]] = {}
    for path in printing_modules():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or node.name in tested:
                continue
            if node.returns and "TableSpec" in ast.unparse(node.returns):
                unbuilt.setdefault(path.parent.name, set()).add(node.name)
    assert unbuilt == BUILT_BY_NOTEBOOKS_ALONE
