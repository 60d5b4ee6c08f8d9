"""A regression in a screenful, as economists know it: in words, a table of coefficients, and what to mind."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, get_args

import pandas as pd

from shanhai.core.shown import Description
from shanhai.methods.door._printing import decimals, encodable, fixed, p_value
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import CovarianceSpec, Program

_MOST_TERMS = 60
"""Coefficients that a summary shows."""

_MOST_NAMED = 8
"""Terms that the title of a specification names."""

_FIGURES = 4
"""Significant figures of a standard error in a summary."""

_REPAIRED = "negative eigenvalues set to zero"

_HEADS = ("", "estimate", "std. error", "t", "p", "low", "high")
"""Heads of the table of coefficients."""


@dataclass(frozen=True, repr=False)
class Summary(Description):
    """Text that prints itself in a terminal, and a page in JupyterLab."""

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def summarised(result: FitResult, formula: str, table: pd.DataFrame, level: float) -> Summary:
    """The summary of a regression.

    Parameters
    ----------
    result : FitResult
    formula : str
        As it was written; empty for a specification.
    table : DataFrame
        Coefficients as ``Regression.tidy`` gives them.
    level : float
        Coverage of its intervals.
    """
    rows = [_cells(row) for row in table.head(_MOST_TERMS).itertuples(index=False)]
    left = len(table) - len(rows)
    heads = [*_HEADS[:5], f"[{level:.0%}", "interval]"]
    terms = result.spec.term_names
    named = ", ".join(terms[:_MOST_NAMED]) or "no terms"
    title = formula or f"{result.spec.outcome.name} on {named}" + " ..." * (len(terms) > _MOST_NAMED)
    above = [_rows_said(result), f"Standard errors: {errors_in_words(result)}."]
    below = [_fit_said(result), *([f"{left} further coefficients: see tidy()."] if left else [])]
    notes = [note[:1].upper() + note[1:] for note in result.notes]
    text = "\n".join([title, *above, "", *_aligned([heads, *rows]), "", *below, *(f"Note: {note}" for note in notes)])
    return Summary(encodable(text), encodable(_page(title, above, [heads, *rows], [*below, *notes])))


def errors_in_words(result: FitResult) -> str:
    """How the covariance of a regression was computed."""
    spec = result.spec.covariance
    if spec.kind == "cluster":
        counts = {level.by: level.count for level in result.clusters}
        by = " and ".join(f"{column} ({counts[column]:,} clusters)" for column in spec.by)
        factor = result.error.rpartition(") ")[2].removesuffix(" repaired")
        mended = f"; {_REPAIRED}" if spec.repair else ""
        named = f"small-sample factor of {factor}" if factor in get_args(Program) else factor
        return f"clustered by {by}, {named}{mended}"
    return _WORDS[spec.kind] if spec.kind in _WORDS else _spatial(spec)


_WORDS = {
    "iid": "homoskedastic, rows independent (iid)",
    "HC1": "robust to heteroskedasticity, rows independent (HC1)",
    "HC2": "robust to heteroskedasticity, rows independent (HC2)",
    "HC3": "robust to heteroskedasticity, rows independent (HC3, close to the jackknife)",
}


def _spatial(spec: CovarianceSpec) -> str:
    kernel = "weights falling to zero (Bartlett)" if spec.kernel == "bartlett" else "equal weights (uniform)"
    further = f"; {', '.join(_conley_choices(spec))}" if _conley_choices(spec) else ""
    return f"Conley, rows less than {spec.cutoff_km:g} km apart{_periods(spec)}, with {kernel}{further}"


def _periods(spec: CovarianceSpec) -> str:
    """Which rows of a panel share shocks; nothing without a column of time."""
    if spec.time is None:
        return ""
    if not spec.lags:
        return f" in the same {spec.time}"
    apart = f"up to {spec.lags} apart in {spec.time}"
    return f" and {apart}" if spec.cross_periods else f" in the same {spec.time}, and of one {spec.unit} {apart}"


def _conley_choices(spec: CovarianceSpec) -> list[str]:
    """What is not as it is by default."""
    said = []
    if spec.distance == "planar":
        said.append(f"straight distances on the map of {' and '.join(spec.coordinates or ())}, in metres")
    elif spec.distance not in (None, "great_circle"):
        said.append(f"distances on a flat map ({spec.distance})")
    if spec.radius_km is not None:
        said.append(f"radius of the Earth {spec.radius_km:,g} km")
    if spec.factor is not None:
        said.append(f"small-sample factor {spec.factor if isinstance(spec.factor, str) else spec.factor.label}")
    if spec.repair:
        said.append(_REPAIRED)
    return said


def _rows_said(result: FitResult) -> str:
    dropped = sum(drop.count for drop in result.dropped_rows)
    effects = f"; fixed effects of {', '.join(result.spec.fixed_effects)}" if result.spec.fixed_effects else ""
    weights = f"; weighted by {result.spec.weights}" if result.spec.weights is not None else ""
    rows = f"{result.n:,} observations" + (f" ({dropped:,} left out)" if dropped else "")
    return f"Least squares, outcome {result.spec.outcome.name}; {rows}{effects}{weights}."


def _fit_said(result: FitResult) -> str:
    within = f", within fixed effects {result.r2_within:.4f}" if result.spec.fixed_effects else ""
    degrees = sorted({float(value) for value in result.degrees}) or [result.df]
    t = f"{degrees[0]:.4g}" if len(degrees) == 1 else f"{degrees[0]:.3g} to {degrees[-1]:.3g}"
    freedom = f"{t} degree{'' if t == '1' else 's'} of freedom"
    return f"R2 {result.r2:.4f}{within}; mean of the outcome {result.outcome_mean:.4g}; t with {freedom}."


def _cells(row: Sequence[Any]) -> list[str]:
    """A coefficient with the decimals that give its standard error four figures."""
    term, estimate, error, t, p, low, high = row[:7]
    places = decimals(estimate, error, _FIGURES)
    estimate, error, low, high = (fixed(value, places, _FIGURES) for value in (estimate, error, low, high))
    return [str(term), estimate, error, fixed(t, 2), p_value(p), low, high]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of a table in columns of one width, names to the left and numbers to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = []
    for name, *cells in rows:
        numbers = (f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True))
        lines.append("  ".join([f"{name:<{widths[0]}}", *numbers]))
    return lines


def _page(title: str, above: Sequence[str], rows: Sequence[Sequence[str]], below: Sequence[str]) -> str:
    heads = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in rows[0])
    body = "".join(
        f'<tr><th scope="row" style="text-align:left">{escape(row[0])}</th>'
        f"{''.join(f'<td>{escape(cell)}</td>' for cell in row[1:])}</tr>"
        for row in rows[1:]
    )
    return (
        f'<div><table><caption style="text-align:left"><code>{escape(title)}</code><br>'
        f"{'<br>'.join(map(escape, above))}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
        f"<p>{'<br>'.join(map(escape, below))}</p></div>"
    )


def one_drawn_note(term: str, by: str) -> str:
    """Say of a wild bootstrap that its coefficient rests on one cluster alone (MacKinnon & Webb 2017)."""
    return (
        f"one cluster by {by} alone determines {term}: the wild bootstrap rejects far too rarely with the null imposed "
        "(WCR), far too often without (WCU). Compare the estimate with placebo estimates that treat each of the others "
        "in turn."
    )


def one_curve_note(term: str, errors: Sequence[str]) -> str:
    """Say of a specification curve that under some errors its coefficient rests on one cluster, or row, alone."""
    return (
        f"one cluster, or one row, alone determines {term} under {', '.join(errors)}: the standard errors and p of "
        "these specifications are far too small."
    )
