"""Balanced panels of prefecture GDP: who has figures in every year, who is left out, and why.

Before 1994 many prefectures report their city proper only, and prefectures were divided, merged and renamed. A series
that leaps from one year to the next is therefore left out by default and named; a prefecture that the question cannot
do without is refused instead, with what there is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.errors import MissingDataError
from shanhai.data.limits import GDP_JUMP
from shanhai.data.load import load_table

GDP = "gdp_100m_yuan"

MISSING, JUMP, REPEATED = "missing", "jump", "repeated"
"""Reasons for which a prefecture is left out of a panel."""


@dataclass(frozen=True)
class PrefecturePanel:
    """GDP of prefectures over a run of years, nothing missing."""

    gdp: pd.DataFrame
    """GDP in 100 million yuan at current prices: codes in rows (sorted), years in columns."""
    left_out: pd.DataFrame
    """Prefectures with figures that are not in the panel: code, reason, years (text); one row a code and reason."""

    def counts(self) -> dict[str, int]:
        """Number of prefectures left out by the first of their reasons: missing, jump, repeated."""
        first = self.left_out.drop_duplicates("code")["reason"]
        return {reason: int(first.eq(reason).sum()) for reason in (MISSING, JUMP, REPEATED)}


def prefecture_panel(
    first: int,
    last: int,
    *,
    required: Sequence[str] = (),
    unions: Mapping[str, Sequence[str]] | None = None,
    with_jumps: bool = False,
    economy: pd.DataFrame | None = None,
) -> PrefecturePanel:
    """The prefectures with GDP in every year from ``first`` to ``last``.

    Parameters
    ----------
    first, last : int
        Years, both included.
    required : sequence of str
        Codes without which the panel is useless (the treated ones): refused instead of left out.
    unions : mapping of code to codes, optional
        Prefectures that were one before a division, added up under the code given. A part counts from its first
        published year on; a year in which a part that exists has no figure is missing.
    with_jumps : bool
        Keep series with a year of less than 0.6 or more than 1.7 times the one before (the flag ``jump``).
    economy : DataFrame, optional
        Columns ``code``, ``year``, ``gdp_100m_yuan``; by default the table ``prefecture_economy``.

    Raises
    ------
    MissingDataError
        Years without any figure, or a required prefecture that is unknown, lacks a year, or jumps.
    """
    table = load_table("prefecture_economy") if economy is None else economy
    unknown = sorted({part for parts in (unions or {}).values() for part in parts} - set(table["code"]))
    if unknown:
        raise MissingDataError(
            f"The unions have the parts {', '.join(unknown)}, which the table of {table['code'].nunique()} codes does "
            "not hold. Correct the codes."
        )
    wide = _with_unions(_wide(table, first, last), unions or {})
    problems = _problems(wide, with_jumps)
    _refuse(required, wide, problems, first, last)
    whole = wide.drop(index=problems["code"].unique().tolist())
    return PrefecturePanel(whole, problems)


def _wide(table: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    there = table.loc[table[GDP].notna(), "year"]
    if not there.min() <= first < last <= there.max():
        raise MissingDataError(
            f"Years {first} to {last}; prefecture GDP covers {there.min()} to {there.max()}, and a panel needs two "
            "years or more. Choose years inside, the first before the last."
        )
    wide = table.pivot(index="code", columns="year", values=GDP).reindex(columns=range(first, last + 1))
    return wide.dropna(how="all").sort_index().astype(float)


def _with_unions(wide: pd.DataFrame, unions: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    for code, parts in unions.items():
        rows = wide.reindex(list(parts))
        exists = rows.notna().cummax(axis=1)
        together = rows.sum().where((rows.notna() | ~exists).all() & rows.notna().any())
        wide = wide.drop(index=wide.index.intersection(list(parts)))
        wide.loc[code] = together
    return wide.sort_index()


def _problems(wide: pd.DataFrame, with_jumps: bool) -> pd.DataFrame:
    growth = wide / wide.shift(axis=1)
    found = [(MISSING, wide.isna())]
    if not with_jumps:
        found.append((JUMP, growth.notna() & ~((growth >= GDP_JUMP[0]) & (growth <= GDP_JUMP[1]))))
    repeated = wide.apply(lambda year: year.duplicated(keep=False) & year.notna())
    found.append((REPEATED, repeated))
    rows = [
        (code, reason, ", ".join(str(year) for year, wrong in zip(wide.columns, cells, strict=True) if wrong))
        for reason, mask in found
        for code, cells in zip(wide.index, mask.to_numpy(), strict=True)
        if cells.any()
    ]
    order = {MISSING: 0, JUMP: 1, REPEATED: 2}
    frame = pd.DataFrame(rows, columns=["code", "reason", "years"])
    return frame.sort_values(["code", "reason"], key=lambda column: column.replace(order), ignore_index=True)


def _refuse(required: Sequence[str], wide: pd.DataFrame, problems: pd.DataFrame, first: int, last: int) -> None:
    reasons = []
    for code in required:
        if code not in wide.index:
            reasons.append(f"{code} has no figure at all")
        for row in problems.loc[problems["code"].eq(code)].itertuples():
            there = wide.columns[np.asarray(wide.loc[code].notna())]
            reasons.append(f"{code}: {row.reason} in {row.years} (figures for {there[0]} to {there[-1]})")
    if reasons:
        raise MissingDataError(
            f"Prefectures that the panel of {first} to {last} needs: {'; '.join(reasons)}. Choose years in which each "
            "is whole, or add up divided prefectures under `unions`."
        )
