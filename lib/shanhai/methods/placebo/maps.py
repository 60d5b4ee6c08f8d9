"""Maps drawn for the counties of a frame: re-partitions of it, and its real borders moved and turned."""

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.door import as_codes, require_columns
from shanhai.methods.placebo.partition import (
    ROUNDS_BEFORE,
    ROUNDS_BETWEEN,
    CountyGraph,
    Partitions,
    county_graph,
    draw_partitions,
)
from shanhai.methods.placebo.shift import Shifts, draw_shifts
from shanhai.methods.regression.design import numbers
from shanhai.methods.regression.pairs import as_degrees

PROVINCE = "province_code"
"""Column of provinces, whose borders are drawn anew."""


def draw_borders(
    frame: pd.DataFrame,
    edges: pd.DataFrame,
    draws: int = 999,
    seed: int = 2021,
    *,
    terrain: str | None = None,
    rounds: tuple[int, int] = (ROUNDS_BEFORE, ROUNDS_BETWEEN),
) -> Partitions:
    """Contiguous re-partitions of the counties of a frame, to be compared with several specifications.

    Parameters
    ----------
    frame : DataFrame
        One row a county: ``code``, ``province_code``, ``on_border`` (missing where it is not known).
    edges : DataFrame
        ``code_a``, ``code_b`` of counties that share an edge, from :func:`shanhai.geo.edges.shared_edges`.
    draws, seed : int
    terrain : str, optional
        Column of ruggedness; if given, drawn borders run through terrain as rugged as real ones.
    rounds : tuple of int
        Rounds of a walk before its first draw, and between two; fewer do for fewer provinces.

    Raises
    ------
    SpecificationError
        If a column is absent, or ``on_border`` is not what edges and provinces say.
    BoundaryError
        If edges and counties do not belong together.
    """
    graph = frame_graph(frame, edges)
    values = None
    if terrain is not None:
        known = pd.Series(numbers(frame, terrain), index=list(frame["code"])).reindex(graph.codes)
        values = np.asarray(known, dtype=np.float64)
    before, between = rounds
    rng = np.random.default_rng(seed)
    return draw_partitions(graph, draws, rng, terrain=values, rounds_before=before, rounds_between=between)


def shift_borders(
    frame: pd.DataFrame,
    edges: pd.DataFrame,
    draws: int = 999,
    seed: int = 2021,
    *,
    coordinates: tuple[str, str] = ("longitude", "latitude"),
    distance_km: tuple[float, float] = (100.0, 500.0),
    rotation_degrees: float = 180.0,
) -> Shifts:
    """The real borders moved and turned over the counties of a frame; see ``draw_shifts``.

    Parameters
    ----------
    frame : DataFrame
        As for :func:`draw_borders`, with columns of degrees.
    edges, draws, seed
    coordinates : tuple of str
        Columns of longitude and latitude of the centres.
    distance_km, rotation_degrees
        By how much the borders move and turn.
    """
    graph = frame_graph(frame, edges)
    require_columns(frame, coordinates)
    east, north = as_degrees(*(frame[column] for column in coordinates), missing=True)
    return draw_shifts(
        graph,
        pd.DataFrame({"code": list(frame["code"]), "longitude": east, "latitude": north}),
        draws,
        np.random.default_rng(seed),
        distance_km=distance_km,
        rotation_degrees=rotation_degrees,
    )


def border_chance(frame: pd.DataFrame, maps: Partitions | Shifts) -> pd.Series:
    """Percent of the drawn maps in which each county of the frame is on a border; missing for counties not drawn."""
    require_columns(frame, ("code",))
    chance = pd.Series(100.0 * maps.on_border.mean(axis=0), index=maps.graph.codes)
    return pd.Series(chance.reindex(frame["code"]).to_numpy(), index=frame.index)


def frame_graph(frame: pd.DataFrame, edges: pd.DataFrame) -> CountyGraph:
    """Graph of the counties of a frame whose ``on_border`` is known, held against it.

    Where a neighbour may be absent from the layer ``on_border`` is missing; such a county is left out with its edges.

    Raises
    ------
    SpecificationError
        If a column is absent, or ``on_border`` is not what edges and provinces say.
    """
    require_columns(frame, ("code", PROVINCE, "on_border"))
    require_columns(edges, ("code_a", "code_b"), "the table of edges")
    as_codes(frame[PROVINCE], PROVINCE, missing=True)
    border = numbers(frame, "on_border")
    drawn = frame[frame["on_border"].notna()]
    unknown = frame.loc[frame["on_border"].isna(), "code"]
    among = ~(edges["code_a"].isin(unknown) | edges["code_b"].isin(unknown))
    graph = county_graph(drawn, edges[among], PROVINCE)
    differ = graph.on_border != border[~np.isnan(border)]
    if differ.any():
        raise SpecificationError(
            f"on_border is not what the edges say for {int(differ.sum())} counties "
            f"({', '.join(map(str, graph.codes[differ][:8]))}); allowed: a county is on the border if it shares an "
            "edge with one of another province. Take both from the same boundaries."
        )
    return graph
