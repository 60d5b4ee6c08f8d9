"""What a regression says about the gap between a place and a reference: an account that adds up, not a cause.

For least squares every mean of the outcome is the mean of its fitted parts, so the difference of two means is the sum
of coefficient times difference of regressors, the difference of fixed effects, and the difference of residuals (the
twofold account of Oaxaca 1973 and Blinder 1973 with pooled coefficients). Each part is linear in the coefficients, so
its standard error is exact. A part is "what goes with" a border in the sample, not what would change without it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_weights, require_columns, require_unique
from shanhai.methods.estimate import LEVEL, interval
from shanhai.methods.regression.absorb import within
from shanhai.methods.regression.design import Design
from shanhai.methods.regression.fit import solve
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import RegressionSpec

FIXED_EFFECTS, REMAINDER = "fixed effects", "remainder"
"""Names of the parts that no term explains."""

NOTHING = 1e-9
"""A part nearer to zero is zero by construction, as are fixed effects inside one of their levels."""


@dataclass(frozen=True)
class GapPart:
    """One part of a gap."""

    name: str
    """Group of terms, ``fixed effects`` or ``remainder``."""
    contribution: float
    """Part of the gap, in units of the outcome (log points for a logarithm)."""
    se: float
    """Standard error from the covariance of the coefficients; the own figures of the units are taken as given."""
    low: float
    """Lower bound of the confidence interval."""
    high: float
    """Upper bound of the confidence interval."""


def parts_that_differ(parts: Iterable[GapPart]) -> tuple[GapPart, ...]:
    """Parts without those that are zero by construction, in order.

    Parameters
    ----------
    parts : iterable of GapPart

    Returns
    -------
    tuple of GapPart
        Those larger in absolute value than ``NOTHING``.

    Examples
    --------
    >>> [part.name for part in parts_that_differ([GapPart("border", -0.1, 0.1, -0.3, 0.1), GapPart("a", 0, 0, 0, 0)])]
    ['border']
    """
    return tuple(part for part in parts if abs(part.contribution) > NOTHING)


@dataclass(frozen=True, repr=False)
class GapAccount(Shown):
    """A gap taken apart; the parts add up to it exactly."""

    spec: RegressionSpec
    """Regression that the coefficients come from."""
    gap: float
    """Mean of the place minus mean of the reference, in units of the outcome, weighted."""
    parts: tuple[GapPart, ...]
    """Groups of terms in order, then fixed effects, then the remainder."""
    aggregate_gap: float | None
    """For an outcome in logarithms: difference of the logs of the two weighted means. With population as weight and
    an outcome per head this is the gap of the published totals. It differs from ``gap`` by how unequal the rows of
    place and reference are among themselves (mean logarithmic deviation). None for other outcomes."""
    n_place: int
    """Rows of the place that the regression used."""
    n_reference: int
    """Rows of the reference that the regression used."""
    covered_place: float
    """Share of the place's weight in these rows, percent."""
    covered_reference: float
    """Share of the reference's weight in these rows, percent."""
    n: int
    """Rows of the regression."""
    df: float
    """Degrees of freedom behind the intervals."""
    clusters: int | None
    """Clusters behind them (the smaller number); None without."""

    def to_frame(self) -> pd.DataFrame:
        """One row a part: part, contribution, se, low, high, share_percent (of the gap; missing for a gap of zero)."""
        table = pd.DataFrame([vars(part) for part in self.parts]).rename(columns={"name": "part"})
        table["share_percent"] = 100.0 * table["contribution"] / self.gap if self.gap else np.nan
        return table


def explain_gap(
    spec: RegressionSpec,
    frame: pd.DataFrame,
    place: Collection[str],
    reference: Collection[str],
    groups: Mapping[str, tuple[str, ...]],
    weight: str,
    *,
    unit: str = "code",
) -> GapAccount:
    """Take the gap between two sets of units apart with the coefficients of a regression.

    Parameters
    ----------
    spec : RegressionSpec
        Estimated on its own sample, which must hold both sets.
    frame : DataFrame
        With codes of units, the columns of the specification and the weight.
    place, reference : collections of str
        Codes of units; the reference may contain the place (a city and its region).
    groups : mapping of name to terms
        Which coefficients make up each part; together all coefficients, each once.
    weight : str
        Column of weights of the means.
    unit : str
        Column of codes of units.

    Returns
    -------
    GapAccount

    Raises
    ------
    MissingDataError
        If no unit of the place or of the reference has the figures the regression needs.
    SpecificationError
        If the groups leave a coefficient out or name one twice, codes occur twice, or weights are not positive.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods import explain_gap
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"code": [f"u{number:02d}" for number in range(40)], "people": 1.0})
    >>> frame["height"] = np.arange(40) / 10
    >>> frame["pay"] = 5 - frame["height"] + rng.normal(0, 0.1, 40)
    >>> spec = RegressionSpec(Variable("pay"), (Variable("height"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> account = explain_gap(spec, frame, ["u39"], list(frame["code"]), {"terrain": ("height",)}, "people")
    >>> round(account.gap, 2), [(part.name, round(part.contribution, 2)) for part in account.parts]
    (-1.79, [('terrain', -1.93), ('fixed effects', -0.0), ('remainder', 0.14)])
    """
    solved = solve(spec, frame)
    result, design = solved.result(), solved.design
    slopes = [name for name in result.names if name != "intercept"]
    _require_groups(groups, slopes)
    require_columns(frame, (unit, weight))
    require_unique(frame[unit])
    codes, weights = frame[unit], as_weights(frame[weight], f"weight {weight!r}", missing=True)
    here, covered_here = mean_weights(design, codes, weights, place, "the place")
    there, covered_there = mean_weights(design, codes, weights, reference, "the reference")
    difference = here - there
    columns = [design.names.index(name) for name in slopes]
    matrix = design.matrix[:, columns] - design.matrix[:, columns].mean(axis=0)  # differences do not change
    inside = within(matrix, design.effects)
    gap = float(difference @ design.outcome)
    gradients = _gradients(groups, slopes, difference @ matrix)
    gradients[FIXED_EFFECTS] = -difference @ (matrix - inside)
    gradients[REMAINDER] = -difference @ inside
    outcome_inside = within(design.outcome[:, None], design.effects)[:, 0]
    constants = {FIXED_EFFECTS: gap - float(difference @ outcome_inside), REMAINDER: float(difference @ outcome_inside)}
    return GapAccount(
        spec=spec,
        gap=gap,
        parts=tuple(_part(name, constants.get(name, 0.0), row, result, slopes) for name, row in gradients.items()),
        aggregate_gap=aggregate_gap(design.outcome, here, there) if spec.outcome.transform == "log" else None,
        n_place=int((here > 0).sum()),
        n_reference=int((there > 0).sum()),
        covered_place=covered_here,
        covered_reference=covered_there,
        n=result.n,
        df=result.df,
        clusters=min((level.count for level in result.clusters), default=None),
    )


def _require_groups(groups: Mapping[str, tuple[str, ...]], slopes: list[str]) -> None:
    """Refuse groups that would not add up to all coefficients."""
    named = [name for names in groups.values() for name in names]
    wrong = sorted(set(named) ^ set(slopes)) or sorted({name for name in named if named.count(name) > 1})
    if wrong:
        raise SpecificationError(
            f"groups {dict(groups)} miss, double or invent {', '.join(wrong)}; allowed: each of {', '.join(slopes)} "
            "once. Only then do the parts add up to the gap."
        )


def mean_weights(
    design: Design, codes: pd.Series, weights: Array, wanted: Collection[str], what: str
) -> tuple[Array, float]:
    """Weights over the rows of a design that give the mean of a set of units, and the share of its weight they cover.

    Parameters
    ----------
    design : Design
        n rows of a frame.
    codes : Series
        Code of each unit of the frame.
    weights : array
        Weight of each unit of the frame.
    wanted : collection of str
        Codes of the set.
    what : str
        Words for the set in the error.

    Returns
    -------
    array, n, and float
        Weights that sum to one, zero outside the set; percent of the set's weight that lies in the rows.

    Raises
    ------
    UnknownPlaceError
        If the frame has no unit of a code of the set.
    MissingDataError
        If no unit of the set is among the rows.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.decomposition.gap import mean_weights
    >>> from shanhai.methods.regression.design import build_design
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"code": [f"u{number:02d}" for number in range(40)], "people": 1.0})
    >>> frame["height"] = np.arange(40) / 10
    >>> frame["pay"] = 5 - frame["height"] + rng.normal(0, 0.1, 40)
    >>> spec = RegressionSpec(Variable("pay"), (Variable("height"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> design = build_design(spec, frame.assign(pay=frame["pay"].where(frame["code"] != "u01")))
    >>> weights, covered = mean_weights(design, frame["code"], np.ones(40), ["u00", "u01"], "the place")
    >>> float(weights.sum()), covered  # one of the two has no figure
    (1.0, 50.0)
    """
    from shanhai.core.places import require_codes  # here, because every name of the methods would wait for it

    wanted = require_codes(wanted, codes, f"units of the frame that {what} may hold")
    chosen = codes.isin(wanted).to_numpy(dtype=bool)
    used = np.where(chosen, np.nan_to_num(weights), 0.0)[design.rows]
    if used.sum() <= 0:
        raise MissingDataError(
            f"no unit of {what} ({', '.join(sorted(map(str, wanted))) or 'empty'}) has the figures that the "
            "regression needs; allowed: codes of units in its sample with all columns present. See which columns "
            "the unit lacks."
        )
    return used / used.sum(), 100.0 * float(used.sum() / np.nansum(weights[chosen]))


def _gradients(groups: Mapping[str, tuple[str, ...]], slopes: list[str], difference: Array) -> dict[str, Array]:
    """Derivative of each part with respect to all coefficients."""
    return {group: np.where(np.isin(slopes, names), difference, 0.0) for group, names in groups.items()}


def _part(name: str, constant: float, gradient: Array, result: FitResult, slopes: list[str]) -> GapPart:
    """A part that is a constant plus a linear function of the coefficients."""
    places = [result.position(slope) for slope in slopes]
    value = constant + float(gradient @ result.params[places])
    variance = float(gradient @ result.covariance[np.ix_(places, places)] @ gradient)
    se = float(np.sqrt(max(variance, 0.0)))  # a part without any difference may come out at -1e-20
    return GapPart(name, value, se, *interval(value, se, result.df))


def aggregate_gap(log_outcome: Array, here: Array, there: Array) -> float:
    """Difference of the logs of two weighted means of the level.

    Parameters
    ----------
    log_outcome, here, there : arrays, n
        Outcome in logarithms, and the weights of both means (see ``mean_weights``).

    Returns
    -------
    float
        Log points.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.decomposition.gap import aggregate_gap
    >>> round(aggregate_gap(np.log([1.0, 3.0, 4.0]), np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.0, 1.0])), 3)  # 2 to 4
    -0.693
    """
    level = np.exp(log_outcome)
    return float(np.log(here @ level) - np.log(there @ level))


def parts_from(names: Sequence[str], values: Array) -> tuple[GapPart, ...]:
    """Parts with standard errors and percentile intervals.

    Parameters
    ----------
    names : sequence of str
    values : array, parts x (1 + draws)
        The estimate of each part, then its draws.

    Returns
    -------
    tuple of GapPart
        Without draws, or with a single one, standard error and interval are missing.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.decomposition.gap import parts_from
    >>> (part,) = parts_from(["terrain"], np.array([[-0.5, -0.4, -0.5, -0.6]]))
    >>> part.contribution, round(part.se, 2)
    (-0.5, 0.1)
    """
    if values.shape[1] < 3:
        return tuple(GapPart(name, float(row[0]), *[float("nan")] * 3) for name, row in zip(names, values, strict=True))
    ends = np.quantile(values[:, 1:], [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=1)
    spread = values[:, 1:].std(axis=1, ddof=1)
    columns = zip(names, values[:, 0], spread, *ends, strict=True)
    return tuple(GapPart(name, *map(float, numbers)) for name, *numbers in columns)
