"""Import a package without an optional part of it that costs much and is not needed here."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(module: str) -> Iterator[None]:
    """Within the context an optional module counts as not installed; one that is imported already stays.

    Parameters
    ----------
    module : str
        What the packages imported in the context look for, and do without if it is not there.
    """
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]  # Python's mark of a module that is not to be found
    try:
        yield
    finally:
        del sys.modules[module]
