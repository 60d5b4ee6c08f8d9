"""Proof that no figure is lost: counties and zones add up to the published totals, column by column."""

from dataclasses import dataclass

import pandas as pd

from shanhai.core.errors import MissingDataError

IDENTIFIERS = ("row", "level", "is_county", "is_unit", "code", "name_zh", "prefecture_code", "province_code")

NATION_2010 = 1_332_810_869
"""Population of the 31 provinces without servicemen on duty: Tabulation on the 2010 Population Census of the People's
Republic of China, Table 1-1. The table by county has no national row."""

_NOT_ADDITIVE = ("share", "mean", "per_head")
"""Parts of the names of columns that cannot be added over counties."""

_COMPARISON_COLUMNS = ["table", "level", "code", "name_zh", "column", "published", "sum", "difference"]


@dataclass(frozen=True)
class _DeclaredDifference:
    """A total that really differs from its parts in print, with the places and the reason."""

    table: str
    codes: tuple[str, ...]
    """Codes of the totals concerned; ``000000`` is the nation."""
    column: str
    difference: float
    """Published total less the sum of counties and zones."""
    reason: str


_ISLANDS = "The 西沙, 南沙 and 中沙 islands have several blanks at once: no remainder can be assigned to one."

DECLARED: tuple[_DeclaredDifference, ...] = (
    _DeclaredDifference("census_2020", ("000000", "460000", "460300"), "edu_no_schooling", 2, _ISLANDS),
    _DeclaredDifference("census_2020", ("000000", "460000"), "edu_preschool", 1, _ISLANDS),
    _DeclaredDifference("census_2020", ("000000", "460000", "460300"), "edu_bachelor_plus", 3, _ISLANDS),
    _DeclaredDifference(
        "census_2020",
        ("000000", "410000"),
        "family_household_population",
        270,
        "The prefectures of Henan all equal their counties; 济源市 alone has no total of its own to check against.",
    ),
    _DeclaredDifference(
        "census_2010",
        ("350000", "350800"),
        "edu_junior",
        5,
        "龙岩市 exceeds its counties by five persons; nothing in the table says in which county they lack.",
    ),
    _DeclaredDifference(
        "census_2010",
        ("530000", "532900"),
        "edu_junior",
        -1,
        "大理州 has one person less than its counties; nothing in the table says in which county.",
    ),
)


def count_columns(frame: pd.DataFrame) -> list[str]:
    """Columns of a census table that can be added: persons and households, no shares, means or areas per head."""
    return [
        column
        for column in frame.columns
        if column not in IDENTIFIERS and not any(part in column for part in _NOT_ADDITIVE)
    ]


def total_rows(frame: pd.DataFrame, group: str) -> pd.DataFrame:
    """The published total of each prefecture (`prefecture_code`) or province (`province_code`), one row each.

    Prefectures of municipalities and directly administered units have a subtotal row instead of one of their own.
    """
    if group == "province_code":
        return frame.loc[frame["level"].eq("province")].assign(province_code=lambda rows: rows["code"])
    totals = frame.loc[frame["level"].isin(["prefecture", "subtotal"])]
    return totals.sort_values("level", kind="stable").drop_duplicates("prefecture_code")


def compare_totals(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Published totals against the sums of counties and zones, for nation, provinces, prefectures and subtotals.

    Parameters
    ----------
    frame : a census table with the columns level, is_county, code, prefecture_code, province_code.
    table : its name, repeated in the result.

    Returns
    -------
    One row a total and additive column: published, sum, difference (published less sum). Blanks count as nothing.

    Raises
    ------
    MissingDataError
        If the table holds no counties.
    """
    if not frame["is_county"].any():
        raise MissingDataError(f"Table {table!r} holds no row of level county; totals need counties and zones.")
    columns = count_columns(frame)
    units = frame.loc[frame["is_county"] | frame["level"].eq("zone")]
    totals = frame.loc[frame["level"].isin(["nation", "province", "prefecture", "subtotal"])]
    sums = {
        "province": units.groupby("province_code")[columns].sum(),
        "prefecture": units.groupby("prefecture_code")[columns].sum(),
        "nation": units[columns].sum().to_frame("000000").T,
    }
    parts = []
    for level, key, source in (
        ("nation", None, "nation"),
        ("province", "code", "province"),
        ("prefecture", "prefecture_code", "prefecture"),
        ("subtotal", "prefecture_code", "prefecture"),
    ):
        rows = totals.loc[totals["level"].eq(level)]
        codes = rows[key] if key else pd.Series("000000", index=rows.index)
        published = rows[columns].fillna(0).set_axis(pd.Index(codes, name="code"))
        summed = sums[source].reindex(published.index)
        parts.append(_long(published, summed, level, rows["name_zh"].tolist()))
    return pd.concat(parts, ignore_index=True).assign(table=table)[_COMPARISON_COLUMNS]


def undeclared_differences(comparison: pd.DataFrame) -> pd.DataFrame:
    """Rows of :func:`compare_totals` whose difference is not the declared one (zero if none is declared)."""
    declared = {(d.table, code, d.column): d.difference for d in DECLARED for code in d.codes}
    keys = zip(comparison["table"], comparison["code"], comparison["column"], strict=True)
    expected = pd.Series([declared.get(key, 0.0) for key in keys], index=comparison.index)
    return comparison.loc[comparison["difference"] != expected]


def _long(published: pd.DataFrame, summed: pd.DataFrame, level: str, names: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "code": published.index.repeat(published.shape[1]),
            "name_zh": pd.Series(names, dtype="str").repeat(published.shape[1]).to_numpy(),
            "column": list(published.columns) * len(published),
            "published": published.to_numpy(dtype=float).ravel(),
            "sum": summed.to_numpy(dtype=float).ravel(),
        }
    )
    return frame.assign(level=level, difference=frame["published"] - frame["sum"])
