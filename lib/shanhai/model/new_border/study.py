"""Fit every unit of a design, and read the effect on each side of the new border against placebos."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd

from shanhai.model.new_border.design import CHONGQING, MAIN, BorderDesign
from shanhai.model.new_border.units import BorderUnits, border_units
from shanhai.model.synthetic import SyntheticFit, fit_synthetic, statistics_table

SIDES = ("sichuan", "chongqing", "contrast")
"""Sichuan's side of the border, Chongqing, and Sichuan's border less Sichuan's interior."""


@dataclass(frozen=True)
class BorderStudy:
    """Synthetic controls of all units under one design."""

    design: BorderDesign
    units: BorderUnits
    fits: dict[str, SyntheticFit]
    """Fit by code: treated units, the rest of Sichuan, and each donor as a placebo."""

    @property
    def table(self) -> pd.DataFrame:
        """One row a unit: unit, effect, rmspe_pre, rmspe_post, ratio, role."""
        table = statistics_table(list(self.fits.values()))
        return table.assign(role=self.units.roles.reindex(table["unit"]).to_numpy())

    def gaps(self, *roles: str) -> pd.DataFrame:
        """Gap of each unit of these roles: codes in rows, years in columns."""
        return pd.DataFrame({code: self.fits[code].gap for code in self.units.of(*roles)}).T

    @property
    def donors(self) -> list[str]:
        """Units that carry weight in other units' synthetic controls."""
        roles = ("donor", "neighbour") if self.design.neighbours_as_donors else ("donor",)
        return self.units.of(*roles)

    @property
    def groups(self) -> list[tuple[str, ...]]:
        """Placebo groups: neighbouring donors of one province, as many as the border has units."""
        return self.units.groups(self.design.group, self.donors)


def study_border(design: BorderDesign = MAIN) -> BorderStudy:
    """Fit the design to the project's tables; kept for the rest of the process.

    Raises
    ------
    MissingDataError
        If a treated prefecture lacks a year, or fewer than two years lie before the treatment.
    """
    return _study(design)


@lru_cache(maxsize=32)
def _study(design: BorderDesign) -> BorderStudy:
    units = border_units(design)
    study = BorderStudy(design, units, {})
    logs = log_panel(units)
    donors = study.donors
    for code in units.of("chongqing", "border", "interior", *(("donor", "neighbour") if donors else ())):
        pool = [other for other in donors if other != code]
        study.fits[code] = fit_synthetic(logs, code, design.synthetic, pool)
    return study


def log_panel(units: BorderUnits) -> pd.DataFrame:
    """Natural logarithm of GDP: units in rows, years in columns."""
    values = units.panel.gdp
    return pd.DataFrame(np.log(values.to_numpy()), index=values.index, columns=values.columns)


def side_effects(study: BorderStudy) -> pd.DataFrame:
    """Effect on each side of the border: mean gap of log GDP after 1997, against placebos.

    Returns
    -------
    DataFrame
        One row of :data:`SIDES`: side, units, estimate, low, high (95 %: the estimate less the quantiles of the
        placebos), p (share of placebos as large in absolute value, the real one counted), placebos, rmspe_pre.
    """
    effects = study.table.set_index("unit")["effect"]
    misfit = study.table.set_index("unit")["rmspe_pre"]
    border, interior = study.units.of("border"), study.units.of("interior")
    null = {
        "sichuan": np.array([effects.loc[list(group)].mean() for group in study.groups]),
        "chongqing": effects.loc[study.donors].to_numpy(),
        "contrast": regroup(effects.loc[[*border, *interior]].to_numpy(), len(border)),
    }
    real = {
        "sichuan": (len(border), effects.loc[border].mean(), misfit.loc[border].mean()),
        "chongqing": (1, effects.loc[CHONGQING], misfit.loc[CHONGQING]),
        "contrast": (len(border) + len(interior), effects.loc[border].mean() - effects.loc[interior].mean(), np.nan),
    }
    rows = [
        {"side": side, "units": units, **against_placebos(float(estimate), null[side], side == "contrast"),
         "rmspe_pre": float(fit)}
        for side, (units, estimate, fit) in real.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def against_placebos(estimate: float, placebos: np.ndarray, counted: bool = False) -> dict[str, float]:
    """Place of an estimate among placebos.

    Parameters
    ----------
    estimate : float
    placebos : float, shape (n,)
    counted : bool
        Whether the real assignment is already among the placebos (all assignments were enumerated).
    """
    slack = 1e-12 * max(1.0, float(np.abs(placebos).max()))
    extreme = int((np.abs(placebos) >= abs(estimate) - slack).sum())
    own = 0 if counted else 1
    low, high = np.quantile(placebos, [0.025, 0.975])
    return {
        "estimate": estimate,
        "low": estimate - float(high),
        "high": estimate - float(low),
        "p": (extreme + own) / (len(placebos) + own),
        "placebos": len(placebos),
    }


def regroup(values: np.ndarray, size: int) -> np.ndarray:
    """Difference of means, chosen less others, for every choice of ``size`` of the values (exact permutation)."""
    chosen = np.fromiter(
        (index for pick in combinations(range(len(values)), size) for index in pick),
        dtype=np.intp,
        count=size * comb(len(values), size),
    )
    inside = values[chosen.reshape(-1, size)].sum(axis=1)
    return np.asarray(inside / size - (values.sum() - inside) / (len(values) - size))
