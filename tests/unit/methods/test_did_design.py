"""Policy designs as values, and panels: what is refused, who is compared, how units are paired."""

import numpy as np
import pandas as pd
import pytest
from simulated_policy import Country, simulate_country

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.methods.did import PolicyDesign, build_panel, simulated_policy
from shanhai.methods.did._pairs import covariate_scale, pair_up
from shanhai.methods.did._panel import held_fixed

DESIGN = PolicyDesign(2015, 2011, 2020, level_years=(2008, 2009))
COUNTRY = simulate_country(Country(), np.random.default_rng(1))


def variant(**changes: object) -> PolicyDesign:
    return PolicyDesign(**{**DESIGN.__dict__, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"policy_year": 2012}, "leaves years before: 2011; years from it on: 2012 to 2020. Needed: at least 2"),
        ({"policy_year": 2011}, "years before: none"),
        ({"policy_year": 2021}, "years from it on: none"),
        ({"first_year": 2020, "last_year": 2011}, "a first year before the last"),
        ({"comparison": "everybody"}, "allowed: matched, home, neighbours, all"),
        ({"outcome": "square"}, "allowed: log, level, rank"),
        ({"level_years": ()}, "one year or more, all before the policy of 2015"),
        ({"level_years": (2014, 2015)}, "a level that the policy has changed"),
        ({"caliper": 0.0}, "caliper"),
        ({"form": "cubic"}, "allowed: none, linear, squared, thirds"),
        ({"step": 0}, "the step"),
        (
            {"first_year": 2001, "last_year": 2020, "step": 10, "level_years": (2001,)},
            "ends in 2011; allowed: a last year",
        ),
    ],
)
def test_designs_that_cannot_be_are_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(SpecificationError, match=said):
        variant(**changes)


def test_years_of_a_design() -> None:
    assert DESIGN.pre_years == (2011, 2012, 2013, 2014)
    assert DESIGN.post_years[0] == 2015
    assert DESIGN.post_years[-1] == 2020
    assert DESIGN.reference == 2014


def test_years_in_steps_of_ten() -> None:
    decades = variant(first_year=2001, last_year=2021, step=10, level_years=(2001,))
    assert decades.years == (2001, 2011, 2021)
    assert (decades.pre_years, decades.reference) == ((2001, 2011), 2011)


def test_form_and_step_enter_the_id_only_where_they_are_not_the_first() -> None:
    assert variant(form="linear", step=1).spec_id == DESIGN.spec_id
    assert len({variant(form=form).spec_id for form in ("none", "linear", "squared", "thirds")}) == 4
    assert variant(first_year=2010, last_year=2020, step=2).spec_id != variant(first_year=2010, last_year=2020).spec_id


def test_regressors_of_each_form() -> None:
    level, terrain = pd.Series([1.0, 2.0, 3.0, 6.0, 8.0, 10.0]), pd.Series([5.0, 1.0, 2.0, 4.0, 3.0, 0.0])
    held = {form: held_fixed(level, terrain, form) for form in ("none", "linear", "squared", "thirds")}  # type: ignore[arg-type]
    assert {form: list(table.columns) for form, table in held.items()} == {
        "none": [],
        "linear": ["level", "terrain"],
        "squared": ["level", "level_squared", "terrain"],
        "thirds": ["third_2", "third_3", "terrain"],
    }
    assert held["squared"]["level_squared"].tolist() == [16, 9, 4, 1, 9, 25]  # the mean is 5
    assert held["thirds"]["third_3"].tolist() == [0, 0, 0, 0, 1, 1]


def test_id_follows_from_the_content() -> None:
    assert DESIGN.spec_id == variant().spec_id
    others = {variant(caliper=1.0).spec_id, variant(comparison="home").spec_id, variant(last_year=2019).spec_id}
    assert len({DESIGN.spec_id, *others}) == 4


def test_years_without_figures_are_refused_with_those_that_there_are() -> None:
    units, values = COUNTRY
    with pytest.raises(MissingDataError, match=r"no figures for 2007, 2023, 2024; allowed: 2008 to 2022"):
        build_panel(variant(last_year=2024, level_years=(2007, 2008)), units, values)


@pytest.mark.parametrize("hole", [np.nan, 0.0])
def test_a_treated_unit_with_a_hole_is_refused_by_name_and_year(hole: float) -> None:
    units, values = COUNTRY
    code = units.loc[units["treated"], "code"].iloc[0]
    broken = values.copy()
    broken.loc[code, 2013] = hole
    with pytest.raises(MissingDataError, match=rf"unit {code} \(2013\); needed: a value above zero for every year"):
        build_panel(DESIGN, units, broken)


def test_a_comparison_unit_without_any_figures_is_left_out_and_named_one_with_a_hole_refused() -> None:
    units, values = COUNTRY
    code = units.loc[~units["treated"] & units["region"].eq("R0"), "code"].iloc[0]
    without = values.drop(index=code)
    panel = build_panel(variant(comparison="home"), units, without)
    assert panel.left_out[["code", "reason"]].to_numpy().tolist() == [[code, "no data"]]
    assert list(panel.left_out.columns) == ["code", "name_en", "name_zh", "treated", "reason"]  # the names given
    broken = values.copy()
    broken.loc[code, 2016] = np.nan
    with pytest.raises(MissingDataError, match=rf"unit {code} \(2016\)"):
        build_panel(variant(comparison="home"), units, broken)
    dark = values.copy()
    dark.loc[code, 2016] = 0.0
    assert build_panel(variant(comparison="home"), units, dark).left_out["reason"].tolist() == ["zero"]
    assert len(build_panel(variant(comparison="home", outcome="rank"), units, dark).left_out) == 0


def test_treated_units_of_two_regions_are_refused() -> None:
    units, values = COUNTRY
    moved = units.assign(
        region=units["region"].mask(units["code"].eq(units.loc[units["treated"], "code"].iloc[0]), "R3")
    )
    with pytest.raises(SpecificationError, match="lie in 2 regions"):
        build_panel(DESIGN, moved, values)


def test_columns_and_double_codes_are_refused() -> None:
    units, values = COUNTRY
    with pytest.raises(SpecificationError, match="units lack terrain"):
        build_panel(DESIGN, units.drop(columns="terrain"), values)
    with pytest.raises(SpecificationError, match="codes of the units: 00000 occur twice"):
        build_panel(DESIGN, pd.concat([units, units.iloc[:1]]), values)


def test_comparisons_hold_whom_they_say() -> None:
    units, values = COUNTRY
    regions = {}
    for name in ("home", "neighbours", "all"):
        panel = build_panel(variant(comparison=name), units, values)
        others = panel.units[~panel.treated]
        regions[name] = set(others["region"])
        assert panel.treated.sum() == 15
        if name == "neighbours":
            assert others["alike"].all()
    assert regions == {"home": {"R0"}, "neighbours": {"R1"}, "all": {"R0", "R1"}}


def test_pairs_lie_within_the_caliper_and_use_each_unit_once() -> None:
    units, values = COUNTRY
    panel = build_panel(DESIGN, units, values)
    assert panel.units["stratum"].value_counts().eq(2).all()
    assert panel.units.groupby("stratum")["treated"].sum().eq(1).all()
    home = build_panel(variant(comparison="home"), units, values)
    turned = panel.covariates @ covariate_scale(home.covariates, home.treated)
    order = panel.units["stratum"].to_numpy()
    for pair in range(order.max() + 1):
        left, right = turned[order == pair]
        assert np.linalg.norm(left - right) <= DESIGN.caliper
    assert panel.treated.sum() + len(panel.left_out) == 15


def test_no_pair_at_all_is_refused() -> None:
    units, values = COUNTRY
    with pytest.raises(SpecificationError, match="allowed: a caliper with pairs"):
        build_panel(variant(caliper=1e-9), units, values)


def test_pairing_takes_as_many_as_it_can_before_it_takes_the_closest() -> None:
    left, right = pair_up(np.array([[0.0], [1.0]]), np.array([[0.9], [1.8]]), np.eye(1), 1.0)
    # the closest pair alone (1.0 with 0.9) would leave 0.0 without a counterpart
    assert sorted(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 0), (1, 1)]


def test_order_of_rows_changes_nothing() -> None:
    units, values = COUNTRY
    mixed = units.sample(frac=1, random_state=3)
    left, right = (build_panel(DESIGN, table, values) for table in (units, mixed))
    assert left.units["code"].tolist() == right.units["code"].tolist()
    assert np.array_equal(left.values, right.values)


def test_rank_ignores_any_rescaling_of_a_year() -> None:
    units, values = COUNTRY
    design = variant(outcome="rank", comparison="home")
    bent = values.assign(**{"2013": 0}).drop(columns="2013").copy()
    bent[2013] = values[2013] ** 3 + 7
    left, right = (build_panel(design, units, table) for table in (values, bent[sorted(values.columns)]))
    assert left.paths == pytest.approx(right.paths)


def test_units_without_names_are_called_by_their_code() -> None:
    units, values = simulated_policy(np.random.default_rng(7))
    design = PolicyDesign(2015, first_year=2011, last_year=2018, form="none", level_years=(2010, 2011))
    named = units.assign(nom="le " + units["code"])
    bare, full = (build_panel(design, table, values) for table in (units, named))
    assert bare.units.equals(full.units[bare.units.columns])
    assert full.units["nom"].tolist() == ("le " + full.units["code"]).tolist()
    treated = units.loc[units["treated"], "code"].iloc[0]
    gaps = values.copy()
    gaps.loc[treated, 2012] = np.nan
    for table, name in ((units, treated), (named, f"le {treated}")):
        with pytest.raises(MissingDataError, match=rf"no usable figure for {name} \(2012\)"):
            build_panel(design, table, gaps)
