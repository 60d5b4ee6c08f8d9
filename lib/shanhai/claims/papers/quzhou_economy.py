"""Claims of the paper on Quzhou (2023) about its economy."""

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check, leading_number
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
    gdp_per_head,
    percent,
    prefecture_value,
)
from shanhai.core.errors import MissingDataError
from shanhai.core.places import NATION

_ECONOMY = ("prefecture_economy",)


@check("Q05", rule=rules.ordering(), data=("county_gdp", "census_2020", "prefecture_economy"))
def _gdp_per_head_against_country(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """GDP per head of Quzhou and of China, over census residents and as published."""
    codes = {"Quzhou": QUZHOU, "China": NATION}
    table = evidence.table("prefecture_economy")
    rows = table[table["year"] == 2021].dropna(subset=["gdp_100m_yuan", "gdp_per_capita_yuan"])
    people = (rows["gdp_100m_yuan"] * 1e8 / rows["gdp_per_capita_yuan"]).sum()
    published = {
        "Quzhou": prefecture_value(evidence, QUZHOU, 2021, "gdp_per_capita_yuan"),
        "China": float(rows["gdp_100m_yuan"].sum() * 1e8 / people),
    }
    covered = float(area(evidence, NATION)["gdp_2021_covered_pct"])
    return (
        Measured(
            "residents_2020",
            {name: gdp_per_head(evidence, code) for name, code in codes.items()},
            f"{GDP_BASIS}; China over prefectures with {show(covered, 1)} % of the residents; the claim is about 2022",
        ),
        Measured(
            "published_2021",
            published,
            f"GDP per head of 2021 as published by prefecture (over residents of 2021); China from {len(rows)} "
            "prefectures with figures; the claim is about 2022",
        ),
    )


@check("Q06", rule=rules.ordering(), data=("county_gdp", "census_2020"))
def _gdp_per_head_against_province(_: Claim, evidence: Evidence) -> Measured:
    """GDP per head of Quzhou and of Zhejiang."""
    codes = {"Quzhou": QUZHOU, "Zhejiang": ZHEJIANG}
    return Measured(
        "residents_2020",
        {name: gdp_per_head(evidence, code) for name, code in codes.items()},
        f"{GDP_BASIS}; the claim is about 2022",
    )


@check("Q07", "Q08", rule=rules.ordering(), data=_ECONOMY)
def _tertiary_share_compared(claim: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Share of services in Quzhou and in the province or the country, latest year first."""
    prefix = "33" if claim.reference == "Zhejiang" else ""
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


@check("Q11", rule=rules.ordering(), data=("prefecture_economy", "census_2020"))
def _output_per_worker(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """GDP of 2021 over census employment of 2020, in Quzhou and the three neighbours that the paper names."""
    codes = {"Quzhou": QUZHOU, "Jinhua": JINHUA, "Lishui": LISHUI, "Huangshan": HUANGSHAN}

    def per_worker(code: str, by_households: bool) -> float:
        row = census_unit(evidence, code)
        sampled = float(row["long_form_employed"])
        weight = row["family_households"] / row["long_form_households"] if by_households else 10.0
        return prefecture_value(evidence, code, 2021, "gdp_100m_yuan") * 1e8 / (sampled * float(weight))

    note = "The paper's own employment figures would be needed to check the 147,100."
    return (
        Measured(
            "all_households",
            {name: per_worker(code, True) for name, code in codes.items()},
            "GDP of 2021 over employed residents of the census long form of 2020, raised by all family households "
            "over long-form households",
            note=note,
        ),
        Measured(
            "one_tenth",
            {name: per_worker(code, False) for name, code in codes.items()},
            "the same, the long form taken as one tenth of all employed",
        ),
    )


@check("Q12", "Q18", "Q19", rule=rules.ordering(), data=("claims",))
def _printed_comparison(claim: Claim, _: Evidence) -> Measured:
    """The paper's own figures put side by side; the tables hold nothing on them."""
    return _side_by_side(claim)


def _side_by_side(claim: Claim) -> Measured:
    references = claim.printed_references
    names = [name.strip() for name in claim.reference.split(";")]
    own = float(claim.printed[0])
    gap = ", ".join(f"{name} {show(own - float(text))}" for name, text in zip(names, references, strict=True))
    return Measured(
        "documents",
        {claim.place: own, **{name: float(text) for name, text in zip(names, references, strict=True)}},
        "the paper's own figures: the comparison is arithmetic, the figures themselves are not checked",
        note=f"Difference to {gap} ({claim.unit}).",
    )


@check("Q17", rule=rules.ordering(), data=("claims", "prefecture_economy"))
def _research_intensity(claim: Claim, evidence: Evidence) -> Measured:
    """The paper's intensities side by side, and the one that its expenditure of 2021 gives over our GDP."""
    table = evidence.table("claims").set_index("id")
    spent = leading_number(str(table.at["Q16", "reference_value"]))
    gdp = prefecture_value(evidence, QUZHOU, 2021, "gdp_100m_yuan")
    measured = _side_by_side(claim)
    own = f"R&D of 2021 as printed (claim Q16) over GDP of 2021 is {show(100 * spent / gdp)} %."
    return Measured(measured.key, measured.value, measured.basis, note=f"{measured.note} {own}")


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
