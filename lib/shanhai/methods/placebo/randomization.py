"""Randomization inference: where the real estimate stands among those of thousands of drawn treatments.

Outcome and controls are taken within the fixed effects once. The draws follow in blocks of columns: less their means
in each level, less what the controls explain, then coefficients and sums of scores by cluster, as matrix products. Each
t-ratio equals that of a regression estimated anew on the draw, with the same covariance and small-sample factor.

References
----------
Fisher, R. A. (1935), The Design of Experiments. Young, A. (2019), Channeling Fisher, Quarterly Journal of Economics
134(2), 557-598. Phipson, B. & Smyth, G. K. (2010), Permutation p-values should never be zero, Statistical Applications
in Genetics and Molecular Biology 9(1).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.checks import as_codes, as_generator, as_numbers, require_columns, require_same_rows
from shanhai.methods.estimate import ENDS
from shanhai.methods.placebo._drawn import DrawnDesign, Made, block_t, cluster_members, drawn_design, reduce
from shanhai.methods.spec import TWO_WAY_FACTORS, RegressionSpec, SmallSample

_TIE = 1e-9
"""Difference (relative above 1) below which t-ratios are the same."""

_BLOCK = 500_000
"""Numbers in one array of a block of draws: small enough to stay in the processor's cache."""

_BY_LEVERAGE = ("CR2", "CR3", "CV3", "CV3J")
"""Conventions that are no factor of a sum over clusters."""


@dataclass(frozen=True, repr=False)
class RandomizationTest(Shown):
    """A coefficient among its placebo draws."""

    term: str
    """Coefficient that is tested."""
    estimate: float
    """Estimate on the data."""
    t: float
    """Its t-ratio."""
    p: float
    """(1 + draws with a t-ratio as large in absolute value) / (1 + draws): two-sided, never zero."""
    p_of_estimate: float
    """The same by the absolute estimate; not pivotal, so p is to be preferred."""
    draws: int
    """Draws with a t-ratio."""
    larger: int
    """Draws with a larger absolute t-ratio."""
    ties: int
    """Draws with the same absolute t-ratio; they count as larger ones."""
    undefined: int
    """Draws left out: the drawn column is determined by the others, or has no standard error."""
    estimates: Array
    """Estimate of each draw, NaN where undefined."""
    t_ratios: Array
    """t-ratio of each draw, NaN where undefined."""
    vcov: str
    """Label of the covariance."""

    @property
    def position(self) -> float:
        """Percent of draws with a t-ratio (sign kept) below the real one."""
        known = self.t_ratios[np.isfinite(self.t_ratios)]
        return float(100.0 * np.mean(known < self.t - _TIE * max(1.0, abs(self.t))))

    def to_frame(self) -> pd.DataFrame:
        """One row: term, estimate, t, p, p_of_estimate, position, draws, ties, undefined, the middle 95 % of the draws
        (low, high of the estimate; t_low, t_high), vcov."""
        columns: dict[str, object] = {
            name: getattr(self, name)
            for name in ("term", "estimate", "t", "p", "p_of_estimate", "position", "draws", "ties", "undefined")
        }
        low, high = np.nanquantile(self.estimates, ENDS)
        t_low, t_high = np.nanquantile(self.t_ratios, ENDS)
        return pd.DataFrame([columns | {"low": low, "high": high, "t_low": t_low, "t_high": t_high, "vcov": self.vcov}])


def randomization_test(
    spec: RegressionSpec, frame: pd.DataFrame, draws: NDArray[np.generic], column: str, term: str | None = None
) -> RandomizationTest:
    """Compare a coefficient with those of drawn treatments.

    Parameters
    ----------
    spec : RegressionSpec
        Covariance iid, HC1, or cluster (one or two ways).
    frame : DataFrame
    draws : array, m x rows of the frame
        Treatments that could have been, false and true or numbers. Rows that the regression does not use may hold
        anything.
    column : str
        Treatment that the draws replace, in interactions too.
    term : str, optional
        Coefficient to test; the column itself by default, or an interaction with it.

    Returns
    -------
    RandomizationTest

    Raises
    ------
    SpecificationError
        If the draws have another shape or miss values, the coefficient does not depend on the treatment, or the
        covariance is another.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.placebo import permutations, randomization_test
    >>> frame = pd.DataFrame({"pay": [1.0, 3.0, 2.0, 5.0, 4.0, 8.0, 2.0, 6.0], "union": [0.0, 1, 0, 1, 0, 1, 0, 1]})
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> drawn = permutations(frame["union"], None, 99, np.random.default_rng(1))
    >>> test = randomization_test(spec, frame, drawn, "union")
    >>> round(float(test.estimate), 2), test.draws
    (3.25, 99)
    """
    design = drawn_design(spec, frame, column)
    if np.ndim(draws) != 2 or draws.shape[1] != len(frame) or not len(draws):
        raise SpecificationError(
            f"draws have the shape {np.shape(draws)}, the frame {len(frame)} rows; allowed: one draw or more, with one "
            "value for each row of the frame. Draw for these rows, in their order."
        )
    return compare(design, *drawn_t(design, draws[:, design.rows], term or column), term or column)


def permutation_test(
    spec: RegressionSpec,
    frame: pd.DataFrame,
    column: str,
    draws: int,
    rng: np.random.Generator,
    strata: str | None = None,
    units: str | None = None,
    made: Made | None = None,
) -> RandomizationTest:
    """Randomization inference by exchanging the treatment between rows, or whole units of them, within strata.

    The null is that units of one stratum could have changed places. Neighbours of a border lie beside each other, which
    permutation ignores: with spatial correlation it rejects too often, and placebo borders are the better test.

    Parameters
    ----------
    spec, frame, column
        As for :func:`randomization_test`.
    draws : int
        Number of permutations.
    rng : Generator
    strata : str or None
        Column of strata; None for one.
    units : str or None
        Column of the units of assignment, each of which has one value of the treatment; None for rows.
    made
        As for :func:`drawn_design`: columns of the frame that were made of the treatment.

    Returns
    -------
    RandomizationTest

    Raises
    ------
    SpecificationError
        If the regression cannot be estimated, draws are fewer than one, a stratum or unit is missing, or the treatment
        or the stratum varies within a unit.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.placebo import permutation_test
    >>> frame = pd.DataFrame({"pay": [1.0, 3.0, 2.0, 5.0, 4.0, 8.0, 2.0, 6.0], "union": [0.0, 1, 0, 1, 0, 1, 0, 1]})
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> test = permutation_test(spec, frame, "union", 999, np.random.default_rng(1))
    >>> round(float(test.estimate), 2), test.draws
    (3.25, 999)
    """
    design = drawn_design(spec, frame, column, made)
    labels = None if strata is None else _codes(frame, strata, "stratum", design.rows)
    if units is None:
        _require_exchange(design.observed, labels, column, strata, "rows")
        drawn = permutations(design.observed, labels, draws, rng)
    else:
        codes = _codes(frame, units, "unit", design.rows)
        first = np.unique(codes, return_index=True)[1]
        for what, values in (("treatment", design.observed), ("stratum", labels)):
            if values is not None and (varies := values != values[first][codes]).any():
                label = frame[units].iloc[design.rows[varies]].iloc[0]
                raise SpecificationError(
                    f"the {what} varies within {units!r}, as in {label}; allowed: one value a unit, which whole units "
                    "exchange. Name the column of the units that it was given to, or pass draws of your own to "
                    "randomization_test."
                )
        _require_exchange(
            design.observed[first], None if labels is None else labels[first], column, strata, repr(units)
        )
        drawn = permutations(design.observed[first], None if labels is None else labels[first], draws, rng)[:, codes]
    return compare(design, *drawn_t(design, drawn, column), column)


def permutations(
    values: ArrayLike | pd.Series, strata: ArrayLike | pd.Series | None, draws: int, rng: np.random.Generator
) -> Array:
    """Values exchanged at random within strata (draws x n).

    Parameters
    ----------
    values : n numbers
    strata : n labels, or None
        Rows of one label exchange their values; all rows without.
    draws : int
    rng : Generator

    Returns
    -------
    array, draws x n

    Raises
    ------
    SpecificationError
        If a value is missing or no number, a stratum is missing, or both have different rows.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.placebo import permutations
    >>> permutations([0, 0, 1, 1], None, 2, np.random.default_rng(1)).sum(axis=1).tolist()
    [2.0, 2.0]
    """
    rng = as_generator(rng)
    if draws < 1:
        raise SpecificationError(f"{draws} draws; allowed: one or more. 999 or 9999 are usual.")
    require_same_rows({"values": values, "strata": strata})
    values = as_numbers(values, "the treatment")
    groups = np.zeros(len(values), dtype=np.int64) if strata is None else as_codes(strata, "the stratum")
    if len(groups) != len(values):
        raise SpecificationError(
            f"{len(values)} values and {len(groups)} strata; allowed: one stratum a value. Take both from one frame."
        )
    found = np.empty((draws, len(values)))
    for group in range(int(groups.max(initial=-1)) + 1):
        members = np.flatnonzero(groups == group)
        found[:, members] = rng.permuted(np.tile(values[members], (draws, 1)), axis=1)
    return found


def drawn_t(design: DrawnDesign, draws: NDArray[np.generic], term: str) -> tuple[Array, Array]:
    """Estimates and t-ratios of one coefficient for each draw (m x n, the rows of the design); NaN where undefined.

    Parameters
    ----------
    design : DrawnDesign
        Of :func:`drawn_design`.
    draws : array, m x n
        Treatment of each row of the design.
    term : str
        Coefficient.

    Returns
    -------
    tuple of two arrays, m
        Estimates, in the unit of the outcome, and t-ratios.

    Raises
    ------
    SpecificationError
        If the coefficient does not depend on the drawn column, the covariance is another than iid, HC1 and
        clusters, or a draw is missing.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.placebo import drawn_design, permutations
    >>> from shanhai.methods.placebo.randomization import drawn_t
    >>> frame = pd.DataFrame({"pay": [1.0, 3.0, 2.0, 5.0, 4.0, 8.0, 2.0, 6.0], "union": [0.0, 1, 0, 1, 0, 1, 0, 1]})
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> design = drawn_design(spec, frame, "union")
    >>> draws = permutations(frame["union"], None, 99, np.random.default_rng(1))
    >>> estimates, ratios = drawn_t(design, draws, "union")
    >>> estimates.shape, ratios.shape
    ((99,), (99,))
    """
    _require(design, draws, term)
    reduced = reduce(design, design.effects)
    sums = cluster_members(design.clusters)
    size = max(1, _BLOCK // draws.shape[1])
    estimates, ratios = np.empty(len(draws)), np.empty(len(draws))
    for start in range(0, len(draws), size):
        block = np.ascontiguousarray(draws[start : start + size].T, dtype=np.float64)
        found = block_t(design, reduced, design.effects, sums, block, term)
        estimates[start : start + size], ratios[start : start + size] = found
    return estimates, ratios


def compare(design: DrawnDesign, estimates: Array, ratios: Array, term: str) -> RandomizationTest:
    """The test from the statistics of all draws.

    Parameters
    ----------
    design : DrawnDesign
        Of :func:`drawn_design`.
    estimates, ratios : array, m
        Of :func:`drawn_t`; made read-only.
    term : str
        Coefficient tested.

    Raises
    ------
    SpecificationError
        If no draw has a t-ratio, or the coefficient has no standard error.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.placebo import drawn_design, permutations
    >>> from shanhai.methods.placebo.randomization import compare, drawn_t
    >>> frame = pd.DataFrame({"pay": [1.0, 3.0, 2.0, 5.0, 4.0, 8.0, 2.0, 6.0], "union": [0.0, 1, 0, 1, 0, 1, 0, 1]})
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> design = drawn_design(spec, frame, "union")
    >>> draws = permutations(frame["union"], None, 99, np.random.default_rng(1))
    >>> compare(design, *drawn_t(design, draws, "union"), "union").draws
    99
    """
    place = design.result.tested(term)
    estimate, t = float(design.result.params[place]), float(design.result.t[place])
    known = np.isfinite(ratios)
    if not known.any():
        raise SpecificationError(
            f"no draw leaves {term!r} with a t-ratio; allowed: treatments that vary within the fixed effects. Draw "
            "others, or take coarser fixed effects."
        )
    slack = _TIE * max(1.0, abs(t))
    larger = int((np.abs(ratios[known]) > abs(t) + slack).sum())
    ties = int((np.abs(ratios[known]) >= abs(t) - slack).sum()) - larger
    by_estimate = int((np.abs(estimates[known]) >= abs(estimate) * (1 - _TIE)).sum())
    count = int(known.sum())
    for array in (estimates, ratios):
        array.setflags(write=False)
    return RandomizationTest(
        term=term,
        estimate=estimate,
        t=t,
        p=(1 + larger + ties) / (1 + count),
        p_of_estimate=(1 + by_estimate) / (1 + count),
        draws=count,
        larger=larger,
        ties=ties,
        undefined=len(ratios) - count,
        estimates=estimates,
        t_ratios=ratios,
        vcov=design.result.error,
    )


def _require(design: DrawnDesign, draws: NDArray[np.generic], term: str) -> None:
    """Refuse what the engine does not compute."""
    if term not in design.names:
        raise SpecificationError(
            f"coefficient {term!r} does not depend on the drawn column; allowed: {', '.join(design.names)}. "
            "Name one of these."
        )
    covariance = design.result.spec.covariance
    factor = covariance.factor
    own_groups = isinstance(factor, SmallSample) and factor.g_df == "conventional" and len(covariance.by) == 2
    if covariance.kind not in ("iid", "HC1", "cluster") or factor in _BY_LEVERAGE or own_groups or covariance.repair:
        raise SpecificationError(
            f"covariance {covariance.label!r}; allowed for draws: iid, HC1, and clusters with the small-sample factor "
            f"{', '.join(TWO_WAY_FACTORS)} or that of a program, the same for both columns and without repair. The "
            "others need the leverage, the neighbours or the whole covariance matrix of every draw. Take HC1 or "
            "clusters."
        )
    if draws.dtype != bool and not np.isfinite(np.asarray(draws, dtype=np.float64)).all():
        raise SpecificationError(
            "a draw has no value for a row that the regression uses; allowed: finite numbers or true and false. Draw "
            "for all rows, or take those without a draw out of the sample."
        )


def _codes(frame: pd.DataFrame, column: str, what: str, rows: Codes) -> Codes:
    """Codes of the strata or units of the used rows."""
    require_columns(frame, (column,))
    return as_codes(frame[column].iloc[rows], f"{what} {column!r}")


def _require_exchange(treatment: Array, labels: Codes | None, column: str, strata: str | None, units: str) -> None:
    """Refuse strata in none of which the treatment varies: every draw would be the data."""
    if labels is not None and (treatment == treatment[np.unique(labels, return_index=True)[1]][labels]).all():
        raise SpecificationError(
            f"{column!r} has one value in each stratum {strata!r}, so exchanging {units} changes nothing and p is 1 "
            "whatever the data; allowed: strata in which it varies. Take coarser strata, or none."
        )
