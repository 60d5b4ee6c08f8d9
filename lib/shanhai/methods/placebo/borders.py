"""The border effect among the effects of borders that the country could have had.

Outcome, controls and clusters stay; only the lines move. Two nulls can be tested. With the fixed effects of the *real*
regions the outcome keeps what each real region does to it, and the null is that nothing happens at its border that
would not happen at another line. With those of the *drawn* regions each map is analysed as ours is, and the null is
that the real map is one like the others.

Not every unit could lie on a border with the same chance: large rural units meet many lines, coasts and dense
cities few. The mean over all draws is that chance, and holding it fixed (Borusyak & Hull 2023) takes out what any
border picks up.

References
----------
Borusyak, K. & Hull, P. (2023), Nonrandom exposure to exogenous shocks, Econometrica 91(6), 2155-2185.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.core.errors import SpecificationError
from shanhai.core.shared import shared
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes, Flags
from shanhai.methods.checks import require_columns
from shanhai.methods.placebo._drawn import DrawnDesign, Made, block_t, cluster_members, drawn_design, reduce
from shanhai.methods.placebo._partition import NEUTRAL_COLUMNS, ROUNDS_BEFORE, ROUNDS_BETWEEN, BorderColumns, Partitions
from shanhai.methods.placebo.maps import Shifts, border_chance, draw_borders
from shanhai.methods.placebo.randomization import RandomizationTest, compare, drawn_t
from shanhai.methods.regression.absorb import FixedEffects
from shanhai.methods.spec import RegressionSpec, Variable

Effects = Literal["real", "drawn"]
"""Whose regions the fixed effects are."""

_CHANCE = "border_chance"
"""Column of the chance to lie on a border, percent of the drawn maps."""


@dataclass(frozen=True, repr=False)
class BorderPlacebo(Shown):
    """A coefficient on the border among those of drawn borders."""

    test: RandomizationTest
    """Its place among the draws."""
    effects: Effects
    """Whose regions the fixed effects are."""
    chance_held: bool
    """Whether each unit's chance to lie on a drawn border was a control."""
    p_error: float
    """Standard error of p from the finite number of draws, taken between walks; NaN with fewer than ten."""
    units_on_border: int
    """Units on a real border, of all that have one or none."""
    drawn_on_border: float
    """Mean number of units on a drawn border."""
    real_kept: float
    """Percent of the real border units that are on a drawn border, mean."""
    pairs_kept: float
    """Percent of the neighbours that a real border divides and a drawn one divides again, mean."""
    n: int
    """Rows of the regression."""

    @property
    def p(self) -> float:
        """Two-sided p of the t-ratio among the draws, that of ``test``."""
        return self.test.p

    def to_frame(self) -> pd.DataFrame:
        """One row: the columns of the test, then effects, chance_held, p_error, drawn_mean (mean estimate of the
        draws), units_on_border, drawn_on_border, real_kept, pairs_kept, n (rows of the regression)."""
        table = self.test.to_frame()
        for name in ("effects", "chance_held", "p_error"):
            table[name] = getattr(self, name)
        table["drawn_mean"] = float(np.nanmean(self.test.estimates))
        for name in ("units_on_border", "drawn_on_border", "real_kept", "pairs_kept", "n"):
            table[name] = getattr(self, name)
        return table


def placebo_border(  # noqa: PLR0913 - what is drawn, and how, each by its name
    spec: RegressionSpec,
    frame: pd.DataFrame,
    edges: pd.DataFrame,
    draws: int = 999,
    seed: int = 2021,
    *,
    columns: BorderColumns = NEUTRAL_COLUMNS,
    term: str | None = None,
    terrain: str | None = None,
    rounds: tuple[int, int] = (ROUNDS_BEFORE, ROUNDS_BETWEEN),
    made: Made | None = None,
) -> BorderPlacebo:
    """The border effect of a specification among contiguous re-partitions of its units.

    Parameters
    ----------
    spec : RegressionSpec
        With the border as a term, and fixed effects of regions.
    frame : DataFrame
        One row a unit, with the columns of the specification; whether it is on a border is missing for units
        without polygon.
    edges : DataFrame
        Codes of units that share an edge, from :func:`shanhai.geo.edges.shared_edges`; each pair counts once.
    draws, seed : int
        Maps to draw, and the seed of all randomness.
    columns : BorderColumns
        Names of the columns of units, their regions, borders, and of edges.
    term : str, optional
        Coefficient; that of the column of borders by default, or an interaction with it.
    terrain : str, optional
        Column of ruggedness; if given, drawn borders run through terrain as rugged as real ones.
    rounds : tuple of int
        Rounds of a walk before its first draw, and between two; fewer do for fewer regions.
    made
        As for :func:`drawn_design`: columns of the frame that were made of the one of borders.

    Returns
    -------
    BorderPlacebo
        With the fixed effects of the real regions. See :func:`compare_borders` for the others, on the same draws.

    Raises
    ------
    SpecificationError
        If the column of borders is not what the edges say, or the specification cannot be estimated with a drawn
        border.
    BoundaryError
        If edges and units do not belong together.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods.placebo import placebo_border
    >>> x, y = np.divmod(np.arange(144), 12)  # 12 x 12 square units, four regions of 6 x 6
    >>> region = 2 * (x // 6) + y // 6
    >>> code = np.array([f"{number:04d}" for number in range(144)])
    >>> east, north = np.flatnonzero(x < 11), np.flatnonzero(y < 11)
    >>> pairs = np.vstack([np.column_stack([east, east + 12]), np.column_stack([north, north + 1])])
    >>> edges = pd.DataFrame({"unit_a": code[pairs[:, 0]], "unit_b": code[pairs[:, 1]]})
    >>> on_border = np.isin(np.arange(144), pairs[region[pairs[:, 0]] != region[pairs[:, 1]]])
    >>> columns = {"unit": code, "region": region.astype(str), "border": on_border.astype(float)}
    >>> frame = pd.DataFrame(columns)
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> frame["pay"] = np.random.default_rng(1).normal(size=144) - frame["border"]
    >>> errors = CovarianceSpec("HC1")
    >>> spec = RegressionSpec(
    ...     Variable("pay"), (Variable("border"),), SampleSpec("all"), errors, fixed_effects=("region",)
    ... )
    >>> found = placebo_border(spec, frame, edges, 99, 1, rounds=(40, 4))
    >>> found.units_on_border, found.test.draws, found.test.p < 0.05
    (44, 99, True)
    """
    maps = draw_borders(frame, edges, draws, seed, columns=columns, terrain=terrain, rounds=rounds)
    return compare_borders(spec, frame, maps, term=term, made=made)


def compare_borders(
    spec: RegressionSpec,
    frame: pd.DataFrame,
    maps: Partitions | Shifts,
    *,
    term: str | None = None,
    effects: Effects = "real",
    hold_chance: bool = False,
    made: Made | None = None,
) -> BorderPlacebo:
    """The border effect of a specification among maps already drawn.

    Parameters
    ----------
    spec, frame, term, made
        As for :func:`placebo_border`.
    maps : Partitions or Shifts
        From :func:`draw_borders` or :func:`shift_borders` on the same frame.
    effects : ``"real"`` or ``"drawn"``
    hold_chance : bool
        Add each unit's share of drawn maps in which it is on a border as a control, in data and draws.

    Returns
    -------
    BorderPlacebo

    Raises
    ------
    SpecificationError
        If ``effects`` is neither of the two, the maps were drawn on another frame, or under drawn effects the
        regression has others than those of regions.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods.placebo import compare_borders, draw_borders
    >>> x, y = np.divmod(np.arange(144), 12)  # 12 x 12 square units, four regions of 6 x 6
    >>> region = 2 * (x // 6) + y // 6
    >>> code = np.array([f"{number:04d}" for number in range(144)])
    >>> east, north = np.flatnonzero(x < 11), np.flatnonzero(y < 11)
    >>> pairs = np.vstack([np.column_stack([east, east + 12]), np.column_stack([north, north + 1])])
    >>> edges = pd.DataFrame({"unit_a": code[pairs[:, 0]], "unit_b": code[pairs[:, 1]]})
    >>> on_border = np.isin(np.arange(144), pairs[region[pairs[:, 0]] != region[pairs[:, 1]]])
    >>> columns = {"unit": code, "region": region.astype(str), "border": on_border.astype(float)}
    >>> frame = pd.DataFrame(columns)
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> frame["pay"] = np.random.default_rng(1).normal(size=144) - frame["border"]
    >>> errors = CovarianceSpec("HC1")
    >>> spec = RegressionSpec(
    ...     Variable("pay"), (Variable("border"),), SampleSpec("all"), errors, fixed_effects=("region",)
    ... )
    >>> maps = draw_borders(frame, edges, 99, 1, rounds=(40, 4))
    >>> held = compare_borders(spec, frame, maps, hold_chance=True)
    >>> held.effects, held.chance_held, held.n
    ('real', True, 144)
    """
    if effects not in get_args(Effects):
        raise SpecificationError(f"effects {effects!r}; allowed: {', '.join(get_args(Effects))}. Name one of these.")
    columns = maps.graph.columns
    name = term or columns.border
    require_columns(frame, (columns.unit,))
    if hold_chance:
        frame = frame.assign(**{_CHANCE: border_chance(frame, maps)})
        spec = replace(spec, controls=(*spec.controls, Variable(_CHANCE)))
    design = drawn_design(spec, frame, columns.border, made)
    place = pd.Index(maps.graph.codes).get_indexer(pd.Index(frame[columns.unit].iloc[design.rows]))
    if (place < 0).any():
        raise SpecificationError(
            f"{int((place < 0).sum())} rows of the regression are no units of the drawn maps; allowed: units "
            "that were drawn. Draw the maps from the same frame."
        )
    if (maps.graph.on_border[place] != design.observed).any():
        raise SpecificationError(
            f"{columns.border} is not that of the real map behind the drawn ones; allowed: the frame that the maps "
            "were drawn for. Draw the maps from the same frame."
        )
    on_border = maps.on_border[:, place]
    if effects == "real":
        statistics = drawn_t(design, on_border, name)
    else:
        statistics = _within_drawn(design, on_border, maps.labels[:, place], name, columns.region)
    test = compare(design, *statistics, name)
    far = maps.describe()
    return BorderPlacebo(
        test=test,
        effects=effects,
        chance_held=hold_chance,
        p_error=_error_between_walks(test, maps.walk),
        units_on_border=int(maps.graph.on_border.sum()),
        drawn_on_border=float(far["units_on_border"].mean()),
        real_kept=float(far["real_kept"].mean()),
        pairs_kept=float(far["pairs_kept"].mean()),
        n=design.result.n,
    )


def _within_drawn(
    design: DrawnDesign, on_border: Flags, labels: NDArray[np.int16], term: str, region: str
) -> tuple[Array, Array]:
    """Estimates and t-ratios with the fixed effects of each drawn map in place of the real regions."""
    if design.result.spec.fixed_effects != (region,):
        raise SpecificationError(
            f"fixed effects are {design.result.spec.fixed_effects}; allowed with drawn regions: ({region!r},) "
            "alone. Take effects='real', or another specification."
        )
    members = cluster_members(design.clusters)
    estimates, ratios = np.empty(len(labels)), np.empty(len(labels))
    others = design.counted - design.result.absorbed
    for number, (border, regions) in enumerate(zip(on_border, labels, strict=True)):
        codes = np.unique(regions, return_inverse=True)[1].astype(np.int64)
        levels = FixedEffects((codes,), design.effects.weights)
        redrawn = replace(design, effects=levels, counted=others + int(codes.max()) + 1)
        block = border[:, None].astype(np.float64)
        found = block_t(redrawn, reduce(redrawn, levels), levels, members, block, term)
        estimates[number], ratios[number] = found[0][0], found[1][0]
    return estimates, ratios


def _error_between_walks(test: RandomizationTest, walk: Codes) -> float:
    """Standard error of the share of draws as large as the real one: walks are independent, draws of one are not."""
    walks = int(walk.max()) + 1
    if walks < 10:
        return float("nan")
    large = (np.abs(test.t_ratios) >= abs(test.t)).astype(np.float64)
    shares = np.bincount(walk, weights=large) / np.bincount(walk)
    return float(shares.std(ddof=1) / np.sqrt(walks))


PlaceboKey = tuple[str, Effects, bool]
"""Name of the maps, whose fixed effects, whether the chance of a border is held fixed."""


def placebo_borders(
    specs: Mapping[str, RegressionSpec], frame: pd.DataFrame, maps: Mapping[str, Partitions | Shifts]
) -> pd.DataFrame:
    """Several specifications among several sets of maps, with and without the chance of a border held fixed.

    Parameters
    ----------
    specs : mapping of name to RegressionSpec
        With region fixed effects.
    frame : DataFrame
    maps : mapping of name to Partitions or Shifts
        From :func:`draw_borders` and :func:`shift_borders` on the same frame.

    Returns
    -------
    DataFrame
        ``model``, ``maps`` (the names), then the columns of :meth:`BorderPlacebo.to_frame`: for every set of maps with
        the fixed effects of the real regions, and for re-partitions with those of the drawn ones too.

    Raises
    ------
    SpecificationError
        As :func:`compare_borders`.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods.placebo import draw_borders
    >>> from shanhai.methods.placebo.borders import placebo_borders
    >>> x, y = np.divmod(np.arange(144), 12)  # 12 x 12 square units, four regions of 6 x 6
    >>> region = 2 * (x // 6) + y // 6
    >>> code = np.array([f"{number:04d}" for number in range(144)])
    >>> east, north = np.flatnonzero(x < 11), np.flatnonzero(y < 11)
    >>> pairs = np.vstack([np.column_stack([east, east + 12]), np.column_stack([north, north + 1])])
    >>> edges = pd.DataFrame({"unit_a": code[pairs[:, 0]], "unit_b": code[pairs[:, 1]]})
    >>> on_border = np.isin(np.arange(144), pairs[region[pairs[:, 0]] != region[pairs[:, 1]]])
    >>> columns = {"unit": code, "region": region.astype(str), "border": on_border.astype(float)}
    >>> frame = pd.DataFrame(columns)
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> frame["pay"] = np.random.default_rng(1).normal(size=144) - frame["border"]
    >>> errors = CovarianceSpec("HC1")
    >>> spec = RegressionSpec(
    ...     Variable("pay"), (Variable("border"),), SampleSpec("all"), errors, fixed_effects=("region",)
    ... )
    >>> maps = draw_borders(frame, edges, 99, 1, rounds=(40, 4))
    >>> placebo_borders({"pay": spec}, frame, {"drawn anew": maps})[["model", "maps", "effects", "chance_held"]]
      model        maps effects  chance_held
    0   pay  drawn anew    real        False
    1   pay  drawn anew    real         True
    2   pay  drawn anew   drawn        False
    3   pay  drawn anew   drawn         True
    """
    tables = {name: placebo_frame(border_placebos(spec, frame, maps)) for name, spec in specs.items()}
    for name, table in tables.items():
        table.insert(0, "model", name)
    return pd.concat(tables.values(), ignore_index=True)


@shared
def border_placebos(
    spec: RegressionSpec, frame: pd.DataFrame, maps: Mapping[str, Partitions | Shifts]
) -> dict[PlaceboKey, BorderPlacebo]:
    """The border effect among several sets of maps: each test that :func:`placebo_borders` puts in a row.

    Parameters
    ----------
    spec, frame
        As for :func:`placebo_border`.
    maps : mapping of name to Partitions or Shifts
        Drawn on the same frame.

    Returns
    -------
    dict
        By name of the maps, ``effects``, and whether the chance was held fixed.

    Raises
    ------
    SpecificationError
        As :func:`compare_borders`.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods.placebo import draw_borders
    >>> from shanhai.methods.placebo.borders import border_placebos
    >>> x, y = np.divmod(np.arange(144), 12)  # 12 x 12 square units, four regions of 6 x 6
    >>> region = 2 * (x // 6) + y // 6
    >>> code = np.array([f"{number:04d}" for number in range(144)])
    >>> east, north = np.flatnonzero(x < 11), np.flatnonzero(y < 11)
    >>> pairs = np.vstack([np.column_stack([east, east + 12]), np.column_stack([north, north + 1])])
    >>> edges = pd.DataFrame({"unit_a": code[pairs[:, 0]], "unit_b": code[pairs[:, 1]]})
    >>> on_border = np.isin(np.arange(144), pairs[region[pairs[:, 0]] != region[pairs[:, 1]]])
    >>> columns = {"unit": code, "region": region.astype(str), "border": on_border.astype(float)}
    >>> frame = pd.DataFrame(columns)
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> frame["pay"] = np.random.default_rng(1).normal(size=144) - frame["border"]
    >>> errors = CovarianceSpec("HC1")
    >>> spec = RegressionSpec(
    ...     Variable("pay"), (Variable("border"),), SampleSpec("all"), errors, fixed_effects=("region",)
    ... )
    >>> maps = draw_borders(frame, edges, 99, 1, rounds=(40, 4))
    >>> [key[1:] for key in border_placebos(spec, frame, {"drawn anew": maps})]
    [('real', False), ('real', True), ('drawn', False), ('drawn', True)]
    """
    found: dict[PlaceboKey, BorderPlacebo] = {}
    for kind, drawn in maps.items():
        choices: tuple[Effects, ...] = ("real", "drawn") if isinstance(drawn, Partitions) else ("real",)
        for effects in choices:
            for held in (False, True):
                found[kind, effects, held] = compare_borders(spec, frame, drawn, effects=effects, hold_chance=held)
    return found


def placebo_frame(placebos: Mapping[PlaceboKey, BorderPlacebo]) -> pd.DataFrame:
    """One row a test: ``maps``, then the columns of :meth:`BorderPlacebo.to_frame`.

    Parameters
    ----------
    placebos : mapping of key to BorderPlacebo
        Of :func:`border_placebos`.

    Returns
    -------
    DataFrame
        Rows in the order of the mapping.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods.placebo import draw_borders
    >>> from shanhai.methods.placebo.borders import border_placebos, placebo_frame
    >>> x, y = np.divmod(np.arange(144), 12)  # 12 x 12 square units, four regions of 6 x 6
    >>> region = 2 * (x // 6) + y // 6
    >>> code = np.array([f"{number:04d}" for number in range(144)])
    >>> east, north = np.flatnonzero(x < 11), np.flatnonzero(y < 11)
    >>> pairs = np.vstack([np.column_stack([east, east + 12]), np.column_stack([north, north + 1])])
    >>> edges = pd.DataFrame({"unit_a": code[pairs[:, 0]], "unit_b": code[pairs[:, 1]]})
    >>> on_border = np.isin(np.arange(144), pairs[region[pairs[:, 0]] != region[pairs[:, 1]]])
    >>> columns = {"unit": code, "region": region.astype(str), "border": on_border.astype(float)}
    >>> frame = pd.DataFrame(columns)
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> frame["pay"] = np.random.default_rng(1).normal(size=144) - frame["border"]
    >>> errors = CovarianceSpec("HC1")
    >>> spec = RegressionSpec(
    ...     Variable("pay"), (Variable("border"),), SampleSpec("all"), errors, fixed_effects=("region",)
    ... )
    >>> maps = draw_borders(frame, edges, 99, 1, rounds=(40, 4))
    >>> len(placebo_frame(border_placebos(spec, frame, {"drawn anew": maps})))
    4
    """
    rows = [placebo.to_frame() for placebo in placebos.values()]
    for row, (kind, _, _) in zip(rows, placebos, strict=True):
        row.insert(0, "maps", kind)
    return pd.concat(rows, ignore_index=True)
