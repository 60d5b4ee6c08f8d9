"""Jumps pair by pair: of adjacent places, and of the two regions at each border.

*Adjacent places*, each pair compared with itself only. Dube, Lester & Reich (2010, Review of Economics and Statistics
92:945-964): an effect of each contiguous pair leaves the difference between neighbours. Across a border of states it
holds what the state does, plus what any boundary does; across a border of districts inside one state it holds the
latter alone. A place stands in as many pairs as it has neighbours across, so errors are clustered two ways, by region
and by the border between two regions.

*Two regions*: a local polynomial at each border by itself, for jumps of opposite sign hide in a pooled one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from shanhai.core.errors import SpecificationError
from shanhai.methods.checks import as_codes, require_columns, require_unique
from shanhai.methods.discontinuity.geographic import BorderSpec
from shanhai.methods.discontinuity.polynomial import Jump, JumpSpec, local_jump
from shanhai.methods.discontinuity.sample import outcome_values, unit_sums
from shanhai.methods.estimate import SIGNIFICANCE, Estimate
from shanhai.methods.regression.design import numbers
from shanhai.methods.regression.families import holm
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import FitResult, JointTest
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

_EDGES = ("unit_a", "unit_b")
"""Columns of the two places of an edge, where none are named."""

_OF_PAIRS = ("contiguous_pair", "region", "region_across", "region_pair")
"""Columns of a table of pairs beside that of places."""

_OF_JUMPS = (*_OF_PAIRS, "y", "rank", "right_side")
"""Columns of the table that a jump is estimated from."""


@dataclass(frozen=True)
class PairSpec:
    """What is compared within pairs.

    Examples
    --------
    >>> from shanhai.methods.discontinuity import PairSpec
    >>> PairSpec("income", total="gdp", people="residents", across="state").within
    ''
    """

    outcome: str
    """Column of the outcome."""
    total: str
    """A region ranks higher by the sum of this column"""
    people: str
    """over the sum of this one, both without the places of the pair: otherwise the outcome itself would choose the
    sides, and the difference would be positive by construction."""
    across: str = "region"
    """Column of regions whose boundary parts the two places."""
    within: str = ""
    """Column of wider regions that hold both places of a pair; empty for none."""
    transform: Literal["level", "log"] = "log"
    """Outcome in levels or natural logarithms."""
    controls: tuple[str, ...] = ()
    """Columns held fixed."""


def contiguous_pairs(
    frame: pd.DataFrame,
    edges: pd.DataFrame,
    across: str = "region",
    within: str = "",
    *,
    unit: str = "unit",
    pair: tuple[str, str] = _EDGES,
) -> pd.DataFrame:
    """Pairs of places that share an edge and lie on two sides of a boundary.

    Parameters
    ----------
    frame : DataFrame
        Codes of places and of their regions; one row a place.
    edges : DataFrame
        Pairs of places that share an edge.
    across : str
        Column of regions; a pair lies in two of them.
    within : str
        Column of wider regions; a pair lies in one of them. Empty for none.
    unit : str
        Column of codes of places.
    pair : tuple of str
        Columns of the two places of an edge.

    Returns
    -------
    DataFrame, two rows a pair
        ``contiguous_pair``, the code of the place, ``region``, ``region_across``, ``region_pair``.

    Raises
    ------
    SpecificationError
        If a column is absent or bears the name of one of the result, codes are missing or occur twice, or no edge
        crosses such a boundary.

    Examples
    --------
    Made-up regions on a chessboard, the richer of which jump by 0.5 log points at their borders:

    >>> import numpy as np
    >>> from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders
    >>> from shanhai.methods.discontinuity import contiguous_pairs
    >>> frame, positions, edges = simulated_borders(np.random.default_rng(1), BorderTruth(jump=0.5))
    >>> contiguous_pairs(frame, edges).iloc[:2, :4]
      contiguous_pair    unit  region region_across
    0   000003-000300  000003  140000        150000
    1   000003-000300  000300  150000        140000
    """
    _require_other_names((unit,), _OF_PAIRS)
    columns = (across, within) if within else (across,)
    require_columns(frame, (unit, *columns))
    require_columns(edges, pair, "the table of edges")
    require_unique(frame[unit])
    for column in columns:
        as_codes(frame[column], column, missing=True)
    complete = frame.dropna(subset=list(columns)).set_index(unit)
    regions, *wider = (complete[column].astype("str") for column in columns)
    known = edges[edges[pair[0]].isin(regions.index) & edges[pair[1]].isin(regions.index)]
    first, second = known[pair[0]].to_numpy(), known[pair[1]].to_numpy()
    chosen = regions.loc[first].to_numpy() != regions.loc[second].to_numpy()
    for holding in wider:
        chosen &= holding.loc[first].to_numpy() == holding.loc[second].to_numpy()
    if not chosen.any():
        raise SpecificationError(
            f"no two adjacent places lie on two sides of a boundary of {across!r}"
            f"{f' inside one {within!r}' if within else ''}; allowed: one pair or more. Compare the codes of edges and "
            "frame."
        )
    tables = []
    for own, other in ((first[chosen], second[chosen]), (second[chosen], first[chosen])):
        sides = np.column_stack([regions.loc[own].to_numpy(), regions.loc[other].to_numpy()]).astype(str)
        ordered = np.sort(sides, axis=1)
        places = np.sort(np.column_stack([own, other]).astype(str), axis=1)
        tables.append(
            pd.DataFrame(
                {
                    "contiguous_pair": [f"{a}-{b}" for a, b in places],
                    unit: own,
                    "region": sides[:, 0],
                    "region_across": sides[:, 1],
                    "region_pair": [f"{a}-{b}" for a, b in ordered],
                }
            )
        )
    return pd.concat(tables).sort_values(["contiguous_pair", unit], ignore_index=True)


def _require_other_names(given: Sequence[str], ours: Sequence[str]) -> None:
    """Refuse columns of the frame that bear names of columns made here: one would take the place of the other."""
    if found := [name for name in given if name in ours]:
        raise SpecificationError(
            f"column {found[0]!r} has the name of one that pairs get; allowed: any but {', '.join(ours)}. Rename it, as"
            f" by frame.rename(columns={{{found[0]!r}: {f'own_{found[0]}'!r}}})."
        )


def pair_jump(
    frame: pd.DataFrame, edges: pd.DataFrame, spec: PairSpec, *, unit: str = "unit", pair: tuple[str, str] = _EDGES
) -> FitResult:
    """Difference between adjacent places, that of the higher-ranking region minus the other.

    Parameters
    ----------
    frame : DataFrame
        One row a place, with its code and the columns that the specification names.
    edges : DataFrame
        Pairs of places that share an edge.
    spec : PairSpec
    unit : str
        Column of codes of places.
    pair : tuple of str
        Columns of the two places of an edge.

    Returns
    -------
    FitResult
        Its term ``right_side`` is the difference; two rows a pair with both outcomes, effects of pairs, covariance
        clustered by region and by pair of regions (CR1: the effects of pairs lie inside the latter).

    Raises
    ------
    SpecificationError
        If a column is absent or bears a name that is used here (named in the error), no pair is left, or clusters are
        too few.

    Examples
    --------
    Made-up regions on a chessboard, the richer of which jump by 0.5 log points at their borders:

    >>> import numpy as np
    >>> from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders
    >>> from shanhai.methods.discontinuity import PairSpec, pair_jump
    >>> frame, positions, edges = simulated_borders(np.random.default_rng(1), BorderTruth(jump=0.5))
    >>> result = pair_jump(frame, edges, PairSpec("income", total="output", people="people"))
    >>> round(float(result.params[0]), 2)
    0.49
    """
    _require_other_names((unit, spec.total, spec.people, *spec.controls), _OF_JUMPS)
    pairs = contiguous_pairs(frame, edges, spec.across, spec.within, unit=unit, pair=pair)
    values = pd.DataFrame({name: numbers(frame, name) for name in (spec.total, spec.people, *spec.controls)})
    values = values.assign(**{unit: list(frame[unit])}, y=outcome_values(frame, spec.outcome, spec.transform))
    table = pairs.merge(values, on=unit, how="left", validate="many_to_one")
    table["rank"] = _rank_without_pair(frame, table, spec)
    complete = table[["y", "rank", *spec.controls]].notna().all(axis=1)
    table = table[complete.groupby(table["contiguous_pair"]).transform("all")]
    table["right_side"] = (table["rank"] == table.groupby("contiguous_pair")["rank"].transform("max")).astype(float)
    return fit(
        RegressionSpec(
            outcome=Variable("y"),
            terms=(Variable("right_side"),),
            controls=tuple(Variable(name) for name in spec.controls),
            sample=SampleSpec(f"pairs across {spec.across}"),
            fixed_effects=("contiguous_pair",),
            covariance=CovarianceSpec("cluster", ("region", "region_pair"), "CR1"),
        ),
        table,
    )


def _rank_without_pair(frame: pd.DataFrame, table: pd.DataFrame, spec: PairSpec) -> pd.Series:
    """Total per head of the region of each row, the place of the pair left out; missing for a region of one place."""
    sums = unit_sums(frame, spec.across, spec.total, spec.people)
    of_region = sums.set_axis(sums.index.astype(str)).reindex(table["region"]).reset_index(drop=True)
    present = table[[spec.total, spec.people]].notna().all(axis=1)
    total, people = (of_region[name] - table[name].where(present, 0.0) for name in (spec.total, spec.people))
    return (total / people.where(people > 0)).where(total > 0)


def pair_table(
    frame: pd.DataFrame,
    edges: pd.DataFrame,
    outcomes: tuple[str, ...],
    total: str,
    people: str,
    regions: tuple[str, ...] = ("region", "district"),
    *,
    unit: str = "unit",
    pair: tuple[str, str] = _EDGES,
) -> pd.DataFrame:
    """Differences across borders of regions beside those across borders of the districts inside a region.

    Parameters
    ----------
    frame, edges
        As for :func:`pair_jump`.
    outcomes : tuple of str
        Columns, each taken in logarithms.
    total, people : str
        Columns that rank the regions, as in :class:`PairSpec`.
    regions : tuple of str
        Columns of nested regions, the widest first: pairs across a boundary of one lie inside one of the column before.
    unit, pair
        As for :func:`pair_jump`.

    Returns
    -------
    DataFrame
        outcome, boundary (column of regions), estimate, se, p, low, high, pairs, units (regions), unit_pairs, df, vcov.

    Raises
    ------
    SpecificationError
        As :func:`pair_jump`.

    Examples
    --------
    Made-up regions on a chessboard, the richer of which jump by 0.5 log points at their borders:

    >>> import numpy as np
    >>> from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders
    >>> from shanhai.methods.discontinuity import pair_table
    >>> frame, positions, edges = simulated_borders(np.random.default_rng(1), BorderTruth(jump=0.5))
    >>> pair_table(frame, edges, ("income",), "output", "people")[["boundary", "estimate"]].round(2)
       boundary  estimate
    0    region      0.49
    1  district     -0.00
    """
    rows = []
    for outcome in outcomes:
        for across, within in zip(regions, ("", *regions), strict=False):
            found = pair_jump(frame, edges, PairSpec(outcome, total, people, across, within), unit=unit, pair=pair)
            at = found.position("right_side")
            rows.append(
                {
                    "outcome": outcome,
                    "boundary": across,
                    "estimate": float(found.params[at]),
                    "se": float(found.se[at]),
                    "p": float(found.p[at]),
                    "low": float(found.ci[at, 0]),
                    "high": float(found.ci[at, 1]),
                    "pairs": found.n // 2,
                    "units": found.clusters[0].count,
                    "unit_pairs": found.clusters[1].count,
                    "df": found.df,
                    "vcov": found.error,
                }
            )
    return pd.DataFrame(rows)


_LEAST_PLACES = 8
"""Fewer places with weight on a side leave too little for a parabola and its variance."""


def pair_jumps(sample: pd.DataFrame, spec: BorderSpec, bandwidth_km: float, *, region: str = "region") -> pd.DataFrame:
    """Jump at each border line, by all places of its two regions.

    Parameters
    ----------
    sample : DataFrame
        Of :func:`shanhai.methods.discontinuity.sample.border_sample`; a place counts at every border of its region.
    spec : BorderSpec
        Outcome, kernel and donut; one pair is too short for segments, controls and clusters.
    bandwidth_km : float
        The same for all pairs, such as twice that of the pooled jump.
    region : str
        Column of the region of each place, as it was for the sample.

    Returns
    -------
    DataFrame, sorted by pair
        pair, left, right (regions), n_left, n_right (with weight), estimate, se, p (line), corrected, se_robust,
        p_robust, low, high (robust, 95 %), note (why there is no estimate, or empty).

    Raises
    ------
    SpecificationError
        If a column is absent or the bandwidth is not positive.

    Examples
    --------
    Made-up regions on a chessboard, the richer of which jump by 0.5 log points at their borders:

    >>> import numpy as np
    >>> from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders
    >>> frame, positions, edges = simulated_borders(np.random.default_rng(1), BorderTruth(jump=0.5))
    >>> from shanhai.methods.discontinuity import BorderSpec, pair_jumps
    >>> from shanhai.methods.discontinuity.sample import border_sample, rank_units
    >>> sample = border_sample(frame, positions, rank_units(frame, "region", "output", "people"))
    >>> pair_jumps(sample, BorderSpec("income"), 80.0)[["pair", "estimate", "se"]].round(2).head(2)
                pair  estimate    se
    0  110000-120000      0.74  0.13
    1  110000-140000      0.52  0.15
    """
    choice = JumpSpec(kernel=spec.kernel, bandwidth=bandwidth_km, donut=spec.donut_km, noise="HC3")
    require_columns(sample, (region,), "the sample")
    values = sample.assign(y=outcome_values(sample, spec.outcome, spec.transform)).dropna(subset=["y"])
    values = values[(values["distance_km"] < bandwidth_km) & (values["distance_km"] >= spec.donut_km)]
    rows = []
    for pair, part in values.groupby("pair", sort=True):
        right = part["right_side"] == 1
        codes = part[[region, "across"]].to_numpy()[0]
        left_code, right_code = codes if not right.iloc[0] else codes[::-1]
        row = {"pair": pair, "left": left_code, "right": right_code, "n_left": int((~right).sum())}
        row["n_right"] = int(right.sum())
        if min(row["n_left"], row["n_right"]) < _LEAST_PLACES:
            row["note"] = f"fewer than {_LEAST_PLACES} places on a side"
        else:
            row |= _estimates(local_jump(part["y"], part["signed_km"], choice), row["n_left"] + row["n_right"] - 6)
        rows.append(row)
    columns = ["pair", "left", "right", "n_left", "n_right", "estimate", "se", "p"]
    return pd.DataFrame(rows).reindex(columns=[*columns, "corrected", "se_robust", "p_robust", "low", "high", "note"])


def _estimates(found: Jump, df: int) -> dict[str, object]:
    """Estimates of one pair, with p-values and interval from t: a line has few places, and a parabola takes six."""
    line, robust = (
        Estimate(found.conventional, found.se_conventional, df),
        Estimate(found.corrected, found.se_robust, df),
    )
    low, high = robust.interval()
    return {
        "estimate": found.conventional,
        "se": found.se_conventional,
        "p": line.p,
        "corrected": found.corrected,
        "se_robust": found.se_robust,
        "p_robust": robust.p,
        "low": low,
        "high": high,
        "note": "",
    }


def no_jump_anywhere(table: pd.DataFrame) -> JointTest:
    """Test that every pair's jump is zero: each robust p-value as a normal z, their squares summed, chi-squared.

    The detour by the p-values of t matters: with z straight from the standard errors, a true null of 24 pairs with 17
    places a side is rejected in 11 to 19 % of simulations at 5 %, this way in 6 % (80 draws). Pairs also share places
    near the corners of three regions, so the p-value stays approximate.

    Parameters
    ----------
    table : DataFrame
        Of :func:`pair_jumps`.

    Raises
    ------
    SpecificationError
        If no pair has an estimate.

    Examples
    --------
    Made-up regions on a chessboard, the richer of which jump by 0.5 log points at their borders:

    >>> import numpy as np
    >>> from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders
    >>> frame, positions, edges = simulated_borders(np.random.default_rng(1), BorderTruth(jump=0.5))
    >>> from shanhai.methods.discontinuity import BorderSpec, no_jump_anywhere, pair_jumps
    >>> from shanhai.methods.discontinuity.sample import border_sample, rank_units
    >>> sample = border_sample(frame, positions, rank_units(frame, "region", "output", "people"))
    >>> test = no_jump_anywhere(pair_jumps(sample, BorderSpec("income"), 80.0))
    >>> test.p < 0.001
    True
    """
    known = table.dropna(subset=["corrected"])
    if known.empty:
        raise SpecificationError("no pair of regions has an estimate; allowed: one or more. Widen the bandwidth.")
    statistic = float((stats.norm.isf(known["p_robust"] / 2) ** 2).sum())
    p = float(stats.chi2.sf(statistic, len(known)))
    return JointTest(tuple(known["pair"]), statistic / len(known), len(known), np.inf, p)


def pair_summary(table: pd.DataFrame) -> dict[str, object]:
    """What the single pairs say together.

    Parameters
    ----------
    table : DataFrame
        From :func:`pair_jumps`.

    Returns
    -------
    dict
        pairs (with an estimate), too_small (without), median (of the robust estimates), above (how many are above
        zero), rejected (robust p below 5 %), rejected_holm (the same after Holm's adjustment for all pairs),
        median_half (median half width of the 95 % intervals), p_joint and statistic (of :func:`no_jump_anywhere`).

    Raises
    ------
    SpecificationError
        If no pair has an estimate.

    Examples
    --------
    Made-up regions on a chessboard, the richer of which jump by 0.5 log points at their borders:

    >>> import numpy as np
    >>> from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders
    >>> frame, positions, edges = simulated_borders(np.random.default_rng(1), BorderTruth(jump=0.5))
    >>> from shanhai.methods.discontinuity import BorderSpec, pair_jumps, pair_summary
    >>> from shanhai.methods.discontinuity.sample import border_sample, rank_units
    >>> sample = border_sample(frame, positions, rank_units(frame, "region", "output", "people"))
    >>> summary = pair_summary(pair_jumps(sample, BorderSpec("income"), 80.0))
    >>> summary["pairs"]
    12
    """
    joint = no_jump_anywhere(table)
    known = table.dropna(subset=["corrected"])
    single = known["p_robust"].to_numpy()
    return {
        "pairs": len(known),
        "too_small": len(table) - len(known),
        "median": float(known["corrected"].median()),
        "above": int((known["corrected"] > 0).sum()),
        "rejected": int((single < SIGNIFICANCE).sum()),
        "rejected_holm": int((holm(single) < SIGNIFICANCE).sum()),
        "median_half": float((known["high"] - known["low"]).median() / 2),
        "p_joint": joint.p,
        "statistic": joint.statistic,
    }
