"""Shares of groups of variables in the gap between two places, or in the variance of a country.

With all coefficients of one regression at hand, a gap in means needs no order: coefficient times difference of
regressors, group by group (``explain_gap``). But each coefficient then holds all other groups fixed, and what several
groups have in common goes to none or to whichever is measured best. Here every set of groups gets a regression of its
own, its worth is the part of the gap that goes with it, and a rule shares out what sets gain by a further group. The
full model, and with it the part explained by all groups together, is the same as in ``explain_gap``.

The fixed effect is in every regression, so coefficients never compare across its levels; its own part is the
difference of levels that is left when all groups are in. Nothing here is a cause: a share says what goes together.

Source: Shorrocks (2013); Shapley (1953).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import require_columns, require_once
from shanhai.methods.decomposition._design import Moments, SharesDesign, cluster_moments
from shanhai.methods.decomposition._shapley import (
    first_values,
    last_values,
    ordered_values,
    owen_values,
    shapley_values,
)
from shanhai.methods.decomposition.gap import FIXED_EFFECTS, REMAINDER, GapPart, aggregate_gap, mean_weights, parts_from
from shanhai.methods.regression.design import Design, numbers
from shanhai.methods.regression.fit import solve


class Rule(StrEnum):
    """Rule by which groups get their share; all but ``ALONE`` and ``LAST`` add up.

    Examples
    --------
    >>> from shanhai.methods.decomposition import Rule
    >>> Rule("Shapley") is Rule.SHAPLEY
    True
    """

    ALONE = "alone"
    """What a group reaches by itself."""
    IN_ORDER = "blocks in order"
    """Shapley values in which the groups of a block come before those of the next."""
    OWEN = "Owen"
    """Shapley values in which the groups of a block enter one after another."""
    SHAPLEY = "Shapley"
    """Shapley values over all orders."""
    LAST = "last"
    """What a group adds to all others."""


@dataclass(frozen=True, repr=False)
class GapShares(Shown):
    """A gap shared out among groups of variables; under every rule that adds up, parts sum to it exactly."""

    design: SharesDesign
    """What was estimated."""
    gap: float
    """Weighted mean of the place minus that of the reference, in units of the outcome."""
    parts: tuple[GapPart, ...]
    """Shapley shares of the groups in order, then fixed effects, then the remainder."""
    rules: Mapping[Rule, tuple[GapPart, ...]]
    """Shares of the groups under each ``Rule``."""
    blocks: Mapping[Rule, tuple[GapPart, ...]]
    """Shares of the blocks, under ``Rule.SHAPLEY`` and ``Rule.IN_ORDER``."""
    aggregate_gap: float | None
    """Difference of the logs of the two weighted means; None for an outcome that is no logarithm."""
    n_place: int
    """Rows of the place that the regression used."""
    n_reference: int
    """Rows of the reference that the regression used."""
    covered_place: float
    """Share of the place's weight in these rows, percent."""
    covered_reference: float
    """Share of the reference's weight in these rows, percent."""
    n: int
    """Rows of the regression."""
    clusters: int
    """Clusters that were drawn."""
    draws: int
    """Draws behind standard errors and intervals; the places' own figures are the same in all of them."""

    def part(self, name: str, rule: Rule = Rule.SHAPLEY) -> GapPart:
        """A part by its name: a group, a block (under its rules), ``fixed effects`` or ``remainder``.

        Raises
        ------
        SpecificationError
            If there is none of that name under that rule.
        """
        ends = self.parts[len(self.design.groups) :]
        found = [part for part in (*self.rules.get(rule, ()), *self.blocks.get(rule, ()), *ends) if part.name == name]
        if not found:
            raise SpecificationError(
                f"no part {name!r} under rule {rule!r}; allowed: {', '.join(self.design.names)} under "
                f"{', '.join(Rule)}; {', '.join(self.design.blocks)} under {', '.join(self.blocks)}."
            )
        return found[0]

    def to_frame(self) -> pd.DataFrame:
        """One row a rule and part: rule, part, contribution, se, low, high."""
        ends = self.parts[len(self.design.groups) :]
        rows = [(rule, part) for rule, parts in self.rules.items() for part in (*parts, *ends)]
        return pd.DataFrame([{"rule": rule.value, **vars(part)} for rule, part in rows]).rename(
            columns={"name": "part"}
        )


def share_gap(
    design: SharesDesign,
    frame: pd.DataFrame,
    place: Collection[str],
    reference: Collection[str],
    *,
    draws: int = 999,
    generator: np.random.Generator,
    unit: str = "code",
) -> GapShares:
    """Share out the gap between two sets of units among groups of variables.

    Parameters
    ----------
    design : SharesDesign
    frame : DataFrame
        With codes of units, the columns of the regression and the weight.
    place, reference : collections of str
        Codes of units; the reference may contain the place.
    draws : int
        Draws of clusters behind the intervals; 0 for none.
    generator : Generator
    unit : str
        Column of codes of units.

    Returns
    -------
    GapShares

    Raises
    ------
    UnknownPlaceError
        If the frame has no unit of a code.
    MissingDataError
        If no unit of the place or of the reference has the figures that the regression needs.
    SpecificationError
        If a term is determined by the others, a code is missing or there twice, or as ``fit`` says.

    Examples
    --------
    A gap between ten units and all:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.decomposition import SharesDesign, TermGroup
    >>> from shanhai.methods.decomposition import share_gap
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"x": rng.normal(size=60), "z": rng.normal(size=60), "one": 1.0})
    >>> frame["y"] = 2 * frame["x"] + frame["z"] + rng.normal(0, 0.1, 60)
    >>> frame["code"], frame["town"] = [f"u{number:02d}" for number in range(60)], np.arange(60) % 12
    >>> by_town = CovarianceSpec("cluster", ("town",), "CR1")
    >>> spec = RegressionSpec(Variable("y"), (Variable("x"), Variable("z")), SampleSpec("all"), by_town, weights="one")
    >>> groups = (TermGroup("x", ("x",), "given"), TermGroup("z", ("z",), "later"))
    >>> design = SharesDesign(spec, groups, weight="one")
    >>> shares = share_gap(design, frame, frame["code"][:10], frame["code"], draws=0, generator=rng)
    >>> [(part.name, round(part.contribution, 2)) for part in shares.parts]
    [('x', 0.02), ('z', 0.02), ('fixed effects', -0.0), ('remainder', -0.03)]
    """
    arrays = _identified(design, frame)
    require_columns(frame, (unit,))
    require_once(frame[unit], "codes of the frame")
    codes, weights = frame[unit], numbers(frame, design.weight)
    here, covered_here = mean_weights(arrays, codes, weights, place, "the place")
    there, covered_there = mean_weights(arrays, codes, weights, reference, "the reference")
    difference = here - there
    moments = cluster_moments(arrays, draws, generator)
    gap = float(difference @ arrays.outcome)
    worth = _gap_worth(design, arrays, moments, difference @ arrays.matrix)
    between = _between(arrays, moments, difference)
    shared = _rules(design, worth)
    groups = {rule: parts_from(design.names, values) for rule, values in shared.items()}
    ends = parts_from((FIXED_EFFECTS, REMAINDER), np.stack([between, gap - worth[-1] - between]))
    log = design.regression.outcome.transform == "log"
    return GapShares(
        design=design,
        gap=gap,
        parts=(*groups[Rule.SHAPLEY], *ends),
        rules=groups,
        blocks={rule: _block_parts(design, shared[rule]) for rule in (Rule.SHAPLEY, Rule.IN_ORDER)},
        aggregate_gap=aggregate_gap(arrays.outcome, here, there) if log else None,
        n_place=int((here > 0).sum()),
        n_reference=int((there > 0).sum()),
        covered_place=covered_here,
        covered_reference=covered_there,
        n=len(arrays.outcome),
        clusters=moments.clusters,
        draws=draws,
    )


def share_variance(
    design: SharesDesign, frame: pd.DataFrame, *, draws: int = 999, generator: np.random.Generator
) -> tuple[GapPart, ...]:
    """Shapley shares of groups in the variance of the outcome, which is R2 taken apart.

    Known as LMG (Lindeman, Merenda & Gold 1980), here for groups of variables, weighted as the regression is, and with
    the fixed effect in every model.

    Parameters
    ----------
    design : SharesDesign
    frame : DataFrame
    draws : int
    generator : Generator

    Returns
    -------
    tuple of GapPart
        Shares of one: the groups, then what lies between the levels of the fixed effect, then what is unexplained.

    Raises
    ------
    SpecificationError
        If a term cannot be told from the others, or the regression cannot be estimated.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.decomposition import SharesDesign, TermGroup
    >>> from shanhai.methods.decomposition import share_variance
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"x": rng.normal(size=60), "z": rng.normal(size=60), "one": 1.0})
    >>> frame["y"] = 2 * frame["x"] + frame["z"] + rng.normal(0, 0.1, 60)
    >>> frame["code"], frame["town"] = [f"u{number:02d}" for number in range(60)], np.arange(60) % 12
    >>> by_town = CovarianceSpec("cluster", ("town",), "CR1")
    >>> spec = RegressionSpec(Variable("y"), (Variable("x"), Variable("z")), SampleSpec("all"), by_town, weights="one")
    >>> groups = (TermGroup("x", ("x",), "given"), TermGroup("z", ("z",), "later"))
    >>> design = SharesDesign(spec, groups, weight="one")
    >>> [(part.name, round(part.contribution, 2)) for part in share_variance(design, frame, draws=0, generator=rng)]
    [('x', 0.78), ('z', 0.22), ('fixed effects', 0.0), ('remainder', 0.0)]
    """
    moments = cluster_moments(arrays := _identified(design, frame), draws, generator)
    sets = design.columns_of_sets(arrays.names)
    worth = np.stack([_explained(moments, columns, moments.cross) for columns in sets]) / moments.total
    between = (moments.total - moments.spread) / moments.total
    ends = np.stack([between, 1.0 - worth[-1] - between])
    return (*parts_from(design.names, shapley_values(worth)), *parts_from((FIXED_EFFECTS, REMAINDER), ends))


def _identified(design: SharesDesign, frame: pd.DataFrame) -> Design:
    """Arrays of the regression, once it is known that every term is identified."""
    solved = solve(design.regression, frame)
    missing = sorted(set(design.regression.names) - set(solved.result().names))
    if missing:
        raise SpecificationError(
            f"{', '.join(missing)} cannot be told from the other terms in this sample; allowed: terms that vary on "
            "their own. Take them out of the regression and its groups."
        )
    arrays = solved.design
    # shares are made of differences and products within levels, in which a far zero would only cost digits
    return replace(arrays, matrix=arrays.matrix - arrays.matrix.mean(axis=0))


def _gap_worth(design: SharesDesign, arrays: Design, moments: Moments, difference: Array) -> Array:
    """Part of the gap that goes with each set of groups, 2**m x B."""
    sets = design.columns_of_sets(arrays.names)
    rows = np.broadcast_to(difference, moments.cross.shape)
    return np.stack([_explained(moments, columns, rows) for columns in sets])


def _explained(moments: Moments, columns: tuple[int, ...], factor: Array) -> Array:
    """Coefficients of the regression on some columns, times a factor for each, B."""
    if not columns:
        return np.zeros(len(moments.cross))
    return np.einsum("bk,bk->b", moments.coefficients(columns), factor[:, list(columns)])


def _between(arrays: Design, moments: Moments, difference: Array) -> Array:
    """Difference of the levels of the fixed effect that is left when all columns are in, B."""
    coefficients = moments.coefficients(range(len(arrays.names)))
    levels = moments.levels[:, :, -1] - np.einsum("blk,bk->bl", moments.levels[:, :, :-1], coefficients)
    return np.asarray(levels @ np.bincount(arrays.effects.groupings[0], weights=difference, minlength=levels.shape[1]))


def _rules(design: SharesDesign, worth: Array) -> dict[Rule, Array]:
    """Shares under each rule, m x B."""
    blocks = list(design.blocks.values())
    return {
        Rule.ALONE: first_values(worth),
        Rule.IN_ORDER: ordered_values(worth, blocks),
        Rule.OWEN: owen_values(worth, blocks),
        Rule.SHAPLEY: shapley_values(worth),
        Rule.LAST: last_values(worth),
    }


def _block_parts(design: SharesDesign, values: Array) -> tuple[GapPart, ...]:
    """Sums over the groups of each block."""
    return parts_from(
        tuple(design.blocks), np.stack([values[list(block)].sum(axis=0) for block in design.blocks.values()])
    )
