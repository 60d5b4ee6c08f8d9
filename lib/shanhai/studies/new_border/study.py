"""Fit every unit of a design, and read the effect on each side of the new border against placebos."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations

import numpy as np
import pandas as pd

from shanhai.methods.estimate import ENDS
from shanhai.methods.synthetic import SyntheticFit, fit_each, statistics_table
from shanhai.studies.new_border.design import CHONGQING, MAIN, BorderDesign
from shanhai.studies.new_border.units import BorderUnits, border_units

SIDES = ("sichuan", "chongqing", "contrast")
"""Sichuan's side of the border, Chongqing, and Sichuan's border less Sichuan's interior."""


@dataclass(frozen=True)
class BorderStudy:
    """Synthetic controls of all units under one design."""

    design: BorderDesign
    units: BorderUnits
    donors: list[str]
    """Units that may carry weight in other units' synthetic controls."""
    fits: dict[str, SyntheticFit]
    """Fit by code: treated units, the rest of Sichuan, and each donor as a placebo."""

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a unit: unit, effect, rmspe_pre, rmspe_post, ratio, role."""
        table = statistics_table(list(self.fits.values()))
        return table.assign(role=self.units.roles.reindex(table["unit"]).to_numpy())

    def gaps(self, *roles: str) -> pd.DataFrame:
        """Gap of each unit of these roles: codes in rows, years in columns."""
        codes = self.units.of(*roles)
        return pd.DataFrame([self.fits[code].gap for code in codes], index=pd.Index(codes, name="code"))

    @cached_property
    def groups(self) -> list[tuple[str, ...]]:
        """Placebo groups: neighbouring prefectures of one other province, as many as the border has units."""
        return self.units.groups(self.design.group, self.units.of("donor"))


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
    donors = units.of("donor", "neighbour") if design.neighbours_as_donors else units.of("donor")
    fits = fit_each(log_panel(units), units.of("chongqing", "border", "interior", "donor"), design.synthetic, donors)
    return BorderStudy(design, units, donors, {fit.treated: fit for fit in fits})


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
        placebos), p (share of placebos as large in absolute value, the real one counted), detectable (the size that
        95 % of placebos stay below), placebos, rmspe_pre.
    """
    table = study.table.set_index("unit")
    return read_sides(study, table["effect"], table["rmspe_pre"])


def read_sides(study: BorderStudy, effects: pd.Series, misfit: pd.Series) -> pd.DataFrame:
    """The rows of :func:`side_effects` from the effect and the misfit of each unit, by code."""
    border, interior = study.units.of("border"), study.units.of("interior")
    null = {
        "sichuan": np.array([effects.loc[list(group)].mean() for group in study.groups]),
        "chongqing": effects.loc[study.units.of("donor")].to_numpy(),
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
    sizes = np.abs(placebos)
    slack = 1e-12 * max(1.0, float(sizes.max()))
    extreme = int((sizes >= abs(estimate) - slack).sum())
    own = 0 if counted else 1
    low, high = np.quantile(placebos, ENDS)
    return {
        "estimate": estimate,
        "low": estimate - float(high),
        "high": estimate - float(low),
        "p": (extreme + own) / (len(placebos) + own),
        "detectable": float(np.quantile(sizes, 0.95)),
        "placebos": len(placebos),
    }


def regroup(values: np.ndarray, size: int) -> np.ndarray:
    """Difference of means, chosen less others, for every choice of ``size`` of the values (exact permutation)."""
    chosen = _choices(len(values), size)
    inside = values[chosen].sum(axis=1)
    return np.asarray(inside / size - (values.sum() - inside) / (len(values) - size))


@lru_cache(maxsize=8)
def _choices(count: int, size: int) -> np.ndarray:
    return np.array(list(combinations(range(count), size)), dtype=np.intp)
