"""GDP of a further year, from a user's county_gdp: the whole project follows from the table and from ``gdp_year``."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import ParameterError
from shanhai.data.frames.aggregates import build_prefecture_frame, build_province_frame
from shanhai.data.frames.panel import build_county_frame
from shanhai.data.vintage import PRE_SPECIFIED, Vintage, vintage_of
from shanhai.run.values import check_values
from shanhai.studies.border.analysis import analysis_frame, fit_models
from shanhai.studies.border.design import main_spec
from shanhai.studies.border.tables import columns_table

GROWN = 1.10 + 330824 % 97 / 1000
"""Growth of Kaihua from 2021 to 2023 in the table of the fixture."""


def test_the_newest_year_is_that_of_the_table(later_year: int) -> None:
    assert vintage_of() == Vintage(later_year, 2020, 2022)
    assert vintage_of("2021") == PRE_SPECIFIED
    check_values({"gdp_year": str(later_year)})
    with pytest.raises(ParameterError, match="allowed: newest, 2021, 2023"):
        check_values({"gdp_year": "2022"})


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
