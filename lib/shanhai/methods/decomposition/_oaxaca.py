"""The gap between two kinds of unit, by what they have and by what goes with it (Oaxaca 1973, Blinder 1973).

Each kind gets a regression of its own, through its own means. *Twofold*: the part that differences of regressors
explain at reference coefficients, and the rest. *Threefold*, seen from the second kind: endowments (differences of
regressors at the second kind's coefficients), coefficients (differences of coefficients at the second kind's
regressors), and what both differences do together (Winsborough & Dickinson 1971; Jann 2008).

Only the explained part is given by group. Taken apart by regressor, the unexplained part changes with the base
category of a dummy and with the origin of a scale (Jones 1983; Oaxaca & Ransom 1999). The explained part of a group
does not, as long as all dummies of a factor are in one group: that of a *single* dummy does, because it is the
difference in one category at a coefficient that is relative to the base. Where the design names the dummies of each
factor, details of all parts are given with the base category made irrelevant; the origin of scales stays a choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Flags
from shanhai.methods.decomposition._design import SharesDesign, draw_weights
from shanhai.methods.decomposition._normalised import normalised_terms
from shanhai.methods.decomposition.gap import GapPart, parts_from
from shanhai.methods.regression.design import Design, DroppedRows, build_design, numbers
from shanhai.methods.regression.projection import independent_columns, rounding

REFERENCES = ("pooled with indicator", "pooled", "second", "first", "equal", "share")
"""Whose coefficients count as the reference: all units with a dummy for the kind (Fortin 2008, Jann 2008) or without
(Neumark 1988), the second or first kind, their mean (Reimers 1983), or their mean by weight (Cotton 1988)."""

_THREEFOLD = ("endowments", "coefficients", "interaction")
_TWOFOLD = ("explained", "unexplained")


@dataclass(frozen=True, repr=False)
class OaxacaDesign(Shown):
    """Which two kinds of unit are compared, and by which regression.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.decomposition import SharesDesign, TermGroup
    >>> from shanhai.methods.decomposition import OaxacaDesign
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"x": rng.normal(size=60), "z": rng.normal(size=60), "one": 1.0})
    >>> frame["y"] = 2 * frame["x"] + frame["z"] + rng.normal(0, 0.1, 60)
    >>> frame["code"], frame["town"] = [f"u{number:02d}" for number in range(60)], np.arange(60) % 12
    >>> by_town = CovarianceSpec("cluster", ("town",), "CR1")
    >>> spec = RegressionSpec(Variable("y"), (Variable("x"), Variable("z")), SampleSpec("all"), by_town, weights="one")
    >>> groups = (TermGroup("x", ("x",), "given"), TermGroup("z", ("z",), "later"))
    >>> OaxacaDesign(SharesDesign(spec, groups, weight="one"), member="owns").factors
    {}
    """

    shares: SharesDesign
    """Regression without fixed effects and its groups. Its weights also weigh the means; its cluster is drawn."""
    member: str
    """Column of true and false: true for the first kind."""
    factors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Dummies of each factor, by its name, as in the regression: all categories but one. Every term then gets details
    that do not depend on the one left out (Gardeazabal & Ugidos 2004; Yun 2005)."""

    def __post_init__(self) -> None:
        spec = self.shares.regression
        twice = [group.name for group in self.shares.groups for term in group.terms if self._groups_of(term) > 1]
        if spec.fixed_effects or spec.weights != self.shares.weight or twice:
            raise SpecificationError(
                f"fixed effects {spec.fixed_effects}, weights {spec.weights!r} of the regression and "
                f"{self.shares.weight!r} of the means, terms in several groups {twice}; allowed: no fixed effect, one "
                "weight for both, so that each regression runs through the means, and every term in one group."
            )

    def _groups_of(self, term: str) -> int:
        return sum(term in group.terms for group in self.shares.groups)


@dataclass(frozen=True)
class OaxacaResult:
    """A gap between two kinds of unit, taken apart; explained + unexplained, and the three parts, add up to it."""

    design: OaxacaDesign
    """What was taken apart, and how."""
    gap: GapPart
    """Weighted mean of the first kind minus that of the second."""
    threefold: tuple[GapPart, ...]
    """Parts named ``_THREEFOLD``."""
    twofold: Mapping[str, tuple[GapPart, ...]]
    """Parts named ``_TWOFOLD``, by reference coefficients (``REFERENCES``)."""
    explained: Mapping[str, tuple[GapPart, ...]]
    """Explained part by group, by reference coefficients; sums to the explained part."""
    n_first: int
    """Rows of the first kind."""
    n_second: int
    """Rows of the second kind."""
    drawn: str
    """Column whose values were drawn, or ``row``."""
    units: int
    """How many of them there are."""
    draws: int
    """Draws behind standard errors and intervals; units are drawn with their figures, so the gap has an interval."""
    dropped: tuple[DroppedRows, ...] = ()
    """Rows left out, with the reason."""
    terms: Mapping[str, Mapping[str, tuple[GapPart, ...]]] = field(default_factory=dict)
    """Details by term where the design names factors: by reference coefficients, ``explained`` and ``unexplained``;
    under ``threefold``, ``endowments``, ``coefficients`` and ``interaction``. Terms are the constant, each regressor,
    the base category of each factor, then the factors as a whole."""

    def terms_frame(self, reference: str = "pooled with indicator") -> pd.DataFrame:
        """Details of one account: part, term, contribution, se, low, high, in units of the outcome.

        Parameters
        ----------
        reference : str
            Reference coefficients, or ``threefold``.

        Raises
        ------
        SpecificationError
            If the design names no factor, or there is no such account.
        """
        if reference not in self.terms:
            known = ", ".join(self.terms) or "none, as the design names no factor"
            known = ", ".join(self.terms) or "none, as the design names no factor"
            raise SpecificationError(
                f"no details under {reference!r}; allowed: {known}. Name the dummies of each factor in "
                "OaxacaDesign(factors=...)."
            )
        rows = [
            {"part": part, "term": term.name, **{name: value for name, value in vars(term).items() if name != "name"}}
            for part, terms in self.terms[reference].items()
            for term in terms
        ]
        return pd.DataFrame(rows)


def oaxaca_blinder(
    design: OaxacaDesign, frame: pd.DataFrame, *, by_row: bool = False, draws: int = 999, generator: np.random.Generator
) -> OaxacaResult:
    """Decompose the gap between two kinds of unit.

    Parameters
    ----------
    design : OaxacaDesign
        Regression, groups, the column of the kind, and the factors that are normalised.
    frame : DataFrame
        One row a unit.
    by_row : bool
        Draw rows instead of the clusters of the regression's covariance.
    draws : int
        Draws behind the intervals; 0 for none.
    generator : Generator
        Draws them.

    Returns
    -------
    OaxacaResult
        In units of the outcome.

    Raises
    ------
    SpecificationError
        If the kind is not true or false (rows where it is missing are left out), one of the kinds has too few rows, or
        a regressor does not vary on its own within it; if factors name no dummies of the regression, or a base
        category is empty.

    References
    ----------
    Oaxaca 1973; Blinder 1973; threefold as in Jann 2008; normalisation of factors as in Gardeazabal & Ugidos 2004 and
    Yun 2005.

    Examples
    --------
    Two kinds with the same coefficients, of which the first has 2 more of x: all of the gap is explained.

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.decomposition import SharesDesign, TermGroup
    >>> x = np.arange(12.0)
    >>> frame = pd.DataFrame({"x": np.r_[x + 2, x], "first": np.arange(24) < 12, "one": 1.0, "row": np.arange(24)})
    >>> frame["y"] = 3 * frame["x"] + np.tile([0.1, -0.1], 12)
    >>> by_row = CovarianceSpec("cluster", ("row",), "CR0")
    >>> spec = RegressionSpec(Variable("y"), (Variable("x"),), SampleSpec("all"), by_row, weights="one")
    >>> design = OaxacaDesign(SharesDesign(spec, (TermGroup("x", ("x",), "traits"),), "one"), "first")
    >>> found = oaxaca_blinder(design, frame, draws=0, generator=np.random.default_rng(0))
    >>> [round(part.contribution, 3) for part in (found.gap, *found.twofold["second"])]
    [6.0, 5.992, 0.008]
    """
    arrays, first, dropped = _kinds(design, frame)
    units = np.arange(len(first)) if by_row else arrays.clusters[0]
    count = int(units.max()) + 1
    weights = draw_weights(count, draws, generator)[:, units] * arrays.effects.weights
    centred = arrays.matrix - arrays.matrix.mean(axis=0)
    matrix = np.column_stack([np.ones(len(first)), centred])
    for side, what in ((first, "first"), (~first, "second")):
        _require_rank(arrays.matrix[side], arrays.names, what, design)
    means, params = {}, {}
    for side, what in ((first, "first"), (~first, "second")):
        means[what] = _means(np.column_stack([matrix, arrays.outcome])[side], weights[:, side])
        params[what] = _coefficients(centred[side], arrays.outcome[side], weights[:, side])
    mass = weights[:, first].sum(axis=1) / weights.sum(axis=1)
    params |= _references(centred, arrays.outcome, weights, first, params, mass)
    gap = means["first"][:, -1] - means["second"][:, -1]
    difference = means["first"][:, :-1] - means["second"][:, :-1]
    explained = {name: (difference * params[name]).T[1:] for name in REFERENCES}
    totals = {name: np.stack([parts.sum(axis=0), gap - parts.sum(axis=0)]) for name, parts in explained.items()}
    contrast = params["first"] - params["second"]
    three = [difference * params["second"], means["second"][:, :-1] * contrast, difference * contrast]
    return OaxacaResult(
        design=design,
        gap=parts_from(("gap",), gap[None, :])[0],
        threefold=parts_from(_THREEFOLD, np.stack([part.sum(axis=1) for part in three])),
        twofold={name: parts_from(_TWOFOLD, total) for name, total in totals.items()},
        explained={name: _by_group(design, arrays, parts) for name, parts in explained.items()},
        n_first=int(first.sum()),
        n_second=int((~first).sum()),
        drawn="row" if by_row else design.shares.regression.covariance.by[0],
        units=count,
        draws=draws,
        dropped=dropped,
        terms=_details(design, arrays, means, params) if design.factors else {},
    )


def _details(
    design: OaxacaDesign, arrays: Design, means: Mapping[str, Array], params: Mapping[str, Array]
) -> dict[str, dict[str, tuple[GapPart, ...]]]:
    """Parts by term, with the base category of each factor made irrelevant."""
    kinds = {kind: rows[:, :-1] for kind, rows in means.items()}
    terms = normalised_terms(arrays.names, arrays.matrix.mean(axis=0), kinds, params, design.factors)
    ours, theirs, slopes = terms.means["first"], terms.means["second"], terms.params
    contrast = slopes["first"] - slopes["second"]
    accounts = {
        name: {
            "explained": (ours - theirs) * slopes[name],
            "unexplained": ours * (slopes["first"] - slopes[name]) + theirs * (slopes[name] - slopes["second"]),
        }
        for name in REFERENCES
    }
    three = ((ours - theirs) * slopes["second"], theirs * contrast, (ours - theirs) * contrast)
    accounts["threefold"] = dict(zip(_THREEFOLD, three, strict=True))
    return {
        name: {part: parts_from(terms.labels, terms.summed(values)) for part, values in account.items()}
        for name, account in accounts.items()
    }


def _kinds(design: OaxacaDesign, frame: pd.DataFrame) -> tuple[Design, Flags, tuple[DroppedRows, ...]]:
    """Arrays of the regression, which rows are of the first kind, and the rows left out, whose kind is unknown too."""
    spec, member = design.shares.regression, design.member
    if member not in frame.columns:
        raise SpecificationError(
            f"no column {member!r} in the frame; it has: {', '.join(map(str, frame.columns))}. Name one of these."
        )
    whole = build_design(spec, frame)
    used = frame.iloc[whole.rows]
    kind = numbers(used, member)
    known = ~np.isnan(kind)
    wrong = np.unique(kind[known & ~np.isin(kind, (0.0, 1.0))])
    if len(wrong):
        raise SpecificationError(
            f"{member!r} holds {', '.join(f'{value:g}' for value in wrong[:4])}; allowed: true and false, or 1 and 0. "
            "Make a column that is true for the first kind."
        )
    if not known.any():
        raise SpecificationError(
            f"{member!r} is missing in all {len(known)} rows; allowed: true or false where it is known. Fill it in."
        )
    lost = int((~known).sum())
    dropped = (*whole.dropped, *((DroppedRows(f"{member} missing", lost),) if lost else ()))
    return build_design(spec, used[known]), kind[known] == 1.0, dropped


def _references(
    centred: Array, outcome: Array, weights: Array, first: Flags, params: Mapping[str, Array], mass: Array
) -> dict[str, Array]:
    """Reference coefficients that are made from both kinds, B x k each."""
    marked = np.column_stack([centred, first.astype(float)])
    return {
        "pooled with indicator": _coefficients(marked, outcome, weights)[:, :-1],
        "pooled": _coefficients(centred, outcome, weights),
        "equal": (params["first"] + params["second"]) / 2.0,
        "share": mass[:, None] * params["first"] + (1.0 - mass)[:, None] * params["second"],
    }


def _means(values: Array, weights: Array) -> Array:
    """Weighted means of the columns under each row of weights, B x columns."""
    return np.asarray(weights @ values / weights.sum(axis=1, keepdims=True))


def _coefficients(regressors: Array, outcome: Array, weights: Array) -> Array:
    """Weighted least squares with an intercept under each row of weights, B x (1 + k), the intercept first.

    Normal equations are those of an orthonormal basis, so that they are well conditioned whatever the units.
    """
    means = regressors.mean(axis=0)
    found = independent_columns(regressors - means, np.zeros(len(means)))
    basis = np.column_stack([np.ones(len(outcome)), np.sqrt(len(outcome)) * found.basis])
    columns = basis.shape[1]
    products = (basis[:, :, None] * basis[:, None, :]).reshape(len(basis), -1)
    gram = (weights @ products).reshape(len(weights), columns, columns)
    solved = np.linalg.solve(gram, (weights @ (basis * outcome[:, None]))[:, :, None])[:, :, 0]
    slopes = solved[:, 1:] @ (np.sqrt(len(outcome)) * found.root.T)
    return np.column_stack([solved[:, 0] - slopes @ means, slopes])


def _by_group(design: OaxacaDesign, arrays: Design, parts: Array) -> tuple[GapPart, ...]:
    """Sums of the parts of the regressors of each group."""
    groups = design.shares.groups
    rows = [[arrays.names.index(name) for name in group.terms] for group in groups]
    return parts_from(design.shares.names, np.stack([parts[chosen].sum(axis=0) for chosen in rows]))


def _require_rank(regressors: Array, names: tuple[str, ...], what: str, design: OaxacaDesign) -> None:
    """Refuse a kind of unit that cannot carry a regression of its own."""
    rows, columns = regressors.shape
    still = [name for name, column in zip(names, regressors.T, strict=True) if rows == 0 or np.ptp(column) == 0]
    rank = _rank(regressors) if rows else 0
    if rows <= columns + 1 or rank < columns:
        said = f"the same {', '.join(still)} in all of them" if still and rows else "too little variation"
        raise SpecificationError(
            f"the {what} kind by {design.member!r} has {rows} rows for {columns + 1} coefficients, and {said}; "
            "allowed: more rows than coefficients, and regressors that vary on their own in both kinds. Take terms out."
        )


def _rank(regressors: Array) -> int:
    """Number of columns that an intercept and the columns before them do not determine."""
    centred = regressors - regressors.mean(axis=0)
    return len(independent_columns(centred, rounding(regressors, np.ones(len(regressors)))).kept)
