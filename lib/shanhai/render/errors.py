"""Standard errors named in words, where results carry the short names of :class:`~shanhai.methods.CovarianceSpec`."""

import re

from shanhai.core.errors import ReportError
from shanhai.render.style import label
from shanhai.render.words import Pair, Words, listed

_WORDS = Words.beside(__file__, "errors.toml")
_UNITS = _WORDS.labels("unit")

_FORMS = {
    "iid": r"iid",
    "HC": r"(?P<factor>HC[0-4])",
    "cluster": r"cluster\((?P<units>.+)\) (?P<factor>\w+|ssc\(.*\))",
    "mended": r"cluster\((?P<units>.+)\) (?P<factor>\w+|ssc\(.*\)) repaired",
    "influences": r"cluster\((?P<units>[^()]+)\) of influences",
    "bootstrap": r"bootstrap of clusters \((?P<draws>\d+)\)",
    "conley": r"conley\((?P<kernel>\w+), (?P<km>[\d.e+]+) km\)",
    "repaired": r"conley\((?P<kernel>\w+), (?P<km>[\d.e+]+) km, repaired\)",
    "conley_of": r"conley\((?P<kernel>\w+), (?P<km>[\d.e+]+) km(?:, (?P<how>.+))?\)(?: (?P<factor>\w+|ssc\(.*\)))?",
    "scpc": r"scpc\((?P<rho>[\d.e-]+)\)",
    "wild": r"wild\((?P<units>[^(),]+), (?P<weights>\w+), (?P<draws>\d+)\)",
    "jackknife": r"jackknife\((?P<units>[^()]+)\)",
    "dyadic": r"dyadic\((?P<units>[^()]+)\)",
    "long_run": r"long-run variance \(Andrews\)",
    "likelihood": r"maximum likelihood",
}
"""How results name an error, by the key of its words."""


def error_words(error: str) -> Pair:
    """English and Chinese name of a standard error, for a sentence or a cell.

    Parameters
    ----------
    error : str
        As an estimate carries it, such as ``cluster(prefecture_code) CR1S``. A cluster column of one's own keeps its
        name.

    Raises
    ------
    ReportError
        If no estimator of the library names an error so.

    Examples
    --------
    >>> error_words("conley(bartlett, 200 km)")
    ('Conley spatial HAC (Bartlett kernel, cutoff 200 km)', 'Conley空间HAC（Bartlett核，截断距离200千米）')
    """
    for key, form in _FORMS.items():
        found = re.fullmatch(form, error)
        if found:
            given: dict[str, str | Pair] = dict(found.groupdict(""))
            if "units" in given:
                names = found["units"].split(", ")
                given["units"] = listed([_UNITS.get(name, (name, name)) for name in names], (" and ", "和"))
            if "weights" in given:
                given["weights"] = found["weights"].capitalize()
            if "kernel" in given:
                given["kernel"] = _WORDS.pair(f"kernel.{found['kernel']}")
            if key == "conley_of":
                given["how"] = ", ".join(part for part in (found["how"], found["factor"]) if part)
            return _WORDS.pair(f"kind.{key}", **given)
    raise ReportError(f"The standard error {error!r} has no name in words; allowed: {', '.join(_FORMS)}. Add its form.")


def plain_error_words(error: str) -> Pair:
    """Name of a standard error without the factor or the kernel in brackets, for a sentence with brackets of its own.

    Raises
    ------
    ReportError
        If no estimator of the library names an error so.

    Examples
    --------
    >>> plain_error_words("cluster(prefecture_code) CR1S")
    ('clustered by prefecture', '聚类到地级市层面')
    """
    english, chinese = error_words(error)
    return re.sub(r" \([^()]*\)$", "", english), re.sub(r"（[^（）]*）$", "", chinese)


def error_label(error: str, language: str) -> str:
    """Name of a standard error in the language of a run.

    Raises
    ------
    ReportError
        If no estimator of the library names an error so.
    ParameterError
        If the language is unknown.

    Examples
    --------
    >>> error_label("cluster(prefecture_code) CR1S", "en")
    'clustered by prefecture (CR1S)'
    """
    return label(language, *error_words(error))
