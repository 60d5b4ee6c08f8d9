"""The same design where no policy was: stand-ins of the treated units in other regions.

Units were treated because they were poor. Poor units may catch up, or fall behind, everywhere. Each draw takes one
other region and puts in place of each treated unit one of its like there, by level and terrain; then it chooses the
comparison and estimates as for the real policy. Where the design leaves treated units without a counterpart, their
stand-ins are set aside too, so that both speak of the same kind of unit. The draws centre on what the selection alone
does, and they spread as one region against another does. Regions are few and draws from one region overlap, so the
number of regions, not of draws, says how much is known.

Source: ``lib/docs/policy-evaluation.md``.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.checks import as_count, as_generator
from shanhai.methods.did._effect import contrast
from shanhai.methods.did._pairs import covariate_scale, pair_up
from shanhai.methods.did._panel import (
    PolicyDesign,
    PolicyPanel,
    checked_units,
    checked_values,
    comparison_mask,
    held_fixed,
    home_region,
    level_of,
    require_years,
    scale_outcome,
)
from shanhai.methods.estimate import ENDS

_LIKENESS = 1.0
"""Widest distance of a stand-in from the unit it stands for, in standard deviations a covariate."""

_LEAST_SHARE = 0.9
"""Share of the treated units that must find a stand-in of their own for a region to take part."""

_LEAST_COMPARED = 0.5
"""Share of the units that the real panel compares that a draw must compare too, or it has no estimate; and share of the
draws of a region that must have one, or the region is left out: what little it could compare would be a selection."""


@dataclass(frozen=True, repr=False)
class RegionPlacebo(Shown):
    """The effect among those of stand-ins in regions without the policy."""

    estimate: float
    """Effect of the real policy."""
    effects: Array
    """Effect of each draw."""
    regions: NDArray[np.str_]
    """Region of each draw."""
    years: tuple[int, ...]
    """T years of the window."""
    paths: Array
    """Draws x T differences by year against the reference year."""
    undefined: int
    """Draws without estimate, in regions that take part."""
    excluded: tuple[str, ...]
    """Regions with units like the treated ones, but too few to compare them with."""

    @property
    def region_means(self) -> Array:
        """Mean effect of each region, regions in order of their code."""
        _, codes = np.unique(self.regions, return_inverse=True)
        return np.asarray(np.bincount(codes, weights=self.effects) / np.bincount(codes))

    @property
    def mean(self) -> float:
        """Mean over regions of the mean effect of a region: what selection alone does."""
        return float(self.region_means.mean())

    @property
    def net(self) -> float:
        """Effect of the real policy less what selection alone does."""
        return self.estimate - self.mean

    @property
    def p(self) -> float:
        """(1 + expected number of regions as far from the mean as the real effect) / (1 + regions).

        The expectation is over the draws of each region: it is the rank of the real region among the others, one draw
        each, averaged over the draws. However many draws, it cannot fall below one over the number of regions plus one.
        """
        _, codes = np.unique(self.regions, return_inverse=True)
        far = (np.abs(self.effects - self.mean) >= abs(self.net)).astype(np.float64)
        shares = np.bincount(codes, weights=far) / np.bincount(codes)
        return float((1 + shares.sum()) / (1 + len(shares)))

    @property
    def interval(self) -> tuple[float, float]:
        """Middle 95 % of the draws."""
        low, high = np.quantile(self.effects, ENDS)
        return float(low), float(high)

    def by_region(self) -> pd.DataFrame:
        """One row a region: region, draws, mean, low, high (middle 95 %)."""
        grouped = pd.DataFrame({"region": self.regions, "effect": self.effects}).groupby("region")["effect"]
        table = grouped.agg(draws="size", mean="mean", low=_quantile_025, high=_quantile_975)
        return table.reset_index()


@dataclass(frozen=True)
class _Ground:
    """What every draw shares."""

    design: PolicyDesign
    units: pd.DataFrame
    covariates: Array
    paths: Array
    changes: Array
    scale: Array
    compared: NDArray[np.bool_]
    """Which of the treated units the real panel compares."""


@dataclass(frozen=True)
class _Pool:
    """A region that can take part."""

    near: list[Codes]
    """For each treated unit, the units of the region that are like it."""
    against: NDArray[np.bool_]
    """Which units may be compared with stand-ins of the region, stand-ins themselves included."""


def placebo_regions(
    panel: PolicyPanel, units: pd.DataFrame, values: pd.DataFrame, draws: int, rng: np.random.Generator
) -> RegionPlacebo:
    """Estimate the design on stand-ins in other regions.

    Parameters
    ----------
    panel : PolicyPanel
        Of the real policy.
    units, values : DataFrame
        As for :func:`shanhai.methods.did.build_panel`, with all regions.
    draws : int
        Shared equally among the regions that can take part.
    rng : Generator

    Raises
    ------
    SpecificationError
        If there are no draws, or fewer than two other regions hold like units.

    Examples
    --------
    Sixty units in three regions, of which ten gain 0.2 log points from 2015 on:

    >>> import numpy as np
    >>> from shanhai.methods.did import PolicyDesign, build_panel, placebo_regions, simulated_policy
    >>> units, values = simulated_policy(np.random.default_rng(7))
    >>> design = PolicyDesign(2015, first_year=2011, last_year=2018, form="none", level_years=(2010, 2011))
    >>> panel = build_panel(design, units, values)
    >>> len(placebo_regions(panel, units, values, 20, np.random.default_rng(0)).effects)
    6
    """
    rng, draws = as_generator(rng), as_count(draws, "draws", least=1)
    units, values = checked_units(units), checked_values(values)
    require_years(panel.design, values)
    ground = _ground(panel, units, values)
    pools = _pools(ground)
    if len(pools) < 2:
        raise SpecificationError(
            f"{len(pools)} regions with units like the treated ones; needed: two or more. Give units of more regions."
        )
    found = _draw(ground, pools, draws, rng)
    defined = {name: [draw for draw in every if draw is not None] for name, every in found.items()}
    kept = [name for name, some in defined.items() if some and len(some) >= _LEAST_COMPARED * len(found[name])]
    if not kept:
        raise SpecificationError("no region had enough units to compare; allowed: a caliper with pairs. Widen it.")
    results = [draw for name in kept for draw in defined[name]]
    effects, paths = np.array([draw[0] for draw in results]), np.array([draw[1] for draw in results])
    regions = np.repeat(np.array(kept), [len(defined[name]) for name in kept])
    undefined = sum(len(found[name]) - len(defined[name]) for name in kept)
    weights = contrast(panel.treated, panel.covariates)
    return RegionPlacebo(
        float(weights @ panel.change),
        effects,
        regions,
        panel.design.years,
        paths,
        undefined,
        tuple(name for name in pools if name not in kept),
    )


def _ground(panel: PolicyPanel, units: pd.DataFrame, values: pd.DataFrame) -> _Ground:
    """Units with complete figures, everywhere."""
    design = panel.design
    scaled = scale_outcome(design, values).reindex(units["code"])[list(design.years)]
    level = level_of(design, values).reindex(units["code"])
    complete = scaled.notna().all(axis=1).to_numpy() & level.notna().to_numpy() & units["terrain"].notna().to_numpy()
    kept = units[complete].reset_index(drop=True)
    numbers = scaled[complete].to_numpy(dtype=np.float64)
    covariates = np.column_stack([level[complete].to_numpy(), kept["terrain"].to_numpy(dtype=np.float64)])
    after = np.array([year >= design.policy_year for year in design.years])
    home = kept["region"].eq(home_region(units)).to_numpy()
    treated = kept["treated"].to_numpy(dtype=bool)
    return _Ground(
        design=design,
        units=kept,
        covariates=covariates,
        paths=numbers - numbers[:, [design.years.index(design.reference)]],
        changes=numbers[:, after].mean(axis=1) - numbers[:, ~after].mean(axis=1),
        scale=covariate_scale(covariates[home], treated[home]),
        compared=kept.loc[treated, "code"].isin(set(panel.units["code"])).to_numpy(),
    )


def _pools(ground: _Ground) -> dict[str, _Pool]:
    """Regions other than the real one with a stand-in of its own for nearly every treated unit."""
    units, design = ground.units, ground.design
    treated = units["treated"].to_numpy(dtype=bool)
    region = units["region"].to_numpy()
    nobody = np.zeros(len(units), dtype=bool)
    models = ground.covariates[treated]
    pools = {}
    for name in sorted(set(region) - {home_region(units)}):
        there = np.flatnonzero(region == name)
        own = ground.covariates[there]
        enough = len(pair_up(models, own, ground.scale, _LIKENESS)[0]) >= _LEAST_SHARE * len(models)
        if enough and len(there) > len(models):
            close = cdist(models @ ground.scale, own @ ground.scale) <= _LIKENESS
            against = comparison_mask(units, str(name), nobody, design)
            pools[str(name)] = _Pool([there[row] for row in close], against)
    return pools


def _draw(
    ground: _Ground, pools: dict[str, _Pool], draws: int, rng: np.random.Generator
) -> dict[str, list[tuple[float, Array] | None]]:
    """Effect and path of each draw by region, regions in turn; None for a draw with too little to compare."""
    found: dict[str, list[tuple[float, Array] | None]] = {name: [] for name in pools}
    for name in itertools.islice(itertools.cycle(pools), draws):
        found[name].append(_one_draw(ground, pools[name], rng))
    return found


def _one_draw(ground: _Ground, pool: _Pool, rng: np.random.Generator) -> tuple[float, Array] | None:
    """Effect and path of one set of stand-ins; None if there is too little to compare."""
    stand_in = np.zeros(len(ground.units), dtype=bool)
    compared = np.zeros(len(ground.units), dtype=bool)
    for place in rng.permutation(len(pool.near)):
        free = pool.near[place][~stand_in[pool.near[place]]]
        if len(free):
            chosen = free[rng.integers(len(free))]
            stand_in[chosen] = True
            compared[chosen] = ground.compared[place]
    left, right = np.flatnonzero(compared), np.flatnonzero(pool.against & ~stand_in)
    if ground.design.comparison == "matched":
        first, second = pair_up(ground.covariates[left], ground.covariates[right], ground.scale, ground.design.caliper)
        left, right = left[first], right[second]
    if min(len(left), len(right)) < _LEAST_COMPARED * ground.compared.sum():
        return None
    rows = np.concatenate([left, right])
    level, terrain = (pd.Series(column) for column in ground.covariates[rows].T)
    held = held_fixed(level, terrain, ground.design.form).to_numpy(dtype=np.float64)
    weights = contrast(np.arange(len(rows)) < len(left), held)
    return float(weights @ ground.changes[rows]), weights @ ground.paths[rows]


def _quantile_025(values: pd.Series) -> float:
    return float(values.quantile(ENDS[0]))


def _quantile_975(values: pd.Series) -> float:
    return float(values.quantile(ENDS[1]))
