"""Warnings inside kernels are errors, as they are in the tests."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_QUIET = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
"""Categories that Python itself hides from users: they concern the authors of the code that raises them."""

_OURS = r"__main__$|shanhai(\.|$)"
"""Modules whose authors are ours: the notebook and the library. A deprecation in pandas is raised in its caller."""

_of_imports: list[tuple[Any, ...]] = []
"""Filters that modules set when they were imported ahead of the kernel."""


def make_warnings_errors() -> None:
    """Turn every warning that a reader of the notebook would see, or that our own code causes, into an error."""
    warnings.simplefilter("error")
    for category in _QUIET:
        warnings.simplefilter("ignore", category)
    for category in _QUIET[:2]:
        warnings.filterwarnings("error", category=category, module=_OURS)
    for action, message, category, module, line in reversed(_of_imports):
        warnings.filterwarnings(action, _pattern(message), category, _pattern(module), line)


@contextmanager
def strict_imports() -> Iterator[None]:
    """Import modules under the rules of a kernel; the filters they set come back when a fork makes warnings errors.

    In a kernel that imports for itself, a module's filters come after the rules above and so go before them. Forks
    keep that order.
    """
    with warnings.catch_warnings():
        make_warnings_errors()
        before = list(warnings.filters)
        yield
        _of_imports[:] = [entry for entry in warnings.filters if entry not in before]


def _pattern(compiled: Any) -> str:
    return getattr(compiled, "pattern", compiled) or ""
