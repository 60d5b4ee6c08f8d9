"""The pre-specified convergence regressions: levels, growth, and tables of them on simulated counties."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.studies.convergence.beta import beta_estimates, beta_table, by_province
from shanhai.studies.convergence.design import GDP_LATE, LIGHTS_LATE, Period, convergence_spec
from shanhai.studies.convergence.panel import add_periods, levels, position_change

LIGHTS_ID, GDP_ID = "fe8a92db011f", "e129959d3891"
"""Of the two main regressions, as fixed on 22 November 2026."""


def counties(n: int = 3000) -> pd.DataFrame:
    """Counties whose log light per resident closes its gap by 3 percent a year."""
    rng = np.random.default_rng(5)
    first = rng.normal(size=n)
    last = first * (1 - 3.0 * LIGHTS_LATE.years / 100) + 0.2 * rng.normal(size=n) + 0.5
    codes = rng.integers(0, 40, n)
    return pd.DataFrame(
        {
            "code": [f"{place:06d}" for place in range(n)],
            "province_code": ["330000" if code < 20 else "340000" for code in codes],
            "prefecture_code": [f"33{code:02d}00" for code in codes],
            "population_2010": 1000.0,
            "population_2020": 1000.0,
            "lights_2013": np.exp(first),
            "lights_2022": np.exp(last),
        }
    )


def test_beta_is_recovered_where_levels_are_read_without_noise() -> None:
    frame = add_periods(counties(), (LIGHTS_LATE,))
    row = beta_table(frame, (LIGHTS_LATE,), ("china",), ("none", "province")).iloc[0]
    assert row["low"] < -3.0 < row["high"]
    assert row["gap_left"] == pytest.approx(1 + row["estimate"] * LIGHTS_LATE.years / 100)


def test_provinces_are_those_with_enough_counties() -> None:
    frame = add_periods(counties(), (LIGHTS_LATE,))
    assert by_province(frame, LIGHTS_LATE)["province_code"].tolist() == ["330000", "340000"]
    with pytest.raises(SpecificationError, match="no province has 5000"):
        by_province(frame, LIGHTS_LATE, least=5000)


def test_rows_for_the_estimates_name_sample_outcome_and_term() -> None:
    frame = add_periods(counties(), (LIGHTS_LATE,))
    table = beta_table(frame, (LIGHTS_LATE,), ("china",), ("none",))
    [row] = beta_estimates(table)
    assert (row.outcome, row.term) == (LIGHTS_LATE.growth, LIGHTS_LATE.initial)
    assert row.model == "beta convergence, unconditional"
    assert (row.low, row.df, row.clusters) == (table["low"][0], table["clusters"][0] - 1, table["clusters"][0])
    assert beta_estimates(by_province(frame, LIGHTS_LATE))[0].sample == "province 330000"


@pytest.mark.parametrize(
    ("period", "said"),
    [
        (Period("lights_per_head", 2012, 2022), "two sensors"),
        (Period("lights_per_head", 2013, 2030), "2030"),
        (Period("gdp_per_head", 2005, 2011), "2005"),
        (Period("gdp_per_head", 2021, 2011), "no length"),
        (Period("incomes", 2013, 2022), "lights_per_head"),
    ],
)
def test_periods_without_figures_are_refused_with_what_there_is(period: Period, said: str) -> None:
    frame = counties(50).assign(lights_2012=1.0, gdp_2001=1.0, gdp_2011=1.0, gdp_2021=1.0)
    with pytest.raises(MissingDataError, match=said):
        add_periods(frame, (period,))


def test_gdp_is_divided_by_the_residents_of_the_nearest_census() -> None:
    row = {"code": ["a"], "population_2010": [10.0], "population_2020": [20.0]}
    frame = pd.DataFrame(row | {"gdp_2001": [50.0], "gdp_2011": [100.0], "gdp_2021": [400.0]})
    assert levels(frame, "gdp_per_head", (2001, 2011, 2021)).iloc[0].tolist() == [5.0, 10.0, 20.0]


def test_the_pre_specified_regressions_keep_their_ids() -> None:
    assert convergence_spec(LIGHTS_LATE).spec_id == LIGHTS_ID
    assert convergence_spec(GDP_LATE).spec_id == GDP_ID
    with pytest.raises(SpecificationError, match="allowed: china"):
        convergence_spec(LIGHTS_LATE, "moon")


def test_error_of_a_change_of_position_leaves_out_a_prefecture_at_a_time() -> None:
    """All prefectures: from 50 to 55 percent; without one of the two: by 0 and by 10 points around a mean of 5."""
    rows = [
        ("a", "1", True, 50, 60),
        ("b", "1", False, 100, 100),
        ("c", "2", True, 50, 50),
        ("d", "2", False, 100, 100),
    ]
    frame = pd.DataFrame(rows, columns=["code", "prefecture_code", "is_mountain_26", "gdp_2011", "gdp_2021"])
    frame = frame.assign(gdp_2001=frame["gdp_2011"], population_2010=1.0, population_2020=1.0)
    change = position_change(frame, "gdp_per_head", 2011, 2021)
    assert (change.value, change.se) == pytest.approx((5.0, 5.0))
    assert (change.df, change.error) == (1, "jackknife(prefecture_code)")
