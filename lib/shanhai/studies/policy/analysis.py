"""One policy estimated and tested in every way of the suite, under each design, and for whole prefectures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.random import default_rng
from scipy import stats

from shanhai.core.errors import MissingDataError
from shanhai.core.places import ZHEJIANG, require_codes
from shanhai.core.shared import shared
from shanhai.data.frames.lights import PREFIX, light_years
from shanhai.methods.did import (
    LEAST_CLUSTERS,
    Comparison,
    Differences,
    EventStudy,
    Form,
    PolicyDesign,
    PolicyPanel,
    PreTrend,
    RegionPlacebo,
    UnitPermutation,
    breakdown,
    build_panel,
    comparison_mask,
    differences_of,
    effect,
    event_study,
    home_region,
    permute_clusters,
    permute_units,
    placebo_regions,
    pre_trend,
    relative_magnitudes,
    scale_outcome,
    smoothness,
    wild_effect,
)
from shanhai.methods.placebo import RandomizationTest
from shanhai.methods.regression.results import FitResult
from shanhai.methods.regression.wild import WildResult
from shanhai.methods.synthetic.sdid import SdidPlacebo, sdid_placebo
from shanhai.studies.policy.design import (
    DONOR_PROVINCES,
    MAIN,
    PLAIN,
    PREFECTURES,
    VARIANTS,
    design_name,
    form_designs,
    why_not,
)

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

    @property
    def detectable(self) -> float:
        """Effect that the wild bootstrap's 5 % test finds in four cases of five; infinite if its interval is open."""
        return detectable_effect(self.wild, self.study.clusters)


@dataclass(frozen=True)
class TrendBounds:
    """The mean effect against the reference year when trends may part, in the two forms of Rambachan & Roth (2023)."""

    reference: int
    """Last year before the policy."""
    differences: Differences
    magnitudes: pd.DataFrame
    """Of :func:`~shanhai.methods.did.relative_magnitudes`, from parallel trends to twice the earlier speed."""
    slopes: pd.DataFrame
    """Of :func:`~shanhai.methods.did.smoothness`, from a straight line on."""
    breakdown: float
    """Largest bound on the relative magnitude that leaves zero outside."""


def policy_data(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Units and light per km2 for :func:`shanhai.methods.did.build_panel`.

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
    )
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


@shared
def estimate_policy(design: PolicyDesign, units: pd.DataFrame, values: pd.DataFrame, draws: Draws) -> PolicyEstimation:
    """Estimate and test a design.

    Parameters
    ----------
    design : PolicyDesign
    units, values : DataFrame
        As for :func:`shanhai.methods.did.build_panel`, with all regions.
    draws : Draws

    Raises
    ------
    MissingDataError, SpecificationError
        As the parts.
    """
    panel = build_panel(design, units, values)
    study = event_study(panel)
    permuted = permute_units(panel, draws.permutations, default_rng(draws.seed))
    enough = panel.units["cluster"].nunique() >= LEAST_CLUSTERS
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


def estimate_forms(
    design: PolicyDesign,
    units: pd.DataFrame,
    values: pd.DataFrame,
    draws: Draws,
    known: Iterable[PolicyEstimation] = (),
) -> dict[tuple[Comparison, Form], PolicyEstimation]:
    """A design under every comparison and form, as :func:`~shanhai.studies.policy.design.form_designs` orders them.

    Parameters
    ----------
    design : PolicyDesign
    units, values : DataFrame
        Of :func:`policy_data`.
    draws : Draws
    known : iterable of PolicyEstimation
        Estimations of some of these designs, which are taken as they are, so that no design has two placebo means.
    """
    done = {estimation.design: estimation for estimation in known}
    return {
        key: done[variant] if variant in done else estimate_policy(variant, units, values, draws)
        for key, variant in form_designs(design).items()
    }


def cannot_evaluate(
    main: PolicyEstimation, forms: Mapping[tuple[Comparison, Form], PolicyEstimation]
) -> tuple[str, ...]:
    """Reasons of :func:`~shanhai.studies.policy.design.why_not` against the main design; none if it can evaluate."""
    listed = int(main.panel.treated.sum()) + int(main.panel.left_out["treated"].sum())
    return why_not(
        forms[PLAIN].estimate,
        [estimation.estimate for (who, form), estimation in forms.items() if who == PLAIN[0] and form != PLAIN[1]],
        int(main.panel.treated.sum()) / listed,
        main.trend.hidden_80,
        main.detectable,
    )


def detectable_effect(wild: WildResult, clusters: int) -> float:
    """Effect found with 80 % power: the half-width of the interval, stretched as for a t-test (Bloom 1995)."""
    both, power = stats.t.ppf([0.975, 0.8], clusters - 1)
    return float((wild.high - wild.low) / 2 * (both + power) / both)


def estimation_table(estimations: Mapping[str, PolicyEstimation]) -> pd.DataFrame:
    """One row a design.

    Returns
    -------
    DataFrame
        design, estimate, mean (change of all units), se, p, wild_p, wild_low, wild_high, unit_p, cluster_p (missing
        with too few clusters),
        placebo_mean, net, region_p, regions, n_treated, n_comparison, clusters, pre_p, hidden_50, hidden_80 (bias that
        a straight trend could hide with these chances of being found), spec_id.
    """
    rows = []
    for name, estimation in estimations.items():
        treated = int(estimation.panel.treated.sum())
        rows.append(
            {
                "design": name,
                "estimate": estimation.estimate,
                "mean": float(estimation.panel.change.mean()),
                "se": estimation.se,
                "p": estimation.p,
                "wild_p": estimation.wild.p,
                "wild_low": estimation.wild.low,
                "wild_high": estimation.wild.high,
                "unit_p": estimation.permuted.test.p,
                "cluster_p": np.nan if estimation.clusters is None else estimation.clusters.p,
                "placebo_mean": estimation.placebo.mean,
                "net": estimation.placebo.net,
                "region_p": estimation.placebo.p,
                "regions": len(estimation.placebo.region_means),
                "n_treated": treated,
                "n_comparison": len(estimation.panel.units) - treated,
                "clusters": estimation.study.clusters,
                "pre_p": estimation.trend.p,
                "hidden_50": estimation.trend.hidden_50,
                "hidden_80": estimation.trend.hidden_80,
                "spec_id": estimation.design.spec_id,
            }
        )
    return pd.DataFrame(rows)


def bound_trends(estimation: PolicyEstimation) -> TrendBounds:
    """What is left of the mean effect under bounds on how far trends part after the policy.

    Slopes are missing where the years before are more than one and prefectures no more than all differences: which
    straight line goes on cannot be told then.
    """
    differences = differences_of(estimation.study)
    magnitudes = relative_magnitudes(differences, _MAGNITUDES)
    if differences.is_singular and len(differences.pre) > 1:
        slopes = pd.DataFrame({"bound": _SLOPES, "estimate": np.nan, "ci_low": np.nan, "ci_high": np.nan})
    else:
        slopes = smoothness(differences, _SLOPES)
    return TrendBounds(estimation.design.reference, differences, magnitudes, slopes, breakdown(differences))


def _prefecture_lights(frame: pd.DataFrame, provinces: Sequence[str]) -> pd.DataFrame:
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
    panel = _prefecture_lights(frame, (ZHEJIANG, *DONOR_PROVINCES))
    at_home = frame.loc[frame["province_code"].eq(ZHEJIANG), "prefecture_code"]
    donors = [code for code in panel.index if code not in set(at_home)]
    return {code: sdid_placebo(panel, code, "log_lights_per_km2", policy_year, donors) for code in PREFECTURES}
