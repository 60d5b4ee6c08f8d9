"""What a user's layer is held against: the units of the census, their places, and what other codes stand for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import geopandas as gpd
import pandas as pd

from shanhai.geo.boundaries import SHOWN_NAMES, SHOWN_ONLY, counties_without_polygon

LINES = "provincial_borders"

PARENTS = {"province_code": "prov_code", "prefecture_code": "pref_code"}
"""Columns of the table of counties and their names in the layer."""


@dataclass(frozen=True)
class Registry:
    """Units of one layer, and every other code that a file may carry."""

    layer: str
    """``counties``, ``prefectures``, ``provinces`` or ``provincial_borders``."""
    units: pd.DataFrame
    """``code, name_zh, name_en`` and, for counties, ``prov_code, pref_code``: what the checked layer will hold. For
    lines ``prov_a, prov_b``."""
    shapes: gpd.GeoDataFrame
    """The project's own layer, in WGS 84."""
    hosts: Mapping[str, tuple[str, ...]]
    """Units without a shape of their own, and those whose shapes hold their land."""
    others: Mapping[str, str]
    """Codes that are no unit of this layer: what they are."""
    successors: Mapping[str, str]
    """Earlier or later codes of units that changed their code only, or became part of one unit."""
    changes: Mapping[str, str]
    """Codes that stood for other land in another year: what changed."""
    together: Mapping[frozenset[str], str]
    """Pairs of units that were, or became, one in another year: what changed."""

    def names(self, codes: Iterable[str], most: int = 8) -> str:
        """Codes with their names, the first few written out."""
        labels = dict(zip(self.units["code"], self.units["name_zh"], strict=True)) if self.layer != LINES else {}
        codes = list(codes)
        listed = ", ".join(f"{code} {labels.get(code, '')}".strip() for code in codes[:most])
        return listed + (f" and {len(codes) - most} more" if len(codes) > most else "")

    def explain(self, code: str) -> str:
        """What a code is that is no unit of this layer."""
        shown = SHOWN_NAMES.get(f"{code[:2]}0000")
        if code[:2] in SHOWN_ONLY and shown is not None:
            return f"{shown[0]} ({shown[1]}), not part of the census"
        return self.others.get(code, "unknown to the census of 2020 and its crosswalk")


def layer_registry(
    layer: str,
    shapes: gpd.GeoDataFrame,
    tables: Mapping[str, pd.DataFrame],
) -> Registry:
    """Registry of one layer.

    Parameters
    ----------
    layer : str
        ``counties``, ``prefectures``, ``provinces`` or ``provincial_borders``.
    shapes : GeoDataFrame
        The project's own layer of that name.
    tables : mapping
        ``counties``, ``prefectures``, ``provinces``, ``crosswalk``, ``zones``, as the project has them.
    """
    crosswalk = tables["crosswalk"].fillna("").astype("str")
    units, hosts = _units(layer, shapes, tables)
    known = set(units.get("code", ()))
    successors = _successors(crosswalk, known) if layer == "counties" else {}
    others = {code: text for code, text in _others(tables, crosswalk, successors) if code not in known}
    changed = crosswalk[crosswalk["relation"].isin(["split", "merged"]) & (crosswalk["note"] != "")]
    changes, together = {}, {}
    for (vintage, _), rows in changed.groupby(["vintage", "union_code"]):
        note = f"of {vintage}: {rows['note'].iloc[0]}"
        changes.update(dict.fromkeys(rows["code"], note))
        together.update({frozenset(pair): note for pair in combinations(sorted(set(rows["code_2020"])), 2)})
    return Registry(layer, units, shapes, hosts, others, successors, changes, together)


def _units(
    layer: str, shapes: gpd.GeoDataFrame, tables: Mapping[str, pd.DataFrame]
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """The units, and hosts of those that the project's layer does not draw."""
    if layer == LINES:
        return pd.DataFrame(shapes[["prov_a", "prov_b"]]).astype("str"), {}
    named = ["code", "name_zh", "name_en"]
    if layer == "counties":
        units = tables["counties"].rename(columns=PARENTS)[[*named, *PARENTS.values()]]
        noted = tables["crosswalk"].dropna(subset="note")["code_2020"]
        placed = tables["counties"]["code"].isin([*shapes["code"], *noted])  # a user's own table may know more
        excused = counties_without_polygon(set(shapes["code"]), tables["counties"][placed], tables["crosswalk"])
        held = zip(excused["code"].astype("str"), excused["held_by"].astype("str"), strict=True)
        hosts = {code: tuple(holders.split(";")) for code, holders in held}
        return units.astype("str"), hosts
    shown = pd.DataFrame([(code, *names) for code, names in SHOWN_NAMES.items()], columns=named)
    units = pd.concat([tables[layer][named], shown]) if layer == "provinces" else tables[layer][named]
    return units.astype("str").reset_index(drop=True), {}


def _successors(crosswalk: pd.DataFrame, known: set[str]) -> dict[str, str]:
    """Codes of other years with one successor in every vintage that knows them."""
    rows = crosswalk[~crosswalk["code"].isin(known) & crosswalk["code_2020"].isin(known)]
    groups = rows.groupby("code")["code_2020"].agg(lambda codes: sorted(set(codes)))
    return {str(code): targets[0] for code, targets in groups.items() if len(targets) == 1}


def _others(
    tables: Mapping[str, pd.DataFrame], crosswalk: pd.DataFrame, successors: Mapping[str, str]
) -> Iterable[tuple[str, str]]:
    """What other codes are; where two tables know a code, the last one speaks."""
    columns = ["code", "name_zh", "vintage", "relation", "code_2020", "note"]
    for code, name, vintage, relation, now, note in crosswalk[columns].to_numpy(str).tolist():
        if relation in ("outside", "zone"):
            yield code, f"{name or 'no name'}, {note}"
        elif code in successors:
            yield code, f"{name}, a county of {vintage}, part of {successors[code]} in 2020"
        elif now:
            yield code, f"{name}, a county of {vintage} whose land was divided by 2020"
    for level in ("counties", "prefectures", "provinces"):
        singular = {"counties": "county", "prefectures": "prefecture", "provinces": "province"}[level]
        for code, name in zip(tables[level]["code"], tables[level]["name_zh"], strict=True):
            yield str(code), f"the {singular} {name}"
    for zone, name, kind in tables["zones"][["zone_id", "name_zh", "kind"]].to_numpy(str).tolist():
        yield zone, f"{name}, a {kind.replace('_', ' ')}, no county"
