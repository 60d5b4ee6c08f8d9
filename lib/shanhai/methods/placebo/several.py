"""The border effect among several sets of drawn maps, under every null."""

from collections.abc import Mapping

import pandas as pd

from shanhai.methods.placebo.borders import BorderPlacebo, Effects, compare_borders
from shanhai.methods.placebo.partition import Partitions
from shanhai.methods.placebo.shift import Shifts
from shanhai.methods.spec import RegressionSpec

PlaceboKey = tuple[str, Effects, bool]
"""Name of the maps, whose fixed effects, whether the chance of a border is held fixed."""


def placebo_borders(
    specs: Mapping[str, RegressionSpec], frame: pd.DataFrame, maps: Mapping[str, Partitions | Shifts]
) -> pd.DataFrame:
    """Several specifications among several sets of maps, with and without the chance of a border held fixed.

    Parameters
    ----------
    specs : mapping of name to RegressionSpec
        With province fixed effects.
    frame : DataFrame
    maps : mapping of name to Partitions or Shifts
        From :func:`draw_borders` and :func:`shift_borders` on the same frame.

    Returns
    -------
    DataFrame
        ``model``, ``maps`` (the names), then the columns of :meth:`BorderPlacebo.to_frame`: for every set of maps with
        the fixed effects of the real provinces, and for re-partitions with those of the drawn ones too.
    """
    tables = {name: placebo_frame(border_placebos(spec, frame, maps)) for name, spec in specs.items()}
    for name, table in tables.items():
        table.insert(0, "model", name)
    return pd.concat(tables.values(), ignore_index=True)


def border_placebos(
    spec: RegressionSpec, frame: pd.DataFrame, maps: Mapping[str, Partitions | Shifts]
) -> dict[PlaceboKey, BorderPlacebo]:
    """The border effect among several sets of maps: each test that :func:`placebo_borders` puts in a row.

    Returns
    -------
    dict
        By name of the maps, ``effects``, and whether the chance was held fixed.
    """
    found: dict[PlaceboKey, BorderPlacebo] = {}
    for kind, drawn in maps.items():
        choices: tuple[Effects, ...] = ("real", "drawn") if isinstance(drawn, Partitions) else ("real",)
        for effects in choices:
            for held in (False, True):
                found[kind, effects, held] = compare_borders(spec, frame, drawn, effects=effects, hold_chance=held)
    return found


def placebo_frame(placebos: Mapping[PlaceboKey, BorderPlacebo]) -> pd.DataFrame:
    """One row a test: ``maps``, then the columns of :meth:`BorderPlacebo.to_frame`."""
    rows = [one.to_frame() for one in placebos.values()]
    for row, (kind, _, _) in zip(rows, placebos, strict=True):
        row.insert(0, "maps", kind)
    return pd.concat(rows, ignore_index=True)
