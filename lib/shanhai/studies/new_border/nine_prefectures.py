"""Nine prefectures where Fujian, Zhejiang, Jiangxi and Anhui meet: does a provincial border keep gaps open, 2010-2020?

They form the Fujian-Zhejiang-Jiangxi-Anhui Nine-Party Economic Cooperation Zone, founded in 1986. Wang et al. (2024,
Economic Geography 44(9), 28-36) find with Barro regressions a border effect that weakens over time, integration being
least clear along the Jiangxi-Zhejiang and Anhui-Jiangxi borders. Their exact equation is not at hand; this is our own.

All pairs of the nine: the change of the gap of GDP per census resident on the gap at the start, the logarithm of
distance and a dummy for a provincial border between the two; p by all assignments of the nine to provinces of the
same sizes. Fixed on 2026-11-22, before a result, with GDP at current prices, 2010 to 2020. On 2026-11-28 growth at
constant prices became the main column, for the years in which it is published for all nine (2010 to 2016), by argument:
a gap of real incomes is what convergence means, published growth is not revised, and current prices carry the revisions
of two economic censuses. **All of these results had been seen by then**; the first design is in the robustness table.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from pyproj import Geod

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.core.shared import shared
from shanhai.data.frames.aggregates import build_prefecture_frame
from shanhai.data.load import load_layer, load_table
from shanhai.geo.crs import to_equal_area
from shanhai.geo.edges import shared_edges
from shanhai.methods.checks import as_numbers
from shanhai.methods.estimate import ENDS
from shanhai.methods.regression.growth import assignments, income_pairs
from shanhai.studies.new_border._power import detectable
from shanhai.studies.new_border.constant_prices import log_growth
from shanhai.studies.new_border.pair_design import (
    FIRST_DESIGN,
    LEAST_CLEAR,
    MAIN,
    OTHER_BORDERS,
    PREFECTURES,
    VARIANTS,
    PairDesign,
)

_PROVINCES = sorted({f"{code[:2]}0000" for code in PREFECTURES})
"""Zhejiang, Anhui, Fujian, Jiangxi."""

_CENSUS_YEARS = (2010, 2020)
"""Residents are counted in these years; between them they are taken to grow at a constant rate."""


def prefecture_pairs(design: PairDesign = MAIN) -> pd.DataFrame:
    """Pairs of the nine prefectures, with what the regression needs.

    Returns
    -------
    DataFrame
        richer, poorer, gap_start, change (see ``income_pairs``), cross (1.0 across a provincial border), border (codes
        of the two provinces joined by a hyphen; empty inside one), log_distance.

    Raises
    ------
    MissingDataError
        If a prefecture has no GDP in one of the two years, or no published growth between them, with what there is.
    """
    start, end = _incomes(design)
    edges, centres = _geography()
    if design.adjacent_only:
        edges = edges[edges.isin(start.index).all(axis=1)]
    pairs = income_pairs(start, end, design.end - design.start, edges if design.adjacent_only else None)
    provinces = np.sort([pairs["richer"].str[:2] + "0000", pairs["poorer"].str[:2] + "0000"], axis=0)
    cross = provinces[0] != provinces[1]
    ends = [centres.loc[pairs[side]].to_numpy() for side in ("richer", "poorer")]
    metres = Geod(ellps="WGS84").inv(ends[0][:, 0], ends[0][:, 1], ends[1][:, 0], ends[1][:, 1])[2]
    return pairs.assign(
        cross=cross.astype(float),
        border=np.where(cross, provinces[0] + "-" + provinces[1], ""),
        log_distance=np.log(metres / 1000),
    )


def _incomes(design: PairDesign) -> tuple[pd.Series, pd.Series]:
    """GDP of the prefectures of a design at its start and its end, in yuan, over residents where wanted."""
    codes = [code for code in PREFECTURES if code not in design.without]
    start = _gdp(design.start)
    end = _gdp(design.end) if design.prices == "current" else start * np.exp(_cumulated(design))
    if design.per_head:
        if design.start < _CENSUS_YEARS[0]:
            raise MissingDataError(
                f"Residents of {design.start}; they are counted in {' and '.join(map(str, _CENSUS_YEARS))} and not "
                f"carried back before. Begin in {_CENSUS_YEARS[0]} or later, or take GDP instead of GDP per head."
            )
        start, end = start / _residents(design.start), end / _residents(design.end)
    return start.loc[codes], end.loc[codes]


def _gdp(year: int) -> pd.Series:
    """GDP of the nine prefectures in a year at current prices, in yuan; index: code."""
    economy = load_table("prefecture_economy")
    rows = economy[economy["code"].isin(PREFECTURES)].pivot(index="code", columns="year", values="gdp_100m_yuan")
    whole = sorted(int(known) for known in rows.columns[rows.notna().all()])
    if year not in whole:
        raise MissingDataError(
            f"The nine prefectures of the zone do not all have GDP in {year}; they do in "
            f"{', '.join(map(str, whole))}. Choose two of these years."
        )
    return rows[year] * 1e8


def _cumulated(design: PairDesign) -> pd.Series:
    """Growth at constant prices from the start to the end, in logarithms; index: code."""
    growth = log_growth(PREFECTURES, design.start, design.end)
    if design.prices == "filled":
        growth = growth.interpolate(axis=1, limit_area="inside")
    if growth.isna().to_numpy().any():
        cells = "; ".join(f"{row.code} in {row.years}" for row in _missing_in(growth).itertuples())
        raise MissingDataError(
            f"Growth from {design.start} to {design.end} is not published for {cells}. End in 2016, or begin and "
            "end between such years; only a PairDesign of another prices ('filled', 'current') goes beyond."
        )
    return growth.sum(axis=1)


def missing_growth(start: int = FIRST_DESIGN.start, end: int = FIRST_DESIGN.end) -> pd.DataFrame:
    """Cells of published growth that the nine lack between two years: columns ``code`` and ``years`` (text)."""
    return _missing_in(log_growth(PREFECTURES, start, end))


def _missing_in(growth: pd.DataFrame) -> pd.DataFrame:
    rows = [(code, ", ".join(map(str, growth.columns[gaps]))) for code, gaps in growth.isna().iterrows() if gaps.any()]
    return pd.DataFrame(rows, columns=["code", "years"])


def implied_prices() -> pd.DataFrame:
    """What growth at current prices says beyond growth at constant prices: prices, revisions and errors together.

    Returns
    -------
    DataFrame
        code, main and whole: log points, times 100, over the years of the main column and over those of the first
        design with its missing cells on a straight line.
    """
    columns = {}
    for name, design in (("main", MAIN), ("whole", VARIANTS["filled"])):
        current = pd.Series(np.log(_gdp(design.end) / _gdp(design.start)))
        columns[name] = 100 * (current - _cumulated(design)).loc[list(PREFECTURES)]
    return pd.DataFrame(columns).rename_axis("code").reset_index()


@lru_cache(maxsize=32)
def _border_effect(design: PairDesign) -> Mapping[str, float]:
    """Effect of a provincial border on the change of the gap, with exact permutation p-values; kept once computed."""
    pairs, controls = prefecture_pairs(design), _controls(design)
    matrix = np.column_stack([np.ones(len(pairs)), pairs[[*controls, "cross"]].to_numpy()])
    slope = np.linalg.lstsq(matrix, pairs["change"].to_numpy(), None)[0][1]
    effect = permuted_effect(pairs, controls, "cross", pairs["richer"], pairs["poorer"])
    return MappingProxyType({**effect, "slope": float(slope), "mean_change": float(pairs["change"].mean())})


def permuted_effect(
    pairs: pd.DataFrame, held: list[str], dummy: str, richer: pd.Series, poorer: pd.Series
) -> dict[str, float]:
    """Coefficient of a dummy for two provinces, against every assignment of the prefectures of the pairs to provinces.

    Parameters
    ----------
    pairs : DataFrame
        Columns ``change``, the dummy, and what is held fixed beside a constant.
    richer, poorer : Series
        Prefecture of each member of the pair.

    Returns
    -------
    dict
        estimate, low and high (the estimate less the 97.5 and 2.5 % quantiles of the ways), p (share of all ways, each
        province keeping its size, with an effect as large in absolute value), p_contiguous (the same among ways in
        which every province hangs together), detectable (smallest size found with a power of 80 % at 5 %, if effects
        vary as between these ways), pairs, across (pairs with the dummy), ways, contiguous.

    Raises
    ------
    SpecificationError
        If there is no pair, a code is none of the zone, a value is missing or no number, or what is held fixed
        determines the dummy.
    """
    strangers = sorted({str(code) for side in (richer, poorer) for code in side.fillna("missing")} - set(PREFECTURES))
    if strangers or pairs.empty:
        raise SpecificationError(
            f"{len(pairs)} pairs, with codes that are none of the zone: {', '.join(strangers[:5]) or 'none'}; allowed: "
            f"{', '.join(PREFECTURES)}. Keep the pairs inside the zone."
        )
    pairs = pairs.assign(**{name: as_numbers(pairs[name], name) for name in ("change", dummy, *held)})
    places = tuple(code for code in PREFECTURES if code in {*richer, *poorer})
    ways, contiguous = _ways(places)
    first, second = (np.array([places.index(code) for code in side]) for side in (richer, poorer))
    drawn = _effects(pairs, held, (ways[:, first] != ways[:, second]).astype(float))
    informative = np.isfinite(drawn)  # a few ways put every pair on one side and say nothing
    drawn, contiguous = drawn[informative], contiguous[informative]
    real = float(_effects(pairs, held, pairs[dummy].to_numpy()[None, :])[0])
    if not np.isfinite(real) or not len(drawn):
        raise SpecificationError(
            f"{dummy!r} is the same in all {len(pairs)} pairs, or follows from {', '.join(held)}; needed: pairs that "
            "differ in it. Take more pairs, or hold less fixed."
        )
    low, high = np.quantile(drawn, ENDS)
    return {
        "estimate": real,
        "low": real - float(high),
        "high": real - float(low),
        "p": _share(drawn, real),
        "p_contiguous": _share(drawn[contiguous], real),
        "detectable": detectable(drawn),
        "pairs": len(pairs),
        "across": int(pairs[dummy].sum()),
        "ways": len(drawn),
        "contiguous": int(contiguous.sum()),
    }


@shared
def border_effects(designs: Mapping[str, PairDesign] = VARIANTS) -> pd.DataFrame:
    """The effect of a provincial border on the change of a gap, under each design.

    Returns
    -------
    DataFrame
        design (its key), the fields of the design, spec_id, what :func:`permuted_effect` gives, slope (coefficient of
        the gap at the start) and mean_change (of all gaps, percentage points a year).
    """
    return pd.DataFrame([{**_described(name, design), **_border_effect(design)} for name, design in designs.items()])


def effects_by_border(designs: Mapping[str, PairDesign]) -> pd.DataFrame:
    """Effect of each provincial border under each design, against pairs inside a province, in one regression.

    Returns
    -------
    DataFrame
        design (its key), the fields of the design, spec_id, n (all pairs), border (codes of two provinces), pairs,
        estimate (percentage points a year), p (exact, as in :func:`permuted_effect`); sorted by border. Fujian and
        Anhui have no common border: their pair is one of two places far apart.
    """
    return pd.concat([_effects_of_borders(name, design) for name, design in designs.items()], ignore_index=True)


def _effects_of_borders(key: str, design: PairDesign) -> pd.DataFrame:
    pairs, (places, ways, first, second) = _assigned(design)
    base = np.column_stack([np.ones(len(pairs)), pairs[_controls(design)].to_numpy()])
    names = sorted(pairs.loc[pairs["cross"].eq(1), "border"].unique())
    keys = np.array([_key(*(_PROVINCES.index(code) for code in name.split("-"))) for name in names])
    real_way = np.array([[_PROVINCES.index(f"{code[:2]}0000") for code in places]])
    drawn, real = (
        _by_border(base, pairs["change"].to_numpy(), _key(assignment[:, first], assignment[:, second]), keys)
        for assignment in (ways, real_way)
    )
    described = {**_described(key, design), "n": len(pairs)}
    return pd.DataFrame(
        {
            **described,
            "border": name,
            "pairs": int(pairs["border"].eq(name).sum()),
            "estimate": float(real[0, place]),
            "p": _share(drawn[:, place], float(real[0, place])),
        }
        for place, name in enumerate(names)
    )


def effect_change(first: PairDesign, second: PairDesign) -> dict[str, float]:
    """How the effect of a provincial border differs between two designs, the second less the first.

    Returns
    -------
    dict
        estimate, low, high and p over all assignments of the nine to provinces, as in :func:`permuted_effect`.
    """
    real, drawn = [], []
    for design in (first, second):
        pairs, (_, ways, left, right) = _assigned(design)
        real.append(float(_effects(pairs, _controls(design), pairs["cross"].to_numpy()[None, :])[0]))
        drawn.append(_effects(pairs, _controls(design), (ways[:, left] != ways[:, right]).astype(float)))
    return _against(real[1] - real[0], drawn[1] - drawn[0])


def border_contrast(
    design: PairDesign = MAIN, borders: frozenset[str] = LEAST_CLEAR, others: frozenset[str] = OTHER_BORDERS
) -> dict[str, float]:
    """Mean effect of some provincial borders (codes of two provinces joined by a hyphen) less that of others.

    By default: those along which the paper finds integration least clear, against the rest. Above zero gaps stay open
    there for longer, which is what less integration means.

    Returns
    -------
    dict
        As :func:`effect_change`.

    Raises
    ------
    SpecificationError
        If no pair of the design lies across one of the borders.
    """
    pairs, (places, ways, first, second) = _assigned(design)
    names = sorted(pairs.loc[pairs["cross"].eq(1), "border"].unique())
    absent = sorted((borders | others) - set(names))
    if absent:
        raise SpecificationError(f"No pair across {', '.join(absent)}; allowed: {', '.join(names)}. Choose of these.")
    base = np.column_stack([np.ones(len(pairs)), pairs[_controls(design)].to_numpy()])
    keys = np.array([_key(*(_PROVINCES.index(code) for code in name.split("-"))) for name in names])
    real_way = np.array([[_PROVINCES.index(f"{code[:2]}0000") for code in places]])
    weights = np.array([(name in borders) / len(borders) - (name in others) / len(others) for name in names])
    real, drawn = (
        _by_border(base, pairs["change"].to_numpy(), _key(assignment[:, first], assignment[:, second]), keys) @ weights
        for assignment in (real_way, ways)
    )
    return _against(float(real[0]), drawn)


def _against(real: float, drawn: np.ndarray) -> dict[str, float]:
    """An effect against the same effect in every way: interval by its quantiles, p by its share, and the power."""
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.quantile(drawn, ENDS)
    return {"estimate": real, "low": real - float(high), "high": real - float(low), "p": _share(drawn, real),
            "detectable": detectable(drawn)}  # fmt: skip


def _described(name: str, design: PairDesign) -> dict[str, object]:
    return {"design": name, **asdict(design), "spec_id": design.spec_id}


def _key(left: Any, right: Any) -> Any:
    """Number of the border between two provinces, whichever comes first."""
    return np.minimum(left, right) * len(_PROVINCES) + np.maximum(left, right)


def _assigned(design: PairDesign) -> tuple[pd.DataFrame, tuple[tuple[str, ...], np.ndarray, np.ndarray, np.ndarray]]:
    """Pairs of a design; its prefectures, every assignment of them, and the places of both members in each way."""
    pairs = prefecture_pairs(design)
    places = tuple(code for code in PREFECTURES if code not in design.without)
    first, second = (np.array([places.index(code) for code in pairs[side]]) for side in ("richer", "poorer"))
    return pairs, (places, _ways(places)[0], first, second)


@lru_cache(maxsize=16)
def _ways(places: tuple[str, ...] = PREFECTURES) -> tuple[np.ndarray, np.ndarray]:
    """Every assignment of prefectures to their provinces, and whether every province of it hangs together."""
    own = sorted({code[:2] for code in places})
    provinces = [f"{code}0000" for code in own]
    sizes = [sum(code[:2] == two for code in places) for two in own]
    # numbers of provinces as they stand among all of the nine
    ways = np.array([_PROVINCES.index(code) for code in provinces])[assignments(tuple(sizes))]
    near = np.zeros((len(places), len(places)), dtype=bool)
    for edge in _geography()[0].to_numpy():
        if set(edge) <= set(places):
            first, second = map(places.index, edge)
            near[first, second] = near[second, first] = True
    groups = np.unique(ways)
    return ways, np.array([all(_hangs(near, np.flatnonzero(way == group)) for group in groups) for way in ways])


@shared
def without_each(design: PairDesign = MAIN) -> pd.DataFrame:
    """The effect without each prefecture in turn: ``left_out``, then the columns of :func:`border_effects`."""
    rows = []
    for code in PREFECTURES:
        reduced = replace(design, without=(code,))
        rows.append({"left_out": code, **_described("without", reduced), **_border_effect(reduced)})
    return pd.DataFrame(rows)


def _hangs(near: np.ndarray, members: np.ndarray) -> bool:
    """Whether places hang together by shared edges."""
    inside = near[np.ix_(members, members)]
    seen = np.zeros(len(members), dtype=bool)
    seen[0] = True
    for _ in members:
        seen |= inside[seen].any(axis=0)
    return bool(seen.all())


def _controls(design: PairDesign) -> list[str]:
    return ["gap_start", "log_distance"] if design.distance else ["gap_start"]


def _effects(pairs: pd.DataFrame, held: list[str], dummies: np.ndarray) -> np.ndarray:
    """Coefficient of each dummy (rows) beside what is held fixed (Frisch-Waugh-Lovell), missing if determined by it."""
    base, _ = np.linalg.qr(np.column_stack([np.ones(len(pairs)), pairs[held].to_numpy()]))
    outcome = pairs["change"].to_numpy()
    left = outcome - base @ (base.T @ outcome)
    rest = dummies - (dummies @ base) @ base.T
    size = (rest**2).sum(axis=1)
    return np.asarray(np.divide(rest @ left, size, out=np.full(len(size), np.nan), where=size > 1e-9))


def _by_border(base: np.ndarray, outcome: np.ndarray, keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Coefficients of the dummies of the wanted borders in every way; keys of shape (ways, pairs)."""
    dummies = (keys[:, :, None] == wanted).astype(float)
    held, _ = np.linalg.qr(base)
    rest = dummies - held @ (held.T @ dummies)
    left = outcome - held @ (held.T @ outcome)
    # a border without pairs, or one that the others determine, has no coefficient of its own: least norm, as lstsq
    return np.asarray((np.linalg.pinv(rest) @ left[:, None])[..., 0])


def _share(drawn: np.ndarray, real: float) -> float:
    """Share of all ways, the real one among them, with an effect as large in absolute value."""
    return float((np.abs(drawn) >= abs(real) - 1e-9).mean())


def _residents(year: int) -> pd.Series:
    """Residents of the nine: counted in census years, else at a constant rate of growth through the two censuses."""
    frame = build_prefecture_frame().set_index("code").loc[list(PREFECTURES)]
    early, late = (frame[f"population_{year}"].astype(float) for year in _CENSUS_YEARS)
    return early * (late / early) ** ((year - _CENSUS_YEARS[0]) / (_CENSUS_YEARS[1] - _CENSUS_YEARS[0]))


@lru_cache(maxsize=1)
def _geography() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pairs of the nine that share an edge, and the centre of each in degrees; read once a process."""
    layer = load_layer("prefectures")
    own = layer[layer["code"].isin(PREFECTURES)].sort_values("code")
    centres = to_equal_area(own).geometry.centroid.to_crs(own.crs)
    places = pd.DataFrame({"x": centres.x.to_numpy(), "y": centres.y.to_numpy()}, index=own["code"].astype(str))
    return shared_edges(own)[["code_a", "code_b"]], places
