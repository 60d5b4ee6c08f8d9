"""Arguments that a verb hands on to its estimator, held to those which that one has."""

from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from typing import Any

from shanhai.core.errors import SpecificationError


def require_arguments(estimator: Callable[..., object], given: Mapping[str, Any], verb: str, own: str = "") -> None:
    """Refuse arguments that an estimator does not have, or that its verb gives it.

    Parameters
    ----------
    estimator : callable
        Its arguments by name alone may be handed on.
    given : mapping
        What is to be handed on.
    verb : str
        Name of the method that is called.
    own : str
        Arguments that the verb has for itself, or fills, parted by spaces.

    Raises
    ------
    SpecificationError
    """
    parts = signature(estimator).parameters.values()
    mine = own.split()
    known = [part.name for part in parts if part.kind is Parameter.KEYWORD_ONLY and part.name not in mine]
    unknown = [name for name in given if name not in known]
    if unknown:
        raise SpecificationError(
            f"{verb}() has no argument {', '.join(map(repr, unknown))}; allowed beside those in its own line: "
            f"{', '.join(known)}. Name one of these; the docstring of {estimator.__name__} says what they mean."
        )
