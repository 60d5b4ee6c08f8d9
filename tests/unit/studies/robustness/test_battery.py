"""The battery decides by its rule, prints what it says, and every item is what its declaration names."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import ReportError, SpecificationError
from shanhai.methods.estimate import Estimate
from shanhai.studies.border.design import SAMPLES
from shanhai.studies.robustness.battery import (
    Battery,
    BatteryRow,
    Reading,
    _add_edge_column,
    _least_rejected,
    _read_estimate,
    decide,
)
from shanhai.studies.robustness.charts_battery import battery_plot
from shanhai.studies.robustness.design import BATTERIES, BATTERY_SEEN, BatteryItem, ItemRole
from shanhai.studies.robustness.tables_battery import ITEMS, battery_table
from shanhai.studies.robustness.words import answer, battery_text

HOLD: dict[str, tuple[ItemRole, Reading]] = {
    "province": ("necessary", "for"),
    "shifts": ("necessary", "for"),
    "edges": ("identified", "undecided"),
    "prefecture": ("informative", "against"),
}


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, "consistent"),  # what only informs cannot sink it
        ({"shifts": ("necessary", "undecided")}, "inconclusive"),
        ({"shifts": ("necessary", "against")}, "inconclusive"),  # a necessary item fails, it does not refute
        ({"province": ("necessary", "against"), "shifts": ("necessary", "against")}, "contradicted"),  # all of them do
        ({"edges": ("identified", "against")}, "contradicted"),
        ({"edges": ("identified", "against"), "shifts": ("necessary", "undecided")}, "contradicted"),
    ],
)
def test_all_necessary_items_must_hold_and_the_identified_one_or_all_necessary_ones_refute(
    changed: dict[str, tuple[ItemRole, Reading]], verdict: str
) -> None:
    assert decide(HOLD | changed) == verdict


@pytest.mark.parametrize("left_out", ["necessary", "identified"])
def test_a_battery_without_deciding_items_is_refused(left_out: str) -> None:
    with pytest.raises(SpecificationError, match="one or more of each"):
        decide({key: pair for key, pair in HOLD.items() if pair[0] != left_out})


def test_an_estimate_speaks_only_when_it_rejects_zero() -> None:
    assert [_read_estimate(-0.1, 0.0499), _read_estimate(0.1, 0.0499)] == ["for", "against"]
    assert [_read_estimate(-0.1, 0.05), _read_estimate(-0.1, float("nan"))] == ["undecided", "undecided"]


def test_the_power_of_a_placebo_item_is_the_size_that_few_draws_reach() -> None:
    # of 99 draws three may be as large, (1 + 3) / 100 < 0.05, a fourth may not: the fourth largest is 96
    assert _least_rejected(-np.arange(1.0, 100.0), 0.5) == 48.0
    assert np.isnan(_least_rejected(np.arange(1.0, 11.0), 0.5))  # ten draws reject nothing


def items(estimand: str) -> dict[str, BatteryItem]:
    return {item.key: item for item in BATTERIES[estimand]}


def test_necessary_items_are_the_five_that_the_statement_stands_on() -> None:
    for estimand in BATTERIES:
        roles = {key: item.role for key, item in items(estimand).items()}
        needed = [key for key, role in roles.items() if role == "necessary"]
        assert needed == ["province", "scpc", "repartitions", "shifts", "geography"]
        assert [key for key, role in roles.items() if role == "identified"] == ["edges"]
        assert set(roles) == set(ITEMS)


def test_both_batteries_ask_the_same_of_two_estimands() -> None:
    for key, item in items("main").items():
        other = items("total")[key]
        if item.spec is None or other.spec is None:
            assert (item, other.spec) == (other, None)
            continue
        assert "is_district" in item.spec.names and "is_district" not in other.spec.names
        assert set(item.spec.names) - set(other.spec.names) == {"is_district"}
        assert (item.spec.covariance, item.spec.fixed_effects) == (other.spec.covariance, other.spec.fixed_effects)
    geography = items("main")["geography"].spec
    assert geography is not None and {"log_area_km2", "log_distance_to_capital_km"} < set(geography.names)
    assert geography.covariance.by == ("province_code",)


def test_a_county_at_the_edge_of_its_prefecture_has_a_neighbour_across() -> None:
    # two provinces; in the first two prefectures of two counties each: 1-2 | 3-4, and 4 touches 5 of the other
    frame = pd.DataFrame(
        {
            "code": ["1", "2", "3", "4", "5", "6"],
            "province_code": ["10"] * 4 + ["20", "10"],
            "prefecture_code": ["101", "101", "102", "102", "201", "101"],
            "on_border": pd.array([False, False, False, True, True, None], dtype="boolean"),
        }
    )
    edges = pd.DataFrame({"code_a": ["1", "2", "3", "4"], "code_b": ["2", "3", "4", "5"]})
    added = _add_edge_column(frame, edges)["at_prefecture_edge"]
    assert added.tolist()[:5] == [False, True, True, True, True] and added.isna().tolist()[5]


def battery(estimand: str, failing: tuple[str, ...] = ("scpc",)) -> Battery:
    """A battery with numbers by place: item k has the estimate -0.10 - k / 100."""
    rows = []
    for place, item in enumerate(BATTERIES[estimand]):
        estimate, p = -0.10 - place / 100, 0.2 if item.key in failing else 0.01
        reading: Reading = "unlike" if item.spec is None else _read_estimate(estimate, p)
        error = "drawn lines (99)" if item.kind == "placebo" else "cluster(province_code) CR1S"
        rows.append(
            BatteryRow(
                item.key,
                item.role,
                estimate,
                -0.3,
                -0.01,
                p,
                reading,
                2000 + place,
                error,
                item.spec,
                0.02,
                -0.08,
                0.15,
            )
        )
    by_prefecture = Estimate(-0.10, 0.05, error="cluster(prefecture_code) CR1S")
    return Battery(estimand, tuple(rows), BATTERY_SEEN, by_prefecture)


def test_the_answer_is_the_verdict_and_names_what_does_not_hold() -> None:
    both = {key: battery(key) for key in BATTERIES}
    text = answer(both)
    assert text.startswith("The evidence on whether provincial borders hold counties back is inconclusive (4 of 5 ")
    assert "9.5% lower GDP per head" in text  # exp(-0.10) is 0.9048
    # exp(-0.10 - 1.96 x 0.05) is 0.8204, exp(-0.30) is 0.7408; what was pre-specified comes first
    first, second = "-18.0% to -0.2% clustered by prefecture, as pre-specified", "-25.9% to -1.0% clustered by province"
    assert f"(95% CI {first}; {second})" in text
    holding, _, undecided = text.partition(", but not ")
    assert undecided.startswith("with SCPC errors (p = 0.200). Two failures, ")
    assert "It is supported with errors clustered by province (p = 0.010), against" in holding
    assert "(p = 0.010) and with area and distance to the capital held fixed (p = 0.010)" in holding
    assert "尚无定论（5项必要检验通过4项）：2021年" in answer(both, "zh")
    whole = answer({key: battery(key, ()) for key in BATTERIES})
    assert whole.startswith("The evidence is consistent") and "5 of 5 necessary" in whole and "but not" not in whole
    none = answer({key: battery(key, tuple(ITEMS)) for key in BATTERIES})
    assert "0 of 5 necessary" in none and "is not supported with errors clustered" in none and " or with area" in none


def test_beside_the_verdict_stand_the_edges_the_other_estimand_and_the_inside_of_prefectures() -> None:
    text = battery_text({key: battery(key) for key in BATTERIES})
    assert "the difference is -0.150 log points (95% CI [-0.300, -0.010], p = 0.010)" in text  # item 5
    assert (
        "left free the main difference is -0.100 ([-0.300, -0.010], p = 0.010), and 4 of 5 necessary items support"
        in text
    )
    assert "(inconclusive)" in text and "held fixed, the difference is -0.180" in text  # item 8


def test_the_table_holds_both_estimands_and_publishes_every_item() -> None:
    table = battery_table({key: battery(key) for key in BATTERIES})
    assert len(table.frame) == len(BATTERIES["main"])
    first, second = table.cells()[:2]
    # half of the interval, 0.145, times (1.960 + 0.842) / 1.960
    assert first[1:] == ["necessary", "-0.100", "[-0.300, -0.010]", "0.010", "for", "0.207", "-0.100", "0.010", "for"]
    assert table.cells()[2][6] == "0.150" and "On average re-partitions show -0.080 " in " ".join(table.notes)
    assert second[5] == "undecided"
    assert table.notes[-1] == BATTERY_SEEN[0]  # what had been seen stands with the result
    assert len({record.id for record in table.estimates}) == 2 * len(BATTERIES["main"])
    drawn = [record for record in table.estimates if record.method]
    assert len(drawn) == 4 and all(record.low is None and record.null_low == -0.3 for record in drawn)
    assert {record.sample for record in table.estimates} == {SAMPLES["china"].name}


def test_the_chart_draws_every_item_in_log_points() -> None:
    axes = battery_plot({key: battery(key) for key in BATTERIES}).axes[0]
    shown = [item for item in BATTERIES["main"] if item.spec is not None]
    assert len(axes.get_yticklabels()) == len(shown)
    markers = [line for line in axes.lines if line.get_marker() in ("o", "s")]
    assert len(markers) == 2 * len(shown)
    hollow = [line for line in markers if line.get_markerfacecolor() == "#ffffff"]
    assert [round(float(line.get_xdata()[0]), 2) for line in hollow] == [-0.11, -0.11]  # SCPC, twice
    with pytest.raises(ReportError, match="one or two"):
        battery_plot({})
