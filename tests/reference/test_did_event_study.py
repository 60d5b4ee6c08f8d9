"""Event study and effect against pyfixest, and against ``fit`` on the long panel: two other routes, one result."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shanhai.methods.did import PolicyDesign, PolicyPanel, effect, event_study
from shanhai.methods.regression.covariance import cluster_factor
from shanhai.methods.regression.fit import fit
from shanhai.methods.spec import CovarianceSpec, Interaction, RegressionSpec, SampleSpec, Variable

FOLDER = Path(__file__).parent / "did"
LONG = pd.read_csv(FOLDER / "event_study.csv", dtype={"code": str})
STORED = json.loads((FOLDER / "event_study.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def panel() -> PolicyPanel:
    units = LONG.drop_duplicates("code").drop(columns=["year", "value"]).astype({"treated": bool})
    units = units.assign(stratum=0).reset_index(drop=True)
    values = LONG.pivot(index="code", columns="year", values="value").loc[units["code"]].to_numpy()
    design = PolicyDesign(2015, 2011, 2018, "home", level_years=(2010,))
    return PolicyPanel(design, units, values, units.iloc[:0])


def test_event_study_agrees_with_pyfixest(panel: PolicyPanel) -> None:
    study = event_study(panel)
    names = [f"treated_{year}" for year in study.years]
    assert study.estimates == pytest.approx([STORED["estimates"][name] for name in names], rel=1e-7)
    # pyfixest was asked for no small-sample factor; ours is that of the regression of changes on three columns
    bare = np.sqrt(np.diag(study.covariance) / cluster_factor("CR1S", 12, 48, 4))
    assert bare == pytest.approx([STORED["se"][name] for name in names], rel=1e-7)


def test_effect_is_the_two_way_regression_with_level_and_terrain_by_year(panel: PolicyPanel) -> None:
    long = LONG.assign(post=(LONG["year"] >= 2015) & LONG["treated"].eq(1))
    years = sorted(set(long["year"]))[1:]
    for year in years:
        long[f"y{year}"] = long["year"].eq(year)
    controls = [Interaction(Variable(name), Variable(f"y{year}")) for name in ("level", "terrain") for year in years]
    spec = RegressionSpec(
        Variable("value"),
        (Variable("post"),),
        SampleSpec("all", "all"),
        CovarianceSpec("HC1"),
        tuple(controls),
        ("code", "year"),
    )
    route = fit(spec, long)
    ours = effect(panel)
    assert ours.params[ours.position("treated")] == pytest.approx(route.params[route.position("post")], rel=1e-9)


def test_standard_errors_by_year_are_those_of_single_regressions(panel: PolicyPanel) -> None:
    study = event_study(panel)
    for place, year in enumerate(study.years):
        frame = panel.units.assign(path=panel.paths[:, panel.design.years.index(year)])
        spec = RegressionSpec(
            Variable("path"),
            (Variable("treated"),),
            SampleSpec("all", "all"),
            CovarianceSpec("cluster", ("cluster",), "CR1S"),
            (Variable("level"), Variable("terrain")),
        )
        single = fit(spec, frame)
        at = single.position("treated")
        assert study.estimates[place] == pytest.approx(single.params[at], rel=1e-9)
        assert np.sqrt(study.covariance[place, place]) == pytest.approx(single.se[at], rel=1e-9)
