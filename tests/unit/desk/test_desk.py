"""The names of ``import shanhai as sh``: that each teaches by an example that runs, and what each says."""

import doctest
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from docx import Document
from matplotlib.text import Text

import shanhai as sh
from shanhai.core import paths
from shanhai.core.errors import ClaimError, ParameterError, ReportError, SpecificationError, UnknownPlaceError
from shanhai.core.paths import LIBRARY
from shanhai.core.shown import describe
from shanhai.methods.spec import CovarianceSpec, Interaction, RegressionSpec, Variable
from shanhai.studies.border.analysis import analysis_frame
from shanhai.studies.border.design import border_spec

DESK = sorted(path.stem for path in (LIBRARY / "desk").glob("*.py") if path.stem != "__init__")


def test_the_names_are_a_dozen_and_are_listed() -> None:
    assert dir(sh) == sorted(sh.__all__)
    assert len(sh.__all__) <= 12
    assert all(callable(getattr(sh, name)) and getattr(sh, name).__doc__ for name in sh.__all__)
    # once imported, a folder of the library would stand in the place of a function of its name
    assert not {path.stem for path in LIBRARY.iterdir()} & set(sh.__all__)
    with pytest.raises(AttributeError, match=r"no 'maps'; it offers along_border, .*Ask shanhai\.guide\(\)"):
        _ = sh.maps


@pytest.mark.parametrize("module", DESK)
def test_the_examples_of_the_desk_print_what_they_say(module: str) -> None:
    assert doctest.testmod(import_module(f"shanhai.desk.{module}")).failed == 0


@pytest.mark.parametrize("name", sh.__all__)
def test_each_name_has_an_example(name: str) -> None:
    home = import_module(getattr(sh, name).__module__)
    assert any(example.name.endswith(f".{name}") and example.examples for example in doctest.DocTestFinder().find(home))


def imported(code: str) -> set[str]:
    """Packages that a fresh interpreter has imported after some code."""
    said = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(LIBRARY.parent), "PATH": ""},
    )
    return set(said.stdout.split())


def test_importing_the_package_imports_nothing_and_a_regression_neither_maps_nor_tables() -> None:
    assert not {"pandas", "numpy", "shanhai.desk", "shanhai.core"} & imported("import shanhai; dir(shanhai)")
    fitted = imported("import shanhai as sh; sh.fit")
    assert "shanhai.methods.regression.fit" in fitted
    assert not {"geopandas", "matplotlib", "shanhai.data", "shanhai.render", "shanhai.studies"} & fitted


def test_the_examples_of_the_guide_run_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SHANHAI_OUTPUT")  # at a desk, not in a run
    names: dict[str, object] = {"sh": sh}
    for code in sh.guide().examples.values():
        exec(code, names)
    sh.speak("en")
    assert (tmp_path / "border.docx").is_file()


@pytest.mark.parametrize("language", ["en", "zh", "both"])
def test_the_guide_speaks_each_language(language: str) -> None:
    said = describe(sh.guide(), language)
    assert said is not None
    assert ("公式" in said.text) == (language != "en")
    assert "<table" in said.html


def test_counties_are_those_of_the_places_asked_for() -> None:
    both = sh.counties(["Zhejiang", "江西"])
    assert both.groupby("province").size().to_dict() == {"Jiangxi": 100, "Zhejiang": 90}
    assert sh.counties("巴中")["name_zh"].tolist() == ["巴州区", "恩阳区", "通江县", "南江县", "平昌县"]
    assert len(sh.counties()) == len(sh.counties("全国")) == 2852
    with pytest.raises(UnknownPlaceError, match="names 2 places"):
        sh.counties(["吉林"])


def test_ratios_of_a_year_are_figures_over_residents_of_the_nearest_census_and_over_area() -> None:
    frame = sh.counties("330824", years=[2011, 2013]).iloc[0]
    assert frame["gdp_per_capita_2011"] == frame["gdp_2011"] / frame["population_2010"]
    assert frame["lights_per_km2_2013"] == frame["lights_2013"] / frame["area_km2"]
    assert "gdp_per_capita_2013" not in frame
    with pytest.raises(ParameterError, match=r"year 1950 has neither.*\[2001, 2011, 2021\] with GDP, 2001 to 2022"):
        sh.counties("浙江", years=[1950])


def test_counties_with_geometry_are_a_map_of_other_tools() -> None:
    shapes = sh.counties("衢州", geometry=True)
    assert shapes.crs.to_epsg() == 4326
    assert shapes.geometry.notna().all()


def frame_of(neighbours: list[object], provinces: list[str], on_border: list[object]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "province_code": provinces,
            "neighbour_provinces": neighbours,
            "on_border": pd.array(on_border, dtype="boolean"),
        }
    )


def test_along_a_border_is_true_inside_false_and_on_another_border_neither() -> None:
    frame = frame_of(
        ["360000", "", "340000;360000", "340000", "330000", "", None, "330000"],
        [*["330000"] * 4, "360000", "360000", "330000", "350000"],
        [True, False, True, True, True, False, None, True],
    )
    along = sh.along_border(frame, "浙江", "Jiangxi")
    assert along.astype("Int64").fillna(-1).tolist() == [1, 0, 1, -1, 1, 0, -1, -1]
    with pytest.raises(SpecificationError, match=r"no county of the frame lies along a border of 330000 .* 510000"):
        sh.along_border(frame, "330000", "四川")


def test_a_formula_is_the_specification_that_it_says() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "y": np.exp(rng.normal(size=60)),
            "x": rng.normal(size=60),
            "b": rng.normal(size=60),
            "g": ["a", "b", "c"] * 20,
        }
    )
    spec = sh.fit("log(y) ~ x * z(b) | g", frame, errors="HC3").spec
    x, b = Variable("x"), Variable("b", "standardised")
    assert spec.outcome == Variable("y", "log")
    assert spec.terms == (x, b, Interaction(x, b))
    assert (spec.fixed_effects, spec.covariance) == (("g",), CovarianceSpec("HC3"))
    only = sh.fit("y ~ x + b + x:b", frame, errors="HC1").spec
    assert only.terms == (x, Variable("b"), Interaction(x, Variable("b")))
    assert only.fixed_effects == ()


@pytest.mark.parametrize(
    ("errors", "spec"),
    [
        ("conley(200 km)", CovarianceSpec.conley("bartlett", 200.0)),
        ("conley(uniform, 50 km)", CovarianceSpec.conley("uniform", 50.0)),
        ("cluster(g)", CovarianceSpec("cluster", ("g",), "CR1S")),
        ("cluster(g) CV3", CovarianceSpec("cluster", ("g",), "CV3")),
        ("cluster(g, h)", CovarianceSpec("cluster", ("g", "h"), "CR1S")),
        (CovarianceSpec("HC2"), CovarianceSpec("HC2")),
    ],
)
def test_errors_are_read_by_the_name_that_results_give_them(errors: str, spec: CovarianceSpec) -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"y": rng.normal(size=80), "x": rng.normal(size=80)})
    frame["g"], frame["h"] = [f"g{row % 20}" for row in range(80)], [f"h{row // 4}" for row in range(80)]
    frame["longitude"], frame["latitude"] = rng.uniform(110, 112, 80), rng.uniform(30, 32, 80)
    result = sh.fit("y ~ x", frame, errors=errors)
    assert result.spec.covariance == spec
    assert sh.fit("y ~ x", frame, errors=spec.label).spec == result.spec


def test_a_formula_that_cannot_be_read_is_refused_with_how_to_write_one() -> None:
    with pytest.raises(SpecificationError, match=r"cannot be read.*Write outcome ~ term"):
        sh.fit("y ~ x | g | h", pd.DataFrame({"y": [1.0], "x": [1.0]}), errors="HC3")


@pytest.mark.parametrize("errors", ["", "sandwich", "conley", "conley(km)", "cluster()"])
def test_errors_have_no_default_and_unknown_ones_are_refused(errors: str) -> None:
    with pytest.raises(SpecificationError, match=r'allowed: clustered, spatial or robust ones\. Name them: "iid"'):
        sh.fit("y ~ x", pd.DataFrame({"y": [1.0, 2.0], "x": [1.0, 0.0]}), errors=errors)


def test_the_formula_of_notebook_03_gives_its_numbers() -> None:
    formula = "log(gdp_per_capita_2021) ~ on_border * z(ruggedness) + is_district | province_code"
    ours = sh.fit(formula, sh.counties(), errors="cluster(prefecture_code)")
    theirs = sh.fit(border_spec(), analysis_frame())
    assert isinstance(theirs.spec, RegressionSpec)
    assert ours.n == theirs.n
    assert dict(zip(ours.names, ours.params, strict=True)) == pytest.approx(
        dict(zip(theirs.names, theirs.params, strict=True))
    )


def schools() -> pd.DataFrame:
    return pd.DataFrame({"score": [3.0, 5.0, 4.0, 8.0], "<hours>": [1.0, 2.0, 3.0, 4.0], "hours": [1.0, 2.0, 3.0, 4.0]})


def test_a_table_goes_to_word_and_back(tmp_path: Path) -> None:
    table = sh.table(*[sh.fit("score ~ hours", schools(), errors=errors) for errors in ("HC1", "HC3")])
    file = sh.save(table, tmp_path / "t.docx")
    cells = [[cell.text for cell in row.cells] for row in Document(str(file)).tables[0].rows]
    assert cells == [table.heads(), *table.cells()]
    first = file.read_bytes()
    assert sh.save(table, tmp_path / "t.docx").read_bytes() == first
    for ending in ("csv", "html", "tex"):
        assert "1.400" in sh.save(table, tmp_path / f"t.{ending}").read_text(encoding="utf-8-sig")


def test_a_file_of_a_run_lies_among_its_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHANHAI_OUTPUT", str(tmp_path))
    monkeypatch.setenv("SHANHAI_RUN", "15-x")
    file = sh.save(sh.fit("score ~ hours", schools(), errors="HC1"), "border.docx")
    assert file == tmp_path / "tables" / "15-x--border.docx"
    assert file.is_file()


def test_a_file_of_an_open_notebook_lies_in_outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("notebooks/mine", "outputs", "elsewhere"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(paths, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(paths, "OUTPUTS", tmp_path / "outputs")
    monkeypatch.delenv("SHANHAI_OUTPUT", raising=False)
    result = sh.fit("score ~ hours", schools(), errors="HC1")
    for folder in ("notebooks", "notebooks/mine"):
        monkeypatch.chdir(tmp_path / folder)
        assert sh.save(result, "border.docx") == tmp_path / "outputs" / "interactive" / "border.docx"
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert sh.save(result, "border.docx") == tmp_path / "elsewhere" / "border.docx"
    assert not list((tmp_path / "notebooks").rglob("*.docx"))


def test_what_cannot_be_saved_is_refused_with_what_can(tmp_path: Path) -> None:
    frame = schools()
    with pytest.raises(ReportError, match=r"allowed for a DataFrame: .csv, .docx, .html, .tex"):
        sh.save(frame, tmp_path / "t.xls")
    with pytest.raises(ReportError, match=r"The folder .*nowhere does not exist"):
        sh.save(frame, tmp_path / "nowhere" / "t.csv")
    with pytest.raises(ReportError, match="a dict cannot be saved"):
        sh.save({}, tmp_path / "t.csv")  # type: ignore[arg-type]


def test_a_map_shows_a_number_of_the_project_one_of_the_users_own_and_yes_and_no() -> None:
    frame = sh.counties("衢州")
    frame["own"] = np.linspace(0.0, 1.0, len(frame))
    frame["yes"] = frame["own"] > 0.5
    titles = {column: sh.map_of(frame, column).caption for column in ("relief_m", "own", "yes")}
    assert titles == {"relief_m": "Relief on a 9-km grid: highest minus lowest (m)", "own": "own", "yes": "yes"}
    legend = " ".join(
        text.get_text() for axes in sh.map_of(frame, "yes", outline="开化县").figure.axes
        for shown in [axes.get_legend()] if shown for text in shown.get_texts()
    )  # fmt: skip
    assert "yes (3)" in legend
    assert "Kaihua" in legend
    data, size = sh.map_of(frame, "own")._repr_png_()
    assert data.startswith(b"\x89PNG")
    assert size["width"] > 500


@pytest.mark.parametrize(("column", "missing"), [("gdp_per_capita_2021", 0), ("own", 5)])
def test_a_map_of_gdp_shows_joint_figures_of_redrawn_districts_as_the_report_does(column: str, missing: int) -> None:
    """The five districts of Hangzhou redrawn in 2021 have a figure together; a column of one's own has none."""
    frame = sh.counties("浙江")
    frame["own"] = frame["gdp_per_capita_2021"]
    assert frame["own"].isna().sum() == 5
    texts = [text.get_text() for text in sh.map_of(frame, column).figure.findobj(Text)]
    assert [text for text in texts if text.startswith("no data")] == [f"no data ({missing})"] * bool(missing)


def test_what_cannot_be_mapped_is_refused() -> None:
    frame = sh.counties("衢州")
    with pytest.raises(ReportError, match="'nothing' is not in the frame"):
        sh.map_of(frame, "nothing")
    with pytest.raises(ReportError, match="'name_zh' holds"):
        sh.map_of(frame, "name_zh")
    with pytest.raises(UnknownPlaceError, match="'nowhere'"):
        sh.map_of(frame, "relief_m", outline="nowhere")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("巴中", ["巴中市 Bazhong City", "prefecture 511900", "四川省 Sichuan Province", "27,370", "2 of 5 counties"]),
        ("开化县", ["county 330824", "衢州市 Quzhou City", "65,469", "On the provincial border with Anhui, Jiangxi."]),
        ("浙江", ["province 330000", "113,858", "19 of 90 counties"]),
        ("海口", ["None of"]),
        ("济源市", ["county 419001", "河南省 Henan Province"]),
    ],
)
def test_a_place_says_its_names_where_it_lies_and_its_figures(query: str, said: list[str]) -> None:
    text = repr(sh.place(query))
    assert [part for part in said if part not in text] == []
    assert len(text.splitlines()) <= 24
    assert "行政区划" not in text  # a list of what a province administers directly is no place


def test_borders_are_those_of_the_layer_seen_from_either_side() -> None:
    every = sh.borders().frame
    assert len(every) == 68
    near = sh.borders("浙江").frame.set_index("neighbour")
    assert near.loc["Jiangxi", ["counties", "across"]].tolist() == [3, 4]
    far = sh.borders("江西").frame.set_index("neighbour")
    assert far.loc["Zhejiang", ["counties", "across"]].tolist() == [4, 3]
    assert far.loc["Zhejiang", "length_km"] == near.loc["Jiangxi", "length_km"]
    with pytest.raises(UnknownPlaceError, match="share no border on land"):
        sh.borders("浙江", "四川")


def test_findings_are_found_by_id_place_and_words() -> None:
    assert sh.findings("Q25").frame["verdict"].tolist() == ["consistent"]
    assert set(sh.findings("B06").frame["id"]) == {"B06a", "B06b"}
    chinese = describe(sh.findings("Q25"), "zh")
    assert chinese is not None
    assert "基本相符" in chinese.text
    with pytest.raises(ClaimError, match="No claim is about 'unicorns'; allowed: an id such as Q22"):
        sh.findings("unicorns")


def test_a_gap_says_a_sentence_and_shows_its_parts_in_each_language() -> None:
    gap = sh.gap("巴中", draws=99)
    assert (gap.answer.place.code, gap.answer.reference.code) == ("511900", "510000")
    english, chinese = (describe(gap, language) for language in ("en", "zh"))
    assert english is not None
    assert chinese is not None
    assert "Bazhong" in english.text
    assert "巴中" in chinese.text
    assert "<table" in english.html
    assert sh.gap("巴中", "China", draws=99).answer.reference.code == "000000"


@pytest.mark.parametrize("draws", ["x", 10**12, 1.5, True, -1, None])
def test_a_number_of_draws_that_cannot_be_is_refused_before_anything_is_built(draws: object) -> None:
    with pytest.raises(ParameterError, match=r"draws is .* allowed: a whole number from 99"):
        sh.gap("巴中", draws=draws)


@pytest.mark.parametrize("country", ["中国", "China", "000000", 0])
def test_the_country_has_no_gap_to_itself(country: str | int) -> None:
    with pytest.raises(UnknownPlaceError, match="is the country"):
        sh.gap(country)


def test_counties_of_no_place_are_refused() -> None:
    with pytest.raises(ParameterError, match="no place is asked for"):
        sh.counties([])
