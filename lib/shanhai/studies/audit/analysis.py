"""What the tables hold, and what was done to them: the frames that the audit notebook shows."""

import re
from collections.abc import Sequence

import pandas as pd

from shanhai.core import fields, sources
from shanhai.core.errors import ValidationError
from shanhai.core.places import require_codes
from shanhai.core.shared import shared
from shanhai.data.corrections.all_rules import RULES
from shanhai.data.frames.crosswalk import select_vintage
from shanhai.data.frames.harmonise import to_counties_2020
from shanhai.data.frames.totals import DECLARED, NATION_2010, compare_totals, undeclared_differences
from shanhai.data.load import load_corrections, load_layer, load_table
from shanhai.data.years import GDP_YEARS, NEWEST, further_years
from shanhai.geo.borders import slight_contacts

_CENSUSES = ("census_2010", "census_2020")

_KINDS = {
    "blank": r"-blank-",
    "unit": r"unit$|decimal-point$|negative-rural$|growth-index$",
    "name": r"^census-\d{4}-(code|character|name.*|exchanged|uncoded)$",
    "digit": r"^census-\d{4}-(digits|sector-share)$",
    "place": r"displaced|exchanged|placeholder|copied|repeated|another|shifted|columns|other-unit",
}
"""Kinds of corrections, and the rules of each by their names; the first that fits counts."""

_ORDER = ("digit", "place", "unit", "name", "blank")
"""Order in which corrected cells are listed: what stood in print first, what was left blank last."""

_MEASURED = ("county_lights", "county_terrain")
"""Tables whose figures were measured from above; no office published them."""

_LEVELS = ("nation", "province", "prefecture", "subtotal")


def table_overview() -> pd.DataFrame:
    """One row a table: the file it comes from, rows, years it covers, figures, percent of them present, licence.

    A figure is a cell of a numeric column with a unit. ``published`` counts those present that an office published:
    none of night lights and terrain, which were measured from above.
    """
    rows = []
    licences = {source.name: source.licence for source in sources.read_registry() if source.kind == "table"}
    for name in fields.table_names():
        frame = load_table(name)
        figures = [f.column for f in fields.fields_of(name) if f.type in ("integer", "number") and f.unit and not f.key]
        cells, present = frame[figures].size, int(frame[figures].count().sum())
        rows.append(
            {
                "table": name,
                "file": _file(name),
                "rows": len(frame),
                "years": _years(name, frame),
                "figures": cells,
                "present_pct": 100 * present / cells if cells else float("nan"),
                "published": 0 if name in _MEASURED else present,
                "licence": "" if sources.is_replaced(name) else licences[name],
            }
        )
    return pd.DataFrame(rows)


def county_coverage() -> pd.DataFrame:
    """Which counties of 2020 have which figures: code, province_code, and one truth value a figure.

    A figure of another vintage counts where it can be moved to the county of 2020 without a guess.
    """
    counties = load_table("counties")[["code", "province_code"]]
    crosswalk = load_table("crosswalk")
    gdp, lights = load_table("county_gdp"), load_table("county_lights")
    found = {
        "census_2020": _county_rows("census_2020")["population"],
        "census_2010": to_counties_2020(_county_rows("census_2010")["population"], crosswalk, 2010)["value"],
    }
    years = sorted((*GDP_YEARS, *further_years(gdp, GDP_YEARS)))
    yearly = {f"gdp_{year}": gdp.loc[gdp["year"].eq(year)].set_index("code")["gdp_10k_yuan"] for year in years}
    yearly[f"lights_{NEWEST}"] = lights.loc[lights["year"].eq(NEWEST)].set_index("code")["light_sum"]
    linked = select_vintage(crosswalk, 2021).dropna(subset="code_2020")["code"]
    for name, values in yearly.items():
        found[name] = to_counties_2020(values[values.index.isin(linked)], crosswalk, 2021)["value"]
    polygons = pd.Series(1, index=pd.Index(load_layer("counties")["code"]))
    found["polygon"] = polygons
    return counties.assign(**{name: counties["code"].map(values).notna() for name, values in found.items()})


def coverage_by_province(coverage: pd.DataFrame) -> pd.DataFrame:
    """Number of counties with each figure, by province, with the country in the last row."""
    names = load_table("provinces").set_index("code")
    counts = coverage.groupby("province_code").agg({"code": "size"} | dict.fromkeys(coverage.columns[2:], "sum"))
    counts = counts.rename(columns={"code": "counties"})
    labels = names.loc[counts.index, "name_short_en"] + " " + names.loc[counts.index, "name_short_zh"]
    table = counts.assign(province=labels).loc[:, ["province", *counts.columns]]
    country = {"province": "China 全国"} | counts.sum().to_dict()
    return pd.concat([table, pd.DataFrame([country])], ignore_index=True)


def counties_without_polygon() -> pd.DataFrame:
    """Counties of 2020 that the layer lacks: code, name, population, and the reason from the crosswalk of 2017."""
    counties = load_table("counties").set_index("code")
    missing = counties.index.difference(pd.Index(load_layer("counties")["code"]))
    links = load_table("crosswalk")
    notes = links.loc[links["vintage"].eq(2017)].groupby("code_2020")["note"].first()
    frame = counties.loc[missing, ["name_zh", "name_en"]].assign(
        population_2020=_county_rows("census_2020")["population"].reindex(missing),
        reason=notes.reindex(missing).fillna("no polygon in the source"),
    )
    return frame.rename_axis("code").reset_index()


@shared
def slight_borders() -> pd.DataFrame:
    """Counties of two provinces that meet along less than 3 km, or over water, and whose border that decides."""
    counties = load_table("counties").set_index("code")
    names, english = counties["name_zh"], counties["name_en"]
    table = slight_contacts(load_layer("counties"))
    table.insert(1, "county_a", table["code_a"].map(names))
    table.insert(3, "county_b", table["code_b"].map(names))
    return table.assign(english_a=table["code_a"].map(english), english_b=table["code_b"].map(english))


def near_borders(frame: pd.DataFrame, within_km: float) -> pd.DataFrame:
    """Counties of the county frame that lie within some kilometres of another province and are not on its border."""
    near = frame["gap_to_border_km"].le(within_km) & frame["on_border"].eq(False)
    columns = ["code", "name_zh", "name_en", "province", "gap_to_border_km", "flags"]
    return frame.loc[near, columns].sort_values(["gap_to_border_km", "code"], ignore_index=True)


def all_totals() -> pd.DataFrame:
    """Every published total of both censuses against the sum of its counties and zones."""
    return pd.concat([compare_totals(load_table(name), name) for name in _CENSUSES], ignore_index=True)


def summarise_totals(comparison: pd.DataFrame) -> pd.DataFrame:
    """By table and level: totals, figures compared, equal, different as declared, different undeclared."""
    marked = comparison.assign(
        equal=comparison["difference"].eq(0),
        undeclared=comparison.index.isin(undeclared_differences(comparison).index),
    )
    marked["declared"] = ~marked["equal"] & ~marked["undeclared"]
    grouped = marked.groupby(["table", "level"])
    summary = grouped.agg(
        totals=("code", "nunique"),
        figures=("code", "size"),
        equal=("equal", "sum"),
        declared=("declared", "sum"),
        undeclared=("undeclared", "sum"),
    )
    order = [(name, level) for name in _CENSUSES for level in _LEVELS if (name, level) in summary.index]
    return summary.loc[order].reset_index()


def national_population() -> pd.DataFrame:
    """Population of the country in print and as the sum of provinces and of counties and zones, by census."""
    rows = []
    for name in _CENSUSES:
        frame = load_table(name)
        people = frame["population"]
        nation = people[frame["level"].eq("nation")]
        rows.append(
            {
                "table": name,
                "published": int(nation.iloc[0]) if len(nation) else NATION_2010,
                "provinces": int(people[frame["level"].eq("province")].sum()),
                "counties": int(people[frame["is_county"]].sum()),
                "zones": int(people[frame["level"].eq("zone")].sum()),
            }
        )
    return pd.DataFrame(rows).assign(difference=lambda table: table["published"] - table["counties"] - table["zones"])


def declared_differences() -> pd.DataFrame:
    """The differences that remain between totals and parts, with their places and reasons."""
    return pd.DataFrame(
        {
            "table": [difference.table for difference in DECLARED],
            "codes": [difference.codes for difference in DECLARED],
            "column": [difference.column for difference in DECLARED],
            "difference": [int(difference.difference) for difference in DECLARED],
            "reason": [difference.reason for difference in DECLARED],
        }
    )


def all_corrections() -> pd.DataFrame:
    """Log of every corrected cell of all tables: rule, table, key, column, before, after."""
    tables = sorted({rule.table for rule in RULES})
    return pd.concat([load_corrections(name) for name in tables], ignore_index=True)


def summarise_corrections(log: pd.DataFrame) -> pd.DataFrame:
    """One row a rule: table, its file, rule, number of cells it changed, reason; zero where a rule changed nothing."""
    cells = log["rule"].value_counts()
    return pd.DataFrame(
        {
            "table": [rule.table for rule in RULES],
            "file": [_file(rule.table) for rule in RULES],
            "rule": [rule.id for rule in RULES],
            "cells": [int(cells.get(rule.id, 0)) for rule in RULES],
            "reason": [rule.reason for rule in RULES],
        }
    )


def _kind_of(rule: str) -> str:
    """Kind of a rule of correction: blank, unit, name, digit or place (a figure of another unit, year or column).

    Raises
    ------
    ValidationError
        If the rule is of no kind.
    """
    found = next((kind for kind, form in _KINDS.items() if re.search(form, rule)), None)
    if found is None:
        raise ValidationError(
            f"The rule {rule!r} is of no kind; kinds are {', '.join(_KINDS)}. Add its form to _KINDS."
        )
    return found


def summarise_kinds(log: pd.DataFrame, overview: pd.DataFrame) -> pd.DataFrame:
    """By kind of correction: kind, rules that changed something, tables, cells, percent of the published figures.

    Parameters
    ----------
    log : DataFrame
        From :func:`all_corrections`.
    overview : DataFrame
        From :func:`table_overview`. Names and codes are no figures: their share is missing.
    """
    published = overview["published"].sum()
    kinds = log["rule"].map({rule: _kind_of(rule) for rule in log["rule"].unique()})
    table = log.groupby(kinds).agg(rules=("rule", "nunique"), tables=("table", "nunique"), cells=("rule", "size"))
    table = table.rename_axis("kind").sort_values("cells", ascending=False).reset_index()
    return table.assign(share=(100 * table["cells"] / published).mask(table["kind"].eq("name")))


def corrected_cells(log: pd.DataFrame) -> pd.DataFrame:
    """Every corrected cell with the unit that it belongs to: single digits first, filled blanks last.

    Returns
    -------
    pandas.DataFrame: table, file, code, name_zh, name_en (empty where no table has one), year (empty for a census),
    rule, column, before, after.
    """
    units_named = pd.concat([load_table(name)[["code", "name_zh"]] for name in ("counties", "prefectures")])
    names = units_named.drop_duplicates("code").set_index("code")["name_zh"]
    parts = []
    for name in dict.fromkeys((*_CENSUSES, *(rule.table for rule in RULES))):
        own = log.loc[log["table"].eq(name)]
        if name in _CENSUSES:
            rows = own["key"].str.removeprefix("row=").astype(int)
            units = load_table(name).set_index("row")[["code", "name_zh"]].loc[rows].set_axis(own.index).assign(year="")
        else:
            units = own["key"].str.extract(r"code=(?P<code>[0-9]{6})(?:.*;year=(?P<year>[0-9]{4}))?").fillna("")
            units = units.assign(name_zh=units["code"].map(names).fillna(""))
        parts.append(units.join(own[["table", "rule", "column", "before", "after"]]).assign(file=_file(name)))
    columns = ["table", "file", "code", "name_zh", "name_en", "year", "rule", "column", "before", "after"]
    cells = _with_english(pd.concat(parts))[columns]
    order = cells["rule"].map({rule: _ORDER.index(_kind_of(rule)) for rule in cells["rule"].unique()})
    return cells.assign(order=order).sort_values("order", kind="stable", ignore_index=True)[columns]


def moved_figures(log: pd.DataFrame) -> pd.DataFrame:
    """Displaced and repeated figures of registered and resident population, by province and year.

    Returns
    -------
    pandas.DataFrame: province, year, rule, moved (cells that have another row's figure), missing (cells of which no row
    has the figure), prefectures (concerned).
    """
    names = load_table("provinces").set_index("code")
    cells = log.loc[log["rule"].isin(["hukou-placeholder", "hukou-displaced-rows", "resident-displaced-rows"])]
    cells = cells.join(cells["key"].str.extract(r"code=(?P<code>[0-9]{6});year=(?P<year>[0-9]{4})"))
    groups = cells.assign(
        province=cells["code"].str[:2] + "0000", prefecture=cells["code"].str[:4], missing=cells["after"].eq("")
    ).groupby(["province", "year", "rule"])
    table = groups.agg(cells=("code", "size"), missing=("missing", "sum"), prefectures=("prefecture", "nunique"))
    table = table.assign(moved=table["cells"] - table["missing"]).reset_index()
    province = names.loc[table["province"], "name_short_en"] + " " + names.loc[table["province"], "name_short_zh"]
    return table.assign(province=province.to_numpy())[["province", "year", "rule", "moved", "missing", "prefectures"]]


def summarise_flags(flags: pd.DataFrame, beginning: str) -> pd.DataFrame:
    """One row a table and flag: values flagged, units concerned, values of units whose code begins so."""
    grouped = flags.assign(inside=flags["code"].str.startswith(beginning)).groupby(["table", "flag"])
    return grouped.agg(values=("code", "size"), units=("code", "nunique"), inside=("inside", "sum")).reset_index()


def changed_units(vintage: int, prefixes: Sequence[str]) -> pd.DataFrame:
    """Units of a vintage that are not the same in 2020, in the provinces or prefectures of these first digits.

    Raises
    ------
    UnknownPlaceError
        If no county of 2020 begins with such digits.
    MissingDataError
        If the crosswalk has no such vintage.
    """
    rows = load_table("crosswalk")
    beginnings = {code[:length] for code in rows["code_2020"].dropna() for length in (2, 4, 6)}
    prefixes = require_codes(prefixes, beginnings, "first digits of provinces, prefectures and counties")
    select_vintage(rows, vintage)
    inside = rows["code_2020"].str.startswith(tuple(prefixes), na=False) & rows["vintage"].eq(vintage)
    changed = _with_english(rows.loc[inside & rows["relation"].ne("same")])
    counties = load_table("counties").set_index("code")
    columns = ["code", "name_zh", "name_en", "code_2020", "name_2020", "english_2020", "relation", "note"]
    named = changed.assign(
        name_2020=changed["code_2020"].map(counties["name_zh"]),
        english_2020=changed["code_2020"].map(counties["name_en"]),
    )
    return named[columns].reset_index(drop=True)


def _with_english(units: pd.DataFrame) -> pd.DataFrame:
    """Units (code, name_zh) with ``name_en``: that of the place of 2020 that bears their name.

    Names are compared without their last character, the kind of unit, which changes when a county becomes a district;
    first in the same prefecture, then, since prefectures were recoded, in the province if only one place there bears
    the name. Empty for a unit whose name no place of 2020 bears.
    """
    prefectures = load_table("prefectures").assign(name_en=lambda table: table["name_short_en"])
    places = pd.concat([load_table("counties"), prefectures])
    found = pd.Series("", index=units.index)
    for digits in (2, 4):
        stems = places["code"].str[:digits] + places["name_zh"].str[:-1]
        english = places.set_index(stems)["name_en"]
        english = english[~english.index.duplicated(keep="first" if digits == 4 else False)]
        own = units["code"].str[:digits] + units["name_zh"].str[:-1]
        found = own.map(english).fillna(found)
    return units.assign(name_en=found)


def _file(table: str) -> str:
    """File behind a table; of the user's own, its name and that it is."""
    return f"{sources.resolve(table).name} (your own)" if sources.is_replaced(table) else f"{table}.csv"


def _county_rows(name: str) -> pd.DataFrame:
    frame = load_table(name)
    return frame.loc[frame["is_county"]].set_index("code")


def _years(name: str, frame: pd.DataFrame) -> str:
    column = next((c for c in ("year", "vintage") if c in frame.columns), None)
    if column and len(frame):
        first, last = int(frame[column].min()), int(frame[column].max())
        return str(first) if first == last else f"{first}-{last}"
    return next(source.vintage for source in sources.read_registry() if source.name == name and source.kind == "table")
