"""What ``shanhai.methods`` imports: nothing until a name is used, and then nothing that only some methods need."""

import subprocess
import sys

import pytest

HEAVY = {
    *("formulaic", "geopandas", "libpysal", "matplotlib", "narwhals", "pandera", "shapely", "statsmodels", "tqdm"),
    *("scipy.optimize", "scipy.spatial", "scipy.stats"),
}
"""Packages that one method or another needs."""


def imported(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_the_methods_import_no_package_before_a_name_is_used() -> None:
    assert not {"numpy", "pandas", "scipy"} & imported("import shanhai.methods")


def test_no_name_imports_what_only_some_methods_need() -> None:
    assert not HEAVY & imported("from shanhai.methods import *\nassert fit and scpc")


def test_names_are_listed_and_an_unknown_one_is_refused() -> None:
    from shanhai import methods

    assert {"fit", "scpc", "conley_covariance"} <= set(dir(methods))
    assert all(hasattr(methods, name) for name in dir(methods))
    with pytest.raises(AttributeError, match="has no 'fitt'"):
        _ = methods.fitt
