"""All pages together: eight small files, the same bytes twice, with the values of the frames and of the results."""

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shanhai.data.frames.aggregates import build_prefecture_frame, build_province_frame
from shanhai.data.frames.panel import build_county_frame
from shanhai.methods.placebo import compare_borders
from shanhai.report.explore._page import LARGEST
from shanhai.report.explore.write import write_explorers
from shanhai.report.results import Exhibit, Results, Run
from shanhai.studies.border.analysis import analysis_frame, county_edges
from shanhai.studies.border.design import main_spec
from shanhai.studies.gap.analysis import explain_places, gap_data, trait_table
from shanhai.studies.robustness.battery import draw_maps
from shanhai.studies.robustness.design import border_grid

pytestmark = pytest.mark.slow

RECORD = """maps,effects,chance_held,estimate,drawn_mean,interval,p,p_error,draws
re-partitions,real provinces,no,-0.1,-0.08,"[-0.142, -0.017]",0.280,0.04,999
re-partitions,drawn provinces,no,-0.1,-0.07,"[-0.1, -0.0]",0.5,0.04,999
shifts and rotations,real provinces,no,-0.1,-0.03,"[-0.108, 0.038]",<0.001,0.0,999
"""


def _results(folder: Path) -> Results:
    main = pd.DataFrame([dict(border_grid().main)]).assign(estimate=-0.1, low=-0.2, high=0.0, p=0.04, is_main=True)
    main.to_csv(folder / "curve.csv", index=False)
    (folder / "placebo.csv").write_text(RECORD, encoding="utf-8-sig")
    exhibits = {
        "figure curve": Exhibit("figure", "curve", "13-check-robustness--curve", "", {"csv": folder / "curve.csv"}),
        "table placebo-borders": Exhibit("table", "placebo-borders", "p", "", {"csv": folder / "placebo.csv"}),
    }
    runs = {
        name: Run(name, "-".join(name.split("-")[:3]), parameters, "en", folder, shown, {})
        for name, parameters, shown in (
            ("04-report-city-330824", {"county": "330824"}, {}),
            ("04-report-city-330824-2023", {"county": "330824", "gdp_year": "2023"}, {}),
            ("04-report-city-511900", {"prefecture": "511900"}, {}),
            ("13-check-robustness", {}, exhibits),
        )
    }
    return Results(folder, {"en": runs, "zh": runs}, {})


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("explore")
    written = write_explorers(_results(folder), folder / "pages")
    return {file.stem: file.read_text(encoding="utf-8") for file in written}


def held(files: dict[str, str], name: str) -> dict[str, Any]:
    (inside,) = re.findall(r'id="data">(.*?)</script>', files[name])
    return dict(json.loads(inside))


def test_there_are_eight_small_files(files: dict[str, str]) -> None:
    assert sorted(files) == [f"{name}-{tag}" for name in ("curve", "gap", "map", "placebo") for tag in ("en", "zh")]
    assert max(len(text.encode()) for text in files.values()) < LARGEST


def test_the_same_bytes_come_twice(files: dict[str, str], tmp_path: Path) -> None:
    again = write_explorers(_results(tmp_path), tmp_path)
    assert {file.stem: file.read_text(encoding="utf-8") for file in again} == files


@pytest.mark.parametrize(
    ("indicator", "year", "column", "digits"),
    [
        ("gdp_per_capita", "2021", "gdp_per_capita_2021", 0),
        ("urban_share", "2020", "urban_share_2020", 2),
        ("ruggedness", "none", "ruggedness", 1),
        ("lights_per_km2", "2015", "lights_2015", 2),
    ],
)
def test_the_map_has_the_values_of_the_county_frame(
    files: dict[str, str], indicator: str, year: str, column: str, digits: int
) -> None:
    data, frame = held(files, "map-zh"), build_county_frame()
    (one,) = [each for each in data["indicators"] if each["key"] == indicator]
    (series,) = [each for each in one["years"] if each["key"] == year]
    wanted = frame[column] / frame["area_km2"] if column.startswith("lights") else frame[column]
    found = pd.Series(series["values"], dtype=float)
    assert data["counties"]["code"] == frame["code"].tolist()
    assert np.nanmax(np.abs(found - wanted)) <= 0.5 * 10**-digits + 1e-9
    joint = frame.index[found.notna() & wanted.isna()].tolist()
    assert joint == (series["joint"] if indicator == "gdp_per_capita" else [])
    assert found.isna().sum() + len(joint) == wanted.isna().sum()


def test_the_classes_of_the_map_hold_the_values(files: dict[str, str]) -> None:
    """Of each county the class whose printed limits hold its value; those without one are in the class of no data."""
    data = held(files, "map-en")
    for extent, shapes in data["extents"].items():
        for indicator in data["indicators"]:
            for series in indicator["years"]:
                shown = series["shown"][extent]
                kinds = [shown["classes"][int(member)] for member in shown["member"]]
                values = [series["values"][at] for at in shapes["counties"]]
                assert len(kinds) == len(values) == len(shapes["paths"])
                assert [kind["missing"] for kind in kinds] == [value is None for value in values]
                pairs = [(int(member), value) for member, value in zip(shown["member"], values, strict=True)]
                known = sorted((value, member) for member, value in pairs if value is not None)
                falls = sum(later[1] < earlier[1] for earlier, later in pairwise(known))
                assert falls <= len(shown["classes"]), (extent, series["title"])  # rounding at a limit


def test_only_places_with_a_report_are_links(files: dict[str, str]) -> None:
    counties = held(files, "map-en")["counties"]
    linked = {code: page for code, page in zip(counties["code"], counties["page"], strict=True) if page}
    assert linked == {"330824": "places/330824.html"}


def test_every_mapped_topic_is_an_indicator_and_the_26_are_outlined(files: dict[str, str]) -> None:
    data = held(files, "map-en")
    assert len(data["indicators"]) == 14
    assert sum(data["counties"]["mountain"]) == 26
    assert data["extents"]["zhejiang"]["outline"].count("M") >= 26
    years = {indicator["key"]: [series["year"] for series in indicator["years"]] for indicator in data["indicators"]}
    assert years["lights_per_km2"] == [str(year) for year in range(2001, 2023)]
    assert years["light_growth"] == ["2013–2021"]


def test_a_gap_is_that_of_the_frames_and_of_notebook_08(files: dict[str, str]) -> None:
    data = held(files, "gap-en")
    at = {code: place for place, code in enumerate(data["places"]["code"])}
    heads = {**build_county_frame().set_index("code")["gdp_per_capita_2021"]}
    heads |= {**build_prefecture_frame().set_index("code")["gdp_per_capita_2021"]}
    heads |= {**build_province_frame().set_index("code")["gdp_per_capita_2021"]}
    for code in ("330824", "330800", "330000", "000000", "511900"):
        figures = {name: values[at[code]] for name, values in data["figures"].items()}
        assert figures["head"] == pytest.approx(heads[code], abs=0.005)
        assert figures["gdp"] * 1e8 / figures["residents"] == pytest.approx(heads[code], rel=1e-5)
    known = gap_data()
    answer = explain_places("511900", "330700", known, draws=99)
    means = [data["figures"]["mean_log"][at[code]] for code in ("511900", "330700")]
    assert means[0] - means[1] == pytest.approx(answer.shares.gap, abs=2e-6)
    traits = trait_table(answer, known)
    shown = [[trait["values"][at[code]] for trait in data["traits"]] for code in ("511900", "330700")]
    assert shown[0] == pytest.approx(traits["place"].tolist(), abs=0.005)
    assert shown[1] == pytest.approx(traits["reference"].tolist(), abs=0.005)


def test_what_is_doubtful_small_or_known_jointly_is_said(files: dict[str, str]) -> None:
    data = held(files, "map-en")
    code = data["counties"]["code"].index
    series = {indicator["key"]: {year["key"]: year for year in indicator["years"]} for indicator in data["indicators"]}
    literacy, lights = series["illiteracy"]["2020"], series["lights_per_km2"]
    assert literacy["doubt"] == "literacy" and code("500236") in literacy["doubtful"]
    assert lights["2013"]["doubtful"] == []
    assert {lights["2013"]["values"][at] for at in lights["2013"]["small"]} == {0}
    assert data["counties"]["bare"][code("330802")] == "柯城"
    gap = held(files, "gap-en")
    at = {place: number for number, place in enumerate(gap["places"]["code"])}
    assert [at["330109"] in each["members"] for each in gap["joints"]].count(True) == 1
    assert gap["figures"]["gdp"][at["330109"]] is None and gap["figures"]["residents"][at["330109"]] > 2e6


def test_a_place_stands_once_under_its_code(files: dict[str, str]) -> None:
    places = held(files, "gap-zh")["places"]
    assert len(set(places["code"])) == len(places["code"])
    assert {"110000", "000000", "330800", "330824", "441900"} <= set(places["code"])
    assert not {"110100", "419000", "460300"} & set(places["code"])


def test_drawn_maps_are_the_first_of_those_of_the_notebook(files: dict[str, str]) -> None:
    """Of more draws from the same seed the first are the same maps, with the same estimates."""
    data, frame = held(files, "placebo-en"), analysis_frame()
    more = draw_maps(frame, county_edges(), 128)
    for kind in data["kinds"]:
        maps = more[kind["key"]]
        test = compare_borders(main_spec(), frame, maps).test
        assert len(kind["maps"]) == 96
        assert [drawn["estimate"] for drawn in kind["maps"]] == pytest.approx(test.estimates[:96].tolist(), abs=5e-5)
        assert [drawn["counties"] for drawn in kind["maps"]] == maps.on_border[:96].sum(axis=1).tolist()
        for number in (0, 95):
            bits = bin(int("1" + kind["maps"][number]["on"], 16))[3:]
            assert [bit == "1" for bit in bits[: len(maps.graph.codes)]] == maps.on_border[number].tolist()
            numerals = {letter: order for order, letter in enumerate("0123456789abcdefghijklmnopqrstuv")}
            assert [numerals[letter] for letter in kind["maps"][number]["labels"]] == maps.labels[number].tolist()
        assert [drawn["large"] for drawn in kind["maps"]] == (np.abs(test.t_ratios[:96]) >= abs(test.t)).tolist()


def test_what_all_maps_say_is_read_from_the_results(files: dict[str, str]) -> None:
    records = [kind["record"] for kind in held(files, "placebo-zh")["kinds"]]
    assert records[0] == {"draws": "999", "p": "p = 0.280", "low": "-0.142", "high": "-0.017", "mean": -0.08}
    assert records[1]["p"] == "p < 0.001"
