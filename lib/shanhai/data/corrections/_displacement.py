"""Detector of figures that stand in another unit's row: rows moved up or down by one, rotated, exchanged or scrambled.

A figure is judged by its value alone, against what is known of the unit in whose row it stands and of every other unit
of its block; no list of codes or years enters. A caller says what each row's figure tells of its unit and what is
known of the unit from elsewhere (a :class:`Witness`); :func:`find_moves` says which rows hold whose figures, and
:func:`apply_moves` puts them back. The hypotheses, the law of errors and the margin are those of
:mod:`shanhai.data.corrections._reassignment`. What the detector moves without being sure whose it is (a figure that
fits no unit, or two units equally well although it makes a difference) comes out missing, never guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.data.corrections._reassignment import FITS_NOT, SCALE, UNKNOWN, disturbed, read_block, reference_cost

KEY = ["code", "year"]
_MOVE_COLUMNS = ("code", "year", "source_code", "log_odds")
NEAR = 3 * SCALE
"""Two figures within this (in logs) agree."""

COARSEST = 0.1
"""Figures rounded to more than this (in logs) are too coarse to tell one unit from another."""

LEVEL_ROWS, LEVEL_SHARE, LEVEL_SCATTER = 5, 2 / 3, 0.25
"""Fewest known rows of a block of which a level can be told; the share of them that must agree on it (of displaced
rows, a tenth or two lie that near to their median); and their distance from it, as a part of the level, or `NEAR`."""

AGREED_ROWS, AGREED_SCALES = 100, (0.005, 0.03)
"""Fewest known rows of a year that tell its scale, and the narrowest and widest that is believed."""

_NEAREST = 6
"""Published values of other years that say what a unit has in one: three on each side where the series has them."""


@dataclass(frozen=True)
class Witness:
    """One kind of evidence on which unit a figure belongs to."""

    signal: pd.Series
    """Figure of each row that is moved, positive, by code and year: what the row says of its unit."""
    expected: pd.DataFrame
    """What is known of the unit of each row, same index and unit of measurement; a column a reference, NaN unknown."""
    scale: float | pd.Series = SCALE
    """Scale of the close law, in logs; by row where figures are rounded coarsely (:func:`rounded_scale`)."""


def _logs(values: np.ndarray) -> np.ndarray:
    """Logs of positive figures; NaN for others, of which nothing can be said."""
    return np.log(np.where(values > 0, values, np.nan))


def block_levels(gap: pd.Series) -> pd.Series:
    """Level (log) that most figures of a block share against what is expected of their units, by row; 0 if none.

    Parameters
    ----------
    gap : log of the figure over its unit's expectation, by code and year; NaN unknown.

    Returns
    -------
    pandas.Series with the index of `gap`: the median of its prefecture's known rows in that year (at least
    `LEVEL_ROWS`) if `LEVEL_SHARE` of them lie near it, else that of its province likewise, else 0. A block counted in
    households, or after a year's growth, has a level; one whose rows are displaced has none.
    """
    codes, years = gap.index.get_level_values("code").astype(str), gap.index.get_level_values("year")
    level = pd.Series(0.0, index=gap.index)
    for digits in (2, 4):
        names = [codes.str[:digits], years]
        median = gap.groupby(names).transform("median")
        near = (gap - median).abs().le((LEVEL_SCATTER * median.abs()).clip(lower=NEAR)).groupby(names).transform("sum")
        known = gap.groupby(names).transform("count")
        level = level.mask(known.ge(LEVEL_ROWS) & (near >= LEVEL_SHARE * known), median)
    return level


class _Evidence:
    """The witnesses as arrays, levels of blocks removed, and the figures as they stand after the moves found so far."""

    def __init__(self, witnesses: Sequence[Witness]) -> None:
        self.index = witnesses[0].signal.index
        self.codes = self.index.get_level_values("code").astype(str)
        self.source = np.arange(len(self.index))
        self.parts = [self._arrays(witness) for witness in witnesses]

    def _arrays(self, witness: Witness) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        signal = _logs(witness.signal.reindex(self.index).to_numpy(dtype=float))
        expected = _logs(witness.expected.reindex(self.index).to_numpy(dtype=float))
        gaps = signal[:, np.newaxis] - expected
        nearest = np.abs(np.nan_to_num(gaps, nan=np.inf)).argmin(axis=1)
        gap = pd.Series(gaps[np.arange(len(gaps)), nearest], index=self.index)
        scale = np.broadcast_to(np.asarray(witness.scale, dtype=float), len(self.index))
        return signal - block_levels(gap).to_numpy(), expected, scale

    def _sum(self, costs: list[np.ndarray]) -> np.ndarray:
        """The first witness decides where nothing is known; where another knows nothing, it moves nothing."""
        return costs[0] + sum(np.nan_to_num(cost, nan=UNKNOWN) - UNKNOWN for cost in costs[1:])

    def block(self, units: np.ndarray) -> np.ndarray:
        held = self.source[units]
        return self._sum(
            [
                reference_cost(
                    signal[held][np.newaxis, :, np.newaxis],
                    expected[units][:, np.newaxis, :],
                    scale[held][np.newaxis, :, np.newaxis],
                )
                for signal, expected, scale in self.parts
            ]
        )

    def own(self, parts: int | None = None) -> np.ndarray:
        """Cost of each unit's figure as it now stands, by all witnesses or the first few."""
        return self._sum(
            [
                reference_cost(signal[self.source][:, np.newaxis], expected, scale[self.source][:, np.newaxis])
                for signal, expected, scale in self.parts[:parts]
            ]
        )

    def blocks(self, digits: int) -> list[np.ndarray]:
        """Units of each block in the order of their codes, blocks in which no reassignment can pass left out."""
        order = np.argsort(self.codes, kind="stable")
        names = [self.index.get_level_values("year")[order], self.codes[order].str[:digits]]
        bad = pd.Series(disturbed(self.own())[order])
        return [order[part] for part in bad.groupby(names).indices.values() if bad.iloc[part].sum() >= 2]


def find_moves(
    witnesses: Sequence[Witness], runs: int = 2, permutations: int = 4, figures: pd.Series | None = None
) -> pd.DataFrame:
    """Rows of a table whose figures are best read as another unit's, by the values alone.

    Parameters
    ----------
    witnesses : at least one, all with the index (code, year) of the first, which decides where no other knows anything.
    runs : digits of the code that name a block in which runs are shifted (2: a province); 0 looks for none.
    permutations : digits of a block in which rows hold each other's figures (4: a prefecture); 0 looks for none.
    figures : what a row holds that must not end in the wrong row, if that is not the signal of the first witness (GDP,
        when the signal is the population that it implies).

    Returns
    -------
    pandas.DataFrame with `_MOVE_COLUMNS`, one row a unit and year whose figure changes, sorted by year and code:
    source_code (whose row holds its figure; missing if none does), log_odds (of all that moves in its block).

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["110101", "110102", "110103"], [2021]], names=["code", "year"])
    >>> people = pd.DataFrame({"census": [40.0, 90.0, 65.0]}, index=index)
    >>> moves = find_moves([Witness(pd.Series([90.3, 39.8, 65.2], index=index), people)])
    >>> moves[["code", "source_code"]].to_numpy().tolist()
    [['110101', '110102'], ['110102', '110101']]
    """
    if witnesses[0].signal.empty:
        return pd.DataFrame(columns=list(_MOVE_COLUMNS))
    evidence = _Evidence(witnesses)
    identity = np.arange(len(evidence.index))
    odds, doubtful = np.zeros(len(identity)), np.zeros(len(identity), dtype=bool)
    held = evidence.parts[0][0] if figures is None else _logs(figures.reindex(evidence.index).to_numpy(dtype=float))
    groups = evidence.codes.str[: permutations or 6].to_numpy()
    for units in evidence.blocks(runs or permutations):
        reading = read_block(evidence.block(units), held[units], groups[units], runs=bool(runs))
        evidence.source[units], doubtful[units], odds[units] = units[reading.source], reading.doubtful, reading.odds
    changed = np.flatnonzero(evidence.source != identity)
    lost = doubtful | (np.nan_to_num(evidence.own(parts=1), nan=-np.inf) > FITS_NOT)
    moves = pd.DataFrame(
        {
            "code": evidence.codes[changed],
            "year": evidence.index.get_level_values("year")[changed],
            "source_code": evidence.codes[evidence.source[changed]].to_series().reset_index(drop=True),
            "log_odds": odds[changed],
        }
    )
    moves["source_code"] = moves["source_code"].mask(lost[changed])
    return moves.sort_values(["year", "code"], ignore_index=True)


def agreed_scale(signal: pd.Series, expected: pd.DataFrame) -> pd.Series:
    """Scale of the close law by row, as the year's figures show it: narrow where a source agrees to the last digit.

    The upper quartile of the distance of a figure to its unit's nearest reference is log 4 scales of a Laplace law, and
    a quarter of the year's rows may be off without moving it much. At least `AGREED_ROWS` rows are needed; the scale
    lies within `AGREED_SCALES` in any case.
    """
    gaps = np.abs(_logs(expected.to_numpy(dtype=float)) - _logs(signal.to_numpy(dtype=float))[:, np.newaxis])
    nearest = pd.Series(np.nan_to_num(gaps, nan=np.inf).min(axis=1), index=signal.index).replace(np.inf, np.nan)
    by_year = nearest.groupby(signal.index.get_level_values("year"))
    scale = (by_year.transform("quantile", 0.75) / np.log(4)).clip(*AGREED_SCALES)
    return scale.where(by_year.transform("count") >= AGREED_ROWS, SCALE)


def rounded_scale(values: pd.Series, blocks: Sequence[pd.Index], scale: float | pd.Series = SCALE) -> pd.Series:
    """Scale of the close law by row, wider where every figure of a block is a whole number.

    A whole number hides an error of up to a half, the standard deviation of which is the root of a twelfth.
    """
    whole = (values.isna() | values.mod(1).eq(0)).groupby(list(blocks)).transform("all")
    rounding = (1 / 12) ** 0.5 / values.where(values > 0)
    return rounding.where(whole, 0.0).fillna(0.0).clip(lower=scale)


def logs(values: pd.Series) -> pd.Series:
    """Logs of positive figures, NaN for others, same index."""
    return pd.Series(_logs(values.to_numpy(dtype=float)), index=values.index)


def sure_moves(moves: pd.DataFrame, printed: pd.Series, evidence: Witness) -> pd.DataFrame:
    """The moves without those that blank a figure which fits its own unit, and with those blank that fit no unit.

    A figure that could as well be another's stays where it stands if it fits there and nobody takes it. One too coarse
    to bear witness (a 2 for a 21 that lost a digit) goes along with its run only if it fits, its rounding allowed for.
    """
    rows = pd.MultiIndex.from_frame(moves[KEY])
    sources = pd.MultiIndex.from_frame(moves[["source_code", "year"]].set_axis(KEY, axis=1))
    expected = evidence.expected.apply(logs).reindex(rows)

    def distance(figures: pd.Series) -> np.ndarray:
        return expected.rsub(logs(figures).to_numpy(), axis=0).abs().min(axis=1).to_numpy()

    taken = rows.isin(sources[moves["source_code"].notna()])
    stays = moves["source_code"].isna() & (distance(printed.reindex(rows)) <= NEAR) & ~taken
    scale = pd.Series(evidence.scale, index=printed.index).reindex(sources)
    coarse = scale.to_numpy() > COARSEST
    lost = coarse & (distance(printed.reindex(sources)) > 3 * scale.to_numpy())
    return moves.assign(source_code=moves["source_code"].mask(lost)).loc[~stays]


def apply_moves(frame: pd.DataFrame, moves: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """A copy of a table (columns code, year) in which each unit of `moves` has the figures of its source, or none."""
    place = pd.Series(np.arange(len(frame)), index=pd.MultiIndex.from_frame(frame[KEY]))
    to = place.loc[pd.MultiIndex.from_frame(moves[KEY])].to_numpy()
    origin = place.reindex(pd.MultiIndex.from_frame(moves[["source_code", "year"]])).to_numpy()
    figures = frame[list(columns)].to_numpy(dtype=float)
    moved = figures.copy()
    moved[to] = np.where(np.isnan(origin)[:, np.newaxis], np.nan, figures[np.nan_to_num(origin).astype(int)])
    return frame.assign(**dict(zip(columns, moved.T, strict=True)))


def nearest_years(values: pd.Series, count: int = _NEAREST) -> pd.Series:
    """Median of the `count` figures of other years of the same unit that are nearest in time, by row.

    Parameters
    ----------
    values : by code and year, each pair once; NaN is missing.

    Returns
    -------
    pandas.Series with the index of `values`; fewer figures are used if no more are there, NaN if there is none. Earlier
    years go first among equally near.
    """
    wide = values.unstack("year")
    years, numbers = wide.columns.to_numpy(), wide.to_numpy(dtype=float)
    medians = np.full(wide.shape, np.nan)
    for column, year in enumerate(years):
        order = np.argsort(np.abs(years - year), kind="stable")
        others = numbers[:, order[order != column]]
        near = np.where((~np.isnan(others)).cumsum(axis=1) <= count, others, np.nan)
        medians[:, column] = pd.DataFrame(near).median(axis=1)
    codes, columns = wide.index.get_indexer(values.index.get_level_values("code")), wide.columns
    return pd.Series(medians[codes, columns.get_indexer(values.index.get_level_values("year"))], index=values.index)
