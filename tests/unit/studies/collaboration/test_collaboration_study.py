"""A collaboration assessed: tiny tables whose answers are arithmetic, and the printed figures."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import ParameterError, SpecificationError
from shanhai.data.collaboration import check_collaboration, load_collaboration
from shanhai.data.load import load_places, load_table
from shanhai.studies.collaboration import analysis, charts, comparison, tables
from shanhai.studies.collaboration import words as say
from shanhai.studies.collaboration.design import GROUPS

PLACES, PAIRINGS = load_places(), load_table("pairings")
INDICATORS = load_table("collaboration_indicators")
BAZHONG, CHANGSHAN, LONGQUAN = ("511900", "330700"), ("330822", "330282"), ("331181", "330411")
LANGUAGES = ("en", "zh", "both")


def figures(*rows: tuple[object, ...], pair: tuple[str, str] = BAZHONG) -> pd.DataFrame:
    """Checked figures of a pair: indicator, kind, period, first year, year, bound, value, unit."""
    columns = ["indicator", "kind", "period", "first_year", "year", "bound", "value", "unit"]
    frame = pd.DataFrame(rows, columns=columns).astype({"first_year": float, "year": float, "value": float})
    frame = frame.assign(mountain_code=pair[0], sea_code=pair[1], document="report", line=np.nan)
    return check_collaboration(frame, INDICATORS, PAIRINGS)


@pytest.mark.parametrize(
    ("target", "result", "state", "share"),
    [
        ((2025, 100), (2025, "exact", 120), "reached", (120, 120)),
        ((2025, 100), (2025, "exact", 80), "short", (80, 80)),
        ((2025, 100), (2023, "exact", 80), "on the way", (80, 80)),
        ((2025, 100), (2023, "over", 80), "open", (80, np.inf)),
        ((2025, 100), (2023, "over", 100), "reached", (100, np.inf)),
        ((2025, 100), (2025, "under", 100), "short", (0, 100)),
        ((2025, 100), (2025, "under", 130), "open", (0, 130)),
        ((2025, 98), (2025, "round", 100), "open", (50 / 0.98, 150 / 0.98)),
    ],
)
def test_bounds_stay_bounds(target, result, state: str, share: tuple[float, float]) -> None:
    found = analysis.compare_targets(
        figures(
            ("parks", "target", "standing", None, target[0], "exact", target[1], "parks"),
            ("parks", "result", "standing", None, *result, "parks"),
        )
    ).iloc[0]
    assert found["state"] == state
    assert found[["share_low", "share_high"]].tolist() == pytest.approx(list(share))


def test_way_to_go_and_pace_are_arithmetic() -> None:
    found = analysis.compare_targets(
        figures(
            ("parks", "target", "standing", None, 2025, "exact", 10, "parks"),
            ("parks", "result", "standing", None, 2023, "exact", 4, "parks"),
        )
    ).iloc[0]
    assert (found["to_go_low"], found["to_go_high"], found["pace"]) == (6, 6, 3)  # six parks in two years


def test_a_yearly_target_is_held_against_its_own_years_only() -> None:
    found = analysis.compare_targets(
        figures(
            ("aid_funds", "target", "per_year", 2021, 2025, "over", 4, "100m yuan"),
            ("aid_funds", "result", "per_year", None, 2020, "exact", 5.5, "100m yuan"),
            ("aid_funds", "result", "per_year", None, 2021, "exact", 3, "100m yuan"),
            ("aid_funds", "result", "per_year", None, 2022, "exact", 40000, "10k yuan"),
            ("aid_funds", "result", "in_all", 2021, 2023, "exact", 9, "100m yuan"),
        )
    )
    assert found[["year", "state"]].to_numpy().tolist() == [[2021.0, "short"], [2022.0, "reached"]]
    assert found["share_low"].tolist() == pytest.approx([75, 100])


def test_a_sum_needs_the_same_first_year_and_a_target_alone_has_no_result() -> None:
    found = analysis.compare_targets(
        figures(
            ("joint_funds", "target", "in_all", 2021, 2025, "exact", 100, "yuan"),
            ("joint_funds", "result", "in_all", 2019, 2023, "exact", 90, "yuan"),
        )
    )
    assert found["state"].tolist() == ["no result"]
    assert found[["year", "low", "share_low"]].isna().all(axis=None)  # no invented zero


@pytest.mark.parametrize(
    "pair",
    ["Jinhua-Bazhong", "bazhong-jinhua", "金华-巴中", "巴中市-金华市", "511900-330700", "330700-511900"],
)
def test_a_pair_is_found_by_name_or_code_in_either_order(pair: str) -> None:
    assert analysis.find_pair(pair, PAIRINGS, PLACES) == BAZHONG


def test_counties_have_short_names_and_other_pairs_are_refused() -> None:
    assert analysis.find_pair("常山-慈溪", PAIRINGS, PLACES) == CHANGSHAN
    assert analysis.find_pair("Zhejiang", PAIRINGS, PLACES) == ("330000", "330000")
    with pytest.raises(ParameterError, match=r"'Jinhua-Quzhou'; allowed: Zhejiang.*Bazhong-Jinhua"):
        analysis.find_pair("Jinhua-Quzhou", PAIRINGS, PLACES)


def test_what_the_documents_print_of_bazhong_cannot_be_assessed() -> None:
    found = analysis.assess(load_collaboration(), INDICATORS, BAZHONG, PLACES)
    assert found.progress.empty
    assert found.count("assessed") == 0
    printed = set(found.states.loc[found.states["state"].ne("nothing"), "group"])
    assert printed == {"labour", "people", "enclaves"}
    assert "cannot be assessed" in say.answer(found)
    assert "目前无法评估" in say.answer(found, "zh")
    assert "no share of a target" in say.targets_text(found)
    assert say.answer(found).startswith("The collaboration of Bazhong and Jinhua cannot be assessed on figures of")
    assert "figures of 2021–2023: of 31 indicators" in say.answer(found)
    assert say.needs_text(found).startswith("31 indicators lack a target, a result or both")


def test_the_result_of_2020_is_no_progress_towards_a_target_that_starts_in_2021() -> None:
    found = analysis.assess(load_collaboration(), INDICATORS, ("330000", "330000"), PLACES)
    assert set(found.progress["state"]) == {"no result"}
    assert "lies 27% below" in say.targets_text(found)  # 400 against 550
    assert (
        say.outcome_text(found, pd.DataFrame(), np.nan)
        == "Official statistics hold no GDP per head for both sides here."
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("empty", [True, False])
def test_every_exhibit_is_made_with_and_without_figures(language: str, empty: bool) -> None:
    rows = figures(
        ("parks", "target", "standing", None, 2025, "exact", 10, "parks"),
        ("parks", "result", "standing", None, 2023, "over", 4, "parks"),
        ("aid_funds", "result", "per_year", None, 2023, "round", 80, "10k yuan"),
        ("park_output", "expected", "per_year", None, None, "over", 30, "100m yuan"),
    )
    found = analysis.assess(rows.head(0) if empty else rows, INDICATORS, BAZHONG, PLACES)
    shown = [
        tables.coverage_table(found, analysis.coverage(found), language),
        tables.pairs_table([found], language),
        *tables.figures_tables(found, language),
        *tables.targets_tables(found, language),
        *tables.needs_tables(found, language),
    ]
    assert len(shown) == (3 if empty else 5)
    assert all(table.cells() for table in shown)
    assert say.answer(found, language) and say.stages_text(found, language) and say.targets_text(found, language)
    rows_of_chart = len(charts.figures_chart(found, language).axes[0].get_yticks())
    assert rows_of_chart == (len(GROUPS) if empty else len(GROUPS) + 1)  # two indicators of enclaves


def test_the_share_of_a_bound_is_printed_as_a_bound() -> None:
    rows = figures(
        ("parks", "target", "standing", None, 2025, "exact", 10, "parks"),
        ("parks", "result", "standing", None, 2023, "over", 4, "parks"),
    )
    (table,) = tables.targets_tables(analysis.assess(rows, INDICATORS, BAZHONG, PLACES))
    cells = dict(zip(table.heads(), table.cells()[0], strict=True))
    assert (cells["share of target"], cells["remaining"], cells["state"]) == ("40.0% or more", "0 to 6", "open")


def test_published_gdp_per_head_is_not_joined_where_the_people_counted_change() -> None:
    economy = pd.DataFrame({"code": "511900", "year": [2018, 2019, 2020], "gdp_100m_yuan": [100.0, 110.0, 120.0]})
    economy["gdp_per_capita_yuan"] = economy["gdp_100m_yuan"] * 1e8 / np.array([1e6, 1.01e6, 1.2e6])
    units = pd.DataFrame(
        {
            "code": BAZHONG,
            "gdp_2011": [20.0, 60.0],
            "gdp_2021": [40.0, 90.0],
            "population_2010": [2.0, 2.0],
            "population_2020": [2.0, 3.0],
        }
    )
    found = analysis.official_outcomes(BAZHONG, units, economy)
    assert found.loc[found["basis"].eq("published"), "run"].tolist() == [0, 0, 1]
    assert analysis.outcome_ratios(found)["ratio"].tolist() == [3.0, 1.5]  # 30 over 10, 30 over 20


def three_pairs() -> pd.DataFrame:
    """Three pairs that print one indicator of four groups each; residents are 10,000 everywhere."""
    values = {BAZHONG: (3, 1, 1, 1), CHANGSHAN: (2, 2, 3, 2), LONGQUAN: (1, 3, 2, 3)}
    names = (("projects_signed", "per_year", "projects"), ("aid_funds", "per_year", "yuan"))
    names += (("workers_at_partner", "standing", "persons"), ("goods_sold", "per_year", "yuan"))
    return pd.concat(
        [
            figures(
                *(
                    (key, "result", period, None, 2024, "exact", value, unit)
                    for (key, period, unit), value in zip(names, own, strict=True)
                ),
                pair=pair,
            )
            for pair, own in values.items()
        ],
        ignore_index=True,
    )


RESIDENTS = pd.Series(10_000.0, index=["511900", "330822", "331181"])


def test_an_index_is_the_mean_of_scaled_indicators_with_its_range() -> None:
    basis = comparison.index_basis(three_pairs(), INDICATORS, RESIDENTS)
    index = comparison.pair_index(basis, [], 200, 1)
    assert basis.suffices and index is not None
    table = index.table
    # scaled: Bazhong 1, 0, 0, 0; Changshan .5, .5, 1, .5; Longquan 0, 1, .5, 1
    assert table["score"].to_dict() == pytest.approx(
        {"331181-330411": 0.625, "330822-330282": 0.625, "511900-330700": 0.25}
    )
    assert table.loc["330822-330282", ["low", "high"]].tolist() == [0.5, 1.0]
    assert table.loc["511900-330700", ["process", "outcome"]].tolist() == [0.5, 0.0]
    assert table["worst"].max() == 3 and len(index.reversals) == 3
    weighed = comparison.pair_index(basis, ["projects=1", "funds=0", "labour=0", "consumption=0"], 200, 1)
    assert weighed is not None and weighed.table["score"].idxmax() == "511900-330700"
    entropy = comparison.pair_index(basis, ["entropy"], 200, 1)
    assert entropy is not None and entropy.weights.sum() == pytest.approx(1)
    again = comparison.pair_index(basis, [], 200, 1)
    assert again is not None
    pd.testing.assert_frame_equal(again.table, table)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_index_is_shown_with_its_sensitivity(language: str) -> None:
    basis = comparison.index_basis(three_pairs(), INDICATORS, RESIDENTS)
    index = comparison.pair_index(basis, [], 200, 1)
    found = [analysis.assess(three_pairs(), INDICATORS, pair, PLACES) for pair in (BAZHONG, CHANGSHAN, LONGQUAN)]
    names = say.pair_names(found, language)
    shown = tables.index_tables(basis, index, names, 1, language)
    assert [len(table.cells()) for table in shown] == [3, 3]
    assert len(charts.index_charts(index, names, language)) == 1
    assert "200" in say.index_text(basis, index, language)


def test_bounds_two_pairs_or_few_groups_make_no_index() -> None:
    whole = three_pairs()
    bounds = whole.assign(bound=whole["bound"].mask(whole["indicator"].eq("goods_sold"), "over"))
    for part in (bounds, whole[whole["mountain_code"].ne("511900")], whole.head(0)):
        basis = comparison.index_basis(part, INDICATORS, RESIDENTS)
        assert not basis.suffices
        assert comparison.pair_index(basis, [], 200, 1) is None
    assert "cannot rank anything" in say.index_text(basis, None)
    assert tables.index_tables(basis, None, {}, 1) == [] and charts.index_charts(None, {}) == []


def test_weights_that_name_nothing_are_refused() -> None:
    comparison.check_collaboration_weights(["funds=2", "goods_sold=0"])
    comparison.check_collaboration_weights(["entropy"])
    with pytest.raises(SpecificationError, match="money"):
        comparison.check_collaboration_weights(["money=2"])


def test_indicators_are_of_known_groups_and_their_units_are_named() -> None:
    assert set(INDICATORS["group"]) == set(GROUPS)
    assert set(INDICATORS["unit"]) <= set(say.WORDS.labels("unit"))
