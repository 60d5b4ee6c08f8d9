"""The one table of plausible lowest and highest values of what follows from the figures of a place.

The ranges of single columns stand in ``data/dictionary.csv``. What stands here is wider than anything true and narrower
than the slip from one unit to the next, so that a figure outside has another unit or belongs to another place. Each
limit has its argument beside it; none was chosen with a view to an estimate. The same limits serve the bundled tables
(what lies outside is flagged), a user's tables in their place (refused), and later figures (refused).
"""

from dataclasses import dataclass

GDP_JUMP = (0.6, 1.7)
"""GDP, or the value added of a sector, over that of the year before."""


@dataclass(frozen=True)
class Limit:
    """Plausible range of one quantity."""

    id: str
    quantity: str
    """What is measured, with its unit."""
    low: float
    high: float
    reason: str
    """Why nothing true lies outside."""
    of_place: bool = False
    """Whether a breach is one of the place, in every year, as where the population of another base stands behind it."""

    def __str__(self) -> str:
        span = f"least allowed is {self.low:,.15g}, most allowed is {self.high:,.15g}"
        return f"{self.quantity}; {span} (rule {self.id}: {self.reason})"


_BEYOND = "change a year since the year before in the table, as a factor, beyond one break of two"

GDP_PER_HEAD = Limit(
    "gdp_per_head",
    "GDP per resident, yuan",
    300,
    1_500_000,
    "in 2001 the poorest counties, in Shanxi, Gansu and Qinghai, had 437 to 800 yuan; in 2021 a border port of 11,000"
    " residents had 905,000. The range is narrower than the factor of 10,000 between two units",
)

GDP_PER_HEAD_LATER = Limit(
    "gdp_per_head_later",
    "GDP per head since 2020, yuan",
    5_000,
    1_500_000,
    "in 2021 the poorest county of the country printed 8,400 yuan",
)

PEOPLE_BEHIND = Limit(
    "people_behind_gdp",
    "people implied by GDP over GDP per head, as a multiple of residents",
    0.3,
    4.0,
    "zones, redrawn districts and registered against resident population explain no more",
    of_place=True,
)

PEOPLE_OF_BLOCK = Limit(
    "people_of_province",
    "people implied by GDP over GDP per head, over residents, in the median county of a province and year",
    0.67,
    1.5,
    "registered against resident population parts single counties, not the median; a common factor is one of GDP or of"
    " GDP per head alone",
)

BESIDE_OURS = Limit(
    "beside_ours",
    "figure over that of our table in the same place and year",
    0.25,
    4.0,
    "revisions, zones and redrawn districts explain no more; a prefecture has eight counties on average",
)

BESIDE_PREFECTURE = Limit(
    "prefecture_beside_ours",
    "figure over that of our table in the same prefecture and year",
    0.5,
    2.0,
    "prefectures are redrawn less than counties, and the economic census of 2018 lowered Tianjin's GDP by a quarter",
)

PRIMARY_SHARE = Limit("primary_share", "primary value added, percent of GDP", 0, 100, "a part is not above its whole")

GROWTH = Limit(
    "yearly_growth",
    f"GDP or GDP per head, {_BEYOND}",
    0.85,
    1.5,
    "nominal GDP of China grew by 36 percent at most (1994); a revision, a new plant or a redrawn boundary may double"
    " or halve a figure once",
)

PRIMARY_GROWTH = Limit(
    "primary_growth",
    f"primary value added, {_BEYOND}",
    0.3,
    3,
    "a district that loses its fields keeps next to nothing",
)

POPULATION_GROWTH = Limit(
    "population_growth", f"registered population, {_BEYOND}", 0.67, 1.5, "people move slower; a district may be joined"
)

INVESTMENT_GROWTH = Limit(
    "investment_growth", f"investment, {_BEYOND}", 0.05, 20, "one plant may make a year; units differ by 10,000"
)

ROAD_GROWTH = Limit("road_growth", f"highways, {_BEYOND}", 0.2, 5, "village roads entered the statistics about 2006")

LIGHT_GROWTH = Limit(
    "light_of_year",
    "light of all places over that of the year before",
    0.2,
    5,
    "with the new sensor of 2013 it rose by half; new satellites moved a province by a factor of two before that",
)

ILLITERACY = Limit(
    "illiteracy_rate",
    "illiterate over population of 15 and over less the printed rate, percentage points",
    -0.01,
    0.01,
    "the rate is printed to 0.01",
)

SHARES = Limit("shares_sum", "sum of the three sectors' shares, percent", 97, 103, "shares are printed to 0.1 or 1")

SECTORS = Limit(
    "sectors_sum", "sum of the sectors' value added, percent of GDP", 90, 110, "GDP is their sum but for revisions"
)

SHARE_PRINTED = Limit(
    "share_printed",
    "printed share of a sector over its share in value added",
    0.05,
    20,
    "a share of one is a hundredth",
)

WHOLE = Limit("parts_sum", "parts less the whole, persons", 0, 0, "a census counts each resident once")

HUKOU = Limit(
    "hukou_against_census",
    "registered population over that of the 2010 census, of the same code",
    0.1,
    10,
    "hardly a code was redrawn more than tenfold (Dazu in Chongqing was); units differ by 10,000",
    of_place=True,
)

RESIDENTS = Limit(
    "residents_against_census",
    "urban and rural residents together over those of the 2020 census",
    0.1,
    10,
    "as for registered population",
    of_place=True,
)

ROADS = Limit(
    "roads_per_km2", "highways, km per km2", 0.001, 20, "Shanghai has 2, the Chang Tang one road; a metre is 0.001 km"
)

LIGHTS = Limit(
    "lights_per_km2", "light per km2", 0, 2_000, "the brightest district, Shangcheng in Hangzhou, has 802 (2022)"
)

COVERAGE = Limit(
    "coverage_of_year",
    "places with a figure of the year, percent of the fullest year",
    50,
    100,
    "a satellite sees every county; a year of a few would be compared with years of all",
)

INVESTMENT = Limit(
    "investment_over_gdp",
    "fixed investment as a multiple of GDP of the nearest year compared",
    0,
    30,
    "a new district built 14 times its GDP of 2011; units differ by 10,000",
)


@dataclass(frozen=True)
class _Carried:
    """How far a later figure may lie from the bundled one of the same place: a step once, and a factor a year."""

    id: str
    once: float
    low: float
    high: float

    def bounds(self, base: float, years: int) -> tuple[float, float]:
        """Lowest and highest plausible figure that many years after the bundled one.

        Examples
        --------
        >>> tuple(round(bound, 1) for bound in _Carried("gdp_carried", 1.5, 0.9, 1.2).bounds(100.0, 2))
        (54.0, 216.0)
        """
        return base * self.low**years / self.once, base * self.high**years * self.once


CARRIED = {
    # Half the growth of a factor of two in the panel: a bundled figure is recent, and a prefecture has eight counties.
    "gdp": _Carried("gdp_carried", 1.5, 0.9, 1.2),
    # Published figures divide by year-end, average or registered people.
    "gdp_per_head": _Carried("gdp_per_head_carried", 2.0, 0.9, 1.2),
    # Between the censuses half of the counties moved by more than 1 percent a year, one in twenty by more than 4.
    "residents": _Carried("residents_carried", 1.25, 0.95, 1.06),
}

URBAN_SHARE_ONCE, URBAN_SHARE_YEARLY = 5.0, 2.5
"""Points by which a later urban share may differ from the census: once, and more a year. China's rose by 1.4 a year."""

LATER = {
    "urban_share": Limit("urban_share", "urban share, percent", 1, 100, "a share of one is at most 1; Tibet has 1.4"),
    "tourism_share": Limit("tourism_share", "tourism in GDP, percent", 1, 100, "a share of one is at most 1"),
    "urban_income": Limit(
        "urban_income", "income of an urban resident, yuan a year", 15_000, 200_000,
        "half of Heilongjiang's in 2020 (31,115), twice that of Shanghai in 2023 (89,477)",
    ),
    "rural_income": Limit(
        "rural_income", "income of a rural resident, yuan a year", 5_000, 120_000,
        "half of Gansu's in 2020 (10,344), nearly three times that of Shanghai in 2023 (42,988)",
    ),
    "gdp_per_head": GDP_PER_HEAD_LATER,
}  # fmt: skip
"""Limits of later figures by indicator, in yuan or percent."""

LATER_OVER = {
    "budget_revenue": Limit(
        "revenue_over_gdp", "budget revenue, percent of GDP", 0.5, 40, "Shanghai has 18, poor counties 2 to 5"
    ),
    "tourism_output": Limit(
        "tourism_over_gdp", "tourism output, percent of GDP", 0.1, 500, "receipts count more than value added"
    ),
    "industrial_output": Limit(
        "industry_over_gdp", "industrial output, percent of GDP", 0.1, 1_000, "output counts what was bought in, too"
    ),
    "visitors": Limit(
        "visitors_per_head", "visitors per resident", 0.1, 1_000, "counties that live on tourism have tens"
    ),
}
"""Limits of later figures as a part of GDP (percent), of visitors as a multiple of residents."""
