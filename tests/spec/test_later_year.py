"""GDP of a further year, from a user's county_gdp: the whole project follows from the table and from ``gdp_year``."""

import pytest

from shanhai.core.errors import ParameterError
from shanhai.data.frames.aggregates import build_prefecture_frame, build_province_frame
from shanhai.data.frames.panel import build_county_frame
from shanhai.data.vintage import Vintage, vintage_of
from shanhai.run.values import check_values

GROWN = 1.10 + 330824 % 97 / 1000
"""Growth of Kaihua from 2021 to 2023 in the table of the fixture."""


def test_the_newest_year_is_that_of_the_table(later_year: int) -> None:
    assert vintage_of() == Vintage(later_year, 2020, 2022)
    assert vintage_of("2021") == Vintage()
    check_values({"gdp_year": str(later_year)})
    with pytest.raises(ParameterError, match="allowed: newest, 2021, 2023"):
        check_values({"gdp_year": "2022"})


def test_without_it_the_newest_year_is_the_pre_specified() -> None:
    assert vintage_of() == vintage_of("2021") == Vintage()


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
