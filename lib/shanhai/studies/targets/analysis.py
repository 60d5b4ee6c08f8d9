"""The targets of 2025 for the 26 mountain counties, followed on the tables and on later figures that a user adds.

Two targets can be followed: GDP per head at 70 percent of the province's and an urban share of 65 percent. Levels are
those of today's boundaries; the pace so far is taken on ground that stayed the same
(:mod:`shanhai.studies.targets.paths`), carried through later years where a user gives them.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shanhai.core.places import NATION, ZHEJIANG
from shanhai.data.frames.panel import county_rows
from shanhai.data.later import half_given, per_head_of_later
from shanhai.methods.records import Quantity
from shanhai.studies.targets.design import GDP_TARGET, GROUP, URBAN_TARGET
from shanhai.studies.targets.follow import TargetSpec, annual_growth, backtest, follow_target, paces, ratio_to
from shanhai.studies.targets.paths import Ground, comparable_levels, gdp_paths, grounds, urban_paths

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Followed:
    """One target followed for the 26 together and for each of them."""

    spec: TargetSpec
    paths: pd.DataFrame
    """unit (ground, ``26`` or province), year, basis, value: percent of the province, or percent urban."""
    own: pd.DataFrame
    """unit (``26`` or county), year, value: on the boundaries of its year, later figures included."""
    table: pd.DataFrame
    """As :func:`~shanhai.studies.targets.follow.follow_target`, one row for ``26`` and for each county."""
    grounds: tuple[Ground, ...]
    comparable: pd.Series
    """Paces of the province's counties that kept their ground."""

    def of(self, unit: str) -> pd.Series:
        """Row of one unit."""
        return self.table[self.table["unit"].eq(unit)].iloc[0]

    def path_of(self, unit: str) -> pd.DataFrame:
        """Path of the ground that a unit is on, by year."""
        home = next((ground.unit for ground in self.grounds if unit in ground.members), unit)
        return self.paths[self.paths["unit"].eq(home)].sort_values("year")

    def earlier_level(self, unit: str, basis: str, year: int) -> float:
        """Level of a year on the ground that a unit is on; missing if there is none."""
        path = self.path_of(unit)
        values = path.loc[path["basis"].eq(basis) & path["year"].eq(year), "value"]
        return float(values.iloc[0]) if len(values) else float("nan")

    def fastest_reference(self, growth: float) -> float:
        """Growth of the province, percent a year, at which the 26 reach the target if they grow by `growth`."""
        needed = float(self.of(GROUP)["needed"])
        return 100 * ((1 + growth / 100) / (1 + needed / 100) - 1)


def gdp_target(tables: Tables, provinces: pd.DataFrame, later: pd.DataFrame, spec: TargetSpec = GDP_TARGET) -> Followed:
    """GDP per head of the 26 in percent of the province's, and the growth still needed relative to the province.

    Parameters
    ----------
    tables : frames by the names in :data:`shanhai.studies.targets.design.TABLES`.
    provinces : of :func:`shanhai.data.frames.aggregates.build_province_frame`.
    later : of :func:`shanhai.data.later.load_later`; empty for none.
    spec : TargetSpec
    """
    levels = gdp_paths(tables, provinces)
    on_ground = pd.concat(
        [ratio_to(levels[levels["basis"].eq(basis)], ZHEJIANG) for basis in ("residents", "registered")]
    )[["unit", "year", "basis", "value"]]
    province = _province_per_head(provinces, later)
    own = _own_per_head(tables, later).merge(province, on="year")
    own = own.assign(value=100 * own["value"] / own["province"])[["unit", "year", "value"]]
    heads, _ = comparable_levels(tables)
    share = ratio_to(pd.concat([heads, _as_levels(provinces)]), ZHEJIANG)
    comparable = paces(share[share["unit"].ne(ZHEJIANG)], 2011, 2021)
    return _followed(spec, on_ground, own, grounds(tables), comparable)


def urban_target(tables: Tables, later: pd.DataFrame, spec: TargetSpec = URBAN_TARGET) -> Followed:
    """Urban share of the residents of the 26, and the points a year still needed; parameters as :func:`gdp_target`."""
    on_ground = urban_paths(tables).assign(basis="residents")[["unit", "year", "basis", "value"]]
    _, shares = comparable_levels(tables)
    own = _own_urban(tables, later)
    unchanged = grounds(tables, for_gdp=False)
    return _followed(spec, on_ground, own, unchanged, paces(shares, 2010, 2020, "points"))


def nation_gap(provinces: pd.DataFrame, followed: Followed) -> dict[str, float]:
    """GDP per head of the 26 beside the country's in 2021.

    Returns
    -------
    dict
        ``level`` (percent of China), ``needed`` (percent a year faster than China to reach it by the target's year).
    """
    heads = provinces.set_index("code")["gdp_per_capita_2021"]
    own = followed.own.set_index(["unit", "year"])["value"]
    level = float(own[GROUP, 2021] * heads[ZHEJIANG] / heads[NATION])
    return {"level": level, "needed": annual_growth(level, 100, followed.spec.year - 2021)}


def backtest_errors(gdp: Followed) -> pd.Series:
    """Errors of the rule in 2011, carried on to 2021 over registered persons: points of the province, by unit."""
    paths = gdp.paths[gdp.paths["basis"].eq("registered")]
    units = [*(ground.unit for ground in gdp.grounds), GROUP]
    return backtest(paths[paths["unit"].isin(units)], (2001, 2011, 2021)).set_index("unit")["error"]


def gdp_level_targets(targets: pd.DataFrame, county_gdp: pd.DataFrame) -> pd.DataFrame:
    """Targets for the GDP of one county, with its GDP of 2021 and the growth at current prices that they need.

    Returns
    -------
    DataFrame
        english, chinese (the target in words), year, value (100 million yuan), now (the same, 2021), needed (percent a
        year).
    """
    rows = targets[targets["indicator"].eq("gdp") & targets["measure"].eq("level")]
    now = county_gdp[county_gdp["year"].eq(2021)].set_index("code")["gdp_10k_yuan"].reindex(rows["place"]) / 1e4
    needed = [
        annual_growth(float(level), float(goal), int(year) - 2021)
        for level, goal, year in zip(now, rows["value"], rows["year"], strict=True)
    ]
    return rows[["english", "chinese", "year", "value"]].assign(now=now.to_numpy(), needed=needed)


def _followed(
    spec: TargetSpec, on_ground: pd.DataFrame, own: pd.DataFrame, units: Sequence[Ground], comparable: pd.Series
) -> Followed:
    pace = _chained(spec, on_ground[on_ground["basis"].eq("residents")], own, units)
    table = follow_target(own, spec, comparable, pace)
    return Followed(spec, on_ground, own, table, tuple(units), comparable)


def _chained(spec: TargetSpec, on_ground: pd.DataFrame, own: pd.DataFrame, units: Sequence[Ground]) -> pd.Series:
    """Pace since the start on constant ground, carried on by the change on today's boundaries in later years."""
    values = on_ground.set_index(["unit", "year"])["value"]
    home = {member: ground.unit for ground in units for member in ground.members} | {GROUP: GROUP}
    turn = max(year for _, year in values.index)
    result = {}
    for unit, series in own.groupby("unit"):
        levels = series.set_index("year")["value"].sort_index()
        last = int(levels.index[levels.index <= spec.year].max())
        start, middle = values[home[str(unit)], spec.pace_from], values[home[str(unit)], turn]
        if spec.kind == "growth":
            reached = middle * levels[last] / levels[turn]
        else:
            reached = middle + levels[last] - levels[turn]
        result[unit] = spec.pace(start, reached, last - spec.pace_from)
    return pd.Series(result, name="pace")


def _province_per_head(provinces: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    heads = per_head_of_later(later)
    given = heads.loc[heads["unit"].eq(ZHEJIANG), ["year", "value"]].rename(columns={"value": "province"})
    now = float(provinces.set_index("code")["gdp_per_capita_2021"][ZHEJIANG])
    return pd.concat([pd.DataFrame({"year": [2021], "province": [now]}), given], ignore_index=True)


def _own_per_head(tables: Tables, later: pd.DataFrame) -> pd.DataFrame:
    """GDP per head of the 26 and of each of them: 2021 and what the user gives; together only with all of them."""
    codes = sorted(tables["mountain_counties"]["code"])
    gdp = tables["county_gdp"].loc[tables["county_gdp"]["year"].eq(2021)].set_index("code")["gdp_10k_yuan"]
    people = county_rows(tables["census_2020"])["population"]
    now = pd.DataFrame({"gdp": gdp.reindex(codes) * 10_000, "people": people.reindex(codes)})
    rows = [(str(code), 2021, float(value)) for code, value in (now["gdp"] / now["people"]).items()]
    rows.append((GROUP, 2021, float(now["gdp"].sum() / now["people"].sum())))
    heads = per_head_of_later(later)
    rows += list(heads[heads["unit"].isin(codes)].itertuples(index=False, name=None))
    rows += _together(later, codes)
    return pd.DataFrame(rows, columns=["unit", "year", "value"])


def _together(later: pd.DataFrame, codes: Sequence[str]) -> list[tuple[str, int, float]]:
    """GDP over residents of all the counties in later years for which every one has both."""
    wide = later[later["code"].isin(list(codes)) & later["indicator"].isin(["gdp", "residents"])]
    rows = []
    for year, part in wide.groupby("year"):
        table = part.pivot(index="code", columns="indicator", values="value")
        table = table.reindex(index=list(codes), columns=["gdp", "residents"])
        if table.notna().to_numpy().all():
            rows.append((GROUP, int(str(year)), float(table["gdp"].sum() / table["residents"].sum())))
    return rows


def _own_urban(tables: Tables, later: pd.DataFrame) -> pd.DataFrame:
    codes = sorted(tables["mountain_counties"]["code"])
    census = county_rows(tables["census_2020"]).reindex(codes)
    shares = 100 * census["urban_population"] / census["population"]
    rows = [(str(code), 2020, float(share)) for code, share in shares.items()]
    rows.append((GROUP, 2020, float(100 * census["urban_population"].sum() / census["population"].sum())))
    given = later[later["indicator"].eq("urban_share") & later["code"].isin(codes)]
    rows += list(given[["code", "year", "value"]].itertuples(index=False, name=None))
    people = later[later["indicator"].eq("residents")][["code", "year", "value"]]
    for year, part in given.merge(people, on=["code", "year"], suffixes=("", "_people")).groupby("year"):
        if set(part["code"]) == set(codes):
            weight = part["value_people"]
            rows.append((GROUP, int(str(year)), float((part["value"] * weight).sum() / weight.sum())))
    return pd.DataFrame(rows, columns=["unit", "year", "value"])


def _as_levels(provinces: pd.DataFrame) -> pd.DataFrame:
    row = provinces.set_index("code").loc[ZHEJIANG]
    values = [row["gdp_2011"] / row["population_2010"], row["gdp_per_capita_2021"]]
    return pd.DataFrame({"unit": ZHEJIANG, "year": [2011, 2021], "value": values})


def target_quantities(followed: Followed, sample: str = "Zhejiang 26") -> list[Quantity]:
    """Levels, paces, needs and projections; projections end between paces of other counties, not in an interval."""
    terms = ["last", "pace", "needed", "projected", "projected_low", "projected_high"]
    long = followed.table.melt(id_vars=["unit"], value_vars=terms, var_name="term", value_name="value").dropna()
    long = long[long["unit"].eq(GROUP) | long["term"].isin(["last", "pace", "needed", "projected"])]
    model = f"target {followed.spec.year}, constant pace"
    return [
        Quantity(
            sample if unit == GROUP else unit, followed.spec.indicator, model, term, value, 26 if unit == GROUP else 1,
            followed.spec.spec_id,
        )
        for unit, term, value in long[["unit", "term", "value"]].itertuples(index=False, name=None)
    ]  # fmt: skip


def later_progress(targets: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """What later figures say about targets that the tables cannot follow.

    Returns
    -------
    pandas.DataFrame: target, code, first_year, last_year, value (growth a year, level, or reference over the place),
    goal, reached; one row a target and place that the user's figures allow to be followed, empty without any.
    """
    figures = _with_revenue_per_head(later)
    rows = []
    for row in targets[targets["needs_english"].notna()].to_dict("records"):
        own = figures[figures["indicator"].eq(row["indicator"]) & ~figures["code"].isin([ZHEJIANG, NATION])]
        if row["place"] != GROUP:
            own = own[own["code"].eq(row["place"])]
        for code, series in own.groupby("code"):
            measured = _measured(row, series.set_index("year")["value"].sort_index(), figures)
            if measured is not None:
                first, last, value = measured
                better = value <= row["value"] if row["measure"] == "ratio" else value >= row["value"]
                rows.append((row["target"], code, first, last, value, row["value"], better))
    return pd.DataFrame(rows, columns=["target", "code", "first_year", "last_year", "value", "goal", "reached"])


def missing_halves(later: pd.DataFrame) -> pd.DataFrame:
    """Later GDP without residents or without the province's figure: code, year, missing."""
    halves = half_given(later)
    heads = per_head_of_later(later)
    alone = sorted(set(heads["year"]) - set(heads.loc[heads["unit"].eq(ZHEJIANG), "year"]))
    province = pd.DataFrame({"code": ZHEJIANG, "year": alone, "missing": "gdp_per_head"})
    return pd.concat([halves, province], ignore_index=True) if alone else halves


def _measured(row: Mapping[Hashable, Any], series: pd.Series, figures: pd.DataFrame) -> tuple[int, int, float] | None:
    first, last = int(series.index[0]), int(series.index[-1])
    if row["measure"] == "growth":
        return (first, last, annual_growth(series.iloc[0], series.iloc[-1], last - first)) if last > first else None
    if row["measure"] == "level":
        factor = 1e8 if row["unit"] == "100m yuan" else 1.0
        return first, last, float(series.iloc[-1]) / factor
    same = figures["indicator"].eq(row["indicator"]) & figures["year"].eq(last)
    reference = figures.loc[same & figures["code"].eq(row["reference"]), "value"]
    return (first, last, float(reference.iloc[0] / series.iloc[-1])) if len(reference) else None


def _with_revenue_per_head(later: pd.DataFrame) -> pd.DataFrame:
    revenue = later[later["indicator"].eq("budget_revenue")]
    people = later[later["indicator"].eq("residents")][["code", "year", "value"]]
    both = revenue.merge(people, on=["code", "year"], suffixes=("", "_people"))
    heads = both.assign(indicator="budget_revenue_per_head", value=both["value"] / both["value_people"])
    return pd.concat([later, heads[later.columns]], ignore_index=True) if len(heads) else later
