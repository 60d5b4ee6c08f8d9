"""What the policy notebook estimates, with the uncertainty of each number."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from shanhai.methods.did.honest import differences_of
from shanhai.methods.records import EstimateRecord, HypothesisTest, estimates_of
from shanhai.methods.synthetic.sdid import SdidPlacebo
from shanhai.studies.policy.evaluation import Evaluation
from shanhai.studies.policy.registered import design_name


def effect_estimates(name: str, evaluation: Evaluation) -> tuple[EstimateRecord, ...]:
    """Effect of one design: with clustered errors, by the wild bootstrap and permutations, and less its placebos."""
    position = evaluation.result.position("treated")
    low, high = evaluation.result.ci[position]
    effect = EstimateRecord(
        *_names(name, evaluation), "treated", evaluation.estimate, len(evaluation.panel.units), _vcov(evaluation),
        "difference", evaluation.se, float(low), float(high), evaluation.p, evaluation.study.df,
        evaluation.study.clusters, design_id=evaluation.design.spec_id,
    )  # fmt: skip
    wild, placebo = evaluation.wild, evaluation.placebo
    ends = [end - placebo.mean for end in placebo.interval]
    exchanged = {f"counties exchanged, {evaluation.permuted.test.draws} draws": evaluation.permuted.test.p}
    if evaluation.clusters is not None:
        exchanged[f"prefectures exchanged, {evaluation.clusters.draws} draws"] = evaluation.clusters.p
    return (
        effect,
        replace(
            effect, vcov="", method=f"{wild.label}, seed {wild.seed}", se=None, low=wild.low, high=wild.high, p=wild.p,
            df=None, p_other=exchanged,
        ),
        replace(
            effect, term="net_of_placebo", estimate=placebo.net, se=None,
            vcov="", method=f"placebo provinces, {len(placebo.effects)} draws", low=None, high=None, p=placebo.p,
            df=None, clusters=None, null_mean=0.0, null_low=ends[0], null_high=ends[1],
        ),
    )  # fmt: skip


def trend_test(name: str, evaluation: Evaluation) -> HypothesisTest:
    """Test of equal trends before the policy: the largest studentised difference among those of exchanged counties."""
    draws = evaluation.permuted.test.draws
    return HypothesisTest(
        *_names(name, evaluation), "equal trends before the policy", "largest studentised difference",
        evaluation.trend.statistic, len(evaluation.panel.units), p=evaluation.trend.p,
        design_id=evaluation.design.spec_id, method=f"permutation of counties, {draws} draws",
    )  # fmt: skip


def year_estimates(evaluations: Mapping[str, Evaluation]) -> tuple[EstimateRecord, ...]:
    """Differences by year of each design, as the figure of event studies shows them."""
    rows: list[EstimateRecord] = []
    for name, evaluation in evaluations.items():
        years = evaluation.study.to_frame().dropna(subset="se")
        sample, outcome, model = _names(name, evaluation)
        rows += estimates_of(
            years,
            sample=sample,
            outcome=outcome,
            model=model,
            term=[f"year_{year}" for year in years["year"]],
            n=len(evaluation.panel.units),
            vcov=_vcov(evaluation),
            estimand="difference",
            df=evaluation.study.df,
            clusters=evaluation.study.clusters,
            design_id=evaluation.design.spec_id,
        )
    return tuple(rows)


def honest_estimates(evaluation: Evaluation, bounds: Mapping[str, pd.DataFrame]) -> tuple[EstimateRecord, ...]:
    """Mean effect against the reference year under bounds on how far trends may part.

    Parameters
    ----------
    evaluation : Evaluation
    bounds : mapping of ``relative magnitudes`` and ``smoothness`` to the table of that name in ``policy.honest``.
    """
    sample, outcome, model = _names(design_name(evaluation.design), evaluation)
    centre = differences_of(evaluation.study).estimate
    rows: list[EstimateRecord] = []
    for kind, table in bounds.items():
        rows += estimates_of(
            table,
            sample=sample,
            outcome=outcome,
            model=model,
            term=[f"mean effect, {kind} {bound:g}" for bound in table["bound"]],
            estimate=table["estimate"] if "estimate" in table.columns else centre,
            low=table["ci_low"],
            high=table["ci_high"],
            n=len(evaluation.panel.units),
            clusters=evaluation.study.clusters,
            vcov=_vcov(evaluation),
            method="trends bounded (Rambachan and Roth)",
            estimand="difference",
            design_id=evaluation.design.spec_id,
        )
    return tuple(rows)


def prefecture_estimates(prefectures: Mapping[str, SdidPlacebo]) -> tuple[EstimateRecord, ...]:
    """Synthetic difference-in-differences of whole prefectures."""
    return tuple(
        EstimateRecord(
            f"prefecture {code} against prefectures of Anhui, Fujian and Jiangxi", one.fit.spec.outcome,
            "synthetic difference-in-differences", "treated", one.fit.estimate, 1 + len(one.placebos),
            "", "difference", one.se, p=one.p, design_id=one.fit.spec.spec_id, unit="prefectures",
            method="placebo in space",
        )
        for code, one in prefectures.items()
    )  # fmt: skip


def _names(name: str, evaluation: Evaluation) -> tuple[str, str, str]:
    """Sample, outcome and model of a design."""
    design = evaluation.design
    model = f"policy {design.policy_year}, {design.first_year}-{design.last_year} ({name})"
    return f"26 counties against {design.comparison}", f"lights_per_km2_{design.outcome}", model


def _vcov(evaluation: Evaluation) -> str:
    return evaluation.result.vcov.replace("(cluster)", "(prefecture_code)")
