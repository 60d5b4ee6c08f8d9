"""Declared families of tests: questions asked of several outcomes or samples, answered with adjusted p-values.

The families stand here, fixed before results, because an adjustment means nothing if the family is chosen afterwards.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.checks import as_generator
from shanhai.methods.curve.engine import estimate_variations, prepare_variations
from shanhai.methods.curve.joint import cluster_influences
from shanhai.methods.regression.families import adjust_family, romano_wolf
from shanhai.methods.spec import Interaction, RegressionSpec, Variable
from shanhai.studies.border.design import BORDER, OUTCOMES, RUGGEDNESS, SAMPLES, border_spec

DUAL = Interaction(BORDER, RUGGEDNESS)
"""The dual attribute: how the border effect changes with ruggedness."""


@dataclass(frozen=True)
class Family:
    """Tests of one question."""

    key: str
    label: str
    """The question in English."""
    label_zh: str
    """The question in Chinese."""
    tests: Callable[[], tuple[tuple[Variable | Interaction, RegressionSpec], ...]]
    """Terms tested and the specifications that hold them."""


def _main(sample: str = "china", outcome: str = "gdp") -> RegressionSpec:
    """The registered main model for a sample and outcome."""
    return border_spec("main", sample, outcome)


FAMILIES: dict[str, Family] = {
    family.key: family
    for family in (
        Family(
            "border_outcomes",
            "Does the border matter for any outcome in China?",
            "在全国，省界对任一结果变量有影响吗？",
            lambda: tuple((BORDER, _main(outcome=outcome)) for outcome in OUTCOMES),
        ),
        Family(
            "dual_outcomes",
            "Does terrain change the border effect for any outcome in China?",
            "在全国，地形是否改变省界对任一结果变量的影响？",
            lambda: tuple((DUAL, _main(outcome=outcome)) for outcome in OUTCOMES),
        ),
        Family(
            "border_samples",
            "Does the border matter for GDP per head in any sample?",
            "在任一样本中，省界对人均GDP有影响吗？",
            lambda: tuple((BORDER, _main(key)) for key in SAMPLES),
        ),
        Family(
            "all",
            "Border and dual attribute, all outcomes and samples",
            "省界与双重属性，全部结果变量与样本",
            lambda: tuple((t, _main(key, outcome)) for t in (BORDER, DUAL) for key in SAMPLES for outcome in OUTCOMES),
        ),
    )
}
"""Families by key."""


def estimate_family(
    key: str, frame: pd.DataFrame, rng: np.random.Generator, *, by: str = "prefecture_code", draws: int = 9999
) -> pd.DataFrame:
    """Tests of a declared family with raw and adjusted p-values.

    Romano and Wolf's p-values come from the wild cluster bootstrap of scores that ``joint_null_test`` describes, the
    same signs in all tests.

    Parameters
    ----------
    key : str
        Of ``FAMILIES``.
    frame : DataFrame
        From ``analysis_frame``.
    rng : Generator
        Source of the signs.
    by : str
        Cluster column of the bootstrap.
    draws : int

    Returns
    -------
    DataFrame
        One row a test: family, outcome, sample, sample_zh, term, model, vcov, estimate, se, n, clusters, p, p_holm,
        p_bh, p_romano_wolf, family_size, spec_id.

    Raises
    ------
    SpecificationError
        If the family is unknown or a test has no estimate.
    """
    rng = as_generator(rng)
    if key not in FAMILIES:
        raise SpecificationError(f"no family {key!r}; allowed: {', '.join(FAMILIES)}. Declare a new one in the code.")
    adjusted = adjusted_tests(FAMILIES[key].tests(), frame, rng, by=by, draws=draws)
    adjusted.insert(0, "family", key)
    return adjusted


def adjusted_tests(
    tests: Sequence[tuple[Variable | Interaction, RegressionSpec]],
    frame: pd.DataFrame,
    rng: np.random.Generator,
    *,
    by: str = "prefecture_code",
    draws: int = 9999,
) -> pd.DataFrame:
    """Any tests as one family, on the data of any country: the columns of :func:`estimate_family` after ``family``.

    Parameters
    ----------
    tests : sequence of (Term, RegressionSpec)
        The coefficient tested, one of the terms of its regression, and the regression.
    frame, rng, by, draws
        As for :func:`estimate_family`.

    Raises
    ------
    SpecificationError
        If a test has no estimate, or near-collinear regressors.
    """
    rng = as_generator(rng)
    specs = [replace(spec, terms=(term, *(one for one in spec.terms if one != term))) for term, spec in tests]
    prepared = prepare_variations(specs, frame)
    estimated = estimate_variations(specs, frame, prepared)
    if len(estimated.problems):
        raise SpecificationError(
            f"a test has no estimate: {estimated.problems['problem'].iloc[0]} Allowed: families that can be estimated "
            "whole. Check the frame."
        )
    made = cluster_influences(specs, frame, by, prepared)
    if not np.isfinite(made.estimate).all():
        raise SpecificationError(
            f"{int(np.isnan(made.estimate).sum())} tests have near-collinear regressors, for which there is no "
            "bootstrap here; allowed: families without. Check the frame."
        )
    sums = made.sums[:, made.regression]
    deviation = np.sqrt((sums**2).sum(axis=0))
    signs = rng.choice((-1.0, 1.0), size=(draws, len(sums)))
    shown = pd.DataFrame(
        {
            "outcome": [spec.outcome.name for spec in specs],
            "sample": [spec.sample.name for spec in specs],
            "sample_zh": [spec.sample.label_zh for spec in specs],
            "term": [term.name for term, _ in tests],
            "model": [spec.model for spec in specs],
            "vcov": [spec.covariance.label for spec in specs],
        }
    ).join(estimated.table[["estimate", "se", "n", "clusters", "p"]])
    adjusted = adjust_family(shown, ("holm", "bh"))
    p_romano_wolf = romano_wolf(sums.sum(axis=0) / deviation, signs @ sums / deviation)
    size = adjusted.pop("family_size")
    return adjusted.assign(p_romano_wolf=p_romano_wolf, family_size=size, spec_id=[spec.spec_id for _, spec in tests])
