"""What a file holds joins the table in force: figures beside those of other years, or rows by their key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from shanhai.core import fields
from shanhai.intake.kinds import Kind, Target
from shanhai.intake.mapping import Source
from shanhai.intake.problems import Problem

_SLIP: Final = 30.0
"""Times the figures of a neighbouring year, in the median, from which the unit is another: growth is below ten."""

_SLIP_OF_ONE: Final = 300.0
"""The same of a single figure, since a plant or a lost field may make one; the limits on growth see smaller ones."""

_FEWEST: Final = 3
"""Figures of which it can be told that they are shares of one."""

_UNITS: Final = {"元": 1.0, "千元": 1e3, "万元": 1e4, "百万元": 1e6, "亿元": 1e8}
"""Units of money that yearbooks print."""


@dataclass(frozen=True)
class Merged:
    """A table with what a file adds."""

    table: pd.DataFrame
    did: str
    """What is added and replaced, in a sentence."""
    notes: tuple[str, ...] = ()


def slips_of_unit(
    taken: pd.DataFrame,
    base: pd.DataFrame,
    published: pd.DataFrame,
    found: Sequence[Source],
    targets: Mapping[str, Target],
) -> list[Problem]:
    """Figures that are some power of ten away from those of the same place in the nearest year of the table in force.

    Parameters
    ----------
    taken : columns code, year, source_row and those of ours, in our units.
    base, published : table in force, corrected and as published, with code and year. A figure that is the published one
        of its place and year to the last digit is left to the written corrections.
    found, targets : the meaning of each column, and what ours need.

    Returns
    -------
    list of Problem
        One for a column of which half of the figures are off, else one a figure, naming the likely unit.
    """
    problems: list[Problem] = []
    for source in found:
        target = targets.get(source.to)
        if target is None or target.dimension != "money" or source.to not in taken or source.to not in base:
            continue
        rows = taken.loc[taken[source.to].notna()]
        rows = rows.loc[rows["year"].eq(source.year)] if source.year else rows
        rows = rows.loc[~is_known(rows, published, source.to)]
        for record in rows.loc[rows[source.to].lt(0)].to_dict("records"):
            rule = "the figure is below zero; correct its sign, or leave the cell empty"
            problems.append(Problem(rule, int(record["source_row"]), source.column.label, record[source.to]))
        rows = rows.loc[rows[source.to].gt(0)]
        ratios = (rows[source.to] / nearest(rows, base, source.to)).replace([0, np.inf], np.nan).dropna()
        slips = ratios[(ratios >= _SLIP) | (ratios <= 1 / _SLIP)]
        if len(slips) and len(slips) * 2 >= len(ratios):
            problems.append(_slip(source, target, float(slips.median()), f"{len(slips)} of {len(ratios)} figures are"))
        else:
            alone = slips[(slips >= _SLIP_OF_ONE) | (slips <= 1 / _SLIP_OF_ONE)]
            for index, ratio in alone.items():
                at = rows.loc[[index]].to_dict("records")[0]
                row, value = int(at["source_row"]), float(at[source.to])
                problems.append(_slip(source, target, float(ratio), "the figure is", row, value))
    return problems


def is_known(rows: pd.DataFrame, published: pd.DataFrame, column: str) -> pd.Series:
    """Whether a figure is the published one of its place and year."""
    pairs = rows[["code", "year", column]].merge(published[["code", "year", column]], on=["code", "year"], how="left")
    return pd.Series(pairs[f"{column}_x"].eq(pairs[f"{column}_y"]).to_numpy(), index=rows.index)


def nearest(rows: pd.DataFrame, base: pd.DataFrame, column: str) -> pd.Series:
    """Figure of the same place in the nearest year that the table holds, of two equally near the earlier."""
    known = base.loc[base[column].gt(0), ["code", "year", column]]
    pairs = rows[["code", "year"]].reset_index(names="at").merge(known, on="code", suffixes=("", "_ours"))
    pairs["distance"] = (pairs["year"] - pairs["year_ours"]).abs()
    closest = pairs.sort_values(["at", "distance", "year_ours"], kind="stable").drop_duplicates("at")
    return closest.set_index("at")[column].reindex(rows.index)


def times(ratio: float) -> str:
    """A ratio in words, without powers of ten.

    Examples
    --------
    >>> times(10_800), times(1.5), times(1 / 36_900)
    ('10,800 times', '1.5 times', '1/36,900 of')
    """
    if ratio >= 1:
        return f"{ratio:,.0f} times" if ratio >= 100 else f"{ratio:.3g} times"
    return f"1/{1 / ratio:,.0f} of" if ratio < 0.1 else f"{ratio:.2f} times"


def _slip(
    source: Source, target: Target, ratio: float, who: str, row: int | None = None, value: object = ""
) -> Problem:
    assumed = source.unit.factor if source.unit else target.factor
    likely = min(_UNITS, key=lambda name: abs(np.log10(_UNITS[name] / assumed * ratio)))
    stated = source.unit.text if source.unit and source.unit.text != "ours" else f"{target.factor:,.0f} yuan"
    rule = (
        f"{who} {times(ratio)} that of our table for the same place in the nearest year; read in {stated}, the unit"
        f' is likely {likely}: correct the head, or say --map "{source.column.label}={source.to}:{likely}"'
    )
    return Problem(rule, row, source.column.label, value)


def slips_of_census(taken: pd.DataFrame, base: pd.DataFrame) -> list[Problem]:
    """Columns of a census that are some power of ten away from ours of the same counties.

    Parameters
    ----------
    taken : columns code and those of the census that the file fills.
    base : table in force.
    """
    ours = base.loc[base["is_county"] & base["code"].notna()].drop_duplicates("code").set_index("code")
    problems = []
    for column in (name for name in taken.columns if name in ours.columns and is_numeric_dtype(taken[name])):
        ratios = (taken[column] / taken["code"].map(ours[column]).astype(float)).replace([0, np.inf], np.nan).dropna()
        if len(ratios) and not 1 / _SLIP < ratios.median() < _SLIP:
            rule = f"the figures are {times(ratios.median())} ours of the same counties; correct their unit"
            problems.append(Problem(rule, column=column))
    return problems


def shares_of_one(taken: pd.DataFrame, found: Sequence[Source], targets: Mapping[str, Target]) -> list[Problem]:
    """Columns of percent whose figures are all within one, as a spreadsheet stores what it shows as percent."""
    problems = []
    for source in found:
        target = targets.get(source.to)
        if target is not None and target.dimension == "share" and source.to in taken:
            values = taken[source.to].dropna().astype(float)
            if len(values) >= _FEWEST and values.abs().max() <= 1 and values.abs().max() > 0:
                rule = f"all {len(values)} figures lie within 1: they are shares of one; give percent"
                problems.append(Problem(rule, column=source.column.label))
    return problems


def merge_years(kind: Kind, taken: pd.DataFrame, base: pd.DataFrame) -> Merged:
    """Rows of places and years: those of new keys are added; of those that are there, the figures of the file replaced.

    Parameters
    ----------
    taken : columns code, year and those of ours that the file fills.
    base : table in force as published, with all columns.
    """
    columns = list(base.columns)
    key = list(fields.key_of(kind.table()))
    new = taken.drop(columns="source_row").reindex(columns=columns)
    there, coming = pd.MultiIndex.from_frame(base[key]), pd.MultiIndex.from_frame(new[key])
    old = base.set_index(key).reindex(coming)
    kept = []
    for column in old:
        stays = new[column].isna().to_numpy() & old[column].notna().to_numpy()
        if stays.any():
            kept.append(str(column))
            new[column] = new[column].astype(base[column].dtype).where(~stays, old[column].to_numpy())
    new = new.astype(base.dtypes.to_dict())
    table = pd.concat([base.loc[~there.isin(coming)], new]).sort_values(key, kind="stable", ignore_index=True)
    added, replaced = new.loc[~coming.isin(there)], new.loc[coming.isin(there)]
    parts = [_by_year(rows, word) for rows, word in ((added, "added"), (replaced, "replaced")) if len(rows)]
    notes = [f"the rows replaced keep their {', '.join(kept)} where the file has no figure"] if kept else []
    return Merged(table, "; ".join(parts), tuple(notes))


def _by_year(rows: pd.DataFrame, word: str) -> str:
    counts = rows.groupby("year").size()
    return ", ".join(f"{count} rows of {year} {word}" for year, count in counts.items())


def merge_keys(table: str, taken: pd.DataFrame, base: pd.DataFrame) -> Merged:
    """Rows of a table by its key: new ones are added, those that are there are replaced whole."""
    key = list(fields.key_of(table))
    new = taken.drop(columns="source_row").reindex(columns=list(base.columns)).astype(base.dtypes.to_dict())
    names, others = (frame[key].astype(object).where(frame[key].notna(), None) for frame in (new, base))
    coming, there = pd.MultiIndex.from_frame(names), pd.MultiIndex.from_frame(others)
    result = pd.concat([base.loc[~there.isin(coming)], new]).sort_values(key, kind="stable", ignore_index=True)
    replaced = int(coming.isin(there).sum())
    return Merged(result, f"{len(new) - replaced} rows added, {replaced} replaced")


def merge_census(taken: pd.DataFrame, base: pd.DataFrame) -> Merged:
    """Figures of counties in a census, cell by cell: rows of a census are those of its units, so that none is added.

    Parameters
    ----------
    taken : columns code and those of the census that the file fills.
    base : table in force as published.
    """
    columns = [name for name in taken.columns if name in base.columns and name not in ("code", "year")]
    table = base.copy()
    rows = table.index[table["is_county"] & table["code"].notna()]
    where = dict(zip(table.loc[rows, "code"], rows, strict=True))
    changed = 0
    for record in taken.to_dict("records"):
        for column in columns:
            value, at = record[column], where[record["code"]]
            if pd.notna(value):
                changed += int(table.loc[at, column] != value)
                table.loc[at, column] = int(value) if pd.api.types.is_integer_dtype(table[column]) else value
    return Merged(table, f"{len(taken)} counties read, {changed} figures changed", ())
