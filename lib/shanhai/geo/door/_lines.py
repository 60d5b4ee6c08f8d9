"""The door for border lines: pairs of provinces, and lines that lie where these provinces meet."""

import geopandas as gpd
import numpy as np
import shapely

from shanhai.core.errors import BoundaryError
from shanhai.geo.crs import ALBERS_CHINA, WGS84
from shanhai.geo.door import _form as form
from shanhai.geo.door._place import nearest_datum
from shanhai.geo.door._registry import Registry

FAR = 3000.0
"""Metres from the registered line at which a point is on another line; drawings of one border are 1 km apart at most
where one follows a river and the other its bank."""

_STRAY = 0.1
"""Share of a line that may be farther: enclaves that one source draws and the other leaves out."""

_PIECE = 1000.0
"""Metres between the points at which lines are compared."""


def check_lines(frame: gpd.GeoDataFrame, registry: Registry, file: str) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Hold a user's border lines against the registered ones.

    Parameters
    ----------
    frame, registry, file : as in :func:`shanhai.geo.door._check.check_layer`

    Returns
    -------
    frame : GeoDataFrame
        ``prov_a < prov_b``, one line a pair, WGS 84, sorted.
    notes : tuple of str
        Pairs that are absent.

    Raises
    ------
    BoundaryError
        Unknown provinces, pairs that do not meet or stand twice, no lines, or lines that lie elsewhere.
    """
    form.require_columns(frame, registry, ("prov_a", "prov_b"), file)
    ends = []
    for column in ("prov_a", "prov_b"):
        codes = form.code_text(frame[column])
        form.require_codes(codes, column, file)
        ends.append(codes.astype("str"))
    ordered = np.sort(np.column_stack(ends).astype(str), axis=1)
    frame = frame.assign(prov_a=ordered[:, 0], prov_b=ordered[:, 1])
    labels = np.array([f"{a}-{b}" for a, b in ordered], dtype=object)
    form.require_shapes(np.array(frame.geometry.values), labels, "LineString", file)
    _require_pairs(labels, ordered, registry, file)
    placed = form.to_degrees(frame, file, labels).set_axis(labels)
    registered = registry.shapes.set_axis(registry.shapes["prov_a"] + "-" + registry.shapes["prov_b"])
    _require_lines(placed, registered.loc[labels], file)
    table = placed[["prov_a", "prov_b"]].sort_index()
    shapes = np.array(placed.geometry.loc[table.index].values)
    absent = sorted(set(registered.index) - set(labels))
    notes = (f"{len(absent)} borders are absent: {', '.join(absent[:8])}.",) if absent else ()
    return gpd.GeoDataFrame(table.reset_index(drop=True), geometry=form.single_parts(shapes), crs=WGS84), notes


def _require_pairs(labels: np.ndarray, ordered: np.ndarray, registry: Registry, file: str) -> None:
    pairs = {f"{a}-{b}" for a, b in registry.units.to_numpy()}
    provinces = {code for pair in pairs for code in pair.split("-")}
    unknown = sorted(set(ordered.ravel()) - provinces)
    strange = sorted(set(labels) - pairs)
    codes, counts = np.unique(labels.astype(str), return_counts=True)
    for wrong, what in (
        ([f"{code} ({registry.explain(code)})" for code in unknown], "codes are no province with a land border"),
        (strange, "pairs of provinces do not meet on land"),
        (list(codes[counts > 1]), "pairs stand in several rows; dissolve them to one row a pair"),
    ):
        if wrong:
            raise BoundaryError(
                f"{file}: {len(wrong)} {what}: {', '.join(map(str, wrong[:8]))}. Leave out or correct these rows, or"
                " make the lines from your counties: shanhai.geo.borders.border_lines(counties)."
            )


def _require_lines(placed: gpd.GeoDataFrame, registered: gpd.GeoDataFrame, file: str) -> None:
    own, known = (np.array(layer.to_crs(ALBERS_CHINA).geometry.values) for layer in (placed, registered))
    stray, lacking = _far_share(own, known), _far_share(known, own)
    for share, limit, what in (
        (stray, _STRAY, "lie elsewhere than their border"),
        (lacking, 0.5, "leave more than half of their border out"),
    ):
        wrong = share > limit
        if wrong.any():
            far = zip(placed.index[wrong][:8], share[wrong][:8], strict=True)
            listed = ", ".join(f"{pair} ({part:.0%})" for pair, part in far)
            raise BoundaryError(
                f"{file}: {int(wrong.sum())} of {len(placed)} lines {what} by more than {FAR / 1000:.0f} km: {listed}."
                " Correct the codes of these rows, or make the lines from your counties:"
                " shanhai.geo.borders.border_lines(counties)."
            )
    datum = nearest_datum(np.array(placed.geometry.values), np.array(registered.geometry.values))
    if datum:
        raise BoundaryError(
            f"{file}: the lines are in {datum}, the datum of Chinese web maps, not in WGS 84. Convert them:"
            f" shapely.transform(shapes, lambda points: shanhai.geo.datum.without_offset(points, {datum!r}))."
        )


def _far_share(lines: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Share of each line that is farther than `FAR` from the other line of its pair."""
    points, owner = shapely.get_coordinates(shapely.segmentize(lines, _PIECE), return_index=True)
    far = ~shapely.dwithin(shapely.points(points), others[owner], FAR)
    return np.bincount(owner, far, len(lines)) / np.bincount(owner, minlength=len(lines))
