"""Refusals that all specifications share, and how a later field stays out of the content of earlier ones."""

from typing import get_args

from shanhai.core.errors import SpecificationError

ONLY_IF_SET = {"only_if_set": True}
"""Mark of a field that came later: left out of the content while None, so that older specifications keep their id."""


def require(value: object, options: object, what: str, advice: str) -> None:
    """Refuse a value outside the options of a Literal."""
    allowed = get_args(options)
    if value not in allowed:
        raise SpecificationError(f"{what} is {value!r}; allowed: {', '.join(map(str, allowed))}. {advice}")


def require_column(name: object, what: str) -> None:
    """Refuse anything that is not the plain name of a column, formulas above all."""
    if not (isinstance(name, str) and name.isidentifier()):
        raise SpecificationError(
            f"{what} is {name!r}; allowed: the plain name of one column (letters, digits, underscore). "
            "Formulas are not evaluated: make the column in the frame, or use Variable, Interaction or Bands."
        )
