"""Pairs of adjacent counties on both sides of a boundary, each compared with itself only.

Dube, Lester & Reich (2010, Review of Economics and Statistics 92:945-964): an effect of each contiguous pair leaves
the difference between neighbours. Across a provincial border it holds what the province does, plus what any boundary
does; across a border of prefectures inside one province it holds the latter alone. A county stands in as many pairs as
it has neighbours across, so errors are clustered two ways, by unit and by the border between two units.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.discontinuity.sample import outcome_values, unit_sums
from shanhai.methods.door import as_codes, require_columns, require_unique
from shanhai.methods.regression.design import numbers
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

UNITS = ("province_code", "prefecture_code")

Boundary = Literal["province", "prefecture"]
"""``province``: the counties lie in two provinces; ``prefecture``: in two prefectures of one province."""


@dataclass(frozen=True)
class PairSpec:
    """What is compared within pairs."""

    outcome: str
    """Column of the outcome."""
    boundary: Boundary = "province"
    """Which boundary parts the two counties."""
    transform: Literal["level", "log"] = "log"
    """Outcome in levels or natural logarithms."""
    total: str = "gdp_2021"
    """A unit ranks higher by the sum of this column"""
    people: str = "population_2020"
    """over the sum of this one, both without the counties of the pair: otherwise the outcome itself would choose the
    sides, and the difference would be positive by construction."""
    controls: tuple[str, ...] = ()
    """Columns held fixed."""

    def __post_init__(self) -> None:
        if self.boundary not in get_args(Boundary):
            raise SpecificationError(
                f"boundary is {self.boundary!r}; allowed: {', '.join(get_args(Boundary))}. Name one of these."
            )


def contiguous_pairs(frame: pd.DataFrame, edges: pd.DataFrame, boundary: Boundary) -> pd.DataFrame:
    """Pairs of counties that share an edge and lie on two sides of a boundary.

    Parameters
    ----------
    frame : DataFrame
        ``code``, ``province_code``, ``prefecture_code``.
    edges : DataFrame
        ``code_a``, ``code_b``, as of :func:`shanhai.geo.edges.shared_edges`.

    Returns
    -------
    DataFrame, two rows a pair
        ``contiguous_pair``, ``code``, ``unit`` (province or prefecture), ``unit_across``, ``unit_pair``.

    Raises
    ------
    SpecificationError
        If a column is absent, codes are missing or occur twice, or no edge crosses such a boundary.
    """
    require_columns(frame, ("code", *UNITS))
    require_columns(edges, ("code_a", "code_b"), "the table of edges")
    require_unique(frame["code"])
    for column in UNITS:
        as_codes(frame[column], column, missing=True)
    complete = frame.dropna(subset=list(UNITS)).set_index("code")
    province, prefecture = (complete[column].astype("str") for column in UNITS)
    known = edges[edges["code_a"].isin(province.index) & edges["code_b"].isin(province.index)]
    first, second = known["code_a"].to_numpy(), known["code_b"].to_numpy()
    abroad = province.loc[first].to_numpy() != province.loc[second].to_numpy()
    apart = prefecture.loc[first].to_numpy() != prefecture.loc[second].to_numpy()
    chosen = abroad if boundary == "province" else apart & ~abroad
    if not chosen.any():
        raise SpecificationError(
            f"no two adjacent counties lie on two sides of a {boundary} boundary; allowed: one pair or more. Compare "
            "the codes of edges and frame."
        )
    unit = province if boundary == "province" else prefecture
    tables = []
    for own, other in ((first[chosen], second[chosen]), (second[chosen], first[chosen])):
        sides = np.column_stack([unit.loc[own].to_numpy(), unit.loc[other].to_numpy()]).astype(str)
        ordered = np.sort(sides, axis=1)
        counties = np.sort(np.column_stack([own, other]).astype(str), axis=1)
        tables.append(
            pd.DataFrame(
                {
                    "contiguous_pair": [f"{a}-{b}" for a, b in counties],
                    "code": own,
                    "unit": sides[:, 0],
                    "unit_across": sides[:, 1],
                    "unit_pair": [f"{a}-{b}" for a, b in ordered],
                }
            )
        )
    return pd.concat(tables).sort_values(["contiguous_pair", "code"], ignore_index=True)


def pair_jump(frame: pd.DataFrame, edges: pd.DataFrame, spec: PairSpec) -> FitResult:
    """Difference between adjacent counties, that of the higher-ranking unit minus the other.

    Returns
    -------
    FitResult
        Its term ``right_side`` is the difference; two rows a pair with both outcomes, effects of pairs, covariance
        clustered by unit and by pair of units (CR1: the effects of pairs lie inside the latter).

    Raises
    ------
    SpecificationError
        If a column is absent, no pair is left, or clusters are too few.
    """
    pairs = contiguous_pairs(frame, edges, spec.boundary)
    values = pd.DataFrame({name: numbers(frame, name) for name in (spec.total, spec.people, *spec.controls)})
    values = values.assign(code=list(frame["code"]), y=outcome_values(frame, spec.outcome, spec.transform))
    table = pairs.merge(values, on="code", how="left", validate="many_to_one")
    table["rank"] = _rank_without_pair(frame, table, spec)
    complete = table[["y", "rank", *spec.controls]].notna().all(axis=1)
    table = table[complete.groupby(table["contiguous_pair"]).transform("all")]
    table["right_side"] = (table["rank"] == table.groupby("contiguous_pair")["rank"].transform("max")).astype(float)
    return fit(
        RegressionSpec(
            outcome=Variable("y"),
            terms=(Variable("right_side"),),
            controls=tuple(Variable(name) for name in spec.controls),
            sample=SampleSpec(f"pairs across a {spec.boundary} boundary", "相邻县对"),
            fixed_effects=("contiguous_pair",),
            covariance=CovarianceSpec("cluster", ("unit", "unit_pair"), "CR1"),
        ),
        table,
    )


def _rank_without_pair(frame: pd.DataFrame, table: pd.DataFrame, spec: PairSpec) -> pd.Series:
    """Total per head of the unit of each row, the county of the pair left out; missing for a unit of one county."""
    unit = "province_code" if spec.boundary == "province" else "prefecture_code"
    sums = unit_sums(frame, unit, spec.total, spec.people)
    of_unit = sums.set_axis(sums.index.astype(str)).reindex(table["unit"]).reset_index(drop=True)
    present = table[[spec.total, spec.people]].notna().all(axis=1)
    total, people = (of_unit[name] - table[name].where(present, 0.0) for name in (spec.total, spec.people))
    return (total / people.where(people > 0)).where(total > 0)


def pair_table(frame: pd.DataFrame, edges: pd.DataFrame, outcomes: tuple[str, ...]) -> pd.DataFrame:
    """Differences across provincial borders beside those across borders of prefectures inside a province.

    Returns
    -------
    DataFrame
        outcome, boundary, estimate, se, p, low, high, pairs, units, unit_pairs, df, vcov.
    """
    rows = []
    for outcome in outcomes:
        for boundary in get_args(Boundary):
            found = pair_jump(frame, edges, PairSpec(outcome, boundary))
            at = found.position("right_side")
            rows.append(
                {
                    "outcome": outcome,
                    "boundary": boundary,
                    "estimate": float(found.params[at]),
                    "se": float(found.se[at]),
                    "p": float(found.p[at]),
                    "low": float(found.ci[at, 0]),
                    "high": float(found.ci[at, 1]),
                    "pairs": found.n // 2,
                    "units": found.clusters[0].count,
                    "unit_pairs": found.clusters[1].count,
                    "df": found.df,
                    "vcov": found.vcov,
                }
            )
    return pd.DataFrame(rows)
