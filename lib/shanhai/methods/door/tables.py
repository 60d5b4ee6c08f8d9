"""Regressions side by side: one table of ours, statsmodels', linearmodels', pyfixest's and spreg's results."""

import math
import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, Final, Literal

import pandas as pd

from shanhai.core.errors import EnvironmentMissingError, SpecificationError
from shanhai.methods.checks import require
from shanhai.methods.door._tabled import Spreg, Tabled
from shanhai.methods.door.fits import Fits
from shanhai.methods.door.printed import MINUS, RegressionTable

Below = Literal["se", "t", "p", "ci"]

_BELOW: Final[dict[Below, str]] = {
    "se": "Standard errors in parentheses",
    "t": "t statistics in parentheses",
    "p": "p-values in brackets",
    "ci": "95% confidence intervals in brackets",
}

_STATS: Final[dict[str, str]] = {
    "se_type": "Standard errors",
    "n_clusters": "Clusters",
    "N": "Observations",
    "outcome_mean": "Mean of outcome",
    "r2": "R²",
    "r2_within": "R² within",
    "pseudo_r2": "Pseudo R²",
}
"""Rows below the coefficients, in this order; one that no regression has is left out."""

_SIGNIFICANCE = (0.1, 0.05, 0.01)

_INTERCEPT, _INTERCEPTS = "Intercept", frozenset({"intercept", "const", "constant", "(intercept)"})

_MOST_DECIMALS, _LEAST_P = 8, 0.0005
"""Beyond these decimals a number is written with a power of ten; below this p it is printed as <0.001."""


def etable(
    models: Any,
    *,
    below: Below = "se",
    digits: int = 2,
    stars: tuple[float, ...] = _SIGNIFICANCE,
    labels: Mapping[str, str] | None = None,
    keep: Iterable[str] | None = None,
    rows: Mapping[str, Iterable[object]] | None = None,
    caption: str = "",
) -> RegressionTable:
    """Set regressions side by side.

    Parameters
    ----------
    models : regression, sequence or mapping of regressions
        Those of :func:`shanhai.methods.fit` and ``adopt``, fitted models of statsmodels, linearmodels, pyfixest and
        spreg, and whatever else ``maketables`` reads. The keys of a mapping stand above the columns.
    below : {"se", "t", "p", "ci"}
        What stands below an estimate.
    digits : int
        Significant digits of the standard error; the estimate has as many decimals. So no estimate of a column in
        yuan is printed as 0.000.
    stars : tuple of float
        Falling bounds of p, one star each; empty for none (as the American Economic Association prints tables).
    labels : mapping of str to str, optional
        Words for what the table prints: names of columns (outcomes, terms, each part of a product, fixed effects),
        and any other label or cell of text, such as ``Observations``, ``yes`` or ``cluster(firm) fixest``.
    keep : iterable of str, optional
        Coefficients to print, in this order. Which are left out is said below the table.
    rows : mapping of str to sequence, optional
        Further rows below: a label, and one value a regression.
    caption : str
        Title of the table.

    Returns
    -------
    RegressionTable
        Shows itself in JupyterLab; ``text()``, ``html()``, ``latex()``, ``typst()``, ``word()``, ``save(path)``.

    Raises
    ------
    SpecificationError
        If there is no regression, one is of an unknown kind, or an argument names what is not there.
    EnvironmentMissingError
        If ``maketables`` is not installed.

    Notes
    -----
    Results are read, and HTML, LaTeX, Typst and Word are written, by the package maketables. R² counts what absorbed
    effects explain; for linearmodels that is its ``rsquared_inclusive``.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods import etable, fit
    >>> schools = pd.DataFrame({"score": [3.0, 5.0, 4.0, 8.0, 7.0], "hours": [1.0, 2.0, 3.0, 4.0, 5.0]})
    >>> print(etable(fit("score ~ hours", schools, vcov="iid")).text())
                      score
                        (1)
    -----------------------
    hours             1.10*
                     (0.41)
    Intercept           2.1
                      (1.4)
    -----------------------
    Standard errors     iid
    Observations          5
    Mean of outcome   5.400
    R²                0.703
    -----------------------
    Standard errors in parentheses. * p < 0.1, ** p < 0.05, *** p < 0.01.
    """
    columns = _columns(models)
    require(below, Below, "what stands below an estimate", "Give below='se'.")
    bounds = _bounds(stars)
    if not isinstance(digits, int) or isinstance(digits, bool) or not 1 <= digits <= 8:
        raise SpecificationError(f"digits are {digits!r}; allowed: a whole number from 1 to 8. Give 2.")
    words = dict(labels or {})
    tables = [_one_intercept(reader.coef_table(model), model) for _, model, reader in columns]
    names, left_out = _kept(tables, keep)
    cells = [_cells(table, below, digits, bounds) for table in tables]
    body = [("coefficients", _label(name, words), [column.get(name, "") for column in cells]) for name in names]
    body += [("effects", label, marks) for label, marks in _effects(columns, words)]
    body += [("regression", label, figures) for label, figures in _statistics(columns, rows or {})]
    body = [(group, words.get(label, label), [words.get(cell, cell) for cell in cells]) for group, label, cells in body]
    outcomes = [str(reader.depvar(model)) for _, model, reader in columns]
    heads = [[words.get(outcome, outcome) for outcome in outcomes]]
    if any(head for head, _, _ in columns):
        heads.append([head for head, _, _ in columns])
    heads.append([f"({number})" for number in range(1, len(columns) + 1)])
    frame = pd.DataFrame(
        [line for _, _, line in body],
        index=pd.MultiIndex.from_tuples([(group, label) for group, label, _ in body]),
        columns=pd.MultiIndex.from_arrays(heads),
    )
    return RegressionTable(frame, caption, _notes(below, bounds, left_out))


def _columns(models: Any) -> list[tuple[str, Any, Any]]:
    """Head, model and its reader, one a column; collections are taken apart."""
    try:
        from maketables import get_extractor
    except ImportError as error:
        raise EnvironmentMissingError(
            'tables of regressions need the package maketables; install it with: pip install "shanhai[tables]"'
        ) from error
    spreg = Spreg()
    found = []
    for head, model in _flat(models):
        try:
            found.append((head, model, spreg if spreg.can_handle(model) else get_extractor(model)))
        except TypeError as error:
            raise SpecificationError(
                f"{type(model).__module__}.{type(model).__name__} is no regression that a table can show; allowed:"
                " results of shanhai.methods.fit and adopt, and fitted models of statsmodels, linearmodels, pyfixest"
                " and spreg. Fit the model first and give its result."
            ) from error
    if not found:
        raise SpecificationError("there is no regression to show; allowed: one or more. Give etable([fit(...), ...]).")
    return found


def _flat(models: Any) -> list[tuple[str, Any]]:
    if isinstance(models, Mapping):
        return [(str(head), model) for head, part in models.items() for _, model in _flat(part)]
    if isinstance(models, Fits):
        return [("", model) for model in models]
    if hasattr(models, "to_list") and not isinstance(models, pd.Series):  # several regressions of pyfixest
        return [("", model) for model in models.to_list()]
    if isinstance(models, list | tuple):
        return [pair for part in models for pair in _flat(part)]
    return [("", models)]


def _bounds(stars: Any) -> tuple[float, ...]:
    bounds = tuple(stars) if isinstance(stars, Iterable) else (stars,)
    if not all(isinstance(bound, float) and 0 < bound < 1 for bound in bounds) or any(
        high <= low for high, low in pairwise(bounds)
    ):
        raise SpecificationError(
            f"stars are {stars!r}; allowed: falling bounds of p between 0 and 1, or none. Give (0.1, 0.05, 0.01)."
        )
    return bounds


def _kept(tables: list[pd.DataFrame], keep: Iterable[str] | None) -> tuple[list[str], list[str]]:
    """Coefficients in the order of their first regression, intercepts last; and those left out."""
    every = list(dict.fromkeys(str(name) for table in tables for name in table.index))
    if keep is None:
        return sorted(every, key=lambda name: name == _INTERCEPT), []
    wanted = [str(name) for name in ([keep] if isinstance(keep, str) else keep)]
    names = [_INTERCEPT if name not in every and name.lower() in _INTERCEPTS else name for name in wanted]
    unknown = [name for name in names if name not in every]
    if unknown or not names:
        raise SpecificationError(
            f"keep names {', '.join(map(repr, unknown)) or 'nothing'}; allowed: {', '.join(every)}. Name one of these."
        )
    return list(dict.fromkeys(names)), [name for name in every if name not in names]


def _one_intercept(table: pd.DataFrame, model: Any) -> pd.DataFrame:
    """Coefficients with one name for what each package calls the intercept; columns that only sound like it stay."""
    named = ["intercept"] if isinstance(model, Tabled) else [
        str(name) for name in table.index if str(name).lower() in _INTERCEPTS
    ]  # fmt: skip
    return table.rename({named[0]: _INTERCEPT} if len(named) == 1 else {}).rename(str)


def _cells(table: pd.DataFrame, below: Below, digits: int, bounds: tuple[float, ...]) -> dict[str, str]:
    """Estimate with stars, and what stands below it, by coefficient."""
    return {
        str(
            name
        ): f"{_estimate(row, digits)}{'*' * sum(row['p'] < bound for bound in bounds)}\n{_under(row, below, digits)}"
        for name, row in table.iterrows()
    }


def _decimals(row: "pd.Series[float]", digits: int) -> int:
    """Decimals that give the standard error its significant digits; none for errors of a thousand."""
    scale = row["se"] if math.isfinite(row["se"]) and row["se"] > 0 else abs(row["b"])
    if not (math.isfinite(scale) and scale > 0):
        return digits
    return max(digits - 1 - math.floor(math.log10(scale)), 0)


def _number(value: float, decimals: int) -> str:
    if not math.isfinite(value):
        return "n/a"
    text = f"{value:,.{decimals}f}" if decimals <= _MOST_DECIMALS else f"{value:.2e}"
    return text.replace("-", MINUS)


def _estimate(row: "pd.Series[float]", digits: int) -> str:
    return _number(row["b"], _decimals(row, digits))


def _under(row: "pd.Series[float]", below: Below, digits: int) -> str:
    if below == "p":
        return f"[{_number(row['p'], 3)}]" if not row["p"] < _LEAST_P else "[<0.001]"
    if below == "t":
        return f"({_number(row['t'], 2)})"
    if below == "ci":
        return f"[{', '.join(_number(row.get(end, math.nan), _decimals(row, digits)) for end in ('ci95l', 'ci95u'))}]"
    return f"({_number(row['se'], _decimals(row, digits))})"


def _label(name: str, words: Mapping[str, str]) -> str:
    """A coefficient in words: its own, or those of the parts of a product."""
    if name in words:
        return words[name]
    parts = [part for part in re.split(r":(?![^\[(]*[\])])", name) if part]
    return " × ".join(words.get(part, part) for part in parts)


def _effects(columns: list[tuple[str, Any, Any]], words: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """A row a fixed effect: yes or nothing."""
    held = [
        [part.strip() for part in (reader.fixef_string(model) or "").split("+") if part.strip() not in ("", "0")]
        for _, model, reader in columns
    ]
    every = dict.fromkeys(name for names in held for name in names)
    return [
        (f"{words.get(name, name)} fixed effects", ["yes" if name in names else "" for names in held]) for name in every
    ]


def _statistics(
    columns: list[tuple[str, Any, Any]], rows: Mapping[str, Iterable[object]]
) -> list[tuple[str, list[str]]]:
    """Rows about the regressions as wholes, the reader's own last."""
    found = []
    for key, label in _STATS.items():
        values = [_stat(model, reader, key) for _, model, reader in columns]
        if any(values):
            found.append((label, values))
    for label, given in rows.items():
        values = [
            value if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)
            for value in given
        ]
        if len(values) != len(columns):
            raise SpecificationError(
                f"row {label!r} has {len(values)} values; allowed: one a regression, {len(columns)}. Give as many."
            )
        found.append((str(label), values))
    return found


def _stat(model: Any, reader: Any, key: str) -> str:
    value = getattr(model, "rsquared_inclusive", None) if key == "r2" else None  # linearmodels' rsquared is within
    value = reader.stat(model, key) if value is None else value
    if value is None and key == "se_type":
        value = (reader.vcov_info(model) or {}).get("vcov_type")
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, str):
        return re.sub(r"^by: (.*)", r"cluster(\1)", value)
    return f"{int(value):,}" if key in ("N", "n_clusters") else f"{value:,.3f}".replace("-", MINUS)


def _notes(below: Below, bounds: tuple[float, ...], left_out: list[str]) -> str:
    said = [f"{_BELOW[below]}."]
    if bounds:
        said.append(", ".join(f"{'*' * place} p < {bound:g}" for place, bound in enumerate(bounds, 1)) + ".")
    if left_out:
        said.append(f"Also estimated: {', '.join(left_out)}.")
    return " ".join(said)
