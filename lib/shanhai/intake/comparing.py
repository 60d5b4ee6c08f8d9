"""What a file holds against what is there: shares on another scale, and published figures that it would replace."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from shanhai.data.vintage import COMPLETE
from shanhai.intake.kinds import Target
from shanhai.intake.mapping import Source
from shanhai.intake.merging import is_known, nearest, times
from shanhai.intake.problems import Problem

_SCALE: Final = 30.0
"""Times our shares, in the median, from which a share is on another scale; the step is one of a hundred."""

_MOST_GROWTH: Final = 50.0
"""Percent a year; the largest growth of a prefecture that is printed is below it, an index of growth stands at 100."""

_FAR: Final = 1.5
"""Times the figure of the same place and year that is there; revisions of a census of the economy stay below it."""


def scales_of_shares(
    taken: pd.DataFrame,
    base: pd.DataFrame,
    published: pd.DataFrame,
    found: Sequence[Source],
    targets: Mapping[str, Target],
) -> list[Problem]:
    """Shares and growth that are on another scale than percent.

    Parameters
    ----------
    taken : columns code, year, source_row and those of ours.
    base, published : table in force, corrected and as published; figures that are the published ones are left.
    found, targets : the meaning of each column, and what ours need.
    """
    problems: list[Problem] = []
    for source in _sources(found, targets, ("share",), taken):
        rows = taken.loc[taken[source.to].notna()]
        rows = rows.loc[~is_known(rows, published, source.to)]
        is_growth = "growth" in source.to
        beyond = rows.loc[rows[source.to].abs().gt(_MOST_GROWTH)] if is_growth else rows.iloc[:0]
        for record in beyond.to_dict("records"):
            value = float(record[source.to])
            guess = f", an index of which the year before is 100: give {value - 100:.4g}" if 50 < value < 150 else ""
            rule = f"growth of more than {_MOST_GROWTH:.0f} points a year{guess or '; give percent a year'}"
            problems.append(Problem(rule, int(record["source_row"]), source.column.label, value))
        ratios = (rows[source.to].abs() / nearest(rows, base, source.to)).replace([0, np.inf], np.nan).dropna()
        is_printed = is_growth and rows[source.to].round(1).eq(rows[source.to]).all()  # growth of 0.1 % may be meant
        if len(ratios) and not beyond.size and not is_printed and not 1 / _SCALE < ratios.median() < _SCALE:
            rule = (
                f"the figures are {times(ratios.median())} ours of the same places in the nearest year, about a"
                " factor of 100; give percent"
            )
            problems.append(Problem(rule, column=source.column.label))
    return problems


def far_from_published(
    taken: pd.DataFrame,
    base: pd.DataFrame,
    published: pd.DataFrame,
    found: Sequence[Source],
    targets: Mapping[str, Target],
) -> tuple[list[str], list[Problem]]:
    """Figures of places and years that are there: how far they are from those, and which are too far.

    Returns
    -------
    A line for each column, with the median and the largest ratio, and a problem for each figure beyond the limit.
    """
    lines, problems = [], []
    for column in sorted({source.to for source in _sources(found, targets, ("money", "people"), taken)}):
        rows = taken.loc[taken[column].gt(0)]
        rows = rows.loc[~is_known(rows, published, column)]
        pairs = rows[["code", "year"]].merge(base[["code", "year", column]], on=["code", "year"], how="left")
        ratios = (rows[column] / pairs[column].to_numpy()).replace([0, np.inf], np.nan).dropna()
        if ratios.empty:
            continue
        size = np.exp(np.log(ratios).abs())
        lines.append(
            f"{column}: {len(ratios)} figures replace others of the same place and year; new over old is"
            f" {ratios.median():.3f} in the median, {ratios[size.idxmax()]:.3f} where they differ most"
        )
        for index in size.index[size > _FAR]:
            rule = (
                f"{times(ratios[index])} the figure that the table has of the same place and year, beyond {_FAR}"
                " times; correct the year or the figure, or say --replace-published if it is to take its place"
            )
            row = rows.loc[[index]].to_dict("records")[0]
            problems.append(Problem(rule, int(row["source_row"]), column, row[column]))
    return lines, problems


def uses_of_years(table: str, taken: pd.DataFrame, base: pd.DataFrame) -> list[str]:
    """What uses the figures of a year that the table in force did not have."""
    if table != "county_gdp":
        return []
    years = sorted(int(year) for year in set(taken["year"]) - set(base["year"]))
    return [
        f"{year}: the main estimates still rest on 2021. `-p gdp_year={year}` uses the new year once it covers at least"
        f" {COMPLETE:.0%} of the counties; single counties can be read beside 2021 in notebook 09, through the table"
        " later_figures (`shanhai form later_figures`)."
        for year in years
    ]


def _sources(
    found: Sequence[Source], targets: Mapping[str, Target], dimensions: Sequence[str], taken: pd.DataFrame
) -> list[Source]:
    return [
        source
        for source in found
        if source.to in targets and targets[source.to].dimension in dimensions and source.to in taken
    ]
