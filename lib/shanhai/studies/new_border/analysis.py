"""Synthetic controls on both sides of the border of 1997, read against placebos, and what the estimates lean on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd

from shanhai.core.errors import MissingDataError
from shanhai.core.shared import shared
from shanhai.data.frames.harmonise import CODES_OF_2020
from shanhai.data.frames.prefecture_panel import PrefecturePanel, prefecture_panel
from shanhai.data.load import load_layer
from shanhai.data.store import input_files, stored
from shanhai.geo.crs import to_equal_area
from shanhai.geo.edges import shared_edges
from shanhai.methods.regression.families import holm
from shanhai.methods.spec.identity import content_id
from shanhai.methods.synthetic import SyntheticFit, fit_each, statistics_table
from shanhai.methods.synthetic.sdid import sdid_placebo, synthetic_did
from shanhai.studies.new_border._placebos import against_all, by_province, regroup
from shanhai.studies.new_border.constant_prices import fill_by_prices, log_constant, log_growth
from shanhai.studies.new_border.design import CHONGQING, MAIN, SICHUAN, UNIONS, VARIANTS, WEST, BorderDesign

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
    logs: pd.DataFrame
    """Natural logarithm of GDP at the prices of the design: units in rows, years in columns."""
    unpublished: list[str]
    """Units with whole GDP that are left out because a year of growth is not published."""

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
    logs = _log_gdp(design, panel.gdp)
    _refuse_without_growth([CHONGQING, *border], logs.reindex(panel.gdp.index))
    logs = logs[logs.notna().all(axis=1)]
    unpublished = sorted(panel.gdp.index.difference(logs.index))
    codes = list(logs.index)
    roles = pd.Series({code: _role(code, touching, border) for code in codes}, name="role")
    # a union stands at the first of its parts
    today = [_MUNICIPALITY if code == CHONGQING else CODES_OF_2020.get(code, code) for code in codes]
    centres = places[["x", "y"]].reindex(today).set_axis(pd.Index(codes, name="code"))
    return _BorderUnits(panel, roles, centres, logs, unpublished)


def _log_gdp(design: BorderDesign, gdp: pd.DataFrame) -> pd.DataFrame:
    """Logarithm of GDP at the prices of the design, missing from the first year without growth on."""
    current = pd.DataFrame(np.log(gdp.to_numpy()), index=gdp.index, columns=gdp.columns)
    if design.prices == "current":
        return current
    growth = log_growth(list(gdp.index), design.first, design.last, UNIONS)
    if design.prices == "current_same":
        return current.loc[growth.notna().all(axis=1).to_numpy()]
    return log_constant(gdp, growth if design.prices == "constant" else fill_by_prices(growth, gdp))


def _refuse_without_growth(required: list[str], logs: pd.DataFrame) -> None:
    years, gaps = list(logs.columns), logs.loc[required].isna().to_numpy()
    first = {code: years[int(np.argmax(row))] for code, row in zip(required, gaps, strict=True) if row.any()}
    lacking = [f"{code} from {year} on" for code, year in first.items()]
    if lacking:
        raise MissingDataError(
            f"Published growth of prefectures that the design needs: missing for {', '.join(lacking)}. End earlier; "
            "only a BorderDesign of other prices ('filled', 'current') goes beyond."
        )


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
    if design.western_donors:
        donors = [code for code in donors if code[:2] in WEST]
    fits = fit_each(units.logs, units.of("chongqing", "border", "interior", "donor"), design.synthetic, donors)
    return BorderStudy(design, units, donors, {fit.treated: fit for fit in fits})


def side_effects(study: BorderStudy) -> pd.DataFrame:
    """Effect on each side of the border by window: mean gap of log GDP, against placebos counted by province.

    Returns
    -------
    DataFrame
        One row a side and window, and one a side for all years together. side: ``sichuan``, ``chongqing``, and
        ``contrast``, Sichuan's border less Sichuan's interior. start, end (years), whole (whether they are all years),
        units, estimate, se, low, high (95 %), p, p_rank (share of placebos as large in absolute value, each province
        one vote, the real one counted: without any distribution), p_holm (p over the windows of a side, Holm 1979;
        missing for all years), detectable (size found with a power of 80 % at 5 %), provinces (that the placebos are
        from), placebos, rmspe_pre.

        On Sichuan's side and in Chongqing every province of placebos has one vote, and the effect over the root mean
        square of its placebos follows Student's t with one degree of freedom less than there are provinces. The
        contrast is tested by all ways to choose the border's units among Sichuan's.
    """
    first, last = study.design.treated_from, study.design.last
    rmspe = study.table.set_index("unit")["rmspe_pre"]
    gaps = pd.DataFrame({code: fit.gap for code, fit in study.fits.items()})
    parts = []
    for start, end in dict.fromkeys([*study.design.windows, (first, last)]):
        rows = _read_sides(study, gaps.loc[start:end].mean(), rmspe)
        whole = (start, end) == (first, last)
        rows[["start", "end", "whole"]] = start, end, whole
        parts.append(rows)
    table = pd.concat(parts, ignore_index=True)
    single = ~table["whole"] | (len(parts) == 1)
    adjusted = table[single].groupby("side")["p"].transform(lambda p: holm(p.to_numpy()))
    return table.assign(p_holm=adjusted.reindex(table.index))


def plain_effects(design: BorderDesign = MAIN) -> pd.DataFrame:
    """:func:`side_effects` of a design with equal weights: difference-in-differences."""
    return side_effects(study_border(replace(design, ridge="equal")))


def _read_sides(study: BorderStudy, effects: pd.Series, misfit: pd.Series) -> pd.DataFrame:
    """A row a side from the effect and the misfit of each unit, by code."""
    border, interior, donors = (study.units.of(role) for role in ("border", "interior", "donor"))
    members = effects.index.get_indexer(pd.Index([code for group in study.groups for code in group])).reshape(
        len(study.groups), -1
    )
    groups = effects.to_numpy()[members].mean(axis=1)
    regrouped = regroup(effects.loc[[*border, *interior]].to_numpy(), len(border))
    side, city = effects.loc[border].mean(), effects.loc[CHONGQING]
    contrast = side - effects.loc[interior].mean()
    rows = [
        {"side": "sichuan", "units": len(border), "rmspe_pre": misfit.loc[border].mean(),
         **by_province(float(side), groups, [group[0][:2] for group in study.groups])},
        {"side": "chongqing", "units": 1, "rmspe_pre": misfit.loc[CHONGQING],
         **by_province(float(city), effects.loc[donors].to_numpy(), [code[:2] for code in donors])},
        {"side": "contrast", "units": len(border) + len(interior), "rmspe_pre": np.nan,
         **against_all(float(contrast), regrouped)},
    ]  # fmt: skip
    return pd.DataFrame(rows)


def unit_effects(study: BorderStudy) -> pd.DataFrame:
    """Each treated unit: gap by window, fit before and after, and its place among the donors.

    Returns
    -------
    DataFrame
        unit (code), one column a window (``1997-2001``), effect (mean over all years), rmspe_pre, rmspe_post, p_ratio
        (share of donors with as large a ratio of RMSPE after and before, the unit counted), effective (donors),
        heaviest (code of the donor), weight (its weight).
    """
    ratios = study.table.set_index("unit").loc[study.units.of("donor"), "ratio"]
    rows = []
    for code in study.units.of("border", "chongqing"):
        fit = study.fits[code]
        rows.append(
            {
                "unit": code,
                **{f"{start}-{end}": float(fit.gap.loc[start:end].mean()) for start, end in study.design.windows},
                "effect": fit.effect,
                "rmspe_pre": fit.rmspe_pre,
                "rmspe_post": fit.rmspe_post,
                "p_ratio": (1 + int((ratios >= fit.ratio).sum())) / (1 + len(ratios)),
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
        left_out (two digits of the province, or the code), start, end (the window), sichuan, chongqing: mean gaps; one
        row a fit and window, sorted.
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
        gaps = {fit.treated: fit.gap for fit in fit_each(logs, [*treated, CHONGQING], study.design.synthetic, pool)}
        border, city = pd.DataFrame([gaps[code] for code in treated]).mean(), gaps[CHONGQING]
        for start, end in study.design.windows:
            means = {"sichuan": border.loc[start:end].mean(), "chongqing": city.loc[start:end].mean()}
            rows.append({"left_out": key, "start": start, "end": end, **means})
    return pd.DataFrame(rows)


@shared
def compare_designs(designs: Mapping[str, BorderDesign] = VARIANTS) -> pd.DataFrame:
    """Effects under each design, and under the main one by synthetic difference-in-differences (``sdid``).

    Returns
    -------
    DataFrame
        design, first (year), treated_from, last, prices, donors, spread (standard deviation of the donors' own mean
        gaps over all years: the ruler), spec_id, and the columns of ``side_effects``; ``sdid`` for all years only.
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
        "prices": design.prices,
        "donors": len(study.donors),
        "spread": float(study.table.loc[study.table["role"].eq("donor"), "effect"].std()),
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
    rows = _read_sides(study, effects, misfit)
    return rows.assign(start=design.treated_from, end=design.last, whole=True, p_holm=np.nan)


def pre_years(last: int = MAIN.last, years: Sequence[int] = (1990, 1992, 1993, 1994)) -> pd.DataFrame:
    """How many prefectures have whole series without a leap, by first year.

    Returns
    -------
    DataFrame
        first_year, years (before 1997), border and chongqing (treated units in the panel), whole (all units in the
        panel), missing, jump, repeated (units left out, by their first reason), growth (those of the panel with
        published growth in every year).
    """
    treated = study_border(MAIN).units.of("border")
    rows = []
    for first in years:
        panel = prefecture_panel(first, last, unions=UNIONS)
        known = set(panel.gdp.index)
        growth = log_growth(list(panel.gdp.index), first, last, UNIONS).notna().all(axis=1).sum()
        counts = {"border": len(known.intersection(treated)), "chongqing": int(CHONGQING in known), "whole": len(known)}
        rows.append({"first_year": first, "years": MAIN.treated_from - first, **counts, **panel.counts(),
                     "growth": int(growth)})  # fmt: skip
    return pd.DataFrame(rows)
