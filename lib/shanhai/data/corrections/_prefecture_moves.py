"""Rows of the prefecture economy that hold another prefecture's figures: who they belong to, and what moves with them.

GDP and its sectors move together, because they sum; a correction can never move a total without its parts. Shares,
GDP per head and growth were often compiled apart, so each goes along only if it then fits clearly better.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from shanhai.data.corrections._displacement import Witness, apply_moves, find_moves
from shanhai.data.corrections._sectors import (
    GDP,
    SHARES,
    VALUES,
    block_of,
    owners_of_shares,
    value_shares,
    years_around,
)

PER_HEAD, GROWTH = "gdp_per_capita_yuan", "gdp_growth_pct"

OUTPUT = (GDP, *VALUES)
"""What moves as one: the total and its parts."""

PROVINCE = 2
"""Digits of a code that name the block in which rows are exchanged."""

REACH = 2
"""Years to the nearest figure that says what a prefecture produces."""

_FAR_REACH = 4
"""Years to the nearest share, growth or population: they change slowly, and are missing more often."""

GDP_FIT = 0.25
"""Relative distance from the years around at which GDP still fits: the growth of a good year."""

_REVISION = 0.1
"""Largest relative step by which a revision moves a whole province."""

_CLEARLY = 2.0
"""How many times nearer to the years around shares, GDP per head or growth must come to go along with the output."""

_DEFLATOR_FIT = 0.1
"""Relative distance of the price change that two years' GDP and the printed real growth imply from the median of the
province, within which they agree: prices of a province's prefectures move together."""

_SHARE_FIT = 5.0
"""Percentage points likewise for a share: more than a structure changes in a year."""


def exchanged_output(frame: pd.DataFrame) -> pd.DataFrame:
    """Moves of GDP and sectors between rows whose printed shares are those of each other's sectors.

    The shares say to the last digit who holds whose sectors, but not which of the two moved. It was the output if no
    row of the cycle fits the years around it (`GDP_FIT`) and all do once moved, else the shares. An exchange may show
    in one row alone, where the shares of the other are wrong too.

    Returns
    -------
    pandas.DataFrame with the columns code, year, source_code.
    """
    block, owner = block_of(frame), owners_of_shares(frame)
    levels = pd.DataFrame({"code": frame["code"], "year": frame["year"], "gdp": frame[GDP]})
    levels["expected"] = years_around(frame, frame[GDP], REACH, edges=True)
    moves = [pd.DataFrame(columns=["code", "year", "source_code"])]
    for name in sorted(block[owner.notna()].unique()):
        rows = levels.loc[block.eq(name)].set_index("code")
        shown = owner.loc[block.eq(name) & owner.notna()]
        source = dict(zip(frame.loc[shown.index, "code"].astype(str), shown.astype(str), strict=True))
        for cycle in (*_cycles(source), *({code: other, other: code} for code, other in source.items())):
            if _fit_elsewhere(cycle, rows):
                moves.append(
                    pd.DataFrame(
                        {"code": list(cycle), "year": rows["year"].iloc[0], "source_code": list(cycle.values())}
                    )
                )
                rows = rows.drop(index=list(cycle))
    return pd.concat(moves, ignore_index=True)


def _fit_elsewhere(cycle: Mapping[str, str], rows: pd.DataFrame) -> bool:
    """Whether the GDP of each row's source fits the row, and its own does not."""
    due = rows["expected"].reindex(list(cycle))
    offered = rows["gdp"].reindex(list(cycle.values())).set_axis(due.index) / due
    own = rows["gdp"].reindex(list(cycle)) / due
    return bool((_near(offered) & own.notna() & ~_near(own)).all())


def _near(ratio: pd.Series) -> pd.Series:
    return ratio.between(1 - GDP_FIT, 1 + GDP_FIT)


def _away(ratio: float) -> float:
    return max(ratio, 1 / ratio) if ratio > 0 else float("inf")


def _cycles(source: Mapping[str, str]) -> list[dict[str, str]]:
    """Closed chains of rows, each with the row whose figures are its own."""
    left, cycles = dict(source), []
    while left:
        chain = [min(left)]
        while left.get(chain[-1]) in left and left[chain[-1]] not in chain:
            chain.append(left[chain[-1]])
        if left[chain[-1]] == chain[0]:
            cycles.append({code: source[code] for code in chain})
        for code in chain:
            del left[code]
    return cycles


def displaced_rows(frame: pd.DataFrame, with_shares: bool) -> pd.DataFrame:
    """Moves of output between rows of a province, by the years around: ``find_moves``.

    Parameters
    ----------
    frame : columns of the table.
    with_shares : whether the structure of output bears witness beside its level: the shares of the sectors where they
        are published, else the printed ones. Two of the three, as they sum to 100.

    Returns
    -------
    pandas.DataFrame with the columns of ``find_moves``. The moves of a block in which a figure does not fit its new row
    (`GDP_FIT`, `_SHARE_FIT`) are left out as a whole: a permutation is right in all its rows or in none.
    """
    rows = frame.set_index(["code", "year"]).index
    level = years_around(frame, frame[GDP], REACH, edges=True)
    # A revision of the years around moves all prefectures of a province alike, and at the edge of the table, where one
    # side alone speaks, so does growth. Inside, more than that is no revision but a block displaced as a whole.
    edge = frame["year"].isin([frame["year"].min(), frame["year"].max()])
    common = (frame[GDP] / level).groupby(block_of(frame)).transform("median").fillna(1)
    common = common.where(edge, common.clip(1 - _REVISION, 1 + _REVISION))
    parts = [(frame[GDP], level * common)]
    structure = value_shares(frame).fillna(frame[list(SHARES)])
    around = pd.DataFrame({share: years_around(frame, structure[share], REACH, edges=True) for share in SHARES})
    if with_shares:
        parts += [(structure[share], around[share]) for share in SHARES[:2]]
    witnesses = [
        Witness(signal.set_axis(rows), expected.set_axis(rows).to_frame("around")) for signal, expected in parts
    ]
    moves = find_moves(witnesses, runs=0, permutations=PROVINCE)
    signals = [GDP, *(SHARES if with_shares else ())]
    expected = pd.concat([(level * common).rename(GDP), around], axis=1).set_axis(rows)[signals]
    printed = pd.concat([frame[GDP], structure], axis=1).set_axis(rows)[signals]
    blocks = [_completed(block, printed, expected) for _, block in moves.groupby(block_of(moves))]
    whole = [moves for moves in blocks if _is_whole(moves, printed, expected)]
    return pd.concat([pd.DataFrame(columns=["code", "year", "source_code"]), *whole])


def _completed(moves: pd.DataFrame, printed: pd.DataFrame, expected: pd.DataFrame) -> pd.DataFrame:
    """The moves of a block; one row without figures takes the one set that nobody took, if it fits."""
    lost = moves.index[moves["source_code"].isna()]
    left = sorted(set(moves["code"]) - set(moves["source_code"].dropna()))
    if len(lost) != 1 or len(left) != 1 or left[0] == moves.loc[lost[0], "code"]:
        return moves
    filled = moves.assign(source_code=moves["source_code"].fillna(left[0]))
    return filled if _fits(filled.loc[lost], printed, expected).all() else moves


def _is_whole(moves: pd.DataFrame, printed: pd.DataFrame, expected: pd.DataFrame) -> bool:
    """Whether the moves of a block place more rows than they lose, and every figure fits where it is placed."""
    placed = moves["source_code"].notna()
    return placed.sum() > (~placed).sum() and bool(_fits(moves.loc[placed], printed, expected).all())


def _fits(moves: pd.DataFrame, printed: pd.DataFrame, expected: pd.DataFrame) -> pd.Series:
    held = printed.reindex(pd.MultiIndex.from_frame(moves[["source_code", "year"]])).set_axis(moves.index)
    due = expected.reindex(pd.MultiIndex.from_frame(moves[["code", "year"]])).set_axis(moves.index)
    level = (held[GDP] / due[GDP]).fillna(1).between(1 - GDP_FIT, 1 + GDP_FIT)
    shares = held.columns.intersection(list(SHARES))
    return level & ~((held - due)[shares].abs() > _SHARE_FIT).any(axis=1)


def move_output(frame: pd.DataFrame, moves: pd.DataFrame) -> pd.DataFrame:
    """The frame with GDP and sectors moved, and with shares, GDP per head and growth where they fit clearly better so.

    Parameters
    ----------
    frame : columns of the table.
    moves : code, year, source_code; missing source: the row's own figures are lost.
    """
    for _, block in moves.groupby(block_of(moves)):
        printed, (frame, margin) = frame, (apply_moves(frame, block, OUTPUT), _CLEARLY)
        for columns in (SHARES, (PER_HEAD,), (GROWTH,)):
            along = apply_moves(frame, block, columns)
            if _misfit(along, block, columns) * margin < _misfit(frame, block, columns):
                frame, margin = along, 1.0  # one page: what else stood on it need not be as clear
        frame = _agreeing_output(frame, printed, block)
    return frame


def _agreeing_output(frame: pd.DataFrame, printed: pd.DataFrame, block: pd.DataFrame) -> pd.DataFrame:
    """The frame with the output of a block left as printed, or missing, where growth contradicts what was moved there.

    Shares that are moved say little about GDP if the two were compiled apart. GDP stays as printed if that agrees with
    the growth of the year and of the next, and is not another row's now; if it does not either, it is missing.
    """
    here = block_of(frame).eq(block_of(block).iloc[0])
    rows = frame.index[here & frame["code"].isin(block["code"])]
    wrong = rows[_contradicted(frame).loc[rows]]
    if wrong.empty:
        return frame
    back = frame.copy()
    back.loc[wrong, list(OUTPUT)] = printed.loc[wrong, list(OUTPUT)]
    placed = frame.loc[rows.difference(wrong), GDP]
    lost = wrong[_contradicted(back).loc[wrong] | back.loc[wrong, GDP].isin(placed)]
    back.loc[lost, list(OUTPUT)] = np.nan
    return back


def _contradicted(frame: pd.DataFrame) -> pd.Series:
    """Whether GDP is off printed growth by more than `_DEFLATOR_FIT`, from the year before and to the next if both are
    known: where one of them agrees, it is the other year that is off."""
    prices = _implied_prices(frame)
    level = prices.groupby(block_of(frame)).transform("median")
    away = ((prices / level) - 1).abs()
    keys = pd.MultiIndex.from_frame(frame[["code", "year"]])
    following = pd.MultiIndex.from_arrays([frame["code"], frame["year"] + 1])
    onward = away.set_axis(keys).reindex(following).set_axis(frame.index)
    return pd.concat([away, onward], axis=1).min(axis=1) > _DEFLATOR_FIT


def _implied_prices(frame: pd.DataFrame) -> pd.Series:
    """GDP over that of the year before, divided by printed real growth, by row; missing where one of the three is.

    Examples
    --------
    >>> rows = pd.DataFrame({"code": "330800", "year": [2001, 2002], GDP: [100.0, 112.0], GROWTH: [9.0, 12.0]})
    >>> _implied_prices(rows).tolist()
    [nan, 1.0]
    """
    gdp = frame[GDP].set_axis(pd.MultiIndex.from_frame(frame[["code", "year"]]))
    before = gdp.reindex(pd.MultiIndex.from_arrays([frame["code"], frame["year"] - 1])).set_axis(frame.index)
    return frame[GDP] / before / (1 + frame[GROWTH] / 100)


def _misfit(frame: pd.DataFrame, moves: pd.DataFrame, columns: Sequence[str]) -> float:
    """Mean distance of the moved rows from the years around, in shares also from their own sectors; 0 if unknown."""
    near = frame.loc[frame["code"].isin(moves["code"])]
    rows = near.index[near["year"].eq(moves["year"].iloc[0])]
    if columns == (PER_HEAD,):
        people = near[GDP] / near[PER_HEAD]
        distance = (people / years_around(near, people, _FAR_REACH, edges=True)).map(_away, na_action="ignore") - 1
        return float(distance.loc[rows].mean(skipna=True)) if distance.loc[rows].notna().any() else 0.0
    gaps = [(near[column] - years_around(near, near[column], _FAR_REACH, edges=True)).abs() for column in columns]
    if columns == SHARES:
        gaps += [(near[share] - value_shares(near)[share]).abs() for share in SHARES]
    misfits = pd.concat(gaps, axis=1).loc[rows].to_numpy(float)
    return float(np.nanmean(misfits)) if not np.isnan(misfits).all() else 0.0
