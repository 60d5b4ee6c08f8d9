"""Mountain without border, border without mountain: each effect where the other is absent."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shanhai.methods.adjustment.arms import treatment_column, without_column
from shanhai.methods.adjustment.splines import knots_at_quantiles, natural_spline, spread_of
from shanhai.methods.regression.design import numbers
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import FitResult, JointTest, joint_test
from shanhai.methods.spec import Filter, RegressionSpec, Term, Variable

BEYOND_KM = 20.0
"""Interior units whose edge is this far from a border: what spills over it has faded there (Ma & Zhao 2022 find the
valley mostly within 20 km)."""

FLAT_SHARE = 1.0 / 3.0
"""Terrain in the lower third counts as flat, the counterpart of the upper third that is registered as mountainous."""


@dataclass(frozen=True)
class Dose:
    """Outcome along terrain on units away from the border, with the regressions behind each part."""

    table: pd.DataFrame
    """quantity, sample, sample_zh, estimate, se, p, low, high, n, n_treated (missing where nothing is treated),
    identifies, identifies_zh."""
    steps: pd.DataFrame
    """Quintiles of terrain among interior units, against the flattest: bin, low, high, estimate, se, low_95,
    high_95, n."""
    straight: JointTest
    """Test that the outcome falls along terrain in a straight line (inner terms of a natural spline)."""
    results: tuple[FitResult, ...]
    """The regressions of the table, in its order."""


_PARTS: tuple[tuple[str, str, str, str, str], ...] = (
    ("terrain", "interior", "内陆县", "one standard deviation of terrain, no border near", "无省界时的地形效应"),
    ("terrain", "interior, {km:g} km off", "距省界{km:g}千米以上", "the same without spill-overs", "排除边界溢出"),
    ("terrain", "border", "省界县", "one standard deviation of terrain on the border", "省界上的地形效应"),
    ("border", "flat", "平坦县", "the border where there are no mountains", "无山地时的省界效应"),
    ("border", "rugged", "山区县", "the border among mountain counties", "山区中的省界效应"),
)


def dose_of_terrain(
    spec: RegressionSpec, frame: pd.DataFrame, terrain: str = "ruggedness", gap: str = "gap_to_border_km"
) -> Dose:
    """Effect of terrain away from borders, and of borders on flat ground.

    A standard deviation of terrain is that of all rows of the comparison, the same in every part, so slopes compare.

    Parameters
    ----------
    spec : RegressionSpec
        One 0/1 term (on the border); other controls, fixed effects and covariance are kept. Controls that measure
        terrain beside ``terrain`` should be left out, or they share its slope.
    frame : DataFrame
        With ``gap``, the distance in km from the edge of a unit to the border.
    terrain, gap : str

    Returns
    -------
    Dose
        Slopes and differences identify effects if nothing but the controls differs along terrain within groups.

    Raises
    ------
    SpecificationError
        If columns are absent or a part has too few rows.
    """
    border = treatment_column(spec)
    kept = without_column(spec.controls, terrain)
    whole = replace(spec, controls=(Variable(terrain), *kept))
    used = frame.iloc[fit(whole, frame).rows]
    raw = numbers(used, terrain)
    used = used.assign(terrain_in_sd=(raw - raw.mean()) / spread_of(raw, terrain))
    cuts = (float(np.quantile(raw, FLAT_SHARE)), float(np.quantile(raw, 1.0 - FLAT_SHARE)))
    parts = _parts(whole, kept, (border, terrain, gap), cuts)
    results = tuple(fit(part, used) for part in parts)
    interior = used[numbers(used, border) == 0.0]
    steps = _steps(replace(whole, controls=kept), interior, terrain)
    return Dose(_table(results, used, border), steps, _straight(whole, kept, interior, terrain), results)


def _parts(
    spec: RegressionSpec, kept: tuple[Term, ...], columns: tuple[str, str, str], cuts: tuple[float, float]
) -> tuple[RegressionSpec, ...]:
    """Specifications of the parts, in the order of the table; columns are border, terrain and gap."""
    border, terrain, gap = columns
    dose = Variable("terrain_in_sd")
    inside = Filter(border, "==", False)
    conditions = (
        (dose, (inside,)),
        (dose, (inside, Filter(gap, ">=", BEYOND_KM))),
        (dose, (Filter(border, "==", True),)),
        (Variable(border), (Filter(terrain, "<=", cuts[0]),)),
        (Variable(border), (Filter(terrain, ">=", cuts[1]),)),
    )
    return tuple(
        replace(
            spec,
            terms=(term,),
            controls=kept if term is dose else (dose, *kept),
            sample=replace(spec.sample, filters=(*spec.sample.filters, *filters)),
            model=f"{part[0]}, {part[1].format(km=BEYOND_KM)}",
        )
        for (term, filters), part in zip(conditions, _PARTS, strict=True)
    )


def _table(results: tuple[FitResult, ...], frame: pd.DataFrame, border: str) -> pd.DataFrame:
    """One row a part."""
    rows = []
    for result, (quantity, part, part_zh, says, says_zh) in zip(results, _PARTS, strict=True):
        first = result.to_frame().iloc[0]
        treated = int(numbers(frame.iloc[result.rows], border).sum()) if quantity == "border" else None
        rows.append(
            {
                "quantity": quantity,
                "sample": part.format(km=BEYOND_KM),
                "sample_zh": part_zh.format(km=BEYOND_KM),
                **{key: float(first[key]) for key in ("estimate", "se", "p", "low", "high")},
                "n": result.n,
                "n_treated": treated,
                "identifies": says,
                "identifies_zh": says_zh,
            }
        )
    return pd.DataFrame(rows).astype({"n_treated": "Int64"})


def _steps(spec: RegressionSpec, frame: pd.DataFrame, terrain: str, bins: int = 5) -> pd.DataFrame:
    """Outcome by quintile of terrain against the flattest."""
    values = numbers(frame, terrain)
    edges = np.quantile(values, np.linspace(0.0, 1.0, bins + 1))
    place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, bins - 1)
    dummies = {f"step_{b + 1}": (place == b).astype(float) for b in range(1, bins)}
    result = fit(replace(spec, terms=tuple(Variable(name) for name in dummies)), frame.assign(**dummies))
    table = pd.DataFrame({"bin": range(1, bins + 1), "low": edges[:-1], "high": edges[1:]})
    numbers_of = result.to_frame().iloc[: bins - 1][["estimate", "se", "low", "high"]].to_numpy()
    table[["estimate", "se", "low_95", "high_95"]] = np.vstack([[0.0, np.nan, 0.0, 0.0], numbers_of])
    table["n"] = np.bincount(place[result.rows], minlength=bins)
    return table


def _straight(spec: RegressionSpec, kept: tuple[Term, ...], frame: pd.DataFrame, terrain: str) -> JointTest:
    """Wald test of the inner terms of a natural spline of terrain among interior units."""
    values = numbers(frame, terrain) / spread_of(numbers(frame, terrain), terrain)
    basis = natural_spline(values, knots_at_quantiles(values))
    columns = {f"terrain_{j + 1}": column for j, column in enumerate(basis.T)}
    terms = tuple(Variable(name) for name in columns)
    result = fit(replace(spec, terms=terms, controls=kept), frame.assign(**columns))
    return joint_test(result, tuple(columns)[1:])
