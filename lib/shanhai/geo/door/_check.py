"""The door: one check of a user's layer, or of border lines, before anything is measured on it."""

from collections import Counter
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from shanhai.core.errors import BoundaryError
from shanhai.geo.crs import ALBERS_CHINA, WGS84
from shanhai.geo.door import _form as form
from shanhai.geo.door._clean import slivers
from shanhai.geo.door._place import nearest_datum, require_places
from shanhai.geo.door._registry import LINES, PARENTS, Registry
from shanhai.geo.edges import open_coverage

FAR = 3000.0
"""Metres from the registered line at which a point is on another line; drawings of one border are 1 km apart at most
where one follows a river and the other its bank."""

_STRAY = 0.1
"""Share of a line that may be farther: enclaves that one source draws and the other leaves out."""

_PIECE = 1000.0
"""Metres between the points at which lines are compared."""

_EDGE_OF_MAP = (
    "Where the counties of a neighbouring province are absent, the border with it is not known: on_border and"
    " distances to the border are missing there."
)
"""What a layer of a part of the country does not show."""


@dataclass(frozen=True)
class CheckedLayer:
    """A layer that may be measured on, and what its user should know of it."""

    frame: gpd.GeoDataFrame
    """Columns of the project's own layer, WGS 84, sorted by code."""
    notes: tuple[str, ...]
    """What was written in another way, and which units are absent."""


def check_layer(frame: gpd.GeoDataFrame, registry: Registry, file: str) -> CheckedLayer:
    """Hold a user's layer against the registry.

    Parameters
    ----------
    frame : GeoDataFrame
        As read from the file, in any reference system.
    registry : Registry
        Of the layer that it stands for.
    file : str
        Name of the file, for messages.

    Returns
    -------
    CheckedLayer
        Names and upper codes are the registry's; codes are text.

    Raises
    ------
    BoundaryError
        The layer cannot be measured on, or is not what its codes say; the message has the rows and the next step.
    """
    if registry.layer == LINES:
        return CheckedLayer(*check_lines(frame, registry, file))
    form.require_columns(frame, registry, ("code",), file)
    codes = form.code_text(frame["code"])
    form.require_codes(codes, "code", file)
    frame = frame.assign(code=codes.astype("str"))
    labels = frame["code"].to_numpy()
    form.require_shapes(np.array(frame.geometry.values), labels, "Polygon", file)
    placed = form.to_degrees(frame, file, labels)
    _require_known(placed, registry, file)
    _require_upper_codes(placed, registry, file)
    _require_valid(placed, file)
    redrawn = require_places(placed, registry, file)
    open_coverage(placed)
    _require_no_slivers(placed, file)
    return CheckedLayer(_completed(placed, registry), (*_notes(placed, registry), *redrawn))


def _require_known(frame: gpd.GeoDataFrame, registry: Registry, file: str) -> None:
    strange = sorted(set(frame["code"]) - set(registry.units["code"]))
    if strange:
        listed = "; ".join(f"{code} ({registry.explain(code)})" for code in strange[:12])
        more = f"; and {len(strange) - 12} more" if len(strange) > 12 else ""
        remedy = f"Correct them, or leave these rows out: {form.BUILD}"
        if len(strange) == frame["code"].nunique():
            remedy = f"Name a file with the {registry.layer} of 2020."
        raise BoundaryError(
            f"{file}: {len(strange)} codes are no {registry.layer} of the census of 2020: {listed}{more}. {remedy}"
        )
    twice = frame.loc[frame["code"].duplicated(), "code"].unique().tolist()
    if twice:
        raise BoundaryError(
            f"{file}: {len(twice)} codes stand in several rows: {registry.names(twice)}. Dissolve them, one row a code:"
            f" GeoDataFrame.dissolve('code', as_index=False). {form.BUILD}"
        )


def _require_upper_codes(frame: gpd.GeoDataFrame, registry: Registry, file: str) -> None:
    for column in sorted(set(PARENTS.values()) & set(registry.units) & set(frame)):
        expected = frame["code"].map(registry.units.set_index("code")[column])
        wrong = (form.code_text(frame[column]) != expected).to_numpy(bool)
        if wrong.any():
            rows = zip(frame["code"][wrong], frame[column][wrong], expected[wrong], strict=True)
            listed = ", ".join(f"{code} has {given}, registered is {right}" for code, given, right in list(rows)[:6])
            raise BoundaryError(
                f"{file}: {column} contradicts the code in {int(wrong.sum())} of {len(frame)} rows: {listed}. Correct"
                f" the column, or leave it out: it then follows from the code."
            )


def _require_valid(frame: gpd.GeoDataFrame, file: str) -> None:
    shapes = np.array(frame.geometry.values)
    invalid = ~shapely.is_valid(shapes)
    if invalid.any():
        reasons = zip(frame["code"][invalid], shapely.is_valid_reason(shapes[invalid]), strict=True)
        listed = "; ".join(f"{code}: {reason}" for code, reason in list(reasons)[:6])
        raise BoundaryError(
            f"{file}: {int(invalid.sum())} of {len(frame)} polygons are invalid ({listed}). Repair them: {form.BUILD}"
        )


def _require_no_slivers(frame: gpd.GeoDataFrame, file: str) -> None:
    codes, areas = slivers(frame)
    if len(codes):
        raise BoundaryError(
            f"{file}: {len(codes)} slivers, parts of a polygon that lie within others and are no wider than a line of a"
            f" map: {', '.join(map(str, codes[:8]))} (largest {areas.max():.3g} km²). They would count as borders of"
            f" places far away. Give them to the polygons around them: {form.BUILD}"
        )


def _completed(frame: gpd.GeoDataFrame, registry: Registry) -> gpd.GeoDataFrame:
    """The columns of the project's own layer; names come from the registry, in whatever encoding the file has them."""
    table = registry.units[registry.units["code"].isin(frame["code"])].sort_values("code", ignore_index=True)
    shapes = np.array(frame.set_index("code").geometry.loc[table["code"]].values)
    return gpd.GeoDataFrame(table, geometry=form.single_parts(shapes), crs=WGS84)


def _by_province(absent: list[str], registry: Registry) -> str:
    """Absent units by province, those of partly covered provinces first and by name, the fewest first."""
    if registry.layer == "provinces":
        return registry.names(absent)
    of_all = Counter(code[:2] for code in registry.shapes["code"])
    of_absent = Counter(code[:2] for code in absent)
    partly = [
        key for key, number in sorted(of_absent.items(), key=lambda item: (item[1], item[0])) if number < of_all[key]
    ]
    whole = [f"{key}0000" for key, number in sorted(of_absent.items()) if number == of_all[key]]
    listed = [
        f"{of_absent[key]} of {of_all[key]} in {key}0000"
        f" ({registry.names([code for code in absent if code[:2] == key])})"
        for key in partly
    ]
    if whole:
        listed.append(f"all in {', '.join(whole)}")
    return "; ".join(listed)


def _notes(frame: gpd.GeoDataFrame, registry: Registry) -> tuple[str, ...]:
    notes = []
    absent = sorted(set(registry.shapes["code"]) - set(frame["code"]))
    if absent:
        notes.append(f"{len(absent)} {registry.layer} are absent: {_by_province(absent, registry)}. {_EDGE_OF_MAP}")
    names = registry.units.set_index("code")["name_zh"]
    if "name_zh" in frame:
        other = frame["name_zh"].astype("str").to_numpy() != frame["code"].map(names).to_numpy()
        if other.any():
            notes.append(
                f"{int(other.sum())} of {len(frame)} names differ from the registered ones, which are used (another"
                f" writing, or another encoding of the file): {registry.names(frame['code'][other])}."
            )
    return tuple(notes)


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
