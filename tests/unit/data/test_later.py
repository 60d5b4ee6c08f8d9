"""Later figures of a user: read from a settings file, checked, followed by tables and findings."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shanhai.claims.claims import claims_from
from shanhai.claims.engine import find
from shanhai.claims.evidence import Evidence
from shanhai.core import sources
from shanhai.core.errors import UnknownPlaceError, ValidationError
from shanhai.data.frames.aggregates import build_province_frame
from shanhai.data.later import (
    BASE_TABLES,
    bundled_figures,
    check_later,
    half_given,
    load_later,
    per_head_of_later,
)
from shanhai.data.load import load_table
from shanhai.studies.targets import analysis as mountain_targets
from shanhai.studies.targets.analysis import later_progress, missing_halves
from shanhai.studies.targets.design import TABLES
from shanhai.studies.targets.tables import target_table

HEADER = "code,year,indicator,value,unit,source\n"
CODES = load_table("mountain_counties")["code"].tolist()
CENSUS = load_table("census_2020").dropna(subset="code").set_index("code").loc[CODES]
RESIDENTS, URBAN = CENSUS["population"], CENSUS["urban_population"]


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put rows into a user's own file that a temporary settings file names, and read them back."""
    settings = tmp_path / "settings.toml"
    settings.write_text('[replace]\nlater_figures = "我的 later.csv"\n', encoding="utf-8")
    (tmp_path / "我的 later.csv").write_text(HEADER, encoding="utf-8")
    monkeypatch.setenv(sources.SETTINGS_VARIABLE, str(settings))

    def read(*rows: str) -> pd.DataFrame:
        (tmp_path / "我的 later.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        return load_later()

    return read


@pytest.fixture(scope="module")
def bundled() -> pd.DataFrame:
    return bundled_figures({name: load_table(name) for name in BASE_TABLES}, build_province_frame())


def test_without_a_file_there_are_no_later_figures() -> None:
    assert load_later().empty


def test_units_become_yuan_persons_and_percent(later) -> None:
    found = later(
        "330824,2024,gdp,215.3,100m yuan,bulletin",
        "330824,2024,residents,25.6,10k persons,bulletin",
        "330824,2024,urban_share,54.1,%,bulletin",
        "330000,2024,gdp_per_head,13.5,10k yuan,bulletin",
    )
    values = found.set_index(["indicator", "code"])["value"]
    assert values["gdp", "330824"] == pytest.approx(215.3e8)
    assert values["residents", "330824"] == pytest.approx(256_000)
    heads = per_head_of_later(found).set_index("unit")["value"]
    assert heads.to_dict() == pytest.approx({"330824": 215.3e8 / 256_000, "330000": 135_000})


@pytest.mark.parametrize(
    ("row", "error", "message"),
    [
        ("330899,2024,gdp,1,yuan,x", UnknownPlaceError, "330899"),
        ("330800,2024,gdp,1,yuan,x", UnknownPlaceError, "no counties of the 2020 census"),
        ("330824,2024,gdp,1,persons,x", ValidationError, r"'persons'; allowed units are \['yuan', '10k yuan'"),
        ("330824,2024,urban_share,54,10k persons,x", ValidationError, "allowed units"),
        ("330824,2024,urban_share,5410,%,x", ValidationError, "most allowed is 100"),
        ("330824,2021,gdp,1,yuan,x", ValidationError, "bundled tables reach 2021"),
        ("330824,2019,residents,1,persons,x", ValidationError, "breaks the data dictionary"),
        ("330824,2024,happiness,1,%,x", ValidationError, "breaks the data dictionary"),
        ("330824,2024,gdp,1,dollars,x", ValidationError, "breaks the data dictionary"),
        ("330824,2024,gdp,,yuan,x", ValidationError, "breaks the data dictionary"),
        ("330824,2024.5,gdp,1,yuan,x", ValidationError, "cannot be read"),
    ],
)
def test_a_wrong_row_is_refused_with_what_is_allowed(later, row: str, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        later(row)


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        # GDP of Kaihua was 16.9 billion yuan in 2021, its residents 259,000 in 2020, 65,000 yuan a head.
        (["330824,2024,gdp,2153000,100m yuan,x"], "gdp_carried"),
        (["330824,2024,gdp,215.3,10k yuan,x"], "gdp_carried"),
        (["330824,2024,gdp,215.3,yuan,x"], "gdp_carried"),
        (["330824,2024,gdp,2125,100m yuan,the whole of Quzhou"], "gdp_carried"),
        (["330824,2024,residents,25.6,persons,x"], "residents_carried"),
        (["330824,2024,residents,256000,10k persons,x"], "residents_carried"),
        (["330824,2024,residents,229.7,10k persons,Quzhou"], "residents_carried"),
        (["330824,2024,gdp_per_head,8.4,yuan,x"], "gdp_per_head_later"),
        (["330824,2024,gdp_per_head,84000,10k yuan,x"], "gdp_per_head_later"),
        (["330824,2024,urban_share,0.541,%,x"], "urban_share"),
        (["330824,2024,urban_share,5.41,%,x"], "urban_share_carried"),
        (["330824,2024,urban_share,541,%,x"], "urban_share"),
        (["330824,2024,tourism_share,0.12,%,x"], "tourism_share"),
        (["330822,2024,urban_income,5.3,yuan,x"], "urban_income"),
        (["330822,2024,urban_income,4400,yuan,a month"], "urban_income"),
        (["330822,2024,rural_income,3.1,yuan,x"], "rural_income"),
        (["330822,2024,rural_income,2580,yuan,a month"], "rural_income"),
        (["330822,2024,rural_income,53000,yuan,x", "330822,2024,urban_income,31000,yuan,x"], "urban_over_rural_income"),
        (["330824,2024,budget_revenue,14.5,10k yuan,x"], "revenue_over_gdp"),
        (["330824,2024,budget_revenue,145000,100m yuan,x"], "revenue_over_gdp"),
        (["330824,2024,budget_revenue,190,100m yuan,Quzhou"], "revenue_over_gdp"),
        (["330824,2024,tourism_output,90,10k yuan,x"], "tourism_over_gdp"),
        (["330824,2024,industrial_output,150,10k yuan,x"], "industry_over_gdp"),
        (["330824,2024,visitors,1200,persons,x"], "visitors_per_head"),
        (["330824,2024,visitors,12000000,10k persons,x"], "visitors_per_head"),
        # 841,015,625 yuan a head, and 26 people in a county.
        (["330824,2024,gdp,2153000,100m yuan,x", "330824,2024,residents,25.6,10k persons,x"], "gdp_per_head_later"),
        (["330824,2024,gdp,215,100m yuan,x", "330824,2024,residents,26,persons,x"], "residents_carried"),
        # Both plausible alone, but GDP over GDP per head implies 717,000 people.
        (["330824,2024,gdp,215,100m yuan,x", "330824,2024,gdp_per_head,30000,yuan,x"], "people_behind_gdp"),
        (["330000,2024,gdp_per_head,13.5,yuan,x"], "gdp_per_head_later"),
        (["330000,2024,gdp,9.0,100m yuan,x"], "gdp_carried"),
        (["330000,2024,urban_share,0.755,%,x"], "urban_share"),
        (["000000,2024,residents,14.08,10k persons,x"], "residents_carried"),
    ],
)
def test_a_figure_of_another_unit_or_place_is_refused_by_row_value_and_rule(
    bundled: pd.DataFrame, rows: list[str], rule: str
) -> None:
    given = pd.read_csv(io.StringIO(HEADER + "\n".join(rows)), dtype={"code": str})
    with pytest.raises(ValidationError) as error:
        check_later(given, bundled)
    refused = [line for line in str(error.value).splitlines() if f"(rule {rule}:" in line]
    assert refused
    assert any(refused[0].strip().startswith(row.rsplit(",", 3)[0]) for row in rows)


def test_true_figures_of_later_years_pass(later) -> None:
    """Bulletins of Kaihua, Changshan, Zhejiang and the country for 2023 and 2024, rounded."""
    rows = [
        *("330824,2023,gdp,187.9,100m yuan,x", "330824,2023,residents,25.5,10k persons,x"),
        *("330822,2023,urban_income,47000,yuan,x", "330822,2023,rural_income,28000,yuan,x"),
        *("330824,2023,budget_revenue,14.5,100m yuan,x", "330824,2023,visitors,1200,10k persons,x"),
        *("330000,2024,gdp,90131,100m yuan,x", "330000,2024,residents,6670,10k persons,x"),
        *("330000,2024,gdp_per_head,135565,yuan,x", "330000,2024,urban_share,75.5,%,x"),
        *("000000,2024,gdp,1349084,100m yuan,x", "000000,2024,residents,140828,10k persons,x"),
        *("000000,2024,urban_share,67,%,x", "330000,2024,urban_income,78251,yuan,x"),
    ]
    assert len(later(*rows)) == len(rows)


def test_per_head_that_disagrees_with_gdp_over_residents_is_refused(later) -> None:
    rows = ["330824,2024,gdp,215,100m yuan,x", "330824,2024,residents,25.6,10k persons,x"]
    assert len(later(*rows, "330824,2024,gdp_per_head,84000,yuan,x")) == 3
    with pytest.raises(ValidationError, match=r"of 330824 in 2024 is 0.10 times"):
        later(*rows, "330824,2024,gdp_per_head,8400,yuan,x")


def test_the_same_figure_twice_is_refused(later) -> None:
    with pytest.raises(ValidationError, match="breaks the data dictionary"):
        later("330824,2024,gdp,1,yuan,x", "330824,2024,gdp,2,yuan,x")


def test_gdp_without_residents_says_what_is_missing(later) -> None:
    found = later("330824,2024,gdp,215,100m yuan,x")
    assert half_given(found).to_dict("records") == [{"code": "330824", "year": 2024, "missing": "residents"}]
    assert set(missing_halves(found)["missing"]) == {"residents"}


def tables() -> dict[str, pd.DataFrame]:
    return {name: load_table(name) for name in TABLES}


def test_levels_follow_the_later_figures(later) -> None:
    given = later("330000,2023,gdp_per_head,125000,yuan,x", "330824,2023,gdp_per_head,80000,yuan,x")
    found = mountain_targets.gdp_target(tables(), build_province_frame(), given)
    row = found.of("330824")
    assert (row["last_year"], row["last"], row["years_left"]) == (2023, pytest.approx(64.0), 2)
    assert row["needed"] == pytest.approx(100 * ((70 / 64) ** 0.5 - 1))
    # The pace since 2011 goes on from the path on constant ground: twelve years from 57.06 % to 64 %.
    start = found.paths.set_index(["unit", "basis", "year"])["value"]["330824", "residents", 2011]
    assert row["pace"] == pytest.approx(100 * ((64 / start) ** (1 / 12) - 1))
    assert found.of("330822")["last_year"] == 2021  # other counties stay where they are


def test_each_level_is_headed_by_its_own_year(later) -> None:
    rows = "330000,2023,gdp_per_head,125000,yuan,x", "330824,2023,gdp_per_head,80000,yuan,x"
    counties, kinds = load_table("counties"), load_table("mountain_counties").set_index("code")["type"]
    before, after = (
        target_table(mountain_targets.gdp_target(tables(), build_province_frame(), later(*given)), counties, kinds)
        for given in ((), rows)
    )
    assert "2021, own boundaries" in before.heads()
    assert "last_year" not in before.frame
    assert not any("2023" in head or "2021" in head for head in after.heads())
    years = after.frame.set_index("county")["last_year"]
    assert years["the 26 together"] == "2021"
    assert (years == "2023").sum() == 1


def test_a_county_alone_cannot_be_followed_without_the_province(later) -> None:
    given = later("330824,2023,gdp_per_head,80000,yuan,x")
    found = mountain_targets.gdp_target(tables(), build_province_frame(), given)
    assert found.of("330824")["last_year"] == 2021
    assert missing_halves(given).to_dict("records") == [{"code": "330000", "year": 2023, "missing": "gdp_per_head"}]


@pytest.mark.parametrize(("per_head", "verdict"), [(91_000, "reproduced"), (89_000, "contradicted")])
def test_figures_of_2025_decide_the_finding(later, per_head: int, verdict: str) -> None:
    """All 26 with the residents of 2020 and one GDP per head, beside 130,000 yuan in the province: 70 % is 91,000."""
    rows = [f"{code},2025,residents,{people},persons,x" for code, people in RESIDENTS.items()]
    rows += [f"{code},2025,gdp,{people * per_head},yuan,x" for code, people in RESIDENTS.items()]
    later("330000,2025,gdp_per_head,130000,yuan,x", *rows)
    names = (*TABLES, "later_figures", "targets", "claims")
    evidence = Evidence.of({name: load_table(name) for name in names}, provinces=build_province_frame())
    (claim,) = (claim for claim in claims_from(load_table("claims")) if claim.id == "P02")
    found = find(claim, evidence)
    assert found.verdict == verdict
    assert "2025" in found.basis
    assert next(iter(found.computed.values())) == pytest.approx(100 * per_head / 130_000)


def test_other_targets_are_followed_where_figures_allow(later) -> None:
    given = later(
        "330329,2020,rural_income,20000,yuan,x",
        "330329,2022,rural_income,24200,yuan,x",
        "330000,2022,rural_income,36300,yuan,x",
        "330329,2025,budget_revenue,19.5,100m yuan,x",
        "330329,2025,residents,26,10k persons,x",
    )
    found = later_progress(load_table("targets"), given).set_index("target")
    assert found.loc["rural_income_growth", "value"] == pytest.approx(10.0)  # 20,000 to 24,200 in two years
    assert found.loc["rural_income_growth", "reached"]
    assert found.loc["rural_income_ratio", "value"] == pytest.approx(1.5)
    assert not found.loc["rural_income_ratio", "reached"]  # a ratio is reached from above: 1.5 is more than 1.2
    assert found.loc["taishun_budget_revenue", "value"] == pytest.approx(19.5)
    assert not found.loc["taishun_budget_revenue", "reached"]
    assert "budget_revenue_growth" not in found.index  # one year gives no growth


def test_urban_shares_together_need_all_counties_and_their_residents(later) -> None:
    shares = URBAN / RESIDENTS * 100 + 3
    rows = [f"{code},2025,urban_share,{share:.6f},%,x" for code, share in shares.items()]
    alone = mountain_targets.urban_target(tables(), later(*rows))
    assert alone.of("26")["last_year"] == 2020
    people = [f"{code},2025,residents,{count},persons,x" for code, count in RESIDENTS.items()]
    both = mountain_targets.urban_target(tables(), later(*rows, *people))
    assert both.of("26")["last"] == pytest.approx(URBAN.sum() / RESIDENTS.sum() * 100 + 3)
    assert both.of("26")["state"] == "missed"
    assert np.isnan(both.of("26")["needed"])
