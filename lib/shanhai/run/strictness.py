"""Warnings inside kernels are errors, as they are in the tests."""

import warnings

QUIET = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
"""Categories that Python itself hides from users: they concern the authors of the code that raises them."""

OURS = r"__main__$|shanhai(\.|$)"
"""Modules whose authors are ours: the notebook and the library. A deprecation in pandas is raised in its caller."""


def make_warnings_errors() -> None:
    """Turn every warning that a reader of the notebook would see, or that our own code causes, into an error."""
    warnings.simplefilter("error")
    for category in QUIET:
        warnings.simplefilter("ignore", category)
    for category in QUIET[:2]:
        warnings.filterwarnings("error", category=category, module=OURS)
