"""The border difference by province and by pair of neighbouring provinces, each estimate shrunk to their common mean.

Fixed before any of these numbers was computed; the main estimate for China and those of the samples of notebook 03
(Zhejiang, four provinces, Sichuan with its neighbours) had been seen. The regression is the pre-specified main one but
for the border: one difference a province, or one a pair of provinces; terrain, its product with the border and district
status have the slopes of the whole country, so each difference is that at the terrain of the country's mean county.

A county on the borders of several pairs counts in equal parts for each. So the parts of a county add up to one, and if
all pairs had one difference, the regression would be the main one. Interior counties of both provinces are what a pair
is compared with, through the effects of provinces; pairs of one province share them, and the error of the mean knows.

Errors are clustered by prefecture, CR2 with its own degrees of freedom for each difference: CR1S, the main covariance,
is too small where a handful of prefectures lie on a border. A unit is estimated if three prefectures or more have
counties on its border, and as many have interior counties; the others are named. What is pooled is normal: a difference
of few degrees of freedom enters with the error at which a normal interval is as wide as its own.

Zhejiang with Jiangxi is so left out: of the counties on their border all lie in Quzhou and Shangrao. Two prefectures
were tried as the rule once this was seen; without one of the two the parts of some pair cannot be told from those of
others, and CR2 is not defined. The rule is the first one.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.shared import shared
from shanhai.data.load import load_places
from shanhai.methods.checks import require_columns
from shanhai.methods.estimate import critical_value
from shanhai.methods.pooling import Pooled, pool
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, Variable
from shanhai.studies.border.design import BORDER, main_spec

Split = Literal["province", "pair"]
"""What has a difference of its own."""

_FEWEST = 3
"""Prefectures on the border, and inside, that a unit needs."""

_COVARIANCE = CovarianceSpec("cluster", ("prefecture_code",), "CR2")

_BETWEEN = "-"
"""Between the codes of two provinces."""

_QUZHOU, _SICHUAN = ("330000", "340000", "350000", "360000"), "510000"
"""The four provinces that meet at Quzhou, and the province of Bazhong: the places that the documents speak of."""


@dataclass(frozen=True)
class SplitDifference:
    """The border difference of each unit, and all of them pooled."""

    split: Split
    result: FitResult
    """The regression with one difference a unit; its coefficients are ``border_110000`` and so on, of a pair
    ``border_110000_130000``."""
    pooled: Pooled
    units: pd.DataFrame
    """One row a unit, from the most negative shrunken estimate up: unit (code of a province, or of both, the smaller
    first), name_en, name_zh, is_named (one of the four provinces around Quzhou, a pair of them, Sichuan, or a pair of
    Sichuan), estimate, se, df, raw_low, raw_high (its own, t), counties (on the border), prefectures (of these), then
    kept, shrunk, shrunk_se, low, high of :meth:`shanhai.methods.pooling.Pooled.units`."""
    left_out: pd.DataFrame
    """Units with counties on a border, but too few prefectures: unit, name_en, name_zh, is_named."""
    correlation: float
    """Largest correlation between the errors of two differences, in size."""


def _names(units: tuple[str, ...]) -> pd.DataFrame:
    """Units with their names, and whether the documents speak of them."""
    places = load_places()
    rows = []
    for unit in units:
        provinces = [places.province(code) for code in unit.split(_BETWEEN)]
        english, chinese = "–".join(side.short_en for side in provinces), "—".join(side.short_zh for side in provinces)
        codes = {side.code for side in provinces}
        rows.append((unit, english, chinese, codes <= set(_QUZHOU) or _SICHUAN in codes))
    return pd.DataFrame(rows, columns=["unit", "name_en", "name_zh", "is_named"])


@shared
def border_by(split: Split, frame: pd.DataFrame, spec: RegressionSpec | None = None) -> SplitDifference:
    """Estimate the border difference of each province, or of each pair of neighbouring provinces, and pool them.

    Parameters
    ----------
    split : str
        ``province`` or ``pair``.
    frame : DataFrame
        Of ``analysis_frame()``.
    spec : RegressionSpec, optional
        Regression with the border among its terms; by default the pre-specified main one.

    Raises
    ------
    SpecificationError
        If the split is unknown, columns are absent, the regression has no border, or fewer than four units have enough
        prefectures.
    """
    if split not in ("province", "pair"):
        raise SpecificationError(f"no split {split!r}; allowed: province, pair. Name one of these.")
    whole = spec or main_spec()
    if BORDER not in whole.terms:
        raise SpecificationError(
            f"the regression {whole.model!r} has the terms {', '.join(whole.term_names)}; allowed: one with "
            f"{BORDER.name!r} among them. Take a model of the border design."
        )
    require_columns(frame, ("code", "province_code", "prefecture_code", "on_border", "neighbour_provinces"))
    used = frame.iloc[fit(whole, frame).rows]
    parts = _parts(split, used)
    chosen, left_out = _chosen_units(parts, used)
    columns = {_column(unit): parts[unit] for unit in chosen}
    rest = {"border_of_others": parts[list(left_out)].sum(axis=1)} if left_out else {}
    table = used.assign(**columns, **rest)
    others = tuple(term for term in whole.terms if term != BORDER)
    result = fit(
        replace(
            whole,
            terms=tuple(Variable(name) for name in columns),
            controls=(*(Variable(name) for name in rest), *others, *whole.controls),
            covariance=_COVARIANCE,
            model=f"{whole.model}, border by {split}",
        ),
        table,
    )
    return _pooled(split, result, chosen, parts, used, left_out)


def _column(unit: str) -> str:
    """Name of the coefficient of a unit."""
    return f"border_{unit.replace(_BETWEEN, '_')}"


def _parts(split: Split, used: pd.DataFrame) -> pd.DataFrame:
    """Part of each county that counts for each unit: columns by unit, rows of the frame; zeros for interior ones."""
    border = used[used["on_border"].astype(bool)]
    if split == "province":
        rows = pd.DataFrame({"row": border.index, "unit": border["province_code"].to_numpy(), "part": 1.0})
    else:
        across = border["neighbour_provinces"].astype(object).str.split(";")
        pairs = [
            (row, _BETWEEN.join(sorted((str(own), other))), 1.0 / len(others))
            for row, own, others in zip(border.index, border["province_code"], across, strict=True)
            for other in others
        ]
        rows = pd.DataFrame(pairs, columns=["row", "unit", "part"])
    return rows.pivot_table("part", "row", "unit", aggfunc="sum").reindex(used.index).fillna(0.0)


def _chosen_units(parts: pd.DataFrame, used: pd.DataFrame) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Units with enough prefectures on the border and inside, and the others."""
    interior = used[~used["on_border"].astype(bool)].groupby("province_code")["prefecture_code"].nunique()

    def enough(unit: str) -> bool:
        inside = sum(int(interior.get(code, 0)) for code in unit.split(_BETWEEN))
        return inside >= _FEWEST and _prefectures(parts, used, unit) >= _FEWEST

    chosen = tuple(unit for unit in parts.columns if enough(unit))
    return chosen, tuple(unit for unit in parts.columns if unit not in chosen)


def _prefectures(parts: pd.DataFrame, used: pd.DataFrame, unit: str) -> int:
    return int(used.loc[parts[unit] > 0, "prefecture_code"].nunique())


def _pooled(
    split: Split,
    result: FitResult,
    names: tuple[str, ...],
    parts: pd.DataFrame,
    used: pd.DataFrame,
    left_out: tuple[str, ...],
) -> SplitDifference:
    k = len(names)
    se, degrees = result.se[:k], result.degrees[:k]
    correlation = result.covariance[:k, :k] / np.outer(se, se)
    np.fill_diagonal(correlation, 1.0)
    pooled = pool(result.params[:k], se * critical_value(degrees) / critical_value(), correlation)
    units = pooled.units().assign(
        **_names(names),
        estimate=result.params[:k],
        se=se,
        df=degrees,
        raw_low=result.ci[:k, 0],
        raw_high=result.ci[:k, 1],
        counties=[int((parts[unit] > 0).sum()) for unit in names],
        prefectures=[_prefectures(parts, used, unit) for unit in names],
    )
    shown = ["unit", "name_en", "name_zh", "is_named", "estimate", "se", "df", "raw_low", "raw_high", "counties"]
    shown += ["prefectures", "kept", "shrunk", "shrunk_se", "low", "high"]
    ordered = units.sort_values(["shrunk", "unit"], ignore_index=True)
    apart = np.abs(correlation - np.eye(k)).max()
    return SplitDifference(
        split,
        result,
        pooled,
        ordered[shown],
        _names(left_out),
        float(apart),
    )
