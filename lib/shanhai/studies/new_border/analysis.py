"""Synthetic controls on both sides of the border of 1997, read against placebos, and what the estimates lean on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd

from shanhai.data.frames.harmonise import CODES_OF_2020
from shanhai.data.frames.prefecture_panel import PrefecturePanel, prefecture_panel
from shanhai.data.load import load_layer
from shanhai.data.store import input_files, stored
from shanhai.geo.crs import to_equal_area
from shanhai.geo.edges import shared_edges
from shanhai.methods.estimate import ENDS
from shanhai.methods.spec.identity import content_id
from shanhai.methods.synthetic import SyntheticFit, fit_each, statistics_table
from shanhai.methods.synthetic.sdid import sdid_placebo, synthetic_did
from shanhai.studies.new_border.design import CHONGQING, MAIN, SICHUAN, UNIONS, VARIANTS, BorderDesign

_MUNICIPALITY = "500100"
"""Code of Chongqing's districts among the prefectures of 2020; the economy has one row for the whole."""


@dataclass(frozen=True)
class _BorderUnits:
    """Units of a panel by their place in the design."""

    panel: PrefecturePanel
    roles: pd.Series
    """By code, for every unit of the panel: ``chongqing``; ``border``, Sichuan's prefectures that touch it;
    ``interior``, the rest of Sichuan; ``neighbour``, others that touch it; ``donor``, all others."""
    places: pd.DataFrame
    """Centre of each unit in metres on an equal-area projection: columns ``x`` and ``y``, indexed by code."""

    @property
    def logs(self) -> pd.DataFrame:
        """Natural logarithm of GDP: units in rows, years in columns."""
        values = self.panel.gdp
        return pd.DataFrame(np.log(values.to_numpy()), index=values.index, columns=values.columns)

    def of(self, *roles: str) -> list[str]:
        """Codes of units with these roles, sorted."""
        return sorted(self.roles.index[self.roles.isin(roles)])

    def groups(self, size: int, among: list[str]) -> list[tuple[str, ...]]:
        """Every unit with its nearest neighbours in its province: sets of ``size`` units, each set once, sorted."""
        sets = set()
        provinces = np.array([code[:2] for code in among])
        for province in np.unique(provinces):
            own = [code for code in among if code[:2] == province]
            if len(own) < size:
                continue
            points = self.places.loc[own].to_numpy()
            away = np.linalg.norm(points[:, None] - points[None], axis=2)
            nearest = np.argsort(away, axis=1, kind="stable")[:, :size]
            sets |= {tuple(sorted(own[place] for place in row)) for row in nearest}
        return sorted(sets)


@dataclass(frozen=True)
class BorderStudy:
    """Synthetic controls of all units under one design."""

    design: BorderDesign
    units: _BorderUnits
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

    @property
    def side_gaps(self) -> dict[str, pd.Series]:
        """Gap by year of Sichuan's side, the mean of its units, and of Chongqing."""
        return {"sichuan": self.gaps("border").mean(), "chongqing": self.fits[CHONGQING].gap}

    @property
    def placebo_gaps(self) -> dict[str, pd.DataFrame]:
        """Gaps that each side stands among: groups of neighbours, and donors; years in columns."""
        donors = self.gaps("donor")
        return {
            "sichuan": pd.DataFrame([donors.loc[list(group)].mean() for group in self.groups]),
            "chongqing": donors,
        }

    @property
    def paths(self) -> dict[str, tuple[pd.Series, pd.Series]]:
        """Observed and synthetic log GDP of each treated unit, less the donors' mean, zero in the last year before."""
        base = self.design.treated_from - 1
        donors = pd.DataFrame([self.fits[code].observed for code in self.donors]).mean()
        treated = {code: self.fits[code] for code in self.units.of("border", "chongqing")}
        start = {code: fit.observed.loc[base] - donors.loc[base] for code, fit in treated.items()}
        return {
            code: (fit.observed - donors - start[code], fit.synthetic - donors - start[code])
            for code, fit in treated.items()
        }


def border_units(design: BorderDesign) -> _BorderUnits:
    """Panel, roles and places of a design, from the project's tables and polygons.

    Raises
    ------
    MissingDataError
        If Chongqing or a prefecture along the border lacks a year, with what there is.
    """
    places = stored("new_border_places", input_files([], ["prefectures"]), _built_places)
    touching = set(places.index[places["touching"]])
    in_union = {part: name for name, parts in UNIONS.items() for part in parts}
    border = sorted({in_union.get(code, code) for code in touching if code[:2] == SICHUAN[:2]})
    panel = prefecture_panel(design.first, design.last, required=[CHONGQING, *border], unions=UNIONS)
    codes = list(panel.gdp.index)
    roles = pd.Series({code: _role(code, touching, border) for code in codes}, name="role")
    # a union stands at the first of its parts
    today = [_MUNICIPALITY if code == CHONGQING else CODES_OF_2020.get(code, code) for code in codes]
    centres = places[["x", "y"]].reindex(today).set_axis(pd.Index(codes, name="code"))
    return _BorderUnits(panel, roles, centres)


def _role(code: str, touching: set[str], border: list[str]) -> str:
    if code == CHONGQING:
        return "chongqing"
    if code[:2] == SICHUAN[:2]:
        return "border" if code in border else "interior"
    return "neighbour" if code in touching else "donor"


def _built_places() -> pd.DataFrame:
    """Centre of each prefecture, and whether it touches Chongqing."""
    layer = load_layer("prefectures")
    centres = to_equal_area(layer).geometry.centroid
    touching = layer["code"].isin(_touching_chongqing(layer)).to_numpy()
    places = {"x": centres.x.to_numpy(), "y": centres.y.to_numpy(), "touching": touching}
    return pd.DataFrame(places, index=pd.Index(layer["code"].astype(str), name="code")).sort_index()


def _touching_chongqing(layer: gpd.GeoDataFrame) -> list[str]:
    """Codes of prefectures outside Chongqing that share an edge with it, by their polygons."""
    near = layer[layer["code"].str[:2].isin(["42", "43", "50", "51", "52", "61"])]
    edges = shared_edges(near)
    inside = edges[["code_a", "code_b"]].apply(lambda codes: codes.str[:2].eq(CHONGQING[:2]))
    across = edges[inside.sum(axis=1).eq(1)]
    outside = {code for pair in across[["code_a", "code_b"]].to_numpy() for code in pair}
    return sorted(code for code in outside if code[:2] != CHONGQING[:2])


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
    fits = fit_each(units.logs, units.of("chongqing", "border", "interior", "donor"), design.synthetic, donors)
    return BorderStudy(design, units, donors, {fit.treated: fit for fit in fits})


def side_effects(study: BorderStudy) -> pd.DataFrame:
    """Effect on each side of the border: mean gap of log GDP after 1997, against placebos.

    Returns
    -------
    DataFrame
        One row a side, ``sichuan``, ``chongqing``, and ``contrast``, Sichuan's border less Sichuan's interior: side,
        units, estimate, low, high (95 %: the estimate less the quantiles of the placebos), p (share of placebos as
        large in absolute value, the real one counted), detectable (the size that 95 % of placebos stay below),
        placebos, rmspe_pre.
    """
    table = study.table.set_index("unit")
    return _read_sides(study, table["effect"], table["rmspe_pre"])


def _read_sides(study: BorderStudy, effects: pd.Series, misfit: pd.Series) -> pd.DataFrame:
    """The rows of :func:`side_effects` from the effect and the misfit of each unit, by code."""
    border, interior = study.units.of("border"), study.units.of("interior")
    null = {
        "sichuan": np.array([effects.loc[list(group)].mean() for group in study.groups]),
        "chongqing": effects.loc[study.units.of("donor")].to_numpy(),
        "contrast": _regroup(effects.loc[[*border, *interior]].to_numpy(), len(border)),
    }
    real = {
        "sichuan": (len(border), effects.loc[border].mean(), misfit.loc[border].mean()),
        "chongqing": (1, effects.loc[CHONGQING], misfit.loc[CHONGQING]),
        "contrast": (len(border) + len(interior), effects.loc[border].mean() - effects.loc[interior].mean(), np.nan),
    }
    rows = [
        {"side": side, "units": units, **_against_placebos(float(estimate), null[side], side == "contrast"),
         "rmspe_pre": float(fit)}
        for side, (units, estimate, fit) in real.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _against_placebos(estimate: float, placebos: np.ndarray, counted: bool = False) -> dict[str, float]:
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


def _regroup(values: np.ndarray, size: int) -> np.ndarray:
    """Difference of means, chosen less others, for every choice of ``size`` of the values (exact permutation)."""
    chosen = _choices(len(values), size)
    inside = values[chosen].sum(axis=1)
    return np.asarray(inside / size - (values.sum() - inside) / (len(values) - size))


@lru_cache(maxsize=8)
def _choices(count: int, size: int) -> np.ndarray:
    return np.array(list(combinations(range(count), size)), dtype=np.intp)


def unit_effects(study: BorderStudy) -> pd.DataFrame:
    """Each treated unit: effect, fit before and after, and its place among the donors.

    Returns
    -------
    DataFrame
        unit (code), effect, last_gap (in the last year averaged), rmspe_pre, rmspe_post, p (share of donors with as
        large an effect), p_ratio (with as large a ratio of RMSPE after and before; the unit counted in both), effective
        (donors), heaviest (code of the donor), weight (its weight).
    """
    donors = study.table.set_index("unit").loc[study.units.of("donor")]
    rows = []
    for code in study.units.of("border", "chongqing"):
        fit = study.fits[code]
        rows.append(
            {
                "unit": code,
                "effect": fit.effect,
                "last_gap": float(fit.gap.loc[study.design.last]),
                "rmspe_pre": fit.rmspe_pre,
                "rmspe_post": fit.rmspe_post,
                "p": _against_placebos(fit.effect, donors["effect"].to_numpy())["p"],
                "p_ratio": (1 + int((donors["ratio"] >= fit.ratio).sum())) / (1 + len(donors)),
                "effective": fit.effective_donors,
                "heaviest": str(fit.weights.idxmax()),
                "weight": float(fit.weights.max()),
            }
        )
    return pd.DataFrame(rows)


def leave_out(study: BorderStudy, by: str = "province") -> pd.DataFrame:
    """Effects on both sides without each province of donors, or without each donor that weighs more than one percent.

    Parameters
    ----------
    by : ``"province"`` or ``"donor"``.

    Returns
    -------
    DataFrame
        left_out (two digits of the province, or the code), sichuan, chongqing: mean gaps; one row a fit, sorted.
    """
    treated = study.units.of("border")
    if by == "province":
        keys = sorted({code[:2] for code in study.donors})
    else:
        weights = pd.DataFrame({code: study.fits[code].weights for code in (*treated, CHONGQING)})
        keys = sorted(weights.index[weights.max(axis=1) > 0.01])
    logs, rows = study.units.logs, []
    for key in keys:
        pool = [code for code in study.donors if not code.startswith(key)]
        fits = fit_each(logs, [*treated, CHONGQING], study.design.synthetic, pool)
        effects = {fit.treated: fit.effect for fit in fits}
        border = sum(effects[code] for code in treated) / len(treated)
        rows.append({"left_out": key, "sichuan": border, "chongqing": effects[CHONGQING]})
    return pd.DataFrame(rows)


def compare_designs(designs: Mapping[str, BorderDesign] = VARIANTS) -> pd.DataFrame:
    """Effects under each design, and under the main one by synthetic difference-in-differences (``sdid``).

    Returns
    -------
    DataFrame
        design, first (year), treated_from, last, donors, spec_id, and the columns of ``side_effects``.
    """
    parts = []
    for name, design in designs.items():
        study = study_border(design)
        parts.append(describe(side_effects(study), study, name))
    study = study_border(MAIN)
    by_sdid = describe(_sdid_effects(study), study, "sdid")
    parts.append(by_sdid.assign(spec_id=content_id(_Sdid(MAIN))))
    return pd.concat(parts, ignore_index=True)


def describe(effects: pd.DataFrame, study: BorderStudy, name: str = "main") -> pd.DataFrame:
    """Rows of :func:`side_effects` behind what :func:`compare_designs` says of their design."""
    design = study.design
    before = {
        "design": name,
        "first": design.first,
        "treated_from": design.treated_from,
        "last": design.last,
        "donors": len(study.donors),
        "spec_id": design.spec_id,
    }
    return pd.concat([pd.DataFrame(before, index=effects.index), effects], axis=1)


@dataclass(frozen=True)
class _Sdid:
    """A design estimated by synthetic difference-in-differences, for its id."""

    design: BorderDesign


def _sdid_effects(study: BorderStudy) -> pd.DataFrame:
    """Effects by synthetic difference-in-differences, which weighs the years before 1997 too.

    The columns of ``side_effects``, with the same placebo groups (Arkhangelsky et al. 2021).
    """
    logs, design = study.units.logs, study.design
    own = study.units.of("border", "interior")
    tested = sdid_placebo(logs, CHONGQING, "log_gdp", design.treated_from, study.donors)
    others = [synthetic_did(logs, code, "log_gdp", design.treated_from, study.donors) for code in own]
    fits = [tested.fit, *tested.placebos, *others]
    effects = pd.Series({fit.treated: fit.estimate for fit in fits})
    misfit = pd.Series({fit.treated: fit.rmspe_pre for fit in fits})
    return _read_sides(study, effects, misfit)


def pre_years(last: int = MAIN.last, years: Sequence[int] = (1990, 1992, 1993, 1994)) -> pd.DataFrame:
    """How many prefectures have whole series without a leap, by first year.

    Returns
    -------
    DataFrame
        first_year, years (before 1997), border and chongqing (treated units in the panel), whole (all units in the
        panel), missing, jump, repeated (units left out, by their first reason).
    """
    treated = study_border(MAIN).units.of("border")
    rows = []
    for first in years:
        panel = prefecture_panel(first, last, unions=UNIONS)
        known = set(panel.gdp.index)
        counts = {"border": len(known.intersection(treated)), "chongqing": int(CHONGQING in known), "whole": len(known)}
        rows.append({"first_year": first, "years": MAIN.treated_from - first, **counts, **panel.counts()})
    return pd.DataFrame(rows)
