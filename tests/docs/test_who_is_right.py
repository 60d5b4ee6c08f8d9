"""The page on differences from other programs prints what they and ours give today, and names tests that exist.

Peers that the tests have (pyfixest, statsmodels, spreg, giddy) are run; of others the stored output of their programs
is read, which the tests of ``tests/reference`` name with version and generator.
"""

import json
import re
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from statsmodels.datasets import ccard, grunfeld
from statsmodels.stats.oaxaca import OaxacaBlinder

from shanhai.core.paths import ROOT
from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable, cluster_forms, fit, scpc, wild_test
from shanhai.methods.convergence import find_clubs
from shanhai.methods.convergence.mobility import homogeneity_test
from shanhai.methods.decomposition import OaxacaDesign, SharesDesign, TermGroup, oaxaca_blinder
from shanhai.methods.discontinuity.polynomial import JumpSpec, local_jump
from shanhai.methods.spatial import SpatialFit, SpatialWeights, contiguity_weights, fit_lag, spatial_arrays
from shanhai.methods.synthetic import SyntheticSpec, fit_synthetic
from shanhai.methods.synthetic.sdid import synthetic_did

REFERENCE = ROOT / "tests" / "reference"
PAGE = (ROOT / "lib" / "docs" / "who-is-right.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("| ").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and "`test_" in line
]
EVERYTHING = SampleSpec("all", "全部")


def stored(path: str) -> dict:
    return json.loads((REFERENCE / path).read_text(encoding="utf-8"))


def row_of(quantity: str) -> str:
    (found,) = [row for row in ROWS if row[0] == quantity]
    return " | ".join(found)


def quakes() -> pd.DataFrame:
    frame = pd.read_csv(REFERENCE / "data" / "quakes.csv")
    return frame.assign(cluster=frame["long"] // 2)


def on_quakes(covariance: CovarianceSpec, *terms: str, effects: tuple[str, ...] = ()) -> RegressionSpec:
    return RegressionSpec(Variable("depth"), tuple(map(Variable, terms)), EVERYTHING, covariance, fixed_effects=effects)


def error_of_magnitude(factor: str, effects: tuple[str, ...] = ()) -> float:
    result = fit(
        on_quakes(CovarianceSpec("cluster", ("cluster",), factor), "mag", "stations", effects=effects), quakes()
    )
    return float(result.se[result.position("mag")])


def nested_effects() -> list[float]:
    theirs = stored("clusters/nested.json")["se"]
    ours = [error_of_magnitude(factor, ("cluster",)) for factor in ("CR1N", "CR1S")]
    assert ours == pytest.approx([theirs[f"one nested, {kind}"]["mag"] for kind in ("nonnested", "full")], rel=1e-9)
    return ours


def two_way_clusters() -> list[float]:
    firms = grunfeld.load_pandas().data.iloc[:200]
    groups = np.column_stack([pd.factorize(firms[name])[0] for name in ("firm", "year")])
    theirs = smf.ols("invest ~ value + capital", firms).fit(cov_type="cluster", cov_kwds={"groups": groups})
    spec = RegressionSpec(
        Variable("invest"),
        (Variable("value"), Variable("capital")),
        EVERYTHING,
        CovarianceSpec("cluster", ("firm", "year"), "CR1S"),
    )
    ours = fit(spec, firms)
    return [theirs.bse["value"], ours.se[ours.position("value")]]


def scpc_of_quakes() -> list[float]:
    every = quakes()
    places = every[~every[["long", "lat"]].floordiv(1).duplicated()]
    spec = on_quakes(CovarianceSpec.conley("bartlett", 100, ("long", "lat")), "mag")
    theirs = stored("scpc/quakes.json")["one, 0.03, proportional"]["rows"]["mag"]["p"]
    kinds = ("proportional", "homoskedastic")
    return [theirs, *(scpc(spec, places, "mag", errors=kind).p for kind in kinds)]


def wild_ties() -> list[float]:
    frame = quakes()
    test = wild_test(cluster_forms(frame["depth"], frame[["mag", "stations"]], frame["cluster"], 0))
    return [stored("data/quakes_wild.json")["results"][0]["p"], test.p, test.p_with_ties]


def three_jackknives() -> list[float]:
    theirs = stored("clusters/crv3.json")["se"]
    return [theirs["plain, G_adj=True"]["mag"], *(error_of_magnitude(kind) for kind in ("CR3", "CV3", "CV3J"))]


def hc3_of_pyfixest() -> list[float]:
    import pyfixest as pf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of what pyfixest asks of pandas
        theirs = pf.feols("depth ~ mag + stations", quakes(), vcov="HC3").se()["mag"]
    return [theirs, fit(on_quakes(CovarianceSpec("HC3"), "mag", "stations"), quakes()).se[1]]


def conley_radius() -> list[float]:
    spec = on_quakes(CovarianceSpec.conley("uniform", 100, ("long", "lat")), "mag")
    return [19.165598059, fit(spec, quakes()).se[1]]  # the first as in tests/reference/test_conley_quakes.py


def senate(**options: object) -> tuple[JumpSpec, pd.DataFrame]:
    return JumpSpec(**options), pd.read_csv(REFERENCE / "discontinuity" / "senate.csv")  # type: ignore[arg-type]


def jump_with_hc1() -> list[float]:
    spec, frame = senate(noise="HC1")
    theirs = stored("discontinuity/senate.json")["cases"]["HC1"]["se_conventional"]
    return [theirs, local_jump(frame["vote"], frame["margin"], spec).se_conventional]


def jump_by_state() -> list[float]:
    spec, frame = senate(noise="HC0")
    sides = frame["state"] + np.where(frame["margin"] >= 0, "+", "-")
    ours = [local_jump(frame["vote"], frame["margin"], spec, clusters=kind) for kind in (sides, frame["state"])]
    return [jump.se_conventional for jump in ours]


def first_club() -> list[float]:
    paths = pd.read_csv(REFERENCE / "convergence" / "europe_paths.csv", index_col="unit").drop(columns="club")
    paths = paths.set_axis([int(year) for year in paths.columns], axis="columns")
    return [find_clubs(paths, **options).clubs[0].test.t for options in ({"raise_to": 0.0}, {})]


def packs() -> pd.DataFrame:
    frame = pd.read_csv(REFERENCE / "did" / "smoking.csv", index_col="state")
    return frame.set_axis([int(year) for year in frame.columns], axis="columns")


def california() -> list[float]:
    return [fit_synthetic(packs(), "California", SyntheticSpec("packs", 1989, intercept=False)).effect]


def california_doubly_weighted() -> list[float]:
    return [synthetic_did(packs(), "California", "packs", 1989).estimate]


def columbus() -> tuple[pd.DataFrame, SpatialWeights]:
    frame = pd.read_csv(REFERENCE / "spatial" / "columbus.csv", dtype={"code": str})
    edges = pd.read_csv(REFERENCE / "spatial" / "columbus_edges.csv", dtype=str)
    return frame, contiguity_weights(edges, frame["code"].to_list())


def spreg_fit(method: str) -> Any:
    from spreg.ml_lag import BaseML_Lag  # here, because the import takes seconds

    frame, weights = columbus()
    regressors = np.column_stack([np.ones(len(frame)), frame[["INC", "HOVAL"]]])
    return BaseML_Lag(frame[["CRIME"]].to_numpy(), regressors, weights.graph.to_W(), method=method)


def our_lag() -> SpatialFit:
    frame, weights = columbus()
    names = ["INC", "HOVAL"]
    return fit_lag(spatial_arrays(frame["CRIME"], frame[names], names, weights, frame["code"].to_list()))


def error_of_rho() -> list[float]:
    table = pd.read_csv(REFERENCE / "spatial" / "columbus_results.csv").set_index("quantity")["value"]
    by_r = table["plain.fits.lag.spatial_se"]
    theirs, ours = float(np.sqrt(spreg_fit("ord").vm[-1, -1])), float(our_lag().se[-1])
    assert ours == pytest.approx(by_r, rel=1e-6)
    return [theirs, by_r]


def score_of_rho(rho: float) -> float:
    """Derivative of the concentrated log likelihood of the lag model, by dense matrices."""
    frame, weights = columbus()
    dense = weights.graph.sparse.toarray()
    dense = dense / dense.sum(axis=1, keepdims=True)
    regressors = np.column_stack([np.ones(len(frame)), frame[["INC", "HOVAL"]]])
    outcome = np.column_stack([frame["CRIME"], dense @ frame["CRIME"]])
    own, lagged = (outcome - regressors @ np.linalg.lstsq(regressors, outcome)[0]).T
    left, roots = own - rho * lagged, np.linalg.eigvals(dense).real
    return float(len(frame) * (left @ lagged) / (left @ left) - (roots / (1 - rho * roots)).sum())


def rho() -> list[float]:
    table = pd.read_csv(REFERENCE / "spatial" / "columbus_results.csv").set_index("quantity")["value"]
    ours = float(our_lag().spatial)
    assert score_of_rho(ours - 1e-9) > 0 > score_of_rho(ours + 1e-9)
    assert score_of_rho(table["default_rho"]) < 0 and score_of_rho(table["plain.fits.lag.spatial"]) < 0
    return [table["default_rho"], ours]


def total_effect_of_house_values() -> list[float]:
    """Of R's totals the second is that of a zone; it is that zone's coefficient and the slope of HOVAL, multiplied."""
    table = pd.read_csv(REFERENCE / "spatial" / "columbus_results.csv").set_index("quantity")["value"]
    theirs = table["zones.impacts.durbin.total2"]
    zone, slope, lagged = (table[f"zones.fits.durbin.b{place}"] for place in (2, 4, 6))
    multiplier = 1 / (1 - table["zones.fits.durbin.spatial"])
    assert theirs == pytest.approx((zone + slope) * multiplier, rel=1e-6)
    return [theirs, (slope + lagged) * multiplier]


def cards() -> pd.DataFrame:
    data = ccard.load_pandas()
    return data.exog.assign(spending=data.endog)


def explained_by_statsmodels(kind: str) -> float:
    frame = cards()
    model = OaxacaBlinder(frame["spending"], frame[["AGE", "INCOME", "INCOMESQ", "OWNRENT"]], "OWNRENT", hasconst=False)
    return float(model.two_fold(two_fold_type=kind).params[1])


def explained_by_us(reference: str) -> float:
    names = ("AGE", "INCOME", "INCOMESQ")
    spec = RegressionSpec(
        Variable("spending"), tuple(map(Variable, names)), EVERYTHING, CovarianceSpec("cluster", ("row",), "CR0"),
        weights="one",
    )  # fmt: skip
    groups = tuple(TermGroup(name, (name,), "one") for name in names)
    frame = cards().assign(one=1.0, row=np.arange(72), owns=cards()["OWNRENT"] == 1)
    design = OaxacaDesign(SharesDesign(spec, groups, "one"), "owns")
    found = oaxaca_blinder(design, frame, draws=0, generator=np.random.default_rng(0))
    return found.twofold[reference][0].contribution


def explained_at_cotton() -> list[float]:
    frame = cards()
    owns = frame["OWNRENT"] == 1
    names = ["AGE", "INCOME", "INCOMESQ"]
    slopes = [
        sm.OLS(part["spending"], sm.add_constant(part[names])).fit().params[names]
        for part in (frame[owns], frame[~owns])
    ]
    apart = frame.loc[owns, names].mean() - frame.loc[~owns, names].mean()
    by_definition = apart @ (owns.mean() * slopes[0] + (1 - owns.mean()) * slopes[1])
    ours = explained_by_us("share")
    assert ours == pytest.approx(by_definition, rel=1e-8)
    return [explained_by_statsmodels("cotton"), ours]


def explained_at_neumark() -> list[float]:
    pooled = explained_by_us("pooled")
    assert explained_by_statsmodels("nuemark") == pytest.approx(pooled, rel=1e-8)
    assert explained_by_statsmodels("neumark") == explained_by_statsmodels("pooled")
    return [explained_by_statsmodels("neumark"), pooled]


FIRST, SECOND = (
    np.array([[50, 10, 0], [5, 60, 7], [0, 9, 80]]),
    np.array([[40, 14, 0], [9, 55, 3], [0, 4, 90]]),
)


def one_matrix() -> list[float]:
    from giddy.markov import Homogeneity_Results

    with pytest.warns(RuntimeWarning):  # log of zero and a cast of minus infinity, which is the point
        whole = Homogeneity_Results([FIRST, SECOND])
    fractions = Homogeneity_Results([FIRST.astype(float), SECOND.astype(float)])
    ours = homogeneity_test({"first": FIRST, "second": SECOND})
    assert np.isneginf(whole.LR)
    assert ours.statistic == pytest.approx(fractions.LR)
    return [ours.statistic]


def degrees_of_a_class_never_left() -> list[float]:
    from giddy.markov import Homogeneity_Results

    left = [np.vstack([matrix[:2], np.zeros(3)]) for matrix in (FIRST, SECOND)]
    theirs, ours = Homogeneity_Results(left), homogeneity_test(dict(zip("ab", left, strict=True)))
    return [theirs.dof, ours.degrees, theirs.LR_p_value, ours.p]


def cube_of_the_year() -> list[float]:
    known = stored("conditioning/years.json")
    frame = pd.DataFrame(known["data"], columns=["unit", "year", "dummy", "outcome"])
    frame = frame.assign(year2=frame["year"] ** 2, year3=frame["year"] ** 3)
    names = known["names"][1:]
    with pytest.warns(sm.tools.sm_exceptions.SingularMatrixWarning, match="rank-deficient"):
        theirs = sm.OLS(frame["outcome"].astype(float), sm.add_constant(frame[names].astype(float))).fit()
    spec = RegressionSpec(Variable("outcome"), tuple(map(Variable, names)), EVERYTHING, CovarianceSpec("HC1"))
    ours, exact = fit(spec, frame).params[1], float(known["params"][1])
    assert ours == pytest.approx(exact, rel=1e-8)
    return [theirs.params["dummy"], exact]


RECOMPUTED: dict[str, tuple[Callable[[], list[float]], str]] = {
    "p of magnitude by SCPC": (scpc_of_quakes, ".7f"),
    "error with effects nested in clusters": (nested_effects, ".5f"),
    "error by two clusters": (two_way_clusters, ".7f"),
    "p of a wild bootstrap with ties": (wild_ties, ".7f"),
    "error by leaving clusters out": (three_jackknives, ".4f"),
    "error under HC3": (hc3_of_pyfixest, ".4f"),
    "Conley error, uniform kernel": (conley_radius, ".6f"),
    "error of a jump, HC1": (jump_with_hc1, ".5f"),
    "error of a jump, clusters on both sides": (jump_by_state, ".3f"),
    "t of the first club": (first_club, ".2f"),
    "effect of synthetic control": (california, ".2f"),
    "synthetic difference-in-differences": (california_doubly_weighted, ".3f"),
    "error of rho": (error_of_rho, ".5f"),
    "rho of the lag model": (rho, ".10f"),
    "effect of HOVAL beside dummies of zones, Durbin model": (total_effect_of_house_values, ".3f"),
    "explained at Cotton's weights": (explained_at_cotton, ".3f"),
    "explained at Neumark's coefficients": (explained_at_neumark, ".3f"),
    "one matrix for all groups": (one_matrix, ".4f"),
    "a class that nobody leaves": (degrees_of_a_class_never_left, ".4g"),
    "dummy beside powers of the year": (cube_of_the_year, ".4f"),
}
"""Rows of the page by their first cell: what gives the numbers printed there, and how they are printed."""

VERSIONS = {"pyfixest": 2, "statsmodels": 2, "spreg": 2, "giddy": 2}


@pytest.mark.slow
@pytest.mark.parametrize("quantity", RECOMPUTED)
def test_a_row_prints_what_both_programs_give(quantity: str) -> None:
    compute, form = RECOMPUTED[quantity]
    printed = row_of(quantity)
    assert [text for text in (format(value, form) for value in compute()) if text not in printed] == []


def test_versions_are_those_that_run_here() -> None:
    """A peer of another version may have mended what the page says of it."""
    for package, digits in VERSIONS.items():
        said = set(re.findall(rf"{package} (\d+(?:\.\d+)*)", PAGE))
        assert said == {".".join(version(package).split(".")[:digits])}, package


def test_every_row_names_tests_that_exist() -> None:
    written = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    named = {name for row in ROWS for name in re.findall(r"`(test_\w+)`", row[-1])}
    assert len(ROWS) >= 30
    assert sorted(name for name in named if f"def {name}(" not in written) == []
