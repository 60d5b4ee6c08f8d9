"""Written corrections of county GDP and registered population whose figures stand in another unit's row.

What a unit should have is known from other sources: residents and registered population of the censuses, its own other
years, the growth of its province. The detectors (:mod:`shanhai.data.corrections._displacement`,
:mod:`shanhai.data.corrections._repeats`) compare the values with that, in every year that the table has, whoever
provided it.
"""

import numpy as np
import pandas as pd

from shanhai.data.corrections._displacement import (
    COARSEST,
    KEY,
    NEAR,
    Witness,
    agreed_scale,
    apply_moves,
    find_moves,
    logs,
    nearest_years,
    rounded_scale,
    sure_moves,
)
from shanhai.data.corrections._reassignment import SCALE, disturbed, reference_cost
from shanhai.data.corrections._repeats import as_mask, placeholders, repeated_figures
from shanhai.data.frames.harmonise import same_ground, to_counties_2020
from shanhai.data.frames.residents import county_population
from shanhai.data.rules import Rule, Tables
from shanhai.data.years import CENSUSES, GDP_YEARS

RESIDENTS = 0.01
"""A registered population within this (in logs) of a census's residents is theirs."""

_NEAR_CENSUS = 2
"""Years around a census in which its residents are printed for the registered population."""

ROUNDS = 4
"""Most rounds in which displaced years are put right; two or three are enough for ours."""

_REGISTER_YEARS = 2
"""Years by which a registered population may be older or younger than the GDP it is held against."""

_REGISTER_OFF = 0.25
"""Part by which the registered population of a year is off the years around it if it counts something else."""

WHOLE = 0.001
"""Part by which implied people may be off a whole ten thousand that GDP was divided by."""

_GROWTH_SCALE = 0.3
"""Scale (in logs) of a county's growth over a decade against its province's."""

COPIED_DIGITS, COPIED_ANYWHERE = 5, 4
"""Significant digits at which one figure under two codes is a copy: of one prefecture, of the whole country. In the
country, figures of four to seven digits coincide by chance, and rounded ones that share a factor seem to have more
digits than they have: only a GDP per head that is copied, too, and the population that both imply tell a copy."""

_SAME_PER_HEAD = 0.01
"""GDP per head of one unit under two codes may differ by this (in logs): one of the two is rounded to 100 yuan."""

MONEY = ["gdp_10k_yuan", "primary_gdp_10k_yuan"]
FIGURES = [*MONEY, "gdp_per_capita_10k_yuan"]
HUKOU = "hukou_population_10k"
RESIDENT = ["resident_urban_10k", "resident_rural_10k"]


def _names(frame: pd.DataFrame) -> pd.Series:
    """Code and name of each row: a code that another unit takes over is another unit."""
    return frame["code"].astype(str) + frame["name_zh"].astype(str).str.replace(r"\s", "", regex=True)


def registered_by_census(hukou: pd.DataFrame, census_2010: pd.DataFrame) -> pd.Series:
    """Registered population (10,000) of the 2010 census of the unit of each row, same index; NaN if it has none."""
    units = census_2010.loc[census_2010["is_county"]].dropna(subset="code")
    counted = pd.Series(units["hukou_population"].to_numpy(dtype=float) / 1e4, index=_names(units))
    return _names(hukou).map(counted[~counted.index.duplicated()])


def resident_figures(hukou: pd.DataFrame, usual: pd.Series, tables: Tables) -> pd.Series:
    """Whether a registered population is the residents of the census nearest in time, and not what is usual, by row."""
    like = pd.Series(False, index=hukou.index)
    printed = logs(hukou[HUKOU])
    off = (printed - logs(usual)).abs() > NEAR
    for year in CENSUSES:
        people = hukou["code"].map(county_population(tables[f"census_{year}"]) / 1e4)
        same = (printed - logs(people)).abs() <= RESIDENTS
        like |= same & off & (hukou["year"] - year).abs().le(_NEAR_CENSUS)
    return like


def _hukou_evidence(hukou: pd.DataFrame, tables: Tables) -> Witness:
    """Registered population against the census of 2010 and the unit's own other years, both robust to displacement.

    A unit displaced in most of its years has a displaced median. Its years are therefore put right by the census first,
    and only then asked what is usual.
    """
    index = pd.MultiIndex.from_frame(hukou[KEY])
    census = pd.Series(registered_by_census(hukou, tables["census_2010"]).to_numpy(), index=index)
    values = pd.Series(hukou[HUKOU].to_numpy(), index=index)
    blocks = [index.get_level_values("year"), index.get_level_values("code").astype(str).str[:2]]
    scale = rounded_scale(values, blocks)
    told = values.where(scale <= COARSEST)
    first = find_moves([Witness(told, census.to_frame("census"), scale)])
    mended = apply_moves(hukou, first, [HUKOU])[HUKOU]
    units = pd.MultiIndex.from_arrays([_names(hukou), hukou["year"]], names=KEY)
    own = nearest_years(mended.set_axis(units)).set_axis(index)
    usual = census.fillna(own).set_axis(hukou.index)
    told = told.mask(resident_figures(hukou, usual, tables).to_numpy())
    known = pd.DataFrame({"census": census, "own": own})
    return Witness(told, known, rounded_scale(values, blocks, agreed_scale(told, known)))


def usual_hukou(hukou: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """What is known of the registered population of the unit of each row (10,000), same index: census, own."""
    return _hukou_evidence(hukou, tables).expected.set_axis(hukou.index)


def _drop_placeholders(hukou: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    index = pd.MultiIndex.from_frame(hukou[KEY])
    values = pd.Series(hukou[HUKOU].to_numpy(), index=index)
    units = pd.MultiIndex.from_arrays([_names(hukou), hukou["year"]], names=KEY)
    own = nearest_years(values.set_axis(units)).set_axis(index)
    usual = pd.Series(registered_by_census(hukou, tables["census_2010"]).to_numpy(), index=index).fillna(own)
    hukou.loc[placeholders(values, usual).to_numpy(), HUKOU] = np.nan
    return hukou


def _move_hukou(hukou: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """In rounds: a year that was put right is evidence for those beside it."""
    for _ in range(ROUNDS):
        evidence = _hukou_evidence(hukou, tables)
        moves = sure_moves(find_moves([evidence]), hukou.set_index(KEY)[HUKOU], evidence)
        if moves.empty:
            break
        hukou = apply_moves(hukou, moves, [HUKOU])
    return hukou


def _resident_evidence(hukou: pd.DataFrame, tables: Tables) -> Witness:
    """Urban and rural residents together against a census within `_NEAR_CENSUS` years and the unit's own years."""
    index = pd.MultiIndex.from_frame(hukou[KEY])
    total = hukou[RESIDENT].sum(axis=1, skipna=False)
    units = pd.MultiIndex.from_arrays([_names(hukou), hukou["year"]], names=KEY)
    known = {"own": nearest_years(total.set_axis(units)).to_numpy()}
    for year in CENSUSES:
        people = hukou["code"].map(county_population(tables[f"census_{year}"]) / 1e4)
        known[f"census_{year}"] = people.where((hukou["year"] - year).abs().le(_NEAR_CENSUS)).to_numpy(dtype=float)
    expected = pd.DataFrame(known, index=index)
    return Witness(total.set_axis(index), expected, agreed_scale(total.set_axis(index), expected))


def _move_residents(hukou: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    return apply_moves(hukou, find_moves([_resident_evidence(hukou, tables)]), RESIDENT)


def _nearest_register(hukou: pd.DataFrame, rows: pd.MultiIndex) -> pd.Series:
    """Registered population (persons) in the mean of the year of each row, or else near it.

    Yearbooks divide by the mean of both ends of a year. Where one or both are missing, or off the median of the years
    at most `_REGISTER_YEARS` away by a quarter (households, another count), that median stands for them.
    """
    wide = hukou.pivot(index="code", columns="year", values=HUKOU) * 1e4
    found = pd.Series(np.nan, index=rows)
    for year in rows.get_level_values("year").unique():
        around = wide[[other for other in wide.columns if abs(other - year) <= _REGISTER_YEARS]].median(axis=1)
        ends = wide.reindex(columns=[year - 1, year])
        near = ends.sub(around, axis=0).abs().le(_REGISTER_OFF * around, axis=0)
        known = ends.where(near).mean(axis=1).fillna(around)
        of_year = rows.get_level_values("year") == year
        found[of_year] = rows[of_year].get_level_values("code").map(known).to_numpy(dtype=float)
    return found


def population_behind(gdp: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Populations that GDP over GDP per head of each row may be about (persons), same index.

    Parameters
    ----------
    gdp : columns code (of 2021), year.
    tables : needs census_2010, census_2020, county_hukou (corrected), crosswalk.

    Returns
    -------
    pandas.DataFrame : ``residents`` (of the censuses, at a constant rate between them, those of the nearer one outside)
    and ``registered`` (of the nearest year, else of the census of 2010); NaN unknown.
    """
    links = tables["crosswalk"]
    of_2010 = tables["census_2010"].loc[tables["census_2010"]["is_county"]].dropna(subset="code").set_index("code")
    of_2020 = tables["census_2020"].loc[tables["census_2020"]["is_county"]].dropna(subset="code").set_index("code")
    people = {
        name: same_ground(to_counties_2020(of_2010[name].astype(float), links, 2010)["value"], links)
        for name in ("population", "hukou_population")
    }
    code = gdp["code"].astype(str)
    early = np.log(code.map(people["population"]))
    late = np.log(code.map(same_ground(of_2020["population"].astype(float), links)))
    share = ((gdp["year"] - CENSUSES[0]) / (CENSUSES[1] - CENSUSES[0])).clip(0, 1)
    between = early + (late - early) * share
    residents = np.exp(between.where(share.between(0, 1, inclusive="neither"), early.where(share.eq(0), late)))
    register = _nearest_register(tables["county_hukou"], pd.MultiIndex.from_frame(gdp[KEY]))
    registered = pd.Series(register.to_numpy(), index=gdp.index).fillna(code.map(people["hukou_population"]))
    return pd.DataFrame({"residents": residents, "registered": registered})


def _growth(gdp: pd.Series) -> Witness:
    """GDP against that of the years that findings compare, grown as the median county of the province did.

    A year that a user adds is held against these too, and does not change what is known of them.
    """
    wide = logs(gdp).unstack("year")
    province = wide.index.str[:2]
    expected = {}
    for year in sorted({*GDP_YEARS} & {*wide.columns}):
        growth = wide.sub(wide[year], axis=0).groupby(province).transform("median")
        expected[year] = growth.add(wide[year], axis=0).drop(columns=year).stack(future_stack=True)
    return Witness(gdp, pd.DataFrame(expected).reindex(gdp.index).map(np.exp), _GROWTH_SCALE)


def _people_scale(implied: pd.Series, people: pd.DataFrame) -> pd.Series:
    """Scale of the law of errors of implied people, wide where a province divides by whole tens of thousands."""
    tens = implied / 1e4
    whole = (tens - tens.round()).abs().le(WHOLE * tens).where(tens.notna())
    names = [tens.index.get_level_values("year"), tens.index.get_level_values("code").astype(str).str[:2]]
    coarse = whole.astype(float).groupby(names).transform("mean").ge(2 / 3)
    scale = agreed_scale(implied, people)
    return scale.mask(coarse, np.maximum(scale, 12**-0.5 / tens))


def _move_gdp(gdp: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Whole rows first; then GDP alone, whose value per head stayed; then GDP per head alone."""
    index = pd.MultiIndex.from_frame(gdp[KEY])
    people = population_behind(gdp, tables).set_axis(index)
    for columns in (FIGURES, MONEY, FIGURES[-1:]):
        money, per_head = (gdp[column].set_axis(index) for column in ("gdp_10k_yuan", "gdp_per_capita_10k_yuan"))
        scale = _people_scale(money / per_head, people)
        money, per_head = money.where(scale <= COARSEST), per_head.where(scale <= COARSEST)
        if columns == FIGURES:
            witnesses = [Witness(money / per_head, people, scale), _growth(money)]
        elif columns == MONEY:
            witnesses = [Witness(money, people.mul(per_head, axis=0), scale), _growth(money)]
        else:
            witnesses = [Witness(per_head, (1 / people).mul(money, axis=0), scale)]
        figures = per_head if columns == FIGURES[-1:] else money
        gdp = apply_moves(gdp, find_moves(witnesses, figures=figures), columns)
    return gdp


def _copied_gdp(gdp: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Rows whose GDP is another unit's, by the population that it implies.

    Parameters
    ----------
    gdp : county_gdp.
    people : as of :func:`population_behind`.

    Returns
    -------
    pandas.DataFrame with the columns code, other, year: `other` is the unit whose figure it is.

    Notes
    -----
    Two units have the same GDP in the same year. One is a copy if GDP per head is the same but for rounding, and GDP
    over it fits the other unit and not its own, or if it has no GDP per head, stands in the same prefecture, and the
    other's fits.
    """
    index = pd.MultiIndex.from_frame(gdp[KEY])
    values = pd.Series(gdp["gdp_10k_yuan"].to_numpy(), index=index)
    signal = logs(values / gdp["gdp_per_capita_10k_yuan"].to_numpy(dtype=float)).to_numpy()
    expected = np.log(people.to_numpy(dtype=float))
    pairs = repeated_figures(values, digits=0, significant=COPIED_ANYWHERE)
    here = index.get_indexer(pd.MultiIndex.from_frame(pairs[KEY]))
    there = index.get_indexer(pd.MultiIndex.from_frame(pairs[["other", "year"]].set_axis(KEY, axis=1)))

    def cost(figure: np.ndarray, unit: np.ndarray) -> np.ndarray:
        return reference_cost(signal[figure][:, np.newaxis], expected[unit], SCALE)

    own, others = cost(here, here), cost(there, there)
    fits = ~disturbed(others) & ~np.isnan(others)
    same = pairs["code"].str[:4].eq(pairs["other"].str[:4]).to_numpy()
    precise = pairs.set_index(KEY).index.isin(
        pd.MultiIndex.from_frame(repeated_figures(values, significant=COPIED_DIGITS)[KEY])
    )
    alike = np.abs(signal[here] - signal[there]) <= _SAME_PER_HEAD
    by_people = alike & disturbed(own) & fits & ~disturbed(cost(here, there))
    by_place = same & precise & fits & np.isnan(own)
    return pairs.loc[by_people | by_place].reset_index(drop=True)


def _drop_copies(gdp: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    copies = _copied_gdp(gdp, population_behind(gdp, tables))
    gdp.loc[as_mask(pd.MultiIndex.from_frame(gdp[KEY]), copies), FIGURES] = np.nan
    return gdp


POPULATIONS = ("census_2010", "census_2020", "county_hukou", "crosswalk")

RULES: tuple[Rule, ...] = (
    Rule(
        id="gdp-copied-figure",
        table="county_gdp",
        reason=(
            "Another unit has the same GDP and GDP per head, and their quotient is that unit's population and not this"
            " one's (or no GDP per head is published here, and both stand in one prefecture): the row is a copy and is"
            " set to missing."
        ),
        correct=_drop_copies,
        needs=POPULATIONS,
    ),
    Rule(
        id="gdp-displaced-rows",
        table="county_gdp",
        reason=(
            "GDP over GDP per head is the population of another unit of the province or prefecture, in a chain or"
            " circle of rows that holds for all of them and that growth since other years confirms: each figure goes to"
            " its unit."
        ),
        correct=_move_gdp,
        needs=POPULATIONS,
    ),
    Rule(
        id="hukou-placeholder",
        table="county_hukou",
        reason=(
            "More units of the province carry this value than can have it, and most of them registered another number"
            " in the census and in other years: a placeholder, set to missing."
        ),
        correct=_drop_placeholders,
        needs=("census_2010",),
    ),
    Rule(
        id="hukou-displaced-rows",
        table="county_hukou",
        reason=(
            "The figure is what the census of 2010 and the other years say of another unit, in a chain or circle of"
            " rows of the province or prefecture: each goes to its unit; what fits no unit is set to missing."
        ),
        correct=_move_hukou,
        needs=("census_2010", "census_2020"),
    ),
    Rule(
        id="resident-displaced-rows",
        table="county_hukou",
        reason=(
            "Urban and rural residents together are what a census next to the year, and the other years, say of another"
            " unit, in a chain or circle of rows: both go to their unit."
        ),
        correct=_move_residents,
        needs=("census_2010", "census_2020"),
    ),
)
