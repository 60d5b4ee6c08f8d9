"""GDP as a second outcome: growth of counties between three years, and of whole prefectures by year."""

import numpy as np
import pandas as pd
import pytest
from simulated_policy import Country, simulate_country

from shanhai.core.errors import MissingDataError
from shanhai.render._shown import missing_cells
from shanhai.studies.policy import charts, tables, words
from shanhai.studies.policy.analysis import Draws
from shanhai.studies.policy.gdp import PRICES, before_and_after, gdp_data, gdp_effects, relative_growth

NAMES = {"330800": ("Quzhou", "衢州"), "331100": ("Lishui", "丽水")}
CODES = ["330100", "330200", "330800", "331100"]


@pytest.fixture(scope="module")
def effects() -> pd.DataFrame:
    """Decades of a made-up country in which the policy of 2015 adds 0.2."""
    country = Country(years=(2001, 2021), effect=0.2, catching_up=0.01, noise=0.02)
    return gdp_effects(*simulate_country(country, np.random.default_rng(2)), Draws(99, 40, 1))


def economy(years: range, growth: dict[str, float], later: dict[str, float] | None = None) -> pd.DataFrame:
    """GDP of 100 in the first year that grows by so many percent a year, and by ``later`` from 2015 on."""
    rows = []
    for code, early in growth.items():
        level = 100.0
        for year in years:
            rate = (later or growth)[code] if year >= 2015 else early
            level *= 1 + rate / 100 if year > years[0] else 1
            rows.append((code, year, level, rate))
    return pd.DataFrame(rows, columns=["code", "year", "gdp_100m_yuan", "gdp_growth_pct"])


def test_growth_of_decades_by_hand() -> None:
    country = Country(years=(2001, 2021), noise=0.05)
    units, values = simulate_country(country, np.random.default_rng(2))
    found = gdp_effects(units, values, Draws(99, 40, 1)).set_index(["form", "change"])["estimate"]["none"]
    home = units["region"].eq("R0").to_numpy()
    logs = np.log(values.loc[units.loc[home, "code"], [2001, 2011, 2021]]).to_numpy()
    treated = units.loc[home, "treated"].to_numpy()
    apart = logs[treated].mean(axis=0) - logs[~treated].mean(axis=0)
    assert found["before"] == pytest.approx(apart[1] - apart[0])
    assert found["across"] == pytest.approx(apart[2] - apart[1])
    assert found["difference"] == pytest.approx(found["across"] - found["before"])


def test_effect_is_the_growth_across_less_that_before(effects: pd.DataFrame) -> None:
    rows = effects.set_index(["form", "change"])
    assert rows.loc[("none", "before"), "estimate"] > 0.05  # the low catch up without any policy
    for form in ("none", "linear", "squared"):
        row = rows.loc[(form, "difference")]
        assert row["estimate"] == pytest.approx(0.2, abs=0.05)
        assert row["low"] < row["estimate"] < row["high"]


def test_county_split_in_between_is_put_together_and_counties_without_a_year_are_named() -> None:
    frame = pd.DataFrame(
        {
            "code": ["330327", "330383", "330802", "330110"],
            "area_km2": [100.0, np.nan, 50.0, 10.0],
            "gdp_2001": [1e6, np.nan, np.nan, 2e5],
            "gdp_2011": [2e6, np.nan, 1e6, 4e5],
            "gdp_2021": [3e6, 1e6, 2e6, 8e5],
        }
    )
    units = pd.DataFrame(
        {
            "code": frame["code"],
            "name_en": ["Cangnan", "Longgang", "Kecheng", "Yuhang"],
            "name_zh": ["苍南县", "龙港市", "柯城区", "余杭区"],
            "treated": [True, False, True, False],
        }
    )
    kept, values, without = gdp_data(frame, units)
    assert kept["code"].tolist() == ["330327", "330110"]
    assert values.loc["330327"].tolist() == [1.0, 2.0, 4.0]  # 10,000 yuan per km2, both of 2021 over the area of both
    assert without["name_en"].tolist() == ["Kecheng"]


def test_constant_and_current_prices_agree_where_growth_is_that_of_the_levels() -> None:
    """Two others of equal size grow by 4 and 8 percent: 6 together at first; Quzhou by 10."""
    table = economy(range(2001, 2021), {"330100": 4.0, "330200": 8.0, "330800": 10.0, "331100": 6.0})
    found = {prices: relative_growth(table, CODES, prices) for prices in PRICES}
    assert found["constant"].loc[2002, "330800"] == pytest.approx(100 * np.log(1.10 / 1.06))
    assert found["constant"].loc[2002, "331100"] == pytest.approx(0)
    assert found["constant"].loc[2002, "330100"] == pytest.approx(100 * np.log(1.04 / 1.08))
    pd.testing.assert_frame_equal(found["constant"], found["current"])


def test_catching_up_and_falling_back_is_read_from_both_periods() -> None:
    same = {"330100": 5.0, "330200": 5.0, "331100": 5.0}
    table = economy(range(2001, 2021), same | {"330800": 6.0}, same | {"330800": 4.0})
    table.loc[table["code"].eq("330200") & table["year"].eq(2017), "gdp_growth_pct"] = np.nan
    row = before_and_after(table, CODES, 2015).set_index(["prices", "code"]).loc[("constant", "330800")]
    assert row["before"] == pytest.approx(100 * np.log(1.06 / 1.05))
    assert row["after"] == pytest.approx(100 * np.log(1.04 / 1.05))
    assert (row["years_before"], row["years_after"], row["missing"]) == (13, 5, "2017")
    assert (row["larger"], row["others"], row["p"]) == (0, 2, pytest.approx(1 / 3))
    text = words.yearly_text(before_and_after(table, CODES, 2015), NAMES)
    assert text.startswith("With 2 other prefectures to compare with, p cannot fall below 0.33")
    assert "Quzhou: growth at constant prices less that of the rest of the province was +0.95 points a year" in text
    assert text.endswith("No growth at constant prices is in the table for 2017.")


def test_a_year_without_gdp_is_refused() -> None:
    table = economy(range(2001, 2006), dict.fromkeys(CODES, 5.0))
    table.loc[table["code"].eq("330200") & table["year"].eq(2003), "gdp_100m_yuan"] = np.nan
    with pytest.raises(MissingDataError, match="no GDP of 330200 in 2003"):
        relative_growth(table, CODES, "constant")


@pytest.mark.parametrize("language", ["en", "zh", "both"])
def test_tables_texts_and_chart_follow_the_numbers(language: str, effects: pd.DataFrame) -> None:
    same = {"330100": 5.0, "330200": 5.5, "331100": 5.0}
    table = economy(range(2001, 2021), same | {"330800": 6.0}, same | {"330800": 4.0})
    periods = before_and_after(table, CODES, 2015)
    for spec in (tables.gdp_table(effects, language), tables.yearly_table(periods, NAMES, language)):
        assert not missing_cells(spec.frame, spec.estimates)
    without = pd.DataFrame({"name_en": ["Kecheng"], "name_zh": ["柯城区"]})
    assert "nan" not in words.gdp_text(effects, without, language) + words.yearly_text(periods, NAMES, language)
    growth = {prices: relative_growth(table, CODES, prices)[list(NAMES)] for prices in PRICES}
    figure = charts.yearly_plot(growth, NAMES, policy_year=2015, language=language)
    box, (width, height) = figure.get_tightbbox(figure.canvas.get_renderer()), figure.get_size_inches()
    assert box.x0 >= -0.01 and box.y0 >= -0.01 and box.x1 <= width + 0.01 and box.y1 <= height + 0.01
    for axes, panel in zip(figure.axes, growth.values(), strict=True):
        drawn = [line.get_ydata() for line in axes.lines if line.get_marker() in {"o", "s"}]
        assert pytest.approx(panel.to_numpy()) == np.array(drawn).T


def test_figures_that_end_before_the_policy_are_drawn_with_their_mean_before_alone() -> None:
    table = economy(range(2001, 2021), dict.fromkeys(CODES, 5.0))
    growth = {prices: relative_growth(table, CODES, prices)[list(NAMES)] for prices in PRICES}
    periods = before_and_after(table, CODES, 2022)
    assert periods["after"].isna().all()
    text = words.yearly_text(periods, NAMES, "both")
    assert "nan" not in text and "–" not in text
    assert "no figures at constant prices lie under it" in text
    # nothing is as large as a change that there is not
    for cells in tables.yearly_table(periods, NAMES).cells():
        assert cells[3:7] == ["–"] * 4
    figure = charts.yearly_plot(growth, NAMES, policy_year=2022)
    assert all(len(axes.collections) == len(NAMES) for axes in figure.axes)
