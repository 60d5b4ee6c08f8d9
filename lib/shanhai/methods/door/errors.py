"""Errors by the name that the field gives them, as a covariance of the library."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, cast, get_args

import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.door.frames import require_places
from shanhai.methods.spec import ClusterFactor, CovarianceKind, CovarianceSpec, Kernel, Program, SmallSample

Errors = str | Mapping[str, str] | CovarianceSpec
"""Errors by name, as pyfixest's dictionary, or as a value."""

NAME_ERRORS: Final = (
    'Name them: "iid", "HC1", "HC2", "HC3", "cluster:firm", "cluster:firm+year", "cluster:firm CV3", "conley:200km", '
    '"conley:uniform 200km", {"CRV1": "firm"} or a CovarianceSpec.'
)
"""Next step where errors are not known."""

_CONLEY: Final = re.compile(
    r"conley[:(]\s*(?:(?P<kernel>\w+)\s*,?\s+)?(?P<km>\d+(?:\.\d+)?)\s*(?:km)?(?P<repair>\s*,?\s*repaired)?\s*\)?"
)
Factor = ClusterFactor | Program | SmallSample
"""A small-sample convention of clusters, by name or by its arguments."""

_FACTORS: Final = (*get_args(ClusterFactor), *get_args(Program))
_CLUSTER: Final = re.compile(
    rf"cluster(?:(?::\s*(?P<by>.+?))|(?:\((?P<within>.+)\)))(?:\s+(?P<factor>{'|'.join(_FACTORS)}))?"
    r"(?P<repair>\s+repaired)?"
)
_BY: Final = re.compile(r"\s*(?:`((?:[^`]|``)+)`|([^`+,^]+?))\s*(?:[+,]|$)")
_UNNAMED_PLACES: Final = ("longitude", "latitude")
"""Columns of places in a covariance for which nobody named any."""

_PLAIN: Final = {"nonrobust": "iid", "hetero": "HC1", "robust": "HC1"}
"""Names of statsmodels, pyfixest and Stata for ours."""

CLUSTER_FACTOR: Final[Program] = "fixest"
"""Small-sample factor of clusters without one by name: that of fixest and pyfixest."""


def read_errors(
    vcov: object,
    coords: tuple[str, str] = ("longitude", "latitude"),
    factor: Factor = CLUSTER_FACTOR,
    *,
    asked: bool = True,
) -> CovarianceSpec:
    """The covariance that a text or a dictionary names.

    Parameters
    ----------
    vcov : str, mapping or CovarianceSpec
    coords : tuple of str
        Columns of longitude and latitude, for ``conley``; a value that names others than ``longitude`` and ``latitude``
        keeps its own.
    factor : str or SmallSample
        Small-sample convention of clusters where the text names none.
    asked : bool
        Whether who calls asked for that convention, so that errors without clusters are refused beside it.

    Raises
    ------
    SpecificationError
        If it is none that the library has, or a convention is named for errors that do not take it.

    Examples
    --------
    >>> from shanhai.methods.door.errors import read_errors
    >>> read_errors("cluster:province CV3").kind
    'cluster'
    """
    covariance = _read(vcov, coords, factor)
    if asked and factor != CLUSTER_FACTOR and (factor is None or covariance.factor != factor):
        said = factor.label if isinstance(factor, SmallSample) else repr(factor)
        raise SpecificationError(
            f"ssc is {said} beside errors {covariance.label!r}; allowed: beside clusters without a factor of their "
            "own, as HC1 has n / (n - K) and conley none. Leave ssc out, or name the factor in one place, as in "
            '"cluster:firm CR1S" or CovarianceSpec.conley(..., factor="fixest").'
        )
    return covariance


def _read(vcov: object, coords: tuple[str, str], factor: Factor) -> CovarianceSpec:
    if isinstance(vcov, CovarianceSpec):
        return replace(vcov, coordinates=coords) if vcov.coordinates == _UNNAMED_PLACES else vcov
    if isinstance(vcov, Mapping):
        return _of_pyfixest(vcov, factor)
    text = vcov.strip() if isinstance(vcov, str) else ""
    text = _PLAIN.get(text, text.upper() if re.fullmatch("hc[123]", text) else text)
    if text in get_args(CovarianceKind) and text not in ("cluster", "conley"):
        return CovarianceSpec(cast(CovarianceKind, text))
    if found := _CONLEY.fullmatch(text):
        kernel = cast(Kernel, found["kernel"] or "bartlett")
        return CovarianceSpec.conley(kernel, float(found["km"]), coords, repair=bool(found["repair"]))
    if found := _CLUSTER.fullmatch(text):
        by = _columns(found["by"] or found["within"], vcov)
        repair = True if found["repair"] else None
        return CovarianceSpec("cluster", by, cast(Factor, found["factor"] or factor), repair=repair)
    raise _unknown(vcov)


def require_named(frame: pd.DataFrame, covariance: CovarianceSpec) -> None:
    """Refuse a frame without the columns of places that a covariance names, or a factor taken for a cluster's name.

    Parameters
    ----------
    frame : DataFrame
    covariance : CovarianceSpec

    Raises
    ------
    SpecificationError
        If a column of places is absent, or one of clusters whose name ends in what is no small-sample factor.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.door.errors import read_errors, require_named
    >>> require_named(pd.DataFrame({"firm": [1, 2]}), read_errors("cluster:firm CR2"))
    """
    require_places(frame, covariance.coordinates)
    for name in covariance.by:
        column, _, factor = name.rpartition(" ")
        if name not in frame.columns and column.strip() in frame.columns:
            raise SpecificationError(
                f"{factor!r} behind {column.strip()!r} is no small-sample factor of clusters; allowed: "
                f'{", ".join(_FACTORS)}. Name one of these, as in "cluster:{column.strip()} {_FACTORS[0]}", or none.'
            )


def _of_pyfixest(vcov: Mapping[object, object], factor: Factor) -> CovarianceSpec:
    """A dictionary such as pyfixest takes."""
    if len(vcov) != 1 or set(vcov) - {"CRV1", "CRV3"} or not all(isinstance(by, str) for by in vcov.values()):
        raise _unknown(vcov)
    ((kind, by),) = vcov.items()
    if kind == "CRV3":
        raise SpecificationError(
            f"errors are {vcov!r}, which programs compute in four ways; allowed: 'cluster:{by} CR3' (clubSandwich), "
            f"'cluster:{by} CV3' (the jackknife) or 'cluster:{by} CV3J' (about the mean). Name one of these."
        )
    return CovarianceSpec("cluster", _columns(str(by), vcov), factor)


def _columns(text: str, vcov: object) -> tuple[str, ...]:
    """Columns joined by + or a comma, in back-ticks where their name has such signs."""
    if text.rstrip()[-1:] in "+,":
        raise _unknown(vcov)
    if "^" in re.sub("`(?:[^`]|``)+`", "", text):
        pair = [name.strip() for part in re.split("[+,]", text) if "^" in part for name in part.split("^")]
        raise SpecificationError(
            f"standard errors are {vcov!r}; allowed: columns of clusters, joined by + for two ways. Make one of the "
            f"pairs of levels, as in frame['cell'] = frame.groupby({pair}).ngroup(), and name it."
        )
    found, place = [], 0
    while place < len(text):
        part = _BY.match(text, place)
        if not part:
            raise _unknown(vcov)
        place = part.end()
        found.append((part[1] or "").replace("``", "`") or part[2])
    return tuple(found)


def _unknown(vcov: object) -> SpecificationError:
    return SpecificationError(
        f"standard errors are {vcov!r}; allowed: clustered, spatial or robust ones. {NAME_ERRORS}"
    )
