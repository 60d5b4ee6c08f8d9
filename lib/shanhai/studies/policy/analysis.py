"""One policy estimated and tested in every way of the suite, under each design, and for whole prefectures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.random import default_rng

from shanhai.core.errors import MissingDataError
from shanhai.core.places import require_codes
from shanhai.data.frames.lights import PREFIX, light_years
from shanhai.methods.did.effect import EventStudy, effect, event_study, wild_effect
from shanhai.methods.did.honest import Differences, breakdown, differences_of, relative_magnitudes, smoothness
from shanhai.methods.did.panel import (
    UNIT_COLUMNS,
    PolicyDesign,
    PolicyPanel,
    build_panel,
    comparison_mask,
    home_region,
    scale_outcome,
)
from shanhai.methods.did.permutation import (
    LEAST_CLUSTERS,
    PreTrend,
    UnitPermutation,
    cluster_means,
    permute_clusters,
    permute_units,
    pre_trend,
)
from shanhai.methods.did.placebo import RegionPlacebo, placebo_regions
from shanhai.methods.placebo import RandomizationTest
from shanhai.methods.records import EstimateRecord, HypothesisTest, estimates_of
from shanhai.methods.regression.results import FitResult
from shanhai.methods.regression.wild import WildResult
from shanhai.methods.synthetic.sdid import SdidPlacebo, sdid_placebo
from shanhai.studies.policy.design import DONOR_PROVINCES, MAIN, PREFECTURES, VARIANTS, design_name

_MAGNITUDES = (0.0, 0.5, 1.0, 1.5, 2.0)
"""Bounds on how many times as fast as before trends part after the policy."""

_SLOPES = (0.0, 0.01, 0.02, 0.04)
"""Bounds on the change of the slope of the gap, a year."""


@dataclass(frozen=True)
class Draws:
    """How many draws each test takes, and where they start."""

    permutations: int = 999
    """Permutations of units, of clusters, and bootstrap weights."""
    placebos: int = 1000
    """Sets of stand-ins in other regions."""
    seed: int = 1
    """Start of every generator."""


@dataclass(frozen=True)
class PolicyEstimation:
    """A design with its estimate and every test."""

    panel: PolicyPanel
    result: FitResult
    """The effect: coefficient ``treated``."""
    study: EventStudy
    wild: WildResult
    permuted: UnitPermutation
    clusters: RandomizationTest | None
    """Whole clusters exchanged; None with too few clusters."""
    placebo: RegionPlacebo
    trend: PreTrend

    @property
    def design(self) -> PolicyDesign:
        """What was estimated."""
        return self.panel.design

    @property
    def estimate(self) -> float:
        """Effect, in the unit of the outcome."""
        return float(self.result.params[self.result.position("treated")])

    @property
    def se(self) -> float:
        """Standard error, clustered."""
        return float(self.result.se[self.result.position("treated")])

    @property
    def p(self) -> float:
        """p-value of the cluster covariance."""
        return float(self.result.p[self.result.position("treated")])


@dataclass(frozen=True)
class TrendBounds:
    """The mean effect against the reference year when trends may part, in the two forms of Rambachan & Roth (2023)."""

    reference: int
    """Last year before the policy."""
    differences: Differences
    magnitudes: pd.DataFrame
    """Of :func:`~shanhai.methods.did.honest.relative_magnitudes`, from parallel trends to twice the earlier speed."""
    slopes: pd.DataFrame
    """Of :func:`~shanhai.methods.did.honest.smoothness`, from a straight line on."""
    breakdown: float
    """Largest bound on the relative magnitude that leaves zero outside."""


def policy_data(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Units and light per km2 for :func:`shanhai.methods.did.panel.build_panel`.

    Parameters
    ----------
    frame : DataFrame
        Of ``analysis_frame()``.

    Returns
    -------
    units : DataFrame
        Counties: region the province, cluster the prefecture, treated the 26, alike the counties that touch a
        provincial border and are mountainous, terrain the ruggedness in metres.
    values : DataFrame
        Light sum over area by code and year, nW/cm2/sr per km2.
    """
    alike = frame["on_border"].astype("boolean").fillna(False) & frame["is_mountainous"].astype("boolean").fillna(False)
    units = pd.DataFrame(
        {
            "code": frame["code"],
            "name_en": frame["name_en"],
            "name_zh": frame["name_zh"],
            "region": frame["province_code"],
            "cluster": frame["prefecture_code"],
            "treated": frame["is_mountain_26"].astype(bool),
            "alike": alike.astype(bool),
            "adjacent": frame["neighbour_provinces"].fillna("").astype(object),
            "terrain": frame["ruggedness"].astype("float64"),
        }
    )[list(UNIT_COLUMNS)]
    years = light_years(frame)
    lights = frame.set_index("code")[[f"{PREFIX}{year}" for year in years]].set_axis(list(years), axis="columns")
    area = frame.set_index("code")["area_km2"].astype("float64")
    return units, lights.astype("float64").div(area, axis=0)


def group_paths(units: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Mean log light per km2 by year: the 26, the other counties of Zhejiang, border-and-mountain ones next to it.

    Returns
    -------
    DataFrame
        Index the year; columns ``listed``, ``home``, ``neighbours``. Counties with light in every year.
    """
    logs = scale_outcome(MAIN, values).dropna()
    treated = units["treated"].to_numpy(dtype=bool)
    home = home_region(units)
    compared = {key: comparison_mask(units, home, treated, VARIANTS[key]) for key in ("home", "neighbours")}
    members = {"listed": treated, **compared}
    return pd.DataFrame({name: logs.reindex(units.loc[mask, "code"]).dropna().mean() for name, mask in members.items()})


def estimate_policy(design: PolicyDesign, units: pd.DataFrame, values: pd.DataFrame, draws: Draws) -> PolicyEstimation:
    """Estimate and test a design.

    Parameters
    ----------
    design : PolicyDesign
    units, values : DataFrame
        As for :func:`shanhai.methods.did.panel.build_panel`, with all regions.
    draws : Draws

    Raises
    ------
    MissingDataError, SpecificationError
        As the parts.
    """
    panel = build_panel(design, units, values)
    study = event_study(panel)
    permuted = permute_units(panel, draws.permutations, default_rng(draws.seed))
    enough = len(cluster_means(panel)) >= LEAST_CLUSTERS
    return PolicyEstimation(
        panel=panel,
        result=effect(panel),
        study=study,
        wild=wild_effect(panel, draws.permutations, draws.seed),
        permuted=permuted,
        clusters=permute_clusters(panel, draws.permutations, default_rng(draws.seed)) if enough else None,
        placebo=placebo_regions(panel, units, values, draws.placebos, default_rng(draws.seed)),
        trend=pre_trend(design, study.to_frame()["estimate"].to_numpy(), permuted),
    )


def estimate_designs(
    design: PolicyDesign, units: pd.DataFrame, values: pd.DataFrame, draws: Draws, variant_placebos: int
) -> dict[str, PolicyEstimation]:
    """Estimate a design and the pre-specified ones.

    Parameters
    ----------
    design : PolicyDesign
        Comes first, under its name by :func:`~shanhai.studies.policy.design.design_name`.
    units, values : DataFrame
        Of :func:`policy_data`.
    draws : Draws
        Of the design that comes first.
    variant_placebos : int
        Sets of stand-ins of the others.
    """
    first, fewer = design_name(design), replace(draws, placebos=variant_placebos)
    others = {name: variant for name, variant in VARIANTS.items() if name != first}
    return {
        first: estimate_policy(design, units, values, draws),
        **{name: estimate_policy(variant, units, values, fewer) for name, variant in others.items()},
    }


def estimation_table(estimations: Mapping[str, PolicyEstimation]) -> pd.DataFrame:
    """One row a design.

    Returns
    -------
    DataFrame
        design, estimate, se, p, wild_p, wild_low, wild_high, unit_p, cluster_p (missing with too few clusters),
        placebo_mean, net, region_p, regions, n_treated, n_comparison, clusters, pre_p, hidden_50, hidden_80 (bias that
        a straight trend could hide with these chances of being found), spec_id.
    """
    rows = []
    for name, each in estimations.items():
        treated = int(each.panel.treated.sum())
        rows.append(
            {
                "design": name,
                "estimate": each.estimate,
                "se": each.se,
                "p": each.p,
                "wild_p": each.wild.p,
                "wild_low": each.wild.low,
                "wild_high": each.wild.high,
                "unit_p": each.permuted.test.p,
                "cluster_p": np.nan if each.clusters is None else each.clusters.p,
                "placebo_mean": each.placebo.mean,
                "net": each.placebo.net,
                "region_p": each.placebo.p,
                "regions": len(each.placebo.region_means),
                "n_treated": treated,
                "n_comparison": len(each.panel.units) - treated,
                "clusters": each.study.clusters,
                "pre_p": each.trend.p,
                "hidden_50": each.trend.hidden_50,
                "hidden_80": each.trend.hidden_80,
                "spec_id": each.design.spec_id,
            }
        )
    return pd.DataFrame(rows)


def bound_trends(estimation: PolicyEstimation) -> TrendBounds:
    """What is left of the mean effect under bounds on how far trends part after the policy."""
    differences = differences_of(estimation.study)
    magnitudes, slopes = relative_magnitudes(differences, _MAGNITUDES), smoothness(differences, _SLOPES)
    return TrendBounds(estimation.design.reference, differences, magnitudes, slopes, breakdown(differences))


def prefecture_lights(frame: pd.DataFrame, provinces: Sequence[str]) -> pd.DataFrame:
    """Log of light per km2 of prefectures: light and area of the counties that have both, added up.

    Parameters
    ----------
    frame : DataFrame
        County frame with ``lights_<year>``, ``area_km2``, ``province_code``, ``prefecture_code``.
    provinces : sequence of str

    Returns
    -------
    DataFrame
        Index the prefecture code, columns the years.

    Raises
    ------
    UnknownPlaceError
        If the frame has no county in a province.
    MissingDataError
        If a prefecture has no light at all in a year.
    """
    years = light_years(frame)
    columns = [f"{PREFIX}{year}" for year in years]
    asked = require_codes(provinces, set(frame["province_code"]), "provinces of the frame")
    chosen = frame[frame["province_code"].isin(asked)]
    complete = chosen[chosen[[*columns, "area_km2"]].notna().all(axis=1)]
    sums = complete.groupby("prefecture_code")[[*columns, "area_km2"]].sum()
    density = sums[columns].div(sums["area_km2"], axis=0).set_axis(list(years), axis="columns")
    dark = density.index[density.le(0).any(axis=1)]
    if len(dark):
        raise MissingDataError(
            f"no light in some year in {', '.join(dark)}; needed: light in every year, as zero has no logarithm. Leave "
            "these prefectures out, or begin later."
        )
    return density.apply(np.log)


def prefecture_effects(frame: pd.DataFrame, policy_year: int) -> dict[str, SdidPlacebo]:
    """Synthetic difference-in-differences of Quzhou and of Lishui, each against the same donors.

    Raises
    ------
    MissingDataError
        If there are fewer than two years before the policy year.
    """
    panel = prefecture_lights(frame, ("330000", *DONOR_PROVINCES))
    at_home = frame.loc[frame["province_code"].eq("330000"), "prefecture_code"]
    donors = [code for code in panel.index if code not in set(at_home)]
    return {code: sdid_placebo(panel, code, "log_lights_per_km2", policy_year, donors) for code in PREFECTURES}


def effect_estimates(estimations: Mapping[str, PolicyEstimation]) -> tuple[EstimateRecord, ...]:
    """Effect of each design: with clustered errors, by the wild bootstrap and permutations, and less its placebos."""
    return tuple(row for name, each in estimations.items() for row in _effects_of(name, each))


def _effects_of(name: str, estimation: PolicyEstimation) -> tuple[EstimateRecord, EstimateRecord, EstimateRecord]:
    low, high = estimation.result.ci[estimation.result.position("treated")]
    effect = EstimateRecord(
        *_names(name, estimation), "treated", estimation.estimate, len(estimation.panel.units), _vcov(estimation),
        "difference", estimation.se, float(low), float(high), estimation.p, estimation.study.df,
        estimation.study.clusters, design_id=estimation.design.spec_id,
    )  # fmt: skip
    wild, placebo = estimation.wild, estimation.placebo
    ends = [end - placebo.mean for end in placebo.interval]
    exchanged = {f"counties exchanged, {estimation.permuted.test.draws} draws": estimation.permuted.test.p}
    if estimation.clusters is not None:
        exchanged[f"prefectures exchanged, {estimation.clusters.draws} draws"] = estimation.clusters.p
    return (
        effect,
        replace(
            effect, vcov="", method=f"{wild.label}, seed {wild.seed}", se=None, low=wild.low, high=wild.high, p=wild.p,
            df=None, p_other=exchanged,
        ),
        replace(
            effect, term="net_of_placebo", estimate=placebo.net, se=None,
            vcov="", method=f"placebo provinces, {len(placebo.effects)} draws", low=None, high=None, p=placebo.p,
            df=None, clusters=None, null_mean=0.0, null_low=ends[0], null_high=ends[1],
        ),
    )  # fmt: skip


def trend_tests(estimations: Mapping[str, PolicyEstimation]) -> tuple[HypothesisTest, ...]:
    """Tests of equal trends before: the largest studentised difference among those of exchanged counties."""
    return tuple(
        HypothesisTest(
            *_names(name, each), "equal trends before the policy", "largest studentised difference",
            each.trend.statistic, len(each.panel.units), p=each.trend.p, design_id=each.design.spec_id,
            method=f"permutation of counties, {each.permuted.test.draws} draws",
        )
        for name, each in estimations.items()
    )  # fmt: skip


def year_estimates(estimations: Mapping[str, PolicyEstimation]) -> tuple[EstimateRecord, ...]:
    """Differences by year of each design, as the figure of event studies shows them."""
    rows: list[EstimateRecord] = []
    for name, estimation in estimations.items():
        years = estimation.study.to_frame().dropna(subset="se")
        terms = [f"year_{year}" for year in years["year"]]
        rows += _rows_of(name, estimation, years, term=terms, df=estimation.study.df)
    return tuple(rows)


def bound_estimates(estimation: PolicyEstimation, bounds: TrendBounds) -> tuple[EstimateRecord, ...]:
    """Mean effect against the reference year under each bound of :func:`bound_trends`, for the figure."""
    rows: list[EstimateRecord] = []
    for kind, table in (("relative magnitudes", bounds.magnitudes), ("smoothness", bounds.slopes)):
        rows += _rows_of(
            design_name(estimation.design), estimation, table,
            term=[f"mean effect, {kind} {bound:g}" for bound in table["bound"]],
            estimate=table.get("estimate", bounds.differences.estimate),
            low=table["ci_low"], high=table["ci_high"], method="trends bounded (Rambachan and Roth)",
        )  # fmt: skip
    return tuple(rows)


def prefecture_estimates(effects: Mapping[str, SdidPlacebo]) -> tuple[EstimateRecord, ...]:
    """Synthetic difference-in-differences of whole prefectures."""
    return tuple(
        EstimateRecord(
            f"prefecture {code} against prefectures of Anhui, Fujian and Jiangxi", each.fit.spec.outcome,
            "synthetic difference-in-differences", "treated", each.fit.estimate, 1 + len(each.placebos),
            "", "difference", each.se, p=each.p, design_id=each.fit.spec.spec_id, unit="prefectures",
            method="placebo in space",
        )
        for code, each in effects.items()
    )  # fmt: skip


def _rows_of(
    name: str, estimation: PolicyEstimation, table: pd.DataFrame, **fields: object
) -> tuple[EstimateRecord, ...]:
    sample, outcome, model = _names(name, estimation)
    return estimates_of(
        table, sample=sample, outcome=outcome, model=model, n=len(estimation.panel.units), vcov=_vcov(estimation),
        estimand="difference", clusters=estimation.study.clusters, design_id=estimation.design.spec_id, **fields,
    )  # fmt: skip


def _names(name: str, estimation: PolicyEstimation) -> tuple[str, str, str]:
    """Sample, outcome and model of a design."""
    design = estimation.design
    model = f"policy {design.policy_year}, {design.first_year}-{design.last_year} ({name})"
    return f"26 counties against {design.comparison}", f"lights_per_km2_{design.outcome}", model


def _vcov(estimation: PolicyEstimation) -> str:
    return estimation.result.vcov.replace("(cluster)", "(prefecture_code)")
