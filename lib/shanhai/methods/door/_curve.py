"""The specification curve of a regression: which controls, which rows, which errors."""

import itertools
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.checks import as_marks, as_names, require_same_rows
from shanhai.methods.curve import Variations, estimate_variations
from shanhai.methods.door._said import one_curve_note
from shanhai.methods.door.errors import Errors, read_errors
from shanhai.methods.regression.fit import fit
from shanhai.methods.spec import Bands, CovarianceSpec, Filter, RegressionSpec, SampleSpec, Term, Variable

if TYPE_CHECKING:
    from shanhai.methods.door.regression import Regression

_MOST = 50_000
"""Specifications of a curve."""


def curve_of(
    regression: "Regression",
    term: str,
    controls: str | Sequence[str] | None,
    samples: Mapping[str, object],
    vcov: Errors | Sequence[Errors],
) -> Variations:
    """Every combination of controls, samples and errors; see ``Regression.curve``."""
    units = units_of(regression)
    wanted = [name for name in units if name != term] if controls is None else as_names(controls)
    absent = [name for name in (term, *wanted) if name not in units]
    if absent or len(units[term]) != 1 or term in wanted:
        raise SpecificationError(
            f"a curve of {term!r} over {', '.join(wanted) or 'no controls'}; allowed: a term with one coefficient, and "
            f"others of the regression, which has {', '.join(units)}. Name terms as the formula writes them."
        )
    frame, rows = _marked(regression, samples)
    named = [vcov] if isinstance(vcov, str | Mapping | CovarianceSpec) else list(vcov)
    errors = [read_errors(each, regression.coords) for each in named] or [regression.spec.covariance]
    sets = [chosen for size in range(len(wanted) + 1) for chosen in itertools.combinations(wanted, size)]
    choices = list(itertools.product(errors, rows, sets))
    if len(choices) > _MOST:
        raise SpecificationError(
            f"{len(choices):,} specifications; allowed: {_MOST:,}. Name fewer controls, samples or errors."
        )
    always = [name for name in units if name != term and name not in wanted]
    specs = [
        replace(
            regression.spec,
            terms=units[term],
            controls=tuple(part for name in (*always, *chosen) for part in units[name]),
            sample=sample,
            covariance=covariance,
        )
        for covariance, sample, chosen in choices
    ]
    found = estimate_variations(specs, frame)
    labels = pd.DataFrame(
        {
            "controls": [", ".join(chosen) for _, _, chosen in choices],
            "sample": [sample.name for _, sample, _ in choices],
            "vcov": [covariance.label for covariance, _, _ in choices],
        }
    )
    main = [choice == (regression.spec.covariance, rows[0], tuple(wanted)) for choice in choices]
    table = pd.concat([labels, found.table.assign(is_main=main)], axis=1)
    return replace(found, table=table, notes=_notes(term, specs, len(sets), frame))


def _notes(term: str, specs: Sequence[RegressionSpec], sets: int, frame: pd.DataFrame) -> tuple[str, ...]:
    """A note if one cluster or row alone determines the term, with the most controls of each sample and error."""
    found = []
    for spec in specs[sets - 1 :: sets]:
        with suppress(SpecificationError):  # the table says why it has no estimate
            if set(spec.term_names) & set(fit(spec, frame).on_one_group):
                found.append(spec.covariance.label)
    return (one_curve_note(term, list(dict.fromkeys(found))),) if found else ()


def units_of(regression: "Regression") -> dict[str, tuple[Term, ...]]:
    """Terms of the specification under the name by which a formula writes them, such as all dummies of ``C(type)``."""
    terms = (*regression.spec.terms, *regression.spec.controls)
    if regression.recipe is None:
        return {", ".join(term.names) if isinstance(term, Bands) else term.name: (term,) for term in terms}
    owners = regression.recipe.owners
    found: dict[str, tuple[Term, ...]] = {}
    for term in sorted(terms, key=lambda term: _place(term, list(owners))):
        name = owners.get(term.column, term.name) if isinstance(term, Variable) else getattr(term, "name", "")
        found[name] = (*found.get(name, ()), term)
    return found


def _place(term: Term, keys: Sequence[str]) -> int:
    """Place of a computed column, so that dummies keep their order; others come first."""
    return keys.index(term.column) if isinstance(term, Variable) and term.column in keys else -1


def _marked(regression: "Regression", samples: Mapping[str, object]) -> tuple[pd.DataFrame, list[SampleSpec]]:
    """The frame with a column that marks each sample, and the samples, all rows of the regression first."""
    frame, found = regression.frame.iloc[regression.rows], [regression.spec.sample]
    marks = {}
    for name, rows in samples.items():
        column = f"sample: {name}"
        marked = np.asarray(rows)
        if marked.shape != (len(regression.frame),):
            raise SpecificationError(
                f"sample {name!r} has the shape {marked.shape}; allowed: true or false for each of the "
                f"{len(regression.frame)} rows of the frame. Compare a column of the frame with a value."
            )
        require_same_rows({f"sample {name!r}": rows, "the frame": regression.frame})
        marks[column] = as_marks(marked[regression.rows], f"sample {name!r}")
        found.append(SampleSpec(name, filters=(Filter(column, "==", True),)))
    return pd.concat([frame, pd.DataFrame(marks, index=frame.index)], axis=1), found
