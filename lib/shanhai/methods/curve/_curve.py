"""What a curve of specifications says: how much agrees with the main specification, and what moves the estimate.

References
----------
Simonsohn, U., Simmons, J. P. & Nelson, L. D. (2020), Specification curve analysis, Nature Human Behaviour 4, 1208-1214.
Shapley, L. S. (1953), A value for n-person games; for shares of R squared Lindeman, Merenda & Gold (1980).
"""

import itertools
from dataclasses import dataclass
from math import factorial

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.curve._engine import Variations
from shanhai.methods.curve._grid import Grid
from shanhai.methods.estimate import SIGNIFICANCE


@dataclass(frozen=True)
class CurveSummary:
    """A specification curve in numbers. Shares are of the specifications with an estimate, 0 to 1."""

    specifications: int
    """With an estimate."""
    without_estimate: int
    """Refused, with reasons in ``Variations.problems``."""
    median: float
    """Of the estimates, in the unit of the outcome, as are the next four."""
    lower_quartile: float
    """First quartile of the estimates."""
    upper_quartile: float
    """Third quartile of the estimates."""
    smallest: float
    """Smallest estimate."""
    largest: float
    """Largest estimate."""
    share_negative: float
    """Below zero."""
    share_negative_significant: float
    """Negative with p < 0.05."""
    share_positive_significant: float
    """Positive with p < 0.05."""
    main: float | None
    """Estimate of the registered main specification; None if the grid does not hold it."""
    main_rank: float | None
    """Share of specifications with a smaller estimate than the main one."""
    share_of_main_sign: float | None
    """Same sign as the main estimate."""
    share_of_main_sign_significant: float | None
    """Same sign as the main estimate and p < 0.05."""
    share_holding_main: float | None
    """Whose 95 % interval holds the main estimate."""


def summarise_curve(variations: Variations) -> CurveSummary:
    """Sum up a curve.

    Parameters
    ----------
    variations : Variations
        Of :func:`estimate_variations`.

    Raises
    ------
    SpecificationError
        If no specification has an estimate.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.curve import estimate_variations, summarise_curve
    >>> frame = pd.DataFrame({"pay": [1.0, 3, 2, 5, 4, 8], "union": [0.0, 1, 0, 1, 0, 1], "age": [1, 2, 2, 1, 3, 4]})
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> both = [spec, replace(spec, controls=(Variable("age"),))]
    >>> summary = summarise_curve(estimate_variations(both, frame))
    >>> summary.specifications, round(summary.smallest, 2), round(summary.largest, 2), summary.share_negative
    (2, 2.57, 3.0, 0.0)
    """
    rows = _estimated(variations)
    estimate = rows["estimate"].to_numpy()
    significant = rows["p"].to_numpy() < SIGNIFICANCE
    lower, median, upper = np.quantile(estimate, [0.25, 0.5, 0.75])
    main = rows.loc[rows["is_main"], "estimate"]
    agreement: dict[str, float | None] = dict.fromkeys(
        ("main", "main_rank", "share_of_main_sign", "share_of_main_sign_significant", "share_holding_main")
    )
    if len(main):
        value = float(main.iloc[0])
        same = np.sign(estimate) == np.sign(value)
        agreement = {
            "main": value,
            "main_rank": float((estimate < value).mean()),
            "share_of_main_sign": float(same.mean()),
            "share_of_main_sign_significant": float((same & significant).mean()),
            "share_holding_main": float(((rows["low"] <= value) & (value <= rows["high"])).mean()),
        }
    return CurveSummary(
        specifications=len(rows),
        without_estimate=len(variations.table) - len(rows),
        median=float(median),
        lower_quartile=float(lower),
        upper_quartile=float(upper),
        smallest=float(estimate.min()),
        largest=float(estimate.max()),
        share_negative=float((estimate < 0).mean()),
        share_negative_significant=float(((estimate < 0) & significant).mean()),
        share_positive_significant=float(((estimate > 0) & significant).mean()),
        **agreement,
    )


def summarise_options(variations: Variations) -> pd.DataFrame:
    """The curve under each option of each choice.

    Parameters
    ----------
    variations : Variations
        Of :func:`estimate_variations`, from a grid, or of the verb ``curve`` of a regression.

    Returns
    -------
    DataFrame
        choice, option, label, translation (where an option has one), main, count, median (estimate), share_negative,
        share_significant (p < 0.05, either sign).

    Raises
    ------
    SpecificationError
        If the specifications have no choices, or none has an estimate.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, SampleSpec, Variable
    >>> from shanhai.methods.curve import Choice, Grid, Option, estimate_variations, summarise_options
    >>> def choice(role, **options):
    ...     found = [Option(key, key, "defensible", value) for key, value in options.items()]
    ...     return Choice(role, role, role, tuple(found))
    >>> grid = Grid(
    ...     (
    ...         choice("outcome", pay=Variable("pay")),
    ...         choice("treatment", union=Variable("union")),
    ...         choice("controls", none=(), age=(Variable("age"),)),
    ...         choice("sample", all=SampleSpec("all")),
    ...         choice("covariance", robust=CovarianceSpec("HC1")),
    ...     )
    ... )
    >>> frame = pd.DataFrame({"pay": [1.0, 3, 2, 5, 4, 8], "union": [0.0, 1, 0, 1, 0, 1], "age": [1, 2, 2, 1, 3, 4]})
    >>> table = summarise_options(estimate_variations(grid, frame))
    >>> table.loc[table["choice"] == "controls", ["option", "count", "median"]].round(2).to_dict("list")
    {'option': ['none', 'age'], 'count': [1, 1], 'median': [3.0, 2.57]}
    """
    choices, rows = _choices(variations), _estimated(variations)
    marked = rows.assign(negative=rows["estimate"].lt(0), significant=rows["p"].lt(SIGNIFICANCE))
    lines: list[dict[str, object]] = []
    for choice in choices:
        levels = pd.CategoricalIndex(marked[choice.key], categories=[key for key, _, _ in choice.options])
        grouped = marked.groupby(levels, observed=False)  # an option without any estimate has a line too
        table = grouped.agg(
            count=("estimate", "size"),
            median=("estimate", "median"),
            share_negative=("negative", "mean"),
            share_significant=("significant", "mean"),
        )
        lines.extend(
            {
                "choice": choice.key,
                "option": key,
                "label": label,
                "translation": other or label,
                "main": choice.main == key,
                **{str(name): value for name, value in table.loc[key].items()},
            }
            for key, label, other in choice.options
        )
    found = pd.DataFrame(lines).astype({"count": int})
    return _labelled(found, any(other for choice in choices for _, _, other in choice.options))


def what_moves(variations: Variations) -> pd.DataFrame:
    """Share of the variance of estimates, and of t-ratios, that each choice accounts for.

    The share is the Shapley value of the choice in the R squared of a regression of the estimates on one dummy for each
    option (Lindeman, Merenda & Gold 1980): its mean contribution over all orders in which choices can enter. It does
    not depend on an order, and the shares of all choices add up to the R squared; the rest is what choices do together.

    Parameters
    ----------
    variations : Variations
        Of :func:`estimate_variations`, from a grid, or of the verb ``curve`` of a regression.

    Returns
    -------
    DataFrame
        choice, label, translation (where a choice has one), share_of_estimates, share_of_t, spread (largest less
        smallest median over the options), largest share first; a last row with choice ``together`` for the rest.

    Raises
    ------
    SpecificationError
        If the specifications have no choices, none has an estimate, or all estimates are the same.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, SampleSpec, Variable
    >>> from shanhai.methods.curve import Choice, Grid, Option, estimate_variations, what_moves
    >>> def choice(role, **options):
    ...     found = [Option(key, key, "defensible", value) for key, value in options.items()]
    ...     return Choice(role, role, role, tuple(found))
    >>> grid = Grid(
    ...     (
    ...         choice("outcome", pay=Variable("pay")),
    ...         choice("treatment", union=Variable("union")),
    ...         choice("controls", none=(), age=(Variable("age"),)),
    ...         choice("sample", all=SampleSpec("all")),
    ...         choice("covariance", robust=CovarianceSpec("HC1")),
    ...     )
    ... )
    >>> frame = pd.DataFrame({"pay": [1.0, 3, 2, 5, 4, 8], "union": [0.0, 1, 0, 1, 0, 1], "age": [1, 2, 2, 1, 3, 4]})
    >>> table = what_moves(estimate_variations(grid, frame))
    >>> table["choice"].iloc[0], round(float(table["share_of_estimates"].iloc[0]), 2)  # one choice has options
    ('controls', 1.0)
    """
    choices, rows = _choices(variations), _estimated(variations)
    keys = [choice.key for choice in choices]
    codes = rows[keys].apply(lambda column: column.astype("category").cat.codes).to_numpy()
    shares = [_shapley(codes, rows[name].to_numpy()) for name in ("estimate", "t")]
    medians = [rows.groupby(key, observed=True)["estimate"].median() for key in keys]
    table = pd.DataFrame(
        {
            "choice": keys,
            "label": [choice.label for choice in choices],
            "translation": [choice.translation or choice.label for choice in choices],
            "share_of_estimates": shares[0],
            "share_of_t": shares[1],
            "spread": [float(levels.max() - levels.min()) for levels in medians],
        }
    ).sort_values("share_of_estimates", ascending=False, kind="stable")
    rest = pd.DataFrame(
        {
            "choice": ["together"],
            "label": ["choices together"],
            "translation": ["choices together"],
            "share_of_estimates": [1.0 - shares[0].sum()],
            "share_of_t": [1.0 - shares[1].sum()],
            "spread": [np.nan],
        }
    )
    return _labelled(pd.concat([table, rest], ignore_index=True), any(choice.translation for choice in choices))


def _shapley(codes: Codes, values: Array) -> Array:
    """Shapley value of each column of codes in the R squared of dummies for their levels."""
    centred = values - values.mean()
    total = float(centred @ centred)
    if total <= (1e-12 * np.abs(values).max()) ** 2 * len(values):
        raise SpecificationError(
            f"all {len(values)} estimates are the same, so nothing moves them; allowed: estimates that vary. Widen the "
            "grid."
        )
    blocks = [np.equal.outer(column, np.unique(column)).astype(float) for column in codes.T]
    dummies = np.column_stack([block - block.mean(axis=0) for block in blocks])
    ends = np.cumsum([0, *(block.shape[1] for block in blocks)])
    cross, right = dummies.T @ dummies, dummies.T @ centred
    count = len(blocks)
    explained = {}
    for size in range(count + 1):
        for chosen in itertools.combinations(range(count), size):
            places = np.concatenate([np.arange(ends[i], ends[i + 1]) for i in chosen] or [np.empty(0, dtype=int)])
            part = right[places]
            solved = np.linalg.lstsq(cross[np.ix_(places, places)], part, rcond=1e-9)[0] if size else part
            explained[frozenset(chosen)] = float(part @ solved) / total
    shares = np.zeros(count)
    for entered, value in explained.items():
        weight = factorial(len(entered)) * factorial(count - len(entered) - 1) if len(entered) < count else 0
        for choice in set(range(count)) - entered:
            shares[choice] += weight * (explained[entered | {choice}] - value)
    return shares / factorial(count)


def _estimated(variations: Variations) -> pd.DataFrame:
    """Rows with an estimate; none at all is refused."""
    rows = variations.estimated
    if rows.empty:
        reasons = "; ".join(variations.problems["problem"].head(3))
        raise SpecificationError(
            f"none of {len(variations.table)} specifications has an estimate ({reasons}); allowed: one or more. "
            "Check the frame against the choices."
        )
    return rows


@dataclass(frozen=True)
class _Choice:
    """A choice as the table of estimates has it."""

    key: str
    """Its column."""
    label: str
    translation: str
    options: tuple[tuple[str, str, str], ...]
    """Value in the column, label and translation of each option."""
    main: object
    """Value of the main specification; None without one."""


def _choices(variations: Variations) -> list[_Choice]:
    """The choices behind the estimates: those of a grid, or the columns by which a curve names its specifications."""
    if isinstance(variations.source, Grid):
        wanted = dict(variations.source.main)
        return [
            _Choice(
                choice.key,
                choice.label,
                choice.translation,
                tuple((option.key, option.label, option.translation) for option in choice.options),
                wanted.get(choice.key),
            )
            for choice in variations.source.choices
        ]
    table = variations.table
    names = [str(name) for name in table.columns[: table.columns.get_loc("estimate")]]
    if not names:
        raise SpecificationError(
            f"{len(table)} specifications were given as a list, which has no choices; allowed: a Grid, or the curve of "
            "a regression, as in fit(formula, data).curve(term). Declare the choices to compare them."
        )
    found = []
    for name in names:
        options = tuple((value, str(value) or "none", "") for value in table[name].unique())
        found.append(_Choice(name, name, "", options, next(iter(table.loc[table["is_main"], name]), None)))
    return found


def _labelled(table: pd.DataFrame, translated: bool) -> pd.DataFrame:
    """A table without its column of translations where no choice has one."""
    return table if translated else table.drop(columns="translation")
