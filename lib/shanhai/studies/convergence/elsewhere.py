"""What other provinces say of the rise of the 26: their dark counties, growth from an equal start, steps in common."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.errors import MissingDataError
from shanhai.core.shared import shared
from shanhai.data.frames.lights import PREFIX, SENSOR_BREAK
from shanhai.methods.convergence.steps import CommonSteps, common_steps
from shanhai.methods.regression.fit import fit
from shanhai.studies.convergence.analysis import ZHEJIANG, areas
from shanhai.studies.convergence.design import (
    DARK_RULES,
    EQUAL_START,
    FEWEST_DARK,
    THE_26,
    DarkRule,
    equal_start_spec,
)
from shanhai.studies.convergence.panel import against_others, levels, people_of, sensor_years

_MEASURE = "lights_per_head"


@dataclass(frozen=True)
class Elsewhere:
    """The 26 beside the dark counties of other provinces, in the years of the later sensor."""

    the_26: pd.Series
    """Light per resident of the 26 in percent of the rest of Zhejiang, by year."""
    paths: dict[str, pd.DataFrame]
    """The same of the dark counties of each province (rows, by code) and year (columns), by rule."""
    counts: dict[str, pd.DataFrame]
    """Number of counties in the dark group and in the rest, by province and rule."""
    steps: CommonSteps
    """Years in which the dark counties of the other provinces gain on the rest together, under the main rule."""
    light_steps: CommonSteps
    """Years in which the log light of the other provinces jumps together: what a step of the product looks like."""

    @property
    def main(self) -> str:
        """Key of the main rule."""
        return next(iter(self.paths))

    def rises(self, rule: str) -> pd.Series:
        """Rise from the first to the last year, in points, of each province but Zhejiang."""
        path = self.paths[rule].drop(index=ZHEJIANG, errors="ignore")
        return path.iloc[:, -1] - path.iloc[:, 0]

    @property
    def rise_of_the_26(self) -> float:
        """Rise of the 26, in points."""
        return float(self.the_26.iloc[-1] - self.the_26.iloc[0])

    def rank(self, rule: str) -> int:
        """Place of the rise of the 26 among the provinces and itself, 1 the largest."""
        return 1 + int((self.rises(rule) > self.rise_of_the_26).sum())

    @property
    def step_years(self) -> tuple[int, ...]:
        """Years in which light itself jumps in common."""
        years = self.light_steps.years
        return tuple(int(year) for year in years.loc[years["step"], "year"])

    @property
    def largest_years(self) -> tuple[int, ...]:
        """The third of the years in which the 26 rose most, ascending."""
        own = self.the_26.diff().iloc[1:].sort_values(ascending=False, kind="stable")
        return tuple(sorted(int(year) for year in own.index[: len(own) // 3]))

    def carried(self, years: tuple[int, ...]) -> float:
        """Rise of the 26 into some years, in points."""
        return float(self.the_26.diff().loc[list(years)].sum())

    def yearly(self) -> pd.DataFrame:
        """By year: rise of the 26 (``the_26``), and the columns of ``CommonSteps.years`` of the dark counties elsewhere
        (as they are) and of light itself (names ending in ``_light``)."""
        own = self.the_26.diff().iloc[1:].rename("the_26").rename_axis("year").reset_index()
        light = self.light_steps.years.set_index("year").add_suffix("_light").reset_index()
        return own.merge(self.steps.years, on="year").merge(light, on="year")


@shared
def elsewhere(frame: pd.DataFrame) -> Elsewhere:
    """Follow the dark counties of every province against the rest of it, as the 26 are followed.

    Parameters
    ----------
    frame : DataFrame
        From ``convergence_frame``.

    Raises
    ------
    MissingDataError
        If no province has a dark group and a rest of enough counties.
    """
    years = sensor_years(frame)[1]
    home = areas(frame)["zhejiang"]
    own, _ = _path(home, home["is_mountain_26"].to_numpy(dtype=bool), years)
    paths: dict[str, pd.DataFrame] = {}
    counts: dict[str, pd.DataFrame] = {}
    for key, rule in DARK_RULES.items():
        found = {}
        for code, rows in frame.groupby("province_code", sort=True):
            dark = _dark_counties(rows.reset_index(drop=True), rule, home)
            path, sizes = _path(rows.reset_index(drop=True), dark, years)
            if min(sizes) >= FEWEST_DARK:
                found[str(code)] = (path, sizes)
        if not found:
            raise MissingDataError(
                f"No province has {FEWEST_DARK} dark counties and as many others by the rule {key!r}; needed: one. "
                "Pass counties of whole provinces with lights in every year."
            )
        paths[key] = pd.DataFrame({code: path for code, (path, _) in found.items()}).T
        counts[key] = pd.DataFrame({code: sizes for code, (_, sizes) in found.items()}, index=["dark", "others"]).T
    main = paths[next(iter(DARK_RULES))].drop(index=ZHEJIANG, errors="ignore")
    return Elsewhere(own, paths, counts, common_steps(main), common_steps(_log_light(frame, years)))


def _log_light(frame: pd.DataFrame, years: tuple[int, ...]) -> pd.DataFrame:
    """Log of the light of each province but Zhejiang, counties with figures in all years, one column a year."""
    light = frame[[f"{PREFIX}{year}" for year in years]].set_axis(list(years), axis="columns").dropna()
    sums = light.groupby(frame.loc[light.index, "province_code"]).sum()
    return pd.DataFrame(np.log(sums.drop(index=ZHEJIANG, errors="ignore")))


def _dark_counties(rows: pd.DataFrame, rule: DarkRule, home: pd.DataFrame) -> np.ndarray:
    """Which counties of a province are dark.

    Parameters
    ----------
    rows : DataFrame
        Counties of a province, indexed from 0.
    rule : DarkRule
    home : DataFrame
        Counties of Zhejiang, whose 26 say how far the ranking goes.

    Returns
    -------
    array of bool
        Counties without light in a year of the later sensor, or in the year of the ranking, are not dark.
    """
    ranked, people, known = _ranking(rows, rule)
    order = np.argsort(np.where(known, ranked, np.inf), kind="stable")
    if rule.reach == "level":
        bright = _ranking(home, rule)[0][home["is_mountain_26"].to_numpy(dtype=bool)].max()
        return known & (ranked <= bright)
    weights = np.where(known, people if rule.reach == "residents" else 1.0, 0.0)
    dark = np.zeros(len(rows), dtype=bool)
    dark[order] = np.cumsum(weights[order]) <= weights.sum() * _share_of_the_26(home, rule) + 1e-9
    return dark & known


def _share_of_the_26(home: pd.DataFrame, rule: DarkRule) -> float:
    _, people, known = _ranking(home, rule)
    weights = np.where(known, people if rule.reach == "residents" else 1.0, 0.0)
    return float(weights[home["is_mountain_26"].to_numpy(dtype=bool)].sum() / weights.sum())


def _ranking(rows: pd.DataFrame, rule: DarkRule) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Light per resident of the year of the ranking, residents of the first year followed, and who has every figure."""
    late = sensor_years(rows)[1]
    ranked = levels(rows, _MEASURE, (rule.year,))[rule.year].to_numpy()
    known = levels(rows, _MEASURE, late).notna().all(axis=1).to_numpy() & ~np.isnan(ranked)
    return ranked, people_of(rows, _MEASURE, (SENSOR_BREAK,))[SENSOR_BREAK].to_numpy(), known


def _path(rows: pd.DataFrame, dark: np.ndarray, years: tuple[int, ...]) -> tuple[pd.Series, tuple[int, int]]:
    """Light per resident of a group in percent of that of the others by year, and how many counties both have."""
    per_head = levels(rows, _MEASURE, years)
    known = per_head.notna().all(axis=1)
    inside = pd.Series(dark, index=per_head.index)[known]
    sizes = int(inside.sum()), int((~inside).sum())
    if not all(sizes):
        return pd.Series(dtype=float), sizes
    table = against_others(per_head[known], people_of(rows, _MEASURE, years)[known], inside)
    return table.set_index("year")["ratio"], sizes


def equal_start_table(columns: pd.DataFrame) -> pd.DataFrame:
    """Growth of the 26 beside that of counties with the same initial level.

    Parameters
    ----------
    columns : DataFrame
        With the columns of ``add_periods`` for the main periods.

    Returns
    -------
    DataFrame
        sample, period, measure, first, last, conditions, estimate (percent a year), se, p, low, high, n, clusters, df,
        mean (of growth), vcov, spec_id.
    """
    rows = []
    for period, sample, conditions in EQUAL_START:
        result = fit(equal_start_spec(period, sample, conditions), columns)
        place = result.position(THE_26.name)
        low, high = map(float, result.ci[place])
        rows.append(
            {
                "sample": sample,
                "period": period.name,
                "measure": period.measure,
                "first": period.first,
                "last": period.last,
                "conditions": conditions,
                "estimate": float(result.params[place]),
                "se": float(result.se[place]),
                "p": float(result.p[place]),
                "low": low,
                "high": high,
                "n": result.n,
                "clusters": min(way.count for way in result.clusters),
                "df": float(result.degrees[place]),
                "mean": float(columns[period.growth].iloc[result.rows].mean()),
                "vcov": result.error,
                "spec_id": result.spec.spec_id,
            }
        )
    return pd.DataFrame(rows)
