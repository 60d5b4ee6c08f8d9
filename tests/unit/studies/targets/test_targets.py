"""Growth arithmetic and following of targets on frames of no particular country."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.studies.targets.follow import TargetSpec, annual_growth, backtest, follow_target, paces, ratio_to

positive = st.floats(0.01, 1e9, allow_nan=False)
multiples = st.floats(1e-3, 1e3)  # a fall to less than a thousandth loses digits in a rate near -100 %
spans = st.integers(1, 60)

TARGET = TargetSpec("share", 70.0, 2025, 2011)
POINTS = TargetSpec("share", 70.0, 2025, 2011, "points")


@given(positive, multiples, spans, st.sampled_from([TARGET, POINTS]))
def test_a_pace_leads_exactly_from_first_to_last(first: float, multiple: float, years: int, spec: TargetSpec) -> None:
    last = first * multiple
    reached = spec.carried_on(first, spec.pace(first, last, years), years)
    assert reached == pytest.approx(last, rel=1e-9, abs=1e-9 * max(first, last))


@given(positive, st.floats(-20, 20), spans)
def test_growth_of_a_constant_rate_is_that_rate(first: float, rate: float, years: int) -> None:
    assert annual_growth(first, TARGET.carried_on(first, rate, years), years) == pytest.approx(rate, abs=1e-7)


@given(positive, multiples, st.floats(-5, 15), spans)
def test_relative_need_is_added_to_the_growth_of_the_reference(
    now: float, multiple: float, reference_growth: float, years: int
) -> None:
    """A ratio reaches its target when the place grows by the product of both rates."""
    target = now * multiple
    needed = annual_growth(now, target, years)
    own = 100 * ((1 + reference_growth / 100) * (1 + needed / 100) - 1)
    ratio = now * (1 + own / 100) ** years / (1 + reference_growth / 100) ** years
    assert ratio == pytest.approx(target, rel=1e-9)


def test_arithmetic_that_a_reader_can_redo() -> None:
    assert annual_growth(100, 121, 2) == pytest.approx(10)
    assert POINTS.pace(58, 65, 5) == pytest.approx(1.4)
    assert np.isnan(annual_growth(float("nan"), 2, 3))


def test_growth_by_the_slope_of_logs() -> None:
    """The other route: the slope of logs over time gives the same rate for two points."""
    first, last, years = 7_016.4, 61_603.9, 20
    slope = np.polyfit([0, years], np.log([first, last]), 1)[0]
    assert annual_growth(first, last, years) == pytest.approx(100 * np.expm1(slope), rel=1e-10)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: annual_growth(1, 2, 0), "a span of 0 years"),
        (lambda: annual_growth(0, 2, 3), "allowed: positive values"),
        (lambda: POINTS.pace(1, 2, -1), "a span of -1 years"),
        (lambda: TARGET.carried_on(1, 2, -3), "span in years is -3"),
        (lambda: TargetSpec("x", 1.0, 2025, 2025), "must be earlier"),
        (lambda: TargetSpec("x", 1.0, 2025, 2020, "doubling"), "allowed: growth, points"),  # type: ignore[arg-type]
        (lambda: TargetSpec("x", 1.0, 2025, 2020, quantiles=(0.9, 0.1)), "two rising numbers"),
    ],
)
def test_bad_input_is_refused_with_what_is_allowed(call: object, message: str) -> None:
    with pytest.raises(SpecificationError, match=message):
        call()  # type: ignore[operator]


def levels(**units: dict[int, float]) -> pd.DataFrame:
    rows = [(unit, year, value) for unit, series in units.items() for year, value in series.items()]
    return pd.DataFrame(rows, columns=["unit", "year", "value"])


EVEN = pd.Series([-1.0, 0.0, 1.0])


def test_a_path_made_at_a_known_pace_is_recovered_and_carried_on() -> None:
    """Recovery: units moving at -1, 0 and 1.5 % a year since 2011; the last reaches 70 before 2025."""
    made = {f"u{rate}": {2011: 60.0, 2021: 60.0 * (1 + rate / 100) ** 10} for rate in (-1, 0, 1.5)}
    found = follow_target(levels(**made), TARGET, EVEN).set_index("unit")
    assert found["pace"].to_dict() == pytest.approx({"u-1": -1, "u0": 0, "u1.5": 1.5})
    assert found.loc["u1.5", "projected"] == pytest.approx(60 * 1.015**14)
    assert found["state"].to_dict() == {"u-1": "too slow", "u0": "too slow", "u1.5": "on course"}
    assert found.loc["u0", "needed"] == pytest.approx(100 * ((70 / 60) ** 0.25 - 1))


def test_the_last_level_up_to_the_target_s_year_counts() -> None:
    met = levels(a={2011: 50.0, 2021: 60.0, 2025: 70.0}, b={2011: 50.0, 2025: 69.9}, c={2021: 71.0}, d={2021: 60.0})
    found = follow_target(met, TARGET, EVEN).set_index("unit")
    assert found["state"].to_dict() == {"a": "met", "b": "missed", "c": "above", "d": "no pace"}
    assert found.loc["a", "years_left"] == 0
    assert np.isnan(found.loc["a", "needed"])
    later = follow_target(levels(a={2011: 50.0, 2021: 60.0, 2026: 99.0}), TARGET, EVEN)
    assert later["last_year"].tolist() == [2021]  # a figure after the target's year says nothing of the target


def test_order_of_rows_changes_nothing() -> None:
    made = levels(a={2011: 50.0, 2021: 60.0}, b={2011: 40.0, 2021: 45.0})
    shuffled = made.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(follow_target(made, TARGET, EVEN), follow_target(shuffled, TARGET, EVEN))


def test_ratios_pair_the_same_year_only() -> None:
    made = levels(place={2011: 30.0, 2021: 60.0, 2023: 70.0}, whole={2011: 60.0, 2021: 80.0})
    found = ratio_to(made, "whole")
    assert found.loc[found["unit"].eq("place"), "value"].tolist() == [50.0, 75.0]
    with pytest.raises(MissingDataError, match="'nowhere' has no level"):
        ratio_to(made, "nowhere")


def test_a_period_without_data_is_refused_with_the_years_there_are() -> None:
    made = levels(a={2011: 50.0, 2021: 60.0})
    with pytest.raises(MissingDataError, match=r"both 2001 and 2011.*\[2011, 2021\]"):
        paces(made, 2001, 2011)
    with pytest.raises(MissingDataError, match="2001, 2011 and 2021"):
        backtest(made, (2001, 2011, 2021))
    with pytest.raises(MissingDataError, match="No unit has a level of share up to 2025"):
        follow_target(levels(a={2030: 50.0}), TARGET, EVEN)


def test_two_levels_of_one_year_and_missing_columns_are_refused() -> None:
    twice = pd.concat([levels(a={2021: 1.0}), levels(a={2021: 2.0})])
    with pytest.raises(SpecificationError, match="two levels of 2021"):
        follow_target(twice, TARGET, EVEN)
    with pytest.raises(MissingDataError, match="lack the columns"):
        ratio_to(pd.DataFrame({"unit": ["a"]}), "a")


def test_the_backtest_misses_by_the_change_of_pace() -> None:
    """At 10 % a decade and then none, the rule expects 121 and finds 110."""
    found = backtest(levels(a={2001: 100.0, 2011: 110.0, 2021: 110.0}), (2001, 2011, 2021))
    assert found["error"].tolist() == pytest.approx([11.0])


def test_ids_follow_from_the_content() -> None:
    assert TARGET.spec_id == TargetSpec("share", 70.0, 2025, 2011).spec_id
    assert TARGET.spec_id != TargetSpec("share", 71.0, 2025, 2011).spec_id
