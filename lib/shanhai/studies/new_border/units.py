"""Who stands where: prefectures along the new border, the rest of Sichuan, donors, and the groups of placebos."""

from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd

from shanhai.data.frames.prefecture_gdp import CODES_OF_2020
from shanhai.data.frames.prefecture_panel import PrefecturePanel, prefecture_panel
from shanhai.data.load import load_layer
from shanhai.data.store import input_files, stored
from shanhai.geo.crs import to_equal_area
from shanhai.geo.edges import shared_edges
from shanhai.studies.new_border.design import CHONGQING, SICHUAN, UNIONS, BorderDesign

MUNICIPALITY = "500100"
"""Code of Chongqing's districts among the prefectures of 2020; the economy has one row for the whole."""

ROLES = ("chongqing", "border", "interior", "neighbour", "donor")
"""Chongqing; Sichuan's prefectures that touch it; the rest of Sichuan; others that touch it; all others."""


@dataclass(frozen=True)
class BorderUnits:
    """Units of a panel by their place in the design."""

    panel: PrefecturePanel
    roles: pd.Series
    """One of :data:`ROLES` by code, for every unit of the panel."""
    places: pd.DataFrame
    """Centre of each unit in metres on an equal-area projection: columns ``x`` and ``y``, indexed by code."""

    def of(self, *roles: str) -> list[str]:
        """Codes of units with these roles, sorted."""
        return sorted(self.roles.index[self.roles.isin(roles)])

    def groups(self, size: int, among: list[str]) -> list[tuple[str, ...]]:
        """Every unit with its nearest neighbours in its province: sets of ``size`` units, each set once, sorted."""
        found = set()
        provinces = np.array([code[:2] for code in among])
        for province in np.unique(provinces):
            own = [code for code in among if code[:2] == province]
            if len(own) < size:
                continue
            points = self.places.loc[own].to_numpy()
            away = np.linalg.norm(points[:, None] - points[None], axis=2)
            nearest = np.argsort(away, axis=1, kind="stable")[:, :size]
            found |= {tuple(sorted(own[place] for place in row)) for row in nearest}
        return sorted(found)


def border_units(design: BorderDesign) -> BorderUnits:
    """Panel, roles and places of a design, from the project's tables and polygons.

    Raises
    ------
    MissingDataError
        If Chongqing or a prefecture along the border lacks a year, with what there is.
    """
    touching, centres = _geography()
    border = sorted({_union_of(code) for code in touching if code[:2] == SICHUAN[:2]})
    panel = prefecture_panel(design.first, design.last, required=[CHONGQING, *border], unions=UNIONS)
    roles = pd.Series({code: _role(code, set(touching), border) for code in panel.gdp.index}, name="role")
    return BorderUnits(panel, roles, _places(centres, list(panel.gdp.index)))


def touching_chongqing(layer: gpd.GeoDataFrame) -> list[str]:
    """Codes of prefectures outside Chongqing that share an edge with it, by their polygons."""
    near = layer[layer["code"].str[:2].isin(["42", "43", "50", "51", "52", "61"])]
    edges = shared_edges(near)
    inside = edges[["code_a", "code_b"]].apply(lambda codes: codes.str[:2].eq(CHONGQING[:2]))
    across = edges[inside.sum(axis=1).eq(1)]
    outside = {code for pair in across[["code_a", "code_b"]].to_numpy() for code in pair}
    return sorted(code for code in outside if code[:2] != CHONGQING[:2])


def _role(code: str, touching: set[str], border: list[str]) -> str:
    if code == CHONGQING:
        return "chongqing"
    if code[:2] == SICHUAN[:2]:
        return "border" if code in border else "interior"
    return "neighbour" if code in touching else "donor"


def _union_of(code: str) -> str:
    return next((name for name, parts in UNIONS.items() if code in parts), code)


@lru_cache(maxsize=1)
def _geography() -> tuple[list[str], pd.DataFrame]:
    """What touches Chongqing, and the centre of each prefecture."""
    frame = stored("new_border_places", input_files([], ["prefectures"]), _built_places)
    return list(frame.index[frame["touching"]]), frame[["x", "y"]]


def _built_places() -> pd.DataFrame:
    layer = load_layer("prefectures")
    centres = to_equal_area(layer).geometry.centroid
    touching = layer["code"].isin(touching_chongqing(layer)).to_numpy()
    places = {"x": centres.x.to_numpy(), "y": centres.y.to_numpy(), "touching": touching}
    return pd.DataFrame(places, index=pd.Index(layer["code"].astype(str), name="code")).sort_index()


def _places(centres: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    """Centres by the codes of the panel; a union stands at the first of its parts."""
    today = [MUNICIPALITY if code == CHONGQING else CODES_OF_2020.get(code, code) for code in codes]
    return centres.reindex(today).set_axis(pd.Index(codes, name="code"))
