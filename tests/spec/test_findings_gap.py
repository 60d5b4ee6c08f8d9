"""The registered accounts on the project's own counties: they add up, and their findings follow from them."""

import numpy as np
import pandas as pd
import pytest

from shanhai.claims.claims import claims_from
from shanhai.claims.engine import find
from shanhai.claims.evidence import project_evidence
from shanhai.methods.decomposition.gap import FIXED_EFFECTS, REMAINDER
from shanhai.studies.gap.analysis import (
    country_shares,
    design_table,
    explain_mountain_counties,
    explain_places,
    gap_data,
    trait_table,
)
from shanhai.studies.gap.beside import NoOwnSlopes, OwnSlopes, form_table, own_rows, own_slopes, residual_of
from shanhai.studies.gap.design import MAIN_COEFFICIENTS, NATURE_FIRST, traits

PAIRS = [("330800", "330000"), ("511900", "510000"), ("511900", "330700"), ("330824", "000000")]


@pytest.mark.parametrize(("place", "reference"), PAIRS)
def test_parts_add_up_and_the_gap_is_that_of_weighted_means(place: str, reference: str) -> None:
    data = gap_data()
    answer = explain_places(place, reference, data, draws=99)
    shares, frame = answer.shares, data.frame
    assert sum(part.contribution for part in shares.parts) == pytest.approx(shares.gap, abs=1e-12)
    assert shares.n > 2400
    assert shares.clusters > 330
    if not reference.endswith("0000"):
        return
    used = frame[frame["code"].isin(answer.reference.counties)].dropna(
        subset=["gdp_per_capita_2021", "primary_share_2021", "on_border", "ruggedness", "distance_to_capital_km"]
    )
    assert len(used) == shares.n_reference
    if reference == "000000":  # all rows of a weighted regression: no remainder on their side
        return
    inside = used[used["code"].isin(answer.place.counties)]
    rest = shares.part(REMAINDER).contribution
    assert abs(shares.part(FIXED_EFFECTS).contribution) < 1e-12
    assert inside["population_2020"].sum() < used["population_2020"].sum()
    assert abs(rest) < abs(shares.gap)


def test_traits_are_weighted_means_of_the_published_figures() -> None:
    data = gap_data()
    table = trait_table(explain_places("330800", "330000", data, draws=99), data).set_index("trait")
    rows = data.frame[data.frame["prefecture_code"] == "330800"]
    primary = 100 * rows["primary_gdp_2021"] / rows["gdp_2021"]
    expected = (primary * rows["population_2020"]).sum() / rows["population_2020"].sum()
    assert table.loc["primary_share", "place"] == pytest.approx(expected)
    assert set(table["group"]) == {group for group, _ in traits(data.vintage).values()}
    # Border counties: Changshan, Kaihua, Jiangshan.
    border = rows[rows["code"].isin(["330822", "330824", "330881"])]["population_2020"].sum()
    assert table.loc["on_border", "place"] == pytest.approx(border / rows["population_2020"].sum())


def test_designs_change_one_thing_each() -> None:
    data = gap_data()
    answer = explain_places("511900", "330700", data, draws=99)
    table = design_table(answer, data).set_index("key")
    assert table["spec_id"].is_unique
    assert table.loc["pooled", FIXED_EFFECTS] == pytest.approx(0.0, abs=1e-12)
    assert pd.isna(table.loc["given", "schooling"])
    parts = [*answer.shares.design.names, FIXED_EFFECTS, REMAINDER]
    assert table[parts].sum(axis=1).to_numpy(dtype=float) == pytest.approx(table["gap"].to_numpy(dtype=float))


def test_own_slopes_are_those_of_the_province_alone_and_add_up() -> None:
    data = gap_data()
    answer = explain_places("330800", "330000", data, draws=99)
    own = own_slopes(answer, data, draws=99)
    assert isinstance(own, OwnSlopes)
    assert sum(part.contribution for part in own.shares.parts) == pytest.approx(answer.shares.gap)
    home = data.frame[data.frame["province_code"].eq("330000")]
    rows = home.dropna(subset=["gdp_per_capita_2021", "primary_share_2021", "on_border", "ruggedness"])
    border = rows["on_border"].astype(float)
    columns = {
        "one": 1.0,
        "rugged": rows["ruggedness"],
        "border": border,
        "dual": border * rows["ruggedness"],
        "distance": np.log(rows["distance_to_capital_km"]),
        "district": rows["is_district"].astype(float),
        **{name: rows[name] for name in ("mean_schooling_2020", "share_60_plus_2020", "primary_share_2021")},
    }
    matrix = pd.DataFrame(columns, index=rows.index).astype(float).to_numpy()
    root = np.sqrt(rows["population_2020"].to_numpy(dtype=float))
    logs = np.log(rows["gdp_per_capita_2021"].to_numpy(dtype=float))
    slope = np.linalg.lstsq(matrix * root[:, None], logs * root, rcond=None)[0][1]
    country, province, apart = own.slopes
    # both per national standard deviation: their ratio to the slope per metre is the same number of metres
    assert province.value / slope == pytest.approx(305.4, abs=0.1)
    assert (country.df, province.df, apart.df) == (334, 10, 10)
    assert apart.value < province.value - country.value + 0.05


def test_a_province_with_few_prefectures_has_no_slopes_of_its_own() -> None:
    data = gap_data()
    few = own_slopes(explain_places("350700", "350000", data, draws=99), data, draws=99)
    across = own_slopes(explain_places("511900", "330700", data, draws=99), data, draws=99)
    assert isinstance(few, NoOwnSlopes) and few.province is not None and few.clusters == 9
    assert isinstance(across, NoOwnSlopes) and across.province is None


def test_the_residual_is_the_unexplained_part_beside_the_province_and_is_ranked_among_its_like() -> None:
    data = gap_data()
    for place, reference, level in (("330800", "330000", "prefecture"), ("330824", "330000", "county")):
        answer = explain_places(place, reference, data, draws=99)
        left = residual_of(answer, data)
        assert left.value == pytest.approx(answer.shares.part(REMAINDER).contribution)
        assert left.level == level
        assert 0 < left.percentile < 100
    assert left.places == answer.shares.n


def test_forms_begin_with_the_main_design_and_split_the_same_gaps() -> None:
    data = gap_data()
    answer = explain_places("330800", "330000", data, draws=99)
    table = form_table(answer, data).set_index("key")
    assert table.loc["linear", "terrain"] == pytest.approx(answer.shares.part("terrain").contribution)
    mountain = explain_mountain_counties(data, draws=0)
    assert table.loc["linear", "mountain_remainder"] == pytest.approx(
        mountain.twofold[MAIN_COEFFICIENTS][1].contribution
    )
    whole = table.drop(index="log")
    assert whole["gap"].nunique() == whole["mountain_gap"].nunique() == 1
    flat = data.frame["ruggedness"].eq(0)
    assert data.frame.loc[flat, "ruggedness_log"].isna().all()
    assert own_rows(answer, own_slopes(answer, data, draws=99), data)["key"].tolist() == ["own", "own_apart"]


def test_country_and_mountain_accounts_add_up() -> None:
    data = gap_data()
    assert sum(part.contribution for part in country_shares(data, draws=99)) == pytest.approx(1.0)
    result = explain_mountain_counties(data, draws=99)
    assert result.n_first == 26
    assert sum(part.contribution for part in result.threefold) == pytest.approx(result.gap.contribution)
    for reference, parts in result.twofold.items():
        assert sum(part.contribution for part in parts) == pytest.approx(result.gap.contribution)
        assert sum(part.contribution for part in result.explained[reference]) == pytest.approx(parts[0].contribution)


def test_claims_on_the_gap_of_bazhong_rest_on_the_account() -> None:
    evidence = project_evidence()
    claims = {claim.id: claim for claim in claims_from(evidence.table("claims"))}
    remote, coast = find(claims["B08"], evidence), find(claims["B07"], evidence)
    shares = explain_places("511900", "510000", gap_data()).shares
    part, first = shares.part("distance"), shares.part("distance", NATURE_FIRST)
    assert remote.computed["contribution"] == pytest.approx(part.contribution)
    assert (remote.computed["low"], remote.computed["high"]) == pytest.approx((part.low, part.high))
    others = {measure.key: measure for measure in remote.others}
    assert others["nature_first"].computed["contribution"] == pytest.approx(first.contribution)
    assert "not of causes" in remote.note
    assert "differences between provinces" in coast.note
