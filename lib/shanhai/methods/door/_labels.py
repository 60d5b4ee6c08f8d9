"""Which columns are numbers and which labels, and labels as categories."""

import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.number_text import read_number_text

_MOST_LEVELS = 1_000
"""Categories of a column at most."""


def is_number(series: pd.Series) -> bool:
    """Whether a column is to be read as numbers; text and categories are dummies."""
    if series.dtype == object:
        known = series.dropna()
        return not len(known) or not isinstance(known.iloc[0], str)
    return not isinstance(series.dtype, pd.CategoricalDtype | pd.StringDtype)


def is_text(labels: pd.Series) -> bool:
    """Whether labels are text."""
    known = labels.cat.categories if isinstance(labels.dtype, pd.CategoricalDtype) else labels.dropna()
    return len(known) > 0 and isinstance(known[0] if isinstance(known, pd.Index) else known.iloc[0], str)


def categories(column: pd.Series) -> pd.Categorical:
    """A column of labels as categories in use, sorted unless the column has an order of its own."""
    kinds = {type(value).__name__ for value in column.dropna().unique()} if column.dtype == object else {"label"}
    if len(kinds) > 1:
        raise SpecificationError(
            f"column {column.name!r} holds labels of several types ({', '.join(sorted(kinds))}); allowed: one type. "
            "Convert them with astype(str)."
        )
    labels = pd.Categorical(column).remove_unused_categories()
    if len(labels.categories) > _MOST_LEVELS:
        found = read_number_text(pd.Series(labels.categories, name=column.name))
        raise SpecificationError(
            f"column {column.name!r} has {len(labels.categories):,} categories; allowed as dummies: {_MOST_LEVELS:,}. "
            + (
                f"It holds numbers as text{found.kind}. {found.step}."
                if found
                else "Put it behind | as a fixed effect."
            )
        )
    return labels
