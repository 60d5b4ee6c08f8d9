"""Claims of the paper on Quzhou (2023) about its economy."""

import pandas as pd

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import (
    GDP_BASIS,
    HUANGSHAN,
    JINHUA,
    LISHUI,
    QUZHOU,
    ZHEJIANG,
    area,
    census_unit,
    employed,
    gdp_per_head,
    mountain_codes,
    percent,
    prefecture_value,
    published_per_head,
)
from shanhai.core.errors import MissingDataError
from shanhai.core.places import NATION

_ECONOMY = ("prefecture_economy",)

_WHOLES = {"China": NATION, "Zhejiang": ZHEJIANG}
"""What Quzhou is compared with."""

_PREFIXES = {"China": "", "Zhejiang": ZHEJIANG[:2]}
"""How the codes of their prefectures begin."""


@check("Q05", "Q06", rule=rules.ordering(), data=("county_gdp", "census_2020", "prefecture_economy"))
def _gdp_per_head_compared(claim: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """GDP per head of Quzhou and of China or Zhejiang, as published and over census residents."""
    code = claim.named("reference", _WHOLES)[claim.reference]
    covered = float(area(evidence, code)["gdp_2021_covered_pct"])
    return (
        published_against(evidence, claim.reference),
        Measured(
            "residents_2020",
            {"Quzhou": gdp_per_head(evidence, QUZHOU), claim.reference: gdp_per_head(evidence, code)},
            f"{GDP_BASIS}; {claim.reference} over prefectures with {show(covered, 1)} % of the residents; the claim is "
            "about 2022",
        ),
    )


def published_against(evidence: Evidence, reference: str) -> Measured:
    """GDP per head of Quzhou and of China or Zhejiang in 2021, as published by prefecture."""
    other, units = published_per_head(evidence, _PREFIXES[reference])
    return Measured(
        "published_2021",
        {"Quzhou": prefecture_value(evidence, QUZHOU, 2021, "gdp_per_capita_yuan"), reference: other},
        f"GDP per head of 2021 as published by prefecture (over residents of 2021); {reference} from {units} "
        "prefectures with figures",
    )


@check("Q07", "Q08", rule=rules.ordering(), data=_ECONOMY)
def _tertiary_share_compared(claim: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Share of services in Quzhou and in the province or the country, latest year first."""
    prefix = claim.named("reference", _PREFIXES)[claim.reference]
    found = []
    for year in (2021, 2020, 2019):
        other, units = _tertiary_share(evidence, year, prefix)
        own, _ = _tertiary_share(evidence, year, QUZHOU)
        found.append(
            Measured(
                f"sectors_{year}",
                {"Quzhou": own, claim.reference: other},
                f"value added of services over GDP, {year}; {claim.reference} is the sum of {units} prefectures with "
                "figures; the claim is about 2022",
            )
        )
    return tuple(found)


@check("Q11a", rule=rules.ordering(), data=("prefecture_economy", "census_2020"))
def _output_per_worker(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """GDP of 2021 over census employment of 2020, in Quzhou and the three neighbours that the paper names."""
    codes = {"Quzhou": QUZHOU, "Jinhua": JINHUA, "Lishui": LISHUI, "Huangshan": HUANGSHAN}
    raised = {name: employed(census_unit(evidence, code)) for name, code in codes.items()}
    tenfold = {name: 10.0 * float(census_unit(evidence, code)["long_form_employed"]) for name, code in codes.items()}
    gdp = {name: prefecture_value(evidence, code, 2021, "gdp_100m_yuan") * 1e8 for name, code in codes.items()}
    return (
        Measured(
            "all_households",
            {name: gdp[name] / raised[name] for name in codes},
            "GDP of 2021 over employed residents of the census long form of 2020, raised by all family households "
            "over long-form households",
            note="The paper's own employment figures would be needed to check the 147,100.",
        ),
        Measured(
            "one_tenth",
            {name: gdp[name] / tenfold[name] for name in codes},
            "the same, the long form taken as one tenth of all employed",
        ),
    )


@check("Q11b", rule=rules.ordering(unnamed=-1), data=("prefecture_economy", "county_gdp", "census_2020"))
def _low_among_the_26(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Output per worker of Quzhou against the median of the 26 counties."""
    gdp = evidence.frame.set_index("code")["gdp_2021"].reindex(mountain_codes(evidence))
    gdp[QUZHOU] = prefecture_value(evidence, QUZHOU, 2021, "gdp_100m_yuan") * 1e8
    rows = {code: census_unit(evidence, code) for code in gdp.index}
    workers = {
        "all_households": ("raised by all family households over long-form households", employed),
        "one_tenth": ("taken as one tenth of all employed", lambda row: 10.0 * float(row["long_form_employed"])),
    }
    found = []
    for key, (how, count) in workers.items():
        output = gdp / pd.Series({code: count(row) for code, row in rows.items()})
        listed = output.drop(QUZHOU)
        found.append(
            Measured(
                key,
                {"Quzhou": float(output[QUZHOU]), "median of the 26": float(listed.median(skipna=False))},
                f"GDP of 2021 over employed residents of the census long form of 2020, {how}; low if below the median "
                "county",
                note=f"{int((listed > output[QUZHOU]).sum())} of {len(listed)} counties lie above the prefecture.",
            )
        )
    return tuple(found)


def _tertiary_share(evidence: Evidence, year: int, prefix: str = "") -> tuple[float, int]:
    """Services in percent of GDP over the prefectures whose code begins with ``prefix``, and their number.

    Computed from value added by sector, so that larger prefectures count for more.

    Raises
    ------
    MissingDataError
        If none has value added by sector in that year.
    """
    table = evidence.table("prefecture_economy")
    sectors = ["primary_gdp_10k_yuan", "secondary_gdp_10k_yuan", "tertiary_gdp_10k_yuan"]
    rows = table[(table["year"] == year) & table["code"].str.startswith(prefix)].dropna(subset=sectors)
    if rows.empty:
        raise MissingDataError(f"prefecture_economy holds no value added by sector for {prefix or 'China'} in {year}.")
    return percent(rows[sectors[2]].sum(), rows[sectors].to_numpy().sum()), len(rows)
