"""What a reader of a regression must know, in sentences: few clusters, what was dropped, errors that are missing."""

import numpy as np

from shanhai.methods.regression.covariance import Estimated
from shanhai.methods.regression.design import Design
from shanhai.methods.regression.results import FEW_CLUSTERS, Clusters
from shanhai.methods.spec import RegressionSpec

_VERY_FEW_CLUSTERS = 20
"""Below this many clusters the size of the tests is not to be trusted."""

_MOST_NAMED = 5
"""Coefficients that a note names."""


def rank_note(clusters: tuple[Clusters, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """Say so when clusters are no more than coefficients."""
    return tuple(
        f"{level.count} clusters by {level.by} for {len(names)} coefficients: the covariance matrix does not have "
        "full rank, so they cannot be tested jointly, and a dummy for a single cluster has no valid standard error."
        for level in clusters
        if level.count <= len(names)
    )


def one_group_note(terms: tuple[str, ...], where: str) -> tuple[str, ...]:
    """Say so when coefficients rest on one cluster, or one row, alone."""
    if not terms:
        return ()
    named = ", ".join(terms[:_MOST_NAMED]) + (f" and {len(terms) - _MOST_NAMED} more" * (len(terms) > _MOST_NAMED))
    return (
        f"one {where} alone determines {named}: its own deviations do not enter the standard error, which is far too "
        "small, and so is p. Compare the estimate with placebo estimates that treat each of the others in turn.",
    )


def variance_note(estimated: Estimated, names: tuple[str, ...]) -> tuple[str, ...]:
    """Say so when coefficients or combinations have no standard error."""
    variances = np.diag(estimated.matrix)
    without = [name for name, variance in zip(names, variances, strict=True) if not variance > 0]
    return (*estimated.notes, *((f"No standard error: {', '.join(without)}.",) if without else ()))


def notes_of(
    spec: RegressionSpec, design: Design, clusters: tuple[Clusters, ...], collinear: tuple[str, ...]
) -> tuple[str, ...]:
    """Sentences that belong beside the numbers."""
    notes = []
    for level in clusters:
        if level.count < _VERY_FEW_CLUSTERS:
            notes.append(
                f"{level.count} clusters by {level.by}: too few for cluster-robust tests to hold their size; "
                "read them beside a wild bootstrap, CR2 or CV3."
            )
        elif level.count < FEW_CLUSTERS:
            notes.append(f"{level.count} clusters by {level.by}: few, so tests reject somewhat too often.")
    notes.extend(_panel_note(spec, design))
    if spec.outcome_controls:
        notes.append(f"controls that are outcomes of borders or terrain: {', '.join(spec.outcome_controls)}.")
    if collinear:
        notes.append(f"dropped because the others determine them: {', '.join(collinear)}.")
    if design.empty_bands:
        notes.append(f"bands without a row: {', '.join(design.empty_bands)}.")
    notes.extend(drop.note for drop in design.dropped)
    return tuple(notes)


def _panel_note(spec: RegressionSpec, design: Design) -> list[str]:
    """Say so when several rows are one unit in one period, where errors reach over the periods of a unit."""
    panel = design.panel
    if panel is None or panel.unit is None:
        return []
    cells, counts = np.unique(np.column_stack([panel.unit, panel.time]), axis=0, return_counts=True)
    twice = int((counts > 1).sum())
    if not twice:
        return []
    covariance = spec.covariance
    return [
        f"{twice} of {len(cells)} pairs of {covariance.unit} and {covariance.time} have several rows: each of them is "
        "correlated with all rows of its unit within the lags."
    ]
