"""The pre-specified convergence regressions: fixed on 22 November 2026 before any of them was run, not tuned since.

Seen before: the yearly sum and standard deviation of log lights, from which the seam between sensors was read.

Main: growth of light per resident, 2013 to 2022, on its level of 2013, counties of Zhejiang, errors clustered by
prefecture; the same for GDP per resident 2011 to 2021. Everything else is a variant that changes one thing.

Added after the first results were seen: ``READINGS`` (all that were tried are in), the samples ``undoubted``
and ``with_gdp``; on 28 November 2026 Hangzhou's redrawn districts, as two units, which changed the main regression of
light from 81 to 83 counties, and everything on other provinces (``DARK_RULES``, ``EQUAL_START``), whose results
had been seen when the main rule was chosen.
"""

from dataclasses import dataclass, replace
from typing import Literal

from shanhai.core.errors import SpecificationError
from shanhai.methods.spec import CovarianceSpec, Filter, RegressionSpec, SampleSpec, Term, Variable
from shanhai.studies.border.design import BORDER, BY_PREFECTURE, CHINA, ROBUST, RUGGEDNESS, ZHEJIANG

_CONLEY = CovarianceSpec.conley("bartlett", 200.0)
"""Errors shared within 200 km, as in the rest of the suite."""

_DISTRICT = Variable("is_district", is_outcome=True)
"""District status of 2020: growing counties were made districts, so it is an outcome of growth here."""

SAMPLES: dict[str, SampleSpec] = {
    "china": CHINA,
    "zhejiang": ZHEJIANG,
    "the_26": replace(ZHEJIANG, name="The 26", translation="山区26县", filters=(Filter("is_mountain_26", "==", True),)),
    "rest": replace(
        ZHEJIANG, name="Rest of Zhejiang", translation="浙江其他县", filters=(Filter("is_mountain_26", "==", False),)
    ),
    "undoubted": SampleSpec(
        "China, doubtful GDP of 2021 left out", "全国（剔除存疑GDP）", filters=(Filter("gdp_is_doubtful", "==", False),)
    ),
    "with_gdp": replace(
        ZHEJIANG,
        name="Zhejiang, counties with GDP",
        translation="浙江（有GDP的县）",
        filters=(Filter("gdp_2011", ">", 0), Filter("gdp_2021", ">", 0)),
    ),
}
"""Samples by key. On the counties with GDP, those of the GDP regressions, light is asked too: a difference is then not
one of samples."""

MEASURES = ("lights_per_head", "lights_per_km2", "gdp_per_head")
"""What is followed: night light per resident and per km2, GDP per resident."""


@dataclass(frozen=True)
class Period:
    """A measure followed from a first to a last year."""

    measure: str
    """Key of ``MEASURES``."""
    first: int
    """Year of the level."""
    last: int
    """Last year of the growth."""

    @property
    def name(self) -> str:
        """Ending of the columns of this period."""
        return f"{self.measure}_{self.first}_{self.last}"

    @property
    def initial(self) -> str:
        """Column of the log level of the first year."""
        return f"log_{self.measure}_{self.first}"

    @property
    def growth(self) -> str:
        """Column of growth, percent a year (log points over years, times 100)."""
        return f"growth_{self.name}"

    @property
    def years(self) -> int:
        """Years of growth."""
        return self.last - self.first


LIGHTS_LATE = Period("lights_per_head", 2013, 2022)
GDP_LATE = Period("gdp_per_head", 2011, 2021)
PERIODS = (Period("lights_per_head", 2001, 2012), LIGHTS_LATE, Period("gdp_per_head", 2001, 2011), GDP_LATE)
"""Periods of the main tables, each within one sensor."""

AREA_PERIODS = (Period("lights_per_km2", 2001, 2012), Period("lights_per_km2", 2013, 2022))
"""Variants whose denominator does not move."""

MAIN = (LIGHTS_LATE, GDP_LATE)
"""Pre-specified main periods, for counties of Zhejiang, unconditional."""


READINGS: tuple[tuple[Period, str, int], ...] = (
    (LIGHTS_LATE, "gdp_per_head", 2011),
    (Period("lights_per_head", 2014, 2022), "lights_per_head", 2013),
    (Period("lights_per_head", 2002, 2012), "lights_per_head", 2001),
    (GDP_LATE, "gdp_per_head", 2001),
    (GDP_LATE, "lights_per_head", 2013),
)
"""Period, and measure and year of the reading that instruments its first level: light by the GDP of two years before,
by the light of the year before; GDP by that of ten years before, and by light. Light and GDP are counted by different
people, so that their errors have little in common but the residents that both are divided by."""


@dataclass(frozen=True)
class DarkRule:
    """Which counties of a province are its dark ones, to be followed against the rest of it as the 26 are."""

    year: int
    """Year of the light per resident by which counties are ranked."""
    reach: Literal["residents", "counties", "level"]
    """How far up the ranking goes: to the share of residents, or of counties, that the 26 are of Zhejiang, or to the
    brightest of the 26."""


DARK_RULES: dict[str, DarkRule] = {
    "before": DarkRule(2012, "residents"),
    "same_year": DarkRule(2013, "residents"),
    "counties": DarkRule(2012, "counties"),
    "level": DarkRule(2013, "level"),
}
"""Rules by key, the main one first, which was chosen by argument. *By the light of 2012*: a county read too dark in
2013 is called dark and seems to rise; the reading of another sensor the year before has other noise. *As many
residents*: a group against the rest weighs by residents, and provinces cut their counties differently. *Level* takes
the counties as dark in 2013 as the 26, and nearly all of a poor province."""

FEWEST_DARK = 5
"""Counties that the dark group of a province, and the rest of it, need to be followed."""

THE_26 = Variable("is_mountain_26")

EQUAL_START: tuple[tuple[Period, str, str], ...] = tuple(
    (period, sample, conditions)
    for period in MAIN
    for sample, conditions in (
        ("zhejiang", "none"),
        ("zhejiang", "terrain"),
        ("china", "province"),
        ("china", "terrain"),
    )
)
"""Period, sample and conditions under which the 26 are held against others of the same initial level. Main: Zhejiang,
unconditional, as the pre-specified regressions."""


def equal_start_spec(period: Period, sample: str, conditions: str) -> RegressionSpec:
    """Growth on the initial level and on membership in the 26: their growth beside that of others that began equal."""
    spec = convergence_spec(period, sample, conditions)
    return replace(spec, terms=(*spec.terms, THE_26), model=f"equal start, {CONDITIONS[conditions].label}")


@dataclass(frozen=True)
class _Conditions:
    """What a convergence regression holds fixed."""

    label: str
    """English name."""
    label_zh: str
    """Chinese name."""
    controls: tuple[Term, ...] = ()
    """Controls."""
    fixed_effects: tuple[str, ...] = ()
    """Absorbed levels."""


_PROVINCE = ("province_code",)
CONDITIONS: dict[str, _Conditions] = {
    "none": _Conditions("unconditional", "绝对收敛"),
    "province": _Conditions("within provinces", "控制省份固定效应", (), _PROVINCE),
    "terrain": _Conditions("+ terrain, border", "另控制地形与省界", (RUGGEDNESS, BORDER), _PROVINCE),
    "district": _Conditions(
        "+ district (an outcome)", "另控制市辖区（发展的结果变量）", (RUGGEDNESS, BORDER, _DISTRICT), _PROVINCE
    ),
}
"""Conditions by key, each adding to the one before."""

COVARIANCES: dict[str, tuple[CovarianceSpec, ...]] = {
    "china": (BY_PREFECTURE, _CONLEY, ROBUST),
    "zhejiang": (BY_PREFECTURE, _CONLEY, ROBUST),
    "the_26": (ROBUST,),
    "rest": (BY_PREFECTURE, ROBUST),
    "undoubted": (BY_PREFECTURE, ROBUST),
    "with_gdp": (BY_PREFECTURE, ROBUST),
}
"""Covariances of each sample, the main one first; the 26 lie in six prefectures, too few for clusters."""


def convergence_spec(
    period: Period, sample: str = "zhejiang", conditions: str = "none", covariance: CovarianceSpec | None = None
) -> RegressionSpec:
    """Growth on the initial level.

    Parameters
    ----------
    period : Period
    sample, conditions : str
        Keys of ``SAMPLES`` and ``CONDITIONS``.
    covariance : CovarianceSpec, optional
        The main one of the sample by default.

    Raises
    ------
    SpecificationError
        If a key is unknown.
    """
    for key, allowed, what in ((sample, SAMPLES, "sample"), (conditions, CONDITIONS, "set of conditions")):
        if key not in allowed:
            raise SpecificationError(f"no {what} {key!r}; allowed: {', '.join(allowed)}. Name one of these keys.")
    chosen = CONDITIONS[conditions]
    return RegressionSpec(
        outcome=Variable(period.growth),
        terms=(Variable(period.initial),),
        sample=SAMPLES[sample],
        covariance=covariance or COVARIANCES[sample][0],
        controls=chosen.controls,
        fixed_effects=chosen.fixed_effects,
        model=f"beta convergence, {chosen.label}",
    )
