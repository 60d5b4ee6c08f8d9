"""Claims of the magazine (2021) and the plan on how far a place has developed, against others and against its past."""

import math
from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import (
    GDP_BASIS,
    JINHUA,
    LISHUI,
    QUZHOU,
    ZHEJIANG,
    census_unit,
    codes_of,
    employed,
    gdp_per_head,
    mountain_codes,
    percent,
    prefecture_value,
    published_per_head,
)
from shanhai.methods.convergence.inequality import theil

_LEAST_UNITS = 5
"""Prefectures, or counties, that a province needs for its unevenness to be compared."""

_EVEN, _FRONT = 1 / 3, 1 / 4
"""Part of the provinces that count as the most even, and of the autonomous counties that stand near the front."""

_SECTORS = ("primary_gdp_10k_yuan", "secondary_gdp_10k_yuan", "tertiary_gdp_10k_yuan")

_PANAN, _XIANJU, _PINGYANG, _CANGNAN, _WUYI, _QINGTIAN = "330727", "331024", "330326", "330327", "330723", "331121"

_WENZHOU, _JINGNING = "330300", "331127"

_GDP_THRESHOLD, _JOBS_THRESHOLD = 20.0, 45.0
"""Shares of farming in GDP and in jobs, percent, below which the first stage of industrialisation is taken as over."""

_FARMING, _MANUFACTURING = "long_form_agriculture", "long_form_manufacturing"


@check("P07", "M49", rule=rules.in_first(_EVEN), data=("prefecture_economy", "county_gdp", "census_2020"))
def _evenness(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Rank of Zhejiang by how little its prefectures, or counties, differ in GDP per head, 1 the most even."""
    prefectures = evidence.prefectures
    counties = evidence.frame
    lights = counties.groupby(["province_code", "prefecture_code"], as_index=False)[
        ["lights_2021", "population_2020"]
    ].sum(min_count=1)
    what = f"provinces with {_LEAST_UNITS} or more that have figures; 1 is the most even"
    return (
        _rank_of_evenness(
            "prefectures_2021",
            prefectures,
            "gdp_2021",
            f"Theil index of GDP per head between prefectures, weighted by residents, of {what}; {GDP_BASIS}",
        ),
        _rank_of_evenness("counties_2021", counties, "gdp_2021", f"the same between counties, of {what}"),
        _rank_of_evenness(
            "ratio_2021", prefectures, "gdp_2021", f"richest over poorest prefecture, of {what}", ratio=True
        ),
        _rank_of_evenness(
            "lights_2021", lights, "lights_2021", f"Theil index of light per resident between prefectures, of {what}"
        ),
    )


@check("M50", rule=rules.signed_number(), data=("prefecture_economy",))
def _services_weigh_more(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Share of services in Quzhou and Lishui together, change over the plan; each step and each alone beside it."""
    both, years = (QUZHOU, LISHUI), range(2015, 2021)
    path = [_tertiary_share(evidence, both, year) for year in years]
    steps = [after - before for before, after in pairwise(path)]
    whole = "services in percent of the sum of sectors, Quzhou and Lishui together (15 of the 26), points"
    return (
        Measured(
            "sectors_2015_2020",
            {"change 2015-2020": path[-1] - path[0], "2015": path[0], "2020": path[-1]},
            whole,
            note="The eleven other counties have no figures by sector.",
        ),
        Measured("smallest_step", {"smallest yearly change": min(steps)}, f"{whole}, smallest change of a year"),
        *(
            Measured(
                f"{name}_alone",
                _tertiary_share(evidence, (code,), 2020) - _tertiary_share(evidence, (code,), 2015),
                f"the same for {name.capitalize()} alone, 2015-2020",
            )
            for name, code in (("quzhou", QUZHOU), ("lishui", LISHUI))
        ),
        Measured(
            "sectors_2015_2021",
            _tertiary_share(evidence, both, 2021) - path[0],
            "the same for both together, 2015-2021",
        ),
    )


@check("M53a", rule=rules.ordering(), data=("county_gdp", "county_hukou", "mountain_counties"))
def _lagged_once(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """GDP per head of the 26 and of the other counties in 2001."""
    rows = _zhejiang_2001(evidence)
    listed = rows.index.isin(mountain_codes(evidence))
    parts = {"26 counties": rows[listed], "rest of Zhejiang": rows[~listed]}
    frame = evidence.frame[evidence.frame["province_code"].eq(ZHEJIANG)].dropna(subset=["lights_2001"])
    groups = {
        name: frame[frame["is_mountain_26"].eq(inside)] for name, inside in zip(parts, (True, False), strict=True)
    }
    return (
        Measured(
            "registered_2001",
            {name: _per_head(part) for name, part in parts.items()},
            "GDP of 2001 over the registered people of 2001, yuan, counties with both",
            note=f"{int(listed.sum())} of the 26 and {int((~listed).sum())} others have figures; districts, which are "
            "richer, have none, so that the difference is understated.",
        ),
        Measured(
            "published_2001_median",
            {name: float(part["published"].median()) for name, part in parts.items()},
            "published GDP per head of 2001, yuan, median county",
        ),
        Measured(
            "lights_2001",
            {name: float(part["lights_2001"].sum() / part["population_2010"].sum()) for name, part in groups.items()},
            "light of 2001 per resident of 2010",
        ),
    )


@check("M56a", rule=rules.ordering(), data=("census_2020", "counties"))
def _small_industry(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Manufacturing jobs of Pan'an against the median county of Jinhua, and against the median of the 26."""

    def jobs(codes: Sequence[str]) -> pd.Series:
        return pd.Series({code: employed(census_unit(evidence, code), _MANUFACTURING) for code in codes})

    inside, listed = jobs(codes_of(evidence, JINHUA)), jobs(mountain_codes(evidence))
    raised = "employed in manufacturing, 2020 census, long form raised by all family households"
    own, province = (_share_of_jobs(evidence, [code]) for code in (_PANAN, ZHEJIANG))
    return (
        Measured(
            "manufacturing_jobs_2020",
            {"Pan'an": float(inside[_PANAN]), "median county of Jinhua": float(inside.median())},
            raised,
            note=f"Number {int(inside.rank()[_PANAN])} from below of {len(inside)} in Jinhua, "
            f"{int(listed.rank()[_PANAN])} of {len(listed)} among the 26.",
        ),
        Measured(
            "median_of_the_26",
            {"Pan'an": float(listed[_PANAN]), "median of the 26": float(listed.median())},
            f"{raised}; against the 26",
        ),
        Measured(
            "share_of_jobs_2020",
            {"Pan'an": own, "Zhejiang": province},
            "manufacturing in percent of the employed: weight, not size",
        ),
    )


@check("M59", rule=rules.in_first(_FRONT), data=("county_gdp", "census_2020", "counties"))
def _front_of_autonomous_counties(_: Claim, evidence: Evidence) -> Measured:
    """Ranks of Jingning among autonomous counties and banners by GDP per head and by GDP, 1 the highest."""
    frame = evidence.frame
    chosen = frame[frame["kind"].isin(("autonomous_county", "autonomous_banner"))].dropna(
        subset=["gdp_2021", "population_2020"]
    )
    values = {
        "rank by GDP per head": chosen["gdp_2021"] / chosen["population_2020"],
        "rank by GDP": chosen["gdp_2021"],
    }
    ranks = {
        name: int(series.set_axis(chosen["code"]).rank(ascending=False, method="min").get(_JINGNING, math.nan))
        for name, series in values.items()
    }
    return Measured(
        "gdp_and_gdp_per_head_2021",
        {**ranks, "autonomous counties and banners with figures": len(chosen)},
        "GDP of 2021, in total and over residents of 2020; near the front is the first quarter, by both",
    )


@check("M62a", rule=rules.ordering(), data=("county_gdp", "census_2020", "prefecture_economy"))
def _weak_base(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """GDP per head of Xianju against Zhejiang, as computed and as published; its industry; the 26."""
    frame = evidence.frame.set_index("code")
    own = float(frame["gdp_per_capita_2021"][_XIANJU])
    listed = frame[frame["is_mountain_26"].astype(bool)]
    table = evidence.table("county_gdp")
    printed = table[table["code"].eq(_XIANJU) & table["year"].eq(2021)]["gdp_per_capita_10k_yuan"]
    published = 10_000 * float(printed.iloc[0]) if len(printed) == 1 else math.nan
    return (
        Measured("residents_2020", {"Xianju": own, "Zhejiang": gdp_per_head(evidence, ZHEJIANG)}, GDP_BASIS),
        Measured(
            "published_2021",
            {"Xianju": published, "Zhejiang": published_per_head(evidence, ZHEJIANG[:2])[0]},
            "GDP per head of 2021 as published by county, against the prefectures of Zhejiang together",
        ),
        Measured(
            "share_of_jobs_2020",
            {name: _share_of_jobs(evidence, [code]) for name, code in (("Xianju", _XIANJU), ("Zhejiang", ZHEJIANG))},
            "manufacturing in percent of the employed, 2020 census",
        ),
        Measured(
            "the_26",
            {"Xianju": own, "26 counties": float(listed["gdp_2021"].sum() / listed["population_2020"].sum())},
            "GDP of 2021 over residents of 2020, against the 26 together",
        ),
    )


@check("M64", rule=rules.ordering(), data=("county_gdp", "county_hukou"))
def _less_developed(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """GDP per head of Pingyang in 2001 against the counties of Zhejiang with figures."""
    rows = _zhejiang_2001(evidence)
    own = _per_head(rows.loc[[_PINGYANG]])
    each = (rows["gdp"] / rows["registered"]).rename("each")
    listed = each[each.index.isin(mountain_codes(evidence))]
    return (
        Measured(
            "registered_2001",
            {"Pingyang": own, "Zhejiang": _per_head(rows)},
            f"GDP of 2001 over the registered people of 2001, yuan; {len(rows)} counties with both together, districts "
            "without figures left out",
            note=f"Number {int(listed.rank(ascending=False)[_PINGYANG])} of {len(listed)} among those of the 26 with "
            "figures.",
        ),
        Measured("registered_2001_median", {"Pingyang": own, "median county": float(each.median())}, "median county"),
        Measured(
            "published_2001",
            {"Pingyang": float(rows["published"][_PINGYANG]), "mean county": float(rows["published"].mean())},
            "published GDP per head of 2001, yuan, against the mean of the counties with figures",
        ),
    )


@check("M66", rule=rules.ordering(), data=("census_2020", "mountain_counties"))
def _weak_industry(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Manufacturing in the jobs of Cangnan, against the province, the prefecture and the 26."""
    own = _share_of_jobs(evidence, [_CANGNAN])
    others = (
        ("share_of_jobs_2020", "Zhejiang", (ZHEJIANG,)),
        ("against_wenzhou", "Wenzhou", (_WENZHOU,)),
        ("against_the_26", "26 counties", mountain_codes(evidence)),
    )
    return tuple(
        Measured(
            key,
            {"Cangnan": own, name: _share_of_jobs(evidence, codes)},
            f"manufacturing in percent of the employed, 2020 census, against {name}",
        )
        for key, name, codes in others
    )


@check("M68", rule=rules.every_condition(), data=("county_gdp", "census_2010", "census_2020"))
def _from_farming_to_industry(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Whether farming lost weight in Wuyi's GDP, and manufacturing has more jobs than farming."""
    first, last = (_primary_share(evidence, _WUYI, year) for year in (2001, 2021))
    row, before = census_unit(evidence, _WUYI), census_unit(evidence, _WUYI, 2010)
    farming, manufacturing = (employed(row, name) for name in (_FARMING, _MANUFACTURING))
    return (
        Measured(
            "gdp_2001_2021_jobs_2020",
            {
                "farming lost weight in GDP": math.nan if math.isnan(first + last) else last < first,
                "more jobs in manufacturing than in farming": manufacturing > farming,
            },
            "primary sector in percent of GDP, 2001 and 2021; jobs of the 2020 census",
            note=f"Farming {show(first, 1)} % of GDP in 2001 and {show(last, 1)} % in 2021; in 2020 "
            f"{show(manufacturing, 0)} jobs in manufacturing and {show(farming, 0)} in farming.",
        ),
        Measured(
            "jobs_2010",
            {
                "more jobs in industry and building than in farming": float(before["employed_share_secondary_pct"])
                > float(before["employed_share_primary_pct"])
            },
            "shares of sectors in the employed, 2010 census",
        ),
    )


@check("M70", rule=rules.every_condition(), data=("county_gdp", "census_2020"))
def _first_stage_over(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Whether farming holds less of Qingtian's GDP and jobs than the thresholds."""
    row = census_unit(evidence, _QINGTIAN)
    jobs = percent(row[_FARMING], row["long_form_employed"])
    last = _primary_share(evidence, _QINGTIAN, 2021)
    found = [
        Measured(
            "farming_2021_2020",
            {
                f"farming under {show(_GDP_THRESHOLD, 0)} % of GDP": _under(last, _GDP_THRESHOLD),
                f"farming under {show(_JOBS_THRESHOLD, 0)} % of jobs": _under(jobs, _JOBS_THRESHOLD),
            },
            "primary sector in percent of GDP of 2021; farming in percent of the employed, 2020 census",
            note=f"{show(last, 1)} % of GDP and {show(jobs, 1)} % of jobs.",
        )
    ]
    for year in (2011, 2001):
        share = _primary_share(evidence, _QINGTIAN, year)
        found.append(
            Measured(
                f"farming_{year}",
                {f"farming under {show(_GDP_THRESHOLD, 0)} % of GDP": _under(share, _GDP_THRESHOLD)},
                f"primary sector in percent of GDP of {year}",
                note="" if math.isnan(share) else f"{show(share, 1)} % of GDP.",
            )
        )
    return tuple(found)


def _rank_of_evenness(key: str, units: pd.DataFrame, column: str, basis: str, *, ratio: bool = False) -> Measured:
    """Rank of Zhejiang among provinces with enough units, by the spread of a quantity per resident."""
    known = units.dropna(subset=[column, "population_2020"])
    known = known[known["population_2020"] > 0].assign(each=lambda rows: rows[column] / rows["population_2020"])
    spread = pd.Series(
        {
            str(code): float(rows["each"].max() / rows["each"].min())
            if ratio
            else theil(rows["each"], rows["population_2020"])
            for code, rows in known.groupby("province_code")
            if len(rows) >= _LEAST_UNITS
        },
        dtype=float,
    )
    own = spread.get(ZHEJIANG, math.nan)
    return Measured(
        key,
        {"rank": math.nan if math.isnan(own) else int((spread < own).sum()) + 1, "provinces of China": len(spread)},
        basis,
        note=f"{show(own, 3)}; the median of the provinces is {show(float(spread.median()), 3)}.",
    )


def _tertiary_share(evidence: Evidence, codes: Sequence[str], year: int) -> float:
    """Services of one prefecture or several together, percent of the sum of the three sectors."""
    sums = [sum(prefecture_value(evidence, code, year, name) for code in codes) for name in _SECTORS]
    return percent(sums[-1], sum(sums))


def _zhejiang_2001(evidence: Evidence) -> pd.DataFrame:
    """GDP (yuan), registered people and published GDP per head (yuan) of 2001, counties with GDP and people."""
    gdp, hukou = (evidence.table(name) for name in ("county_gdp", "county_hukou"))
    gdp, hukou = (
        table[table["year"].eq(2001) & table["code"].str.startswith(ZHEJIANG[:2])].set_index("code")
        for table in (gdp, hukou)
    )
    rows = pd.DataFrame(
        {
            "gdp": 10_000 * gdp["gdp_10k_yuan"],
            "published": 10_000 * gdp["gdp_per_capita_10k_yuan"],
            "registered": 10_000 * hukou["hukou_population_10k"],
        }
    )
    return rows.dropna(subset=["gdp", "registered"])


def _per_head(rows: pd.DataFrame) -> float:
    return float(rows["gdp"].sum() / rows["registered"].sum())


def _share_of_jobs(evidence: Evidence, codes: Sequence[str]) -> float:
    """Manufacturing in percent of the employed of one area or several together."""
    rows = [census_unit(evidence, code) for code in codes]
    return percent(*(sum(employed(row, name) for row in rows) for name in (_MANUFACTURING, "long_form_employed")))


def _primary_share(evidence: Evidence, code: str, year: int) -> float:
    """Primary sector in percent of a county's GDP; missing where the tables lack either."""
    table = evidence.table("county_gdp")
    rows = table[table["code"].eq(code) & table["year"].eq(year)]
    if len(rows) != 1:
        return math.nan
    return percent(rows["primary_gdp_10k_yuan"].iloc[0], rows["gdp_10k_yuan"].iloc[0])


def _under(share: float, threshold: float) -> bool | float:
    return math.nan if math.isnan(share) else share < threshold
