"""Which counties the report takes, which class each is judged against, and where it stands there."""

import numpy as np
import pandas as pd
import pytest

from shanhai.claims.evidence import Evidence, project_evidence
from shanhai.core.errors import MissingDataError, UnknownPlaceError
from shanhai.data.load import load_places, load_table
from shanhai.data.vintage import Vintage
from shanhai.studies.place.analysis import County, _Peers, check_county, find_county
from shanhai.studies.place.design import Indicator
from shanhai.studies.place.standing import _with_rates, stand, standings, strengths, union_of, weaknesses
from shanhai.studies.place.tables import standing_table
from shanhai.studies.place.words import peers_of, standing_text

NOW = Vintage()
HIGH, LOW = Indicator("x"), Indicator("x", best="low")


def county_of(code: str, row: pd.Series | None = None) -> County:
    places = load_places()
    place = places.county(code)
    rows = pd.DataFrame({"code": [code]}) if row is None else row.to_frame().T
    peers = _Peers(rows, "all")
    prefecture, province = places.prefecture(place.prefecture_code), places.province(place.province_code)
    return County(place, prefecture, province, rows.iloc[0], peers, NOW)


@pytest.mark.parametrize(
    "code", ["330127", "330802", "330327", "511902", "441900", "429004", "110101", "淳安县", "Kaihua"]
)
def test_counties_districts_cities_and_directly_administered_units_are_taken(code: str) -> None:
    check_county(code)


@pytest.mark.parametrize(
    ("code", "error", "message"),
    [
        ("330800", UnknownPlaceError, "no county. Give one of its counties, such as 330802.*prefecture=330800"),
        ("330000", UnknownPlaceError, "浙江省 .*no county. Give one of its counties, such as 330102"),
        ("999999", UnknownPlaceError, "is no county of the 2020 census"),
        ("鼓楼区", UnknownPlaceError, "names 4 units"),
        ("330383", MissingDataError, "330383 龙港市 .*no polygon.*replace"),
        ("330102", MissingDataError, "330102 上城区 .*no GDP of 2021.*county_gdp"),
    ],
)  # fmt: skip
def test_what_has_no_page_is_refused_with_the_reason(code: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        check_county(code)


def frame(kinds: list[str], types: list[str], gdp: list[float]) -> pd.DataFrame:
    codes = ["330127", "330324", "330802", "330803", "330881", "331181", "330102"][: len(kinds)]
    columns = {"code": codes, "kind": kinds, "type": types, "gdp_2021": gdp, "province_code": "330000"}
    return pd.DataFrame(columns | {"name_en": codes, "name_zh": codes})


def test_one_of_the_26_is_judged_against_its_class_in_every_prefecture() -> None:
    rows = frame(["county", "county", "district", "city"], ["ecological", "leapfrog", "leapfrog", ""], [1.0] * 4)
    subject = find_county("330324", Evidence.of(frame=rows), NOW)
    assert subject.peers.rows["code"].tolist() == ["330324", "330802"]
    assert peers_of(subject) == ("2 leapfrog counties of the 26", "26县中的2个跨越发展类县")


def test_other_counties_are_judged_against_units_of_their_kind_or_all_of_the_province_if_these_are_few() -> None:
    kinds = ["county", "autonomous_county", "county", "county", "county", "district", "district"]
    rows = frame(kinds, [""] * 7, [1.0] * 7)
    assert peers_of(find_county("330127", Evidence.of(frame=rows), NOW))[0] == "5 counties of Zhejiang"
    assert peers_of(find_county("330102", Evidence.of(frame=rows), NOW)) == (
        "7 county-level units of Zhejiang",
        "浙江的7个县级行政区",
    )
    without_gdp = frame(kinds, [""] * 7, [1.0] * 4 + [float("nan")] * 3)
    assert peers_of(find_county("330127", Evidence.of(frame=without_gdp), NOW))[0] == "7 county-level units of Zhejiang"


def test_rank_counts_those_with_a_figure_from_the_better_side_and_distance_is_in_class_units() -> None:
    values = pd.Series([1.0, 2.0, 3.0, 4.0, 5.0, float("nan")])
    best = stand(HIGH, 5.0, values, 9.0)
    assert (best.rank, best.count, best.median, best.province) == (1, 5, 3.0, 9.0)
    assert best.distance == pytest.approx((5 - 3) / (4 - 2))
    assert (stand(LOW, 5.0, values, 9.0).rank, stand(HIGH, 3.0, values, 9.0).distance) == (5, 0.0)


def test_equal_values_share_the_better_rank_and_a_class_without_spread_has_no_unit() -> None:
    equal = pd.Series([2.0, 2.0, 2.0])
    assert stand(HIGH, 2.0, equal, 1.0).rank == 1
    assert np.isnan(stand(HIGH, 2.0, equal, 1.0).distance)


def test_a_county_without_figure_has_no_rank_and_is_neither_strong_nor_weak() -> None:
    unknown = stand(HIGH, float("nan"), pd.Series([1.0, 3.0]), 2.0)
    assert (unknown.rank, unknown.count, unknown.median) == (0, 2, 2.0)
    assert np.isnan(unknown.position)
    assert strengths([unknown]) == weaknesses([unknown]) == ()


@pytest.mark.parametrize(("count", "best", "last"), [(11, 3, 9), (15, 4, 12), (4, 1, 4)])
def test_strengths_and_gaps_are_the_outer_quarters_alike_on_both_sides(count: int, best: int, last: int) -> None:
    values = pd.Series(np.arange(count, 0, -1.0))
    found = [stand(HIGH, value, values, 0.0) for value in values]
    assert [standing.rank for standing in strengths(found)] == list(range(1, best + 1))
    assert [standing.rank for standing in weaknesses(found)] == list(range(count, last - 1, -1))


def test_rates_are_a_year_and_growth_on_other_ground_is_left_out() -> None:
    row = {"population_2010": 100.0, "population_2020": 110.0, "gdp_2001": 1.0, "gdp_2021": 1.1**20, "flags": ""}
    row |= {"lights_2013": 1.0, "lights_2021": 1.05**8}
    moved = row | {"flags": "few_cells;boundary_2017_crossed"}
    dark = row | {"lights_2013": 0.0}
    rates = _with_rates(pd.DataFrame([row, moved, dark]), NOW)
    assert rates["population_change"].iloc[0] == pytest.approx(10.0)
    assert rates["gdp_growth"].iloc[0] == pytest.approx(10.0)
    assert np.isnan(rates["gdp_growth"].iloc[1])
    assert rates["light_growth"].iloc[0] == pytest.approx(5.0)
    assert np.isnan(rates["light_growth"].iloc[2])


def test_the_26_have_a_standing_in_classes_of_15_and_11() -> None:
    evidence = project_evidence()
    codes = load_table("mountain_counties").set_index("code")["type"]
    for code, kind in codes.items():
        found = standings(find_county(str(code), evidence, NOW), evidence)
        assert all(standing.count in ((15, 14, 12) if kind == "leapfrog" else (11,)) for standing in found), code
        assert all(1 <= standing.rank <= standing.count for standing in found if standing.rank)


def test_cangnan_is_compared_with_2010_together_with_longgang() -> None:
    evidence = project_evidence()
    union = union_of(find_county("330327", evidence, NOW), evidence)
    assert union is not None
    assert union.names_en == ("Cangnan", "Longgang")
    # Census of 2020: 843,962 in Cangnan and 464,732 in Longgang; of 2010: 1,184,643 in the Cangnan of that year.
    assert union.change == pytest.approx(100 * ((843_962 + 464_732) / 1_184_643 - 1), abs=0.01)
    assert union_of(find_county("330127", evidence, NOW), evidence) is None


def test_gap_adds_up_and_border_and_terrain_are_the_sum_of_their_parts() -> None:
    evidence = project_evidence()
    gap = find_county("331127", evidence, NOW).gap(evidence)
    parts = {part.name: part.contribution for part in gap.account.parts}
    assert sum(parts.values()) == pytest.approx(gap.account.gap)
    together = parts["border"] + parts["terrain"] + parts["border x terrain"]
    assert gap.border_and_terrain.contribution == pytest.approx(together)
    own = evidence.analysis.set_index("code").loc["331127", "gdp_per_capita_2021"]
    assert np.exp(gap.account.gap) < 1 and own < 113_858


def test_claims_are_found_by_place_reference_or_gist_of_the_papers_own_provinces() -> None:
    claims = load_table("claims")
    evidence = Evidence.of(
        {"claims": claims[claims["id"].isin(["Q10", "M47", "M47a", "M47c", "P03", "M25", "M25a", "M25b"])]}
    )
    assert [finding.id for finding in county_of("330802").findings(evidence)] == ["Q10"]  # all but Kecheng
    assert [finding.id for finding in county_of("331181").findings(evidence)] == ["M47a", "M47c"]
    assert county_of("330822").findings(evidence) == ()
    assert [finding.id for finding in county_of("330329").findings(evidence)] == ["M25a", "M25b"]


def test_a_page_says_which_of_its_indicators_a_flag_puts_in_doubt() -> None:
    """青田: the lowest illiteracy of its class, which its unschooled residents contradict."""
    evidence = project_evidence()
    subject = find_county("331121", evidence, NOW)
    found = standings(subject, evidence)
    assert [standing.indicator.column for standing in found if standing.is_doubtful] == ["illiteracy_2020"]
    text = standing_text(subject, found, None)
    assert "Figures flagged as doubtful, and with them the ranks: illiteracy at 15 and over, 2020." in text
    assert "存疑的指标及其位次仅供参考：2020年15岁及以上人口文盲率。" in standing_text(subject, found, None, "zh")
    table = standing_table(subject, found).frame
    ranks = table.set_index("indicator")["rank"]
    assert ranks["Illiteracy at 15 and over, 2020"] == "1 of 15 (doubtful)"
    plain = find_county("330825", evidence, NOW)
    assert "doubtful" not in standing_text(plain, standings(plain, evidence), None)
