"""From the codes and names of the package (about 2017) to the counties of the 2020 census."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from shanhai.core.errors import BoundaryError
from shanhai.geo.boundaries._source import Feature

OUTSIDE = {
    "350527": "350000",  # Kinmen, drawn under Quanzhou and not enumerated by the census
    "442100": "440000",  # Dongsha (Pratas) islands, drawn under Guangdong and not enumerated by the census
}
"""Polygons shown with a province though the census has no county for them: code in the package, province."""

_TAIWAN = "710000"

SHOWN_ONLY = ("71", "81", "82")
"""Taiwan, Hong Kong, Macau: shown as provinces, not part of the census."""


@dataclass(frozen=True)
class Owners:
    """Which unit each polygon belongs to, and which counties have no polygon.

    Attributes
    ----------
    targets : tuple of str
        One code a feature: a county, a prefecture without counties (Sansha), or a province for what is only shown.
    excused : DataFrame
        ``code``, ``name_zh``, ``held_by`` (counties whose polygon covers the land), ``reason``.
    """

    targets: tuple[str, ...]
    excused: pd.DataFrame


def assign_owners(
    features: Sequence[Feature], counties: pd.DataFrame, prefectures: pd.DataFrame, crosswalk: pd.DataFrame
) -> Owners:
    """Find the owner of every polygon by the crosswalk of the 2017 vintage.

    Parameters
    ----------
    features : polygons of the package
    counties, prefectures : registries of 2020 with ``code``, ``name_zh``
    crosswalk : ``vintage``, ``code``, ``name_zh``, ``code_2020``, ``relation``, ``note``
        Where a polygon has several successors, the one with the same code keeps it, else the one with the lowest code;
        the others have no polygon of their own, and the note says why.

    Raises
    ------
    BoundaryError
        A polygon has no owner, or a county of 2020 neither a polygon nor a row that says whose polygon covers it.
    """
    rows, successor = _vintage(crosswalk)
    units = {*counties["code"], *prefectures["code"]}
    codes = _complete_codes(features, rows.drop_duplicates("code"))
    targets = tuple(
        _TAIWAN if feature.is_taiwan else _owner(code, successor.get(code, ""), units)
        for feature, code in zip(features, codes, strict=True)
    )
    lost = [f"{f.name} ({c or 'no code'}, {f.file})" for f, c, t in zip(features, codes, targets, strict=True) if not t]
    if lost:
        raise BoundaryError(
            f"No unit of 2020 is known for {len(lost)} polygons: {', '.join(lost[:8])}. "
            "Add a row of vintage 2017 for each to data/crosswalk.csv."
        )
    return Owners(targets, counties_without_polygon(targets, counties, crosswalk))


def _vintage(crosswalk: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Rows of 2017, and the unit of 2020 that keeps each polygon."""
    rows = crosswalk[crosswalk["vintage"].astype("str") == "2017"].fillna("")
    renewed = rows.assign(renewed=rows["code"] != rows["code_2020"]).sort_values(["code", "renewed", "code_2020"])
    kept = renewed.drop_duplicates("code")
    return rows, dict(zip(kept["code"], kept["code_2020"], strict=True))


def _complete_codes(features: Sequence[Feature], kept: pd.DataFrame) -> list[str]:
    """A polygon without code takes the code of its name that no other polygon carries."""
    carried = {feature.code for feature in features}
    free = kept[~kept["code"].isin(carried)].groupby("name_zh")["code"].agg(list).to_dict()
    codes = []
    for feature in features:
        candidates = free.get(feature.name, [])
        codes.append(feature.code or (candidates[0] if len(candidates) == 1 else ""))
    return codes


def _owner(code: str, successor: str, units: set[str]) -> str:
    if successor in units:
        return successor
    if code in units:
        return code
    if code[:2] in SHOWN_ONLY:
        return f"{code[:2]}0000"
    return OUTSIDE.get(code, "")


def counties_without_polygon(drawn: Collection[str], counties: pd.DataFrame, crosswalk: pd.DataFrame) -> pd.DataFrame:
    """Counties of 2020 that have no polygon of their own, whose polygon covers their land, and why.

    Parameters
    ----------
    drawn : codes that have a polygon
    counties : registry of 2020 with ``code``, ``name_zh``
    crosswalk : as in :func:`assign_owners`

    Returns
    -------
    DataFrame
        ``code``, ``name_zh``, ``held_by`` (codes joined by ``;``), ``reason``; sorted by code.

    Raises
    ------
    BoundaryError
        The crosswalk gives no reason for a county.
    """
    rows, successor = _vintage(crosswalk)
    missing = counties.loc[~counties["code"].isin(drawn), ["code", "name_zh"]].sort_values("code")
    explained = rows[rows["code_2020"].isin(missing["code"]) & (rows["note"] != "")]
    silent = missing[~missing["code"].isin(explained["code_2020"])]
    if len(silent):
        named = ", ".join(silent["code"] + " " + silent["name_zh"])
        raise BoundaryError(
            f"{len(silent)} counties of 2020 have neither a polygon nor a reason: {named}. Add a row of vintage 2017 "
            "to data/crosswalk.csv: from their own polygon, or with a note from the polygon that holds their land."
        )
    hosts = explained.assign(held_by=explained["code"].map(successor)).groupby("code_2020")
    return missing.assign(
        held_by=missing["code"].map(hosts["held_by"].agg(lambda codes: ";".join(sorted(set(codes))))),
        reason=missing["code"].map(hosts["note"].first()),
    ).reset_index(drop=True)
