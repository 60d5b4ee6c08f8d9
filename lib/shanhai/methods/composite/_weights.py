"""Weights of indicators: equal by group, given by the user, by entropy, by principal components; and random draws.

Every function returns positive weights that add up to one, by indicator.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_codes, as_count, as_generator, as_number, as_numbers, of_units, require_once
from shanhai.methods.composite._coupling import adding_to_one
from shanhai.methods.panels import as_table


def group_weights(
    groups: pd.Series, of_groups: Mapping[str, float] | None = None, within: Mapping[str, float] | None = None
) -> pd.Series:
    """Weights that divide each group's weight among its indicators.

    Parameters
    ----------
    groups : Series of group by indicator
    of_groups : mapping of group to weight, optional
        What is not named weighs 1. Any positive scale: weights are divided by their sum.
    within : mapping of indicator to weight, optional
        Weight of an indicator inside its group; what is not named weighs 1. A group of five indicators thus weighs no
        more than a group of one.

    Returns
    -------
    Series
        Weight by indicator, zero or more; they add up to one.

    Raises
    ------
    SpecificationError
        For unknown names, negative or infinite weights, a sum of zero, a weighted group whose indicators all weigh
        zero, or an indicator without a group.

    Examples
    --------
    Groups count the same, and so do the columns of each:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.composite import group_weights
    >>> columns = {"jobs": [1.0, 2.0, 4.0], "wage": [3.0, 2.0, 5.0], "smoke": [9.0, 4.0, 1.0]}
    >>> values = pd.DataFrame(columns, index=list("abc"))
    >>> directions = pd.Series({"jobs": 1, "wage": 1, "smoke": -1})
    >>> groups = pd.Series({"jobs": "work", "wage": "work", "smoke": "air"})
    >>> group_weights(groups).to_dict()
    {'jobs': 0.25, 'wage': 0.25, 'smoke': 0.5}
    """
    as_codes(groups, "the group")  # refuses missing and mixed labels
    groups = groups.astype(object)
    outer = _filled(of_groups or {}, list(dict.fromkeys(groups)), "group")
    inner = _filled(within or {}, list(groups.index), "indicator")
    sums = inner.groupby(groups).transform("sum")
    empty = sorted(set(groups[(sums == 0) & groups.map(outer).gt(0)]))
    if empty:
        raise SpecificationError(
            f"all indicators of {', '.join(empty)} weigh zero; needed: one that weighs more. Give one of them a "
            "weight, or the group itself the weight zero."
        )
    shares = (inner / sums.where(sums > 0, 1.0)) * groups.map(outer)
    if not shares.sum() > 0:
        raise SpecificationError(
            "the weights add up to zero; needed: a positive sum. Give at least one group or indicator a positive "
            "weight."
        )
    return (shares / shares.sum()).rename("weight")


def parse_weights(entries: list[str], groups: pd.Series) -> pd.Series:
    """Weights of a user, from entries such as ``growth=2`` (a group) or ``illiteracy=0`` (an indicator in its group).

    Parameters
    ----------
    entries : list of str
        Each ``name=number``.
    groups : Series of group by indicator

    Returns
    -------
    Series
        Weight by indicator, zero or more; they add up to one.

    Raises
    ------
    SpecificationError
        For an entry that is no ``name=number``, a name given twice, and all that :func:`group_weights` refuses.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.composite import parse_weights
    >>> columns = {"jobs": [1.0, 2.0, 4.0], "wage": [3.0, 2.0, 5.0], "smoke": [9.0, 4.0, 1.0]}
    >>> values = pd.DataFrame(columns, index=list("abc"))
    >>> directions = pd.Series({"jobs": 1, "wage": 1, "smoke": -1})
    >>> groups = pd.Series({"jobs": "work", "wage": "work", "smoke": "air"})
    >>> parse_weights(["work=3", "air=1"], groups).to_dict()
    {'jobs': 0.375, 'wage': 0.375, 'smoke': 0.25}
    """
    as_codes(groups, "the group")
    given: dict[str, float] = {}
    if isinstance(entries, str) or not all(isinstance(entry, str) for entry in entries):
        raise SpecificationError(f"weights are {entries!r}; allowed: a list of text. Write ['name=2'].")
    for entry in entries:
        name, sign, number = (part.strip() for part in entry.partition("="))
        if not sign or not _is_number(number):
            raise SpecificationError(
                f"weight {entry!r} is not of the form name=number; allowed names: {_names(groups)}. Write, say, "
                f"{groups.iloc[0]}=2."
            )
        if name in given:
            raise SpecificationError(f"{name!r} is weighed twice; allowed: once. Take one of the two out.")
        given[name] = float(number)
    known = set(groups) | set(groups.index)
    unknown = sorted(set(given) - known)
    if unknown:
        raise SpecificationError(
            f"weights of {', '.join(unknown)}, which are unknown; allowed: {_names(groups)}. Name these."
        )
    of_groups = {name: value for name, value in given.items() if name in set(groups)}
    return group_weights(groups, of_groups, {name: given[name] for name in given if name in groups.index})


def entropy_weights(scaled: pd.DataFrame) -> pd.Series:
    """Entropy weights: an indicator weighs more, the more unevenly it is spread over the places.

    With p the share of each place in the sum of an indicator, its entropy is E = -sum(p ln p) / ln n, and its weight is
    1 - E over the sum of these (Hwang & Yoon 1981, after Shannon 1948). 0 ln 0 counts as 0.

    Parameters
    ----------
    scaled : DataFrame
        Non-negative indicators. Multiplying one by a constant changes nothing; adding a constant does, so that raw
        values, values scaled by the range, and those with a small constant added give different weights. Missing values
        are left out.

    Returns
    -------
    Series
        Weight by indicator, zero or more; they add up to one.

    Raises
    ------
    SpecificationError
        If a value is negative, an indicator sums to zero, or every indicator is spread evenly.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.composite import entropy_weights, normalise
    >>> columns = {"jobs": [1.0, 2.0, 4.0], "wage": [3.0, 2.0, 5.0], "smoke": [9.0, 4.0, 1.0]}
    >>> values = pd.DataFrame(columns, index=list("abc"))
    >>> directions = pd.Series({"jobs": 1, "wage": 1, "smoke": -1})
    >>> groups = pd.Series({"jobs": "work", "wage": "work", "smoke": "air"})
    >>> entropy_weights(normalise(values, directions)).round(2).to_dict()
    {'jobs': 0.36, 'wage': 0.36, 'smoke': 0.29}
    """
    scaled = as_table(scaled, "the scaled indicators", missing=True)
    values = scaled.to_numpy()
    if (values < 0).any():
        raise SpecificationError(
            f"the smallest value is {np.nanmin(values):g}; needed: zero or more. Scale the indicators by their range."
        )
    sums, places = np.nansum(values, axis=0), np.isfinite(values).sum(axis=0)
    if not ((sums > 0) & (places > 1)).all():
        raise SpecificationError(
            f"indicators {list(scaled.columns[(sums <= 0) | (places < 2)])} sum to zero, or one place alone has them; "
            "needed: a positive sum over two places or more. Leave them out."
        )
    p = values / sums
    terms = np.where(p > 0, p * np.log(np.where(p > 0, p, 1.0)), 0.0)
    entropy = -np.nansum(np.where(np.isnan(values), 0.0, terms), axis=0) / np.log(places)
    spread = np.maximum(1 - entropy, 0.0)
    if not spread.sum() > 1e-12:
        raise SpecificationError(
            "every indicator is spread evenly, so entropy weighs none; needed: one that is not. Take equal weights."
        )
    return pd.Series(spread / spread.sum(), index=scaled.columns, name="weight")


def pca_weights(values: pd.DataFrame, least: float = 1.0) -> pd.Series:
    """Weights by principal components of the correlations: how much of an indicator the leading components hold.

    Components with an eigenvalue above ``least`` are kept (Kaiser 1960). The weight of an indicator is proportional to
    its communality, the sum over them of eigenvalue times squared coefficient: squared loadings weighed by the variance
    that a component explains, as in Nicoletti, Scarpetta & Boylaud (2000), without rotation. Unlike coefficients of a
    component these are never negative. They reward agreement with other indicators, whether or not it is a merit.

    Parameters
    ----------
    values : DataFrame
        Indicators; rows with a missing value are left out. Neither unit nor direction matters.

    Returns
    -------
    Series
        Weight by indicator, zero or more; they add up to one.

    Raises
    ------
    SpecificationError
        If fewer than three complete rows are left, or an indicator does not vary among them.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.composite import pca_weights
    >>> columns = {"jobs": [1.0, 2.0, 4.0], "wage": [3.0, 2.0, 5.0], "smoke": [9.0, 4.0, 1.0]}
    >>> values = pd.DataFrame(columns, index=list("abc"))
    >>> directions = pd.Series({"jobs": 1, "wage": 1, "smoke": -1})
    >>> groups = pd.Series({"jobs": "work", "wage": "work", "smoke": "air"})
    >>> pca_weights(values).round(2).to_dict()
    {'jobs': 0.39, 'wage': 0.28, 'smoke': 0.33}
    """
    complete = as_table(values, "values", missing=True).dropna()
    if len(complete) < 3 or not (complete.std(ddof=0) > 1e-12 * complete.abs().max()).all():
        raise SpecificationError(
            f"{len(complete)} complete rows, or an indicator that does not vary among them; three rows or more and "
            "indicators that vary are needed. Leave out what is missing most."
        )
    roots, vectors = np.linalg.eigh(np.atleast_2d(np.corrcoef(complete.to_numpy(), rowvar=False)))
    kept = roots > least
    kept[-1] = True  # the largest, which is last, is kept whatever its size
    held = (vectors[:, kept] ** 2) @ roots[kept]
    return pd.Series(held / held.sum(), index=values.columns, name="weight")


def draw_weights(
    centre: pd.Series, groups: pd.Series, concentration: float, draws: int, rng: np.random.Generator
) -> Array:
    """Random weights around a centre: first of the groups, then of the indicators within each (both Dirichlet).

    The mean of the draws is the centre. A group of weight w has a standard deviation of the root of w (1 - w) /
    (concentration + 1). With equal groups and a concentration of their number, every division is as likely as any other
    (Lahdelma, Hokkanen & Salminen 1998).

    Returns
    -------
    ndarray, draws x indicators, each row adding up to one; an indicator of weight zero stays at zero.

    Raises
    ------
    SpecificationError
        If weights are negative or do not add up to one, an indicator has no group, the concentration is not positive,
        there are no draws, or ``rng`` is no generator.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.composite import draw_weights, group_weights
    >>> columns = {"jobs": [1.0, 2.0, 4.0], "wage": [3.0, 2.0, 5.0], "smoke": [9.0, 4.0, 1.0]}
    >>> values = pd.DataFrame(columns, index=list("abc"))
    >>> directions = pd.Series({"jobs": 1, "wage": 1, "smoke": -1})
    >>> groups = pd.Series({"jobs": "work", "wage": "work", "smoke": "air"})
    >>> draws = draw_weights(group_weights(groups), groups, 20.0, 3, np.random.default_rng(0))
    >>> draws.sum(axis=1).round(6)
    array([1., 1., 1.])
    """
    rng, draws = as_generator(rng), as_count(draws, "draws", least=1)
    if not as_number(concentration, "concentration", least=0) > 0:
        raise SpecificationError(f"concentration is {concentration!r}; allowed: above 0. 24 is usual.")
    require_once(centre.index, "indicators")
    centre = pd.Series(adding_to_one(as_numbers(centre, "the weight"), len(centre)), index=centre.index)
    groups = pd.Series(as_codes(of_units(groups, centre.index, "groups"), "the group"), index=centre.index)
    drawn = np.zeros((draws, len(centre)))
    positive = centre[centre > 0]
    of_groups = positive.groupby(groups, sort=False).sum()
    outer = dict(zip(of_groups.index, _dirichlet(of_groups, concentration, draws, rng).T, strict=True))
    for group, members in positive.groupby(groups, sort=False):
        inner = _dirichlet(members / members.sum(), concentration, draws, rng)
        drawn[:, centre.index.get_indexer(members.index)] = inner * outer[group][:, None]
    return drawn


def _dirichlet(centre: pd.Series, concentration: float, draws: int, rng: np.random.Generator) -> Array:
    return rng.dirichlet(concentration * centre.to_numpy(), draws) if len(centre) > 1 else np.ones((draws, 1))


def _filled(given: Mapping[str, float], names: list[str], what: str) -> pd.Series:
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise SpecificationError(
            f"{what} {', '.join(unknown)} is unknown; allowed: {', '.join(map(str, names))}. Name these."
        )
    weights = pd.Series(1.0, index=names)
    for name, value in given.items():
        weights[name] = as_number(value, f"the weight of {what} {name}", least=0)
    return weights


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _names(groups: pd.Series) -> str:
    return f"groups {', '.join(map(str, dict.fromkeys(groups)))}; indicators {', '.join(map(str, groups.index))}"
