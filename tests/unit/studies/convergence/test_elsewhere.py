"""Dark counties of other provinces by rule, on provinces whose rises are arithmetic."""

import numpy as np
import pandas as pd
import pytest

from shanhai.studies.convergence.design import DARK_RULES, DarkRule
from shanhai.studies.convergence.elsewhere import _dark_counties, elsewhere

YEARS = range(2012, 2023)


def province(code: str, light: list[float], last: float, marked: int = 0) -> pd.DataFrame:
    """Counties of 100 residents each; light in 2012 and 2013 as given, rising linearly to ``last`` times it in 2022 for
    the darkest five, constant for the others."""
    rows = []
    for place, value in enumerate(light):
        grows = last if place < 5 else 1.0
        path = {f"lights_{year}": value * (1 + (grows - 1) * max(year - 2013, 0) / 9) for year in YEARS}
        rows.append({"code": f"{code[:2]}{place:04d}", "province_code": code, "is_mountain_26": place < marked, **path})
    frame = pd.DataFrame(rows)
    return frame.assign(population_2010=100.0, population_2020=100.0, area_km2=1.0)


@pytest.fixture
def frame() -> pd.DataFrame:
    light = [1.0] * 5 + [4.0] * 5
    homes = {"310000": 2.0, "320000": 1.5, "330000": 3.0, "340000": 2.0}
    return pd.concat([province(c, light, last, 5 * (c == "330000")) for c, last in homes.items()], ignore_index=True)


def test_rises_are_those_of_the_darkest_half(frame: pd.DataFrame) -> None:
    found = elsewhere(frame)
    assert found.rise_of_the_26 == pytest.approx(50.0)  # from a quarter to three quarters of the rest
    for rule in DARK_RULES:
        assert found.rises(rule).to_dict() == pytest.approx({"310000": 25.0, "320000": 12.5, "340000": 25.0})
        assert found.rank(rule) == 1
    assert found.counts["before"].loc["310000"].tolist() == [5, 5]
    assert found.carried((2014, 2015)) == pytest.approx(2 * 50 / 9)


def test_rules_differ_in_the_reading_they_rank_by_and_in_their_reach(frame: pd.DataFrame) -> None:
    home = frame[frame["province_code"].eq("330000")].reset_index(drop=True)
    rows = frame[frame["province_code"].eq("310000")].reset_index(drop=True)
    rows.loc[9, "lights_2013"] = 0.5  # read too dark for once
    rows.loc[0, ["population_2010", "population_2020"]] = 500.0
    dark = {
        rule: np.flatnonzero(_dark_counties(rows, rule, home)).tolist()
        for rule in (DarkRule(2012, "residents"), DarkRule(2013, "counties"), DarkRule(2013, "level"))
    }
    # half of 1,400 residents: the county of 500, the darkest per resident, and two of 100
    assert dark[DarkRule(2012, "residents")] == [0, 1, 2]
    assert dark[DarkRule(2013, "counties")] == [0, 1, 2, 3, 9]
    assert dark[DarkRule(2013, "level")] == [0, 1, 2, 3, 4, 9]
    rows.loc[1, "lights_2017"] = np.nan
    assert not _dark_counties(rows, DarkRule(2012, "residents"), home)[1]
