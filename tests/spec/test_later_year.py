"""GDP of a further year, from a user's county_gdp: the whole project follows from the table and from ``gdp_year``."""

import json
import re
import zlib
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import ParameterError
from shanhai.core.paths import NOTEBOOKS
from shanhai.core.sources import SETTINGS_VARIABLE
from shanhai.data.frames.aggregates import build_prefecture_frame, build_province_frame
from shanhai.data.frames.panel import build_county_frame
from shanhai.data.vintage import PRE_SPECIFIED, Vintage, vintage_of
from shanhai.run.forked import FORK_IS_SAFE, fork_server
from shanhai.run.kernel import isolated_environment
from shanhai.run.notebook import execute_run
from shanhai.run.pool import Task, run_tasks
from shanhai.run.runs import Run, find_notebook
from shanhai.run.values import check_values
from shanhai.studies.border.analysis import analysis_frame, fit_models
from shanhai.studies.border.design import main_spec
from shanhai.studies.border.tables import columns_table

GROWN = 1.10 + 330824 % 97 / 1000
"""Growth of Kaihua from 2021 to 2023 in the table of the fixture."""

NOT_PRE_SPECIFIED = (
    "GDP is that of 2023 over the residents of 2020. The design was pre-specified for 2021: these results repeat it "
    "with figures of another year and are not the pre-specified ones."
)
"""What a notebook prints that repeats a design fixed beforehand; the maps of 02 rest on none and print it nowhere."""

SHOWN = {
    "02": (
        "GDP per head, 2023 (yuan)  ",  # a row of contrast
        "GDP per head 2023 (yuan)  ",  # a column of the-26
        "gdp-per-head: GDP per head of Zhejiang's counties, 2023",
    ),
    "03": (
        NOT_PRE_SPECIFIED,
        "Outcome: log GDP per head 2023 (yuan)",  # a note of samples
        "log GDP per head 2023 (yuan)  ",  # a column of outcomes
        "log night light per resident 2022",
    ),
    "04": (
        NOT_PRE_SPECIFIED,
        "In 2023 GDP per head in Quzhou was ",
        "GDP per head 2023, yuan",  # a column of counties
        "wealth: GDP per head of the counties of Quzhou, 2023",
    ),
    "08": (
        NOT_PRE_SPECIFIED,
        "In 2023 GDP per head of Quzhou was ",
        "Gap in log GDP per head 2023 by component: Quzhou against Zhejiang",
    ),
    "11": (
        NOT_PRE_SPECIFIED,
        "GDP per head 2023, province = 100",  # rows of indicators and weights
        "GDP growth 2011–2023 less the province's",
        "GDP per unit of night light, 2023",
    ),
}
"""What each notebook prints of the newest year in texts, titles and tables."""

DRAWN = {
    "02": {"gdp-per-head": "GDP per head, 2023"},
    "03": dict.fromkeys(("coefficients", "valley-edge"), "log GDP per head 2023"),
    "04": dict.fromkeys(("wealth", "profile"), "GDP per head, 2023"),
    "08": dict.fromkeys(("waterfall", "mountain"), "log points of GDP per head 2023"),
    "11": {},
}
"""Figures of each notebook with GDP of a year, and how their axis or legend says so."""

NOT_OF_THE_YEAR = re.compile(
    r"[Nn]ight lights?[^.;|]*2021|pre-specified for 2021|Wang et al\. \(2021\)|2021-07 date"
    r"|[Rr]egistered population, 2021"
)
"""What may say 2021: lights, for which notebooks have years of their own; what was fixed beforehand; a reference; the
date that a claim prints; registered people, whose table ends then."""

OF_A_DOCUMENT = re.compile(r"^N\d{4} |^[A-Z]\d+[a-z]? |magazine 2021|^- .*\b2021\b|\(2021\)")
"""Lines on statements, claims and works, which bear the years of a document."""

SAYS_2021 = re.compile(r"(?<![\d.])2021(?![\d.]\d)")


def test_the_newest_year_is_that_of_the_table(later_year: int) -> None:
    assert vintage_of() == Vintage(later_year, 2020, 2022)
    assert vintage_of("2021") == PRE_SPECIFIED
    check_values({"gdp_year": str(later_year)})
    with pytest.raises(ParameterError, match="allowed: newest, 2021, 2023"):
        check_values({"gdp_year": "2022"})


def test_a_year_as_a_number_is_told_that_a_text_is_needed() -> None:
    for number in (2021, 2021.0, None, ["2021"]):
        with pytest.raises(ParameterError, match=r"a text is needed, one of 'newest', '2021'\. Put .* quotation marks"):
            vintage_of(number)  # type: ignore[arg-type]


def test_a_year_known_of_one_province_is_refused_where_others_are_needed_and_before_a_kernel_starts(
    later_year_settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pd.read_csv(later_year_settings.with_name("county_gdp.csv"), dtype={"code": str})
    only = table[table["year"].ne(2023) | table["code"].str.startswith("33")]
    only.to_csv(tmp_path / "county_gdp.csv", index=False)
    (tmp_path / "settings.toml").write_text('[replace]\ncounty_gdp = "county_gdp.csv"\n', encoding="utf-8")
    monkeypatch.setenv(SETTINGS_VARIABLE, str(tmp_path / "settings.toml"))
    for number in SHOWN:
        stem = find_notebook(NOTEBOOKS, number).stem
        check_values({"gdp_year": "newest"}, stem)
        check_values({"gdp_year": "2021"}, stem)
        if number in ("02", "11"):  # of Zhejiang alone
            check_values({"gdp_year": "2023"}, stem)
        else:
            with pytest.raises(ParameterError, match=r"gdp_year '2023'.* of China in 2023;.*Allowed: newest, 2021\."):
                check_values({"gdp_year": "2023"}, stem)
    few = only[only["year"].ne(2023) | ~only["code"].str.startswith("3308")]
    few.to_csv(tmp_path / "county_gdp.csv", index=False)
    with pytest.raises(ParameterError, match=r"of province 330000 in 2023; 95% of \d+ are needed\."):
        check_values({"gdp_year": "2023"}, "11-evaluate-counties")


def test_without_it_the_newest_year_is_the_pre_specified() -> None:
    assert vintage_of() == vintage_of("2021") == PRE_SPECIFIED


def test_the_frames_hold_the_year_as_they_hold_the_newest_compared(later_year: int) -> None:
    frame = build_county_frame().set_index("code")
    kaihua = frame.loc["330824"]
    for stem in ("gdp", "gdp_per_capita", "primary_gdp"):
        assert kaihua[f"{stem}_2023"] == pytest.approx(GROWN * kaihua[f"{stem}_2021"])
    assert frame["flags"].str.contains("gdp_2023_includes_zone").sum() == (
        frame["flags"].str.contains("gdp_2021_includes_zone").sum()
    )
    prefectures, provinces = (table.set_index("code") for table in (build_prefecture_frame(), build_province_frame()))
    quzhou, zhejiang = prefectures.loc["330800"], provinces.loc["330000"]
    counties = frame[frame["prefecture_code"].eq("330800")]
    assert quzhou["gdp_per_capita_2023"] == pytest.approx(
        counties["gdp_2023"].sum() / counties["population_2020"].sum(), rel=1e-9
    )
    inside = prefectures[prefectures["province_code"].eq("330000")]
    assert zhejiang["gdp_per_capita_2023"] == pytest.approx(
        inside["gdp_2023"].sum() / inside["population_2020"].sum(), rel=1e-9
    )


def test_the_border_regression_explains_the_gdp_of_the_year_by_the_same_design(later_year: int) -> None:
    vintage = vintage_of()
    frame = analysis_frame(vintage)
    (result,) = fit_models(frame, ["main"], ["china"], ["gdp"], all_covariances=False, vintage=vintage)
    assert result.spec.outcome.column == "gdp_per_capita_2023"
    assert result.names == main_spec().names
    used = frame.iloc[result.rows]
    growth = 1.10 + used["code"].astype(int) % 97 / 1000
    assert (used["gdp_2023"] / used["gdp_2021"] / growth).between(0.999, 1.001).mean() > 0.98
    z = (used["ruggedness"] - used["ruggedness"].mean()) / used["ruggedness"].std(ddof=1)
    border, district = (used[name].astype(float) for name in ("on_border", "is_district"))
    columns = pd.DataFrame({"b": border, "z": z, "bz": border * z, "d": district, "y": np.log(used["gdp_2023"])})
    columns["y"] -= np.log(used["population_2020"])
    within = columns - columns.groupby(used["province_code"]).transform("mean")
    estimate = np.linalg.lstsq(within[["b", "z", "bz", "d"]].to_numpy(), within["y"].to_numpy(), rcond=None)[0]
    np.testing.assert_allclose(result.params, estimate, rtol=1e-9)
    assert columns_table([result], "sample").notes[0] == "Outcome: log GDP per head 2023 (yuan)."
    undoubted = fit_models(frame, ["undoubted"], ["china"], ["gdp"], all_covariances=False, vintage=vintage)[0]
    doubted = frame["flags"].str.contains(r"gdp_2023_(?:growth|redrawn|lags_prefecture|\w+_zone|disagrees\w+)")
    assert not doubted.iloc[undoubted.rows].any()
    assert doubted.iloc[result.rows].sum() == result.n - undoubted.n - 1  # one county is then alone in its province


def test_the_pre_specified_regression_stays_what_it_was(later_year: int) -> None:
    frame = analysis_frame()
    assert "lights_per_head_2022" not in frame
    assert vintage_of("2021") == PRE_SPECIFIED
    (result,) = fit_models(frame, ["main"], ["china"], ["gdp"], all_covariances=False)
    assert result.spec == main_spec()


@pytest.fixture
def shown(later_year: int, tmp_path: Path) -> Path:
    """Folder with the outputs of the notebooks that show GDP of a year, run with their defaults."""
    runs = [Run(path.stem, path) for path in (find_notebook(NOTEBOOKS, number) for number in SHOWN)]
    with isolated_environment(), fork_server({run.notebook for run in runs}) if FORK_IS_SAFE else nullcontext():
        tasks = [Task(run.name[:2], partial(execute_run, run, forked=FORK_IS_SAFE)) for run in runs]
        for outcome in run_tasks(tasks, tmp_path / "parts", 2):
            assert outcome.error is None, outcome.error
            outcome.folder.rename(tmp_path / outcome.name)
    return tmp_path


def printed_text(folder: Path) -> str:
    """Everything that the executed notebook of a folder shows, tables as text."""
    (path,) = folder.glob("notebooks/*.ipynb")
    outputs = [out for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] for out in cell.get("outputs", [])]
    shown = (out.get("data", {}) for out in outputs)
    return "\n".join("".join(data.get("text/markdown", data.get("text/plain", ""))) for data in shown)


def drawn_text(path: Path) -> str:
    """Text of a figure, one line a string; letters are two bytes in the PDF of matplotlib, the first mostly zero."""
    streams = re.findall(rb"stream\n(x.*?)\nendstream", path.read_bytes(), re.DOTALL)  # x begins what is compressed
    blocks = re.findall(rb"BT\n(.*?)\nET", b"".join(map(zlib.decompress, streams)), re.DOTALL)
    strings = (b"".join(re.findall(rb"\(((?:\\.|[^\\)])*)\)", block, re.DOTALL)) for block in blocks)
    return b"\n".join(strings).replace(b"\0", b"").decode("latin-1")


@pytest.mark.slow
def test_notebooks_show_the_newest_year_wherever_they_show_gdp(shown: Path) -> None:
    for number, texts in SHOWN.items():
        printed = printed_text(shown / number)
        assert [text for text in texts if text not in printed] == [], number
        assert (NOT_PRE_SPECIFIED in printed) == (number != "02"), number
        said = [line for line in printed.splitlines() if not OF_A_DOCUMENT.search(line)]
        assert not [line for line in said if SAYS_2021.search(NOT_OF_THE_YEAR.sub("", line))], number
        figures = {path.stem.partition("--")[2]: drawn_text(path) for path in shown.glob(f"{number}/figures/*.pdf")}
        assert {name for name, title in DRAWN[number].items() if title not in figures[name]} == set(), number
        assert [name for name in DRAWN[number] if SAYS_2021.search(figures[name])] == [], number
        for path in shown.glob(f"{number}/parts/*.estimates.json"):
            outcomes = {record["outcome"] for record in json.loads(path.read_text(encoding="utf-8"))}
            assert "log_gdp_per_capita_2023" in outcomes, number
            assert not [outcome for outcome in outcomes if outcome.endswith("2021")], number
