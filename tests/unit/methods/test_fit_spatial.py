"""Conley's covariance and the wild bootstrap chosen by a specification, on a frame of any country."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods import fit, wild_bootstrap
from shanhai.methods.regression.wild import WildResult
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
from shanhai.studies.border.design import ROBUST, border_spec, main_spec

QUAKES = Path(__file__).parents[2] / "reference" / "data" / "quakes.csv"
SPEC = RegressionSpec(
    outcome=Variable("depth"),
    terms=(Variable("mag"),),
    sample=SampleSpec("quakes", "地震"),
    covariance=CovarianceSpec.conley("bartlett", 100, ("long", "lat")),
)


@pytest.fixture(scope="module")
def quakes() -> pd.DataFrame:
    frame = pd.read_csv(QUAKES)
    return frame.assign(cluster=frame["long"] // 2, band=frame["lat"] // 5)


@pytest.mark.parametrize(("cutoff", "se"), [(100, 18.695106212), (200, 19.716527570)])
def test_published_standard_errors_come_out_of_fit(quakes, cutoff, se):
    spec = replace(SPEC, covariance=CovarianceSpec.conley("bartlett", cutoff, ("long", "lat")))
    result = fit(spec, quakes)
    assert result.se[1] == pytest.approx(se, abs=1e-8)
    assert result.df == len(quakes) - 2
    assert result.error == f"conley(bartlett, {cutoff} km)"
    assert result.notes == ()


@pytest.mark.parametrize("effects", [("band",), ("band", "cluster")])
@pytest.mark.parametrize("kernel", ["uniform", "bartlett"])
def test_absorbed_effects_equal_dummies(quakes, effects, kernel):
    dummies = pd.get_dummies(quakes[list(effects)].astype(str), drop_first=True, dtype=float)
    dummies.columns = [f"dummy_{place}" for place in range(dummies.shape[1])]
    covariance = CovarianceSpec.conley(kernel, 300, ("long", "lat"))
    absorbed = fit(replace(SPEC, fixed_effects=effects, covariance=covariance), quakes)
    controls = tuple(Variable(name) for name in dummies.columns)
    flat = fit(replace(SPEC, controls=controls, covariance=covariance), pd.concat([quakes, dummies], axis=1))
    assert absorbed.se[0] == pytest.approx(flat.se[flat.position("mag")], rel=1e-8)


def indefinite() -> pd.DataFrame:
    """Chains of three places, 60 km apart, whose residuals alternate: the uniform kernel then gives less than zero."""
    step = np.tile([0.0, 60.0, 120.0], 20) / 111.2
    far = np.repeat(np.arange(20) * 10.0, 3)
    sign = np.tile([1.0, -1.5, 1.0], 20) * np.repeat([1.0, -1.0], 30)
    return pd.DataFrame({"east": far, "north": step, "y": sign, "x": np.tile([1.0, 1.0, 1.0], 20)}).assign(
        x=lambda f: f["x"] * np.repeat([1.0, 2.0], 30)
    )


def test_an_indefinite_covariance_is_said_and_repaired_only_when_asked():
    spec = replace(SPEC, outcome=Variable("y"), terms=(Variable("x"),))
    plain, repaired = (
        fit(
            replace(spec, covariance=CovarianceSpec.conley("uniform", 70, ("east", "north"), repair=repair)),
            indefinite(),
        )
        for repair in (False, True)
    )
    assert np.linalg.eigvalsh(plain.covariance)[0] < 0
    assert "not positive semidefinite" in plain.notes[-2]
    assert "left as it is" in plain.notes[-2]
    assert np.isnan(plain.se[np.diag(plain.covariance) < 0]).all()
    assert "No standard error: " in plain.notes[-1]
    assert np.linalg.eigvalsh(repaired.covariance)[0] >= -1e-12
    assert "were set to zero" in repaired.notes[-2]
    assert repaired.error == "conley(uniform, 70 km, repaired)"


def test_rows_without_place_are_dropped_and_counted(quakes):
    frame = quakes.assign(lat=quakes["lat"].mask(quakes.index < 7))
    result = fit(SPEC, frame)
    assert [(drop.reason, drop.count) for drop in result.dropped_rows] == [("lat missing", 7)]
    assert result.se == pytest.approx(fit(SPEC, quakes.iloc[7:]).se)


@pytest.mark.parametrize("cutoff", [0, -1, float("nan"), float("inf"), True, "200"])
def test_a_cutoff_that_is_none_is_refused(cutoff):
    with pytest.raises(SpecificationError, match="number above 0"):
        CovarianceSpec.conley("bartlett", cutoff)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kernel": "triangle"}, "allowed: uniform, bartlett"),
        ({"coordinates": ("long",)}, "two different columns"),
        ({"coordinates": ("long", "long")}, "two different columns"),
        ({"coordinates": ("long", "")}, "the name of one column"),
        ({"repair": 1}, "True or False"),
        ({"kind": "HC1"}, "takes no kernel"),
        ({"by": ("cluster",)}, "takes neither clusters"),
    ],
)
def test_what_conley_cannot_mean_is_refused(change, message):
    with pytest.raises(SpecificationError, match=message):
        replace(SPEC.covariance, **change)


def test_unknown_coordinates_are_named(quakes):
    with pytest.raises(SpecificationError, match="no column 'longitude', 'latitude'"):
        fit(replace(SPEC, covariance=CovarianceSpec.conley("uniform", 100)), quakes)


def test_ids_of_earlier_specifications_stay():
    """Digests of the committed estimates, from before covariances had a space."""
    assert main_spec().spec_id == "5eabae2bb596"
    assert border_spec(covariance=ROBUST).spec_id == "4cc1270be5f1"
    assert border_spec("weighted").spec_id == "0809578538d3"


def test_ids_tell_kernels_cutoffs_and_repairs_apart():
    covariances = [
        CovarianceSpec.conley("uniform", 100),
        CovarianceSpec.conley("bartlett", 100),
        CovarianceSpec.conley("bartlett", 200),
        CovarianceSpec.conley("bartlett", 200, repair=True),
        CovarianceSpec.conley("bartlett", 200, ("x", "y")),
    ]
    assert len({replace(SPEC, covariance=covariance).spec_id for covariance in covariances}) == len(covariances)
    assert replace(SPEC, covariance=CovarianceSpec.conley("uniform", 100.0)).spec_id == (
        replace(SPEC, covariance=covariances[0]).spec_id
    )


def wild_of(quakes: pd.DataFrame, **changes: object) -> WildResult:
    spec = replace(SPEC, fixed_effects=("band",), covariance=CovarianceSpec("cluster", ("cluster",), "CR1S"))
    return wild_bootstrap(spec, quakes, **({"term": "mag", "seed": 1, "draws": 499} | changes))


def test_wild_bootstrap_is_seeded_and_its_interval_fits_its_test(quakes):
    first, again, other = wild_of(quakes), wild_of(quakes), wild_of(quakes, seed=2)
    assert first == again
    assert first.test.p != other.test.p or first.low != other.low
    assert first.test.estimate == pytest.approx(fit(first.spec, quakes).params[0], rel=1e-10)
    assert (first.p < 0.05) == (not first.low <= 0 <= first.high)
    assert first.label == "wild(cluster, rademacher, 499)"


def test_wild_bootstrap_enumerates_few_clusters(quakes):
    assert wild_of(quakes, draws=9999).test.enumerated
    assert wild_of(quakes, draws=9999).low == wild_of(quakes, draws=9999, seed=5).low


@pytest.mark.parametrize(
    ("changes", "message"), [({"term": "depth"}, "allowed: mag"), ({"weights": "mammen"}, "allowed: rademacher, webb")]
)
def test_wild_bootstrap_refuses_what_it_does_not_know(quakes, changes, message):
    with pytest.raises(SpecificationError, match=message):
        wild_of(quakes, **changes)


def test_wild_bootstrap_needs_one_cluster_column(quakes):
    with pytest.raises(SpecificationError, match="one column"):
        wild_bootstrap(SPEC, quakes, "mag", seed=1)


def test_the_inference_library_imports_without_data():
    rooms = ("shanhai.data", "shanhai.render", "shanhai.studies")
    code = f"import sys, shanhai.methods; print([m for m in sys.modules if m.startswith({rooms})])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("kernel", "share"), [("uniform", 1.0), ("bartlett", 1 / 3)])
@pytest.mark.parametrize("regions", [5, 9, 11, 40])
def test_a_cutoff_that_holds_few_neighbourhoods_is_noted(kernel: str, share: float, regions: int) -> None:
    """Regions far apart, 12 places each within the cutoff: pairs within it are those of clusters of one size."""
    rng = np.random.default_rng(regions)
    n, each = 12 * regions, 12
    frame = pd.DataFrame({"y": rng.normal(size=n), "x": rng.normal(size=n), "lat": rng.uniform(0, 0.1, n)})
    frame["lon"] = np.repeat(np.arange(regions) * 5.0, each) + rng.uniform(0, 0.1, n)
    spec = replace(
        SPEC,
        outcome=Variable("y"),
        terms=(Variable("x"),),
        covariance=CovarianceSpec.conley(kernel, 50, ("lon", "lat")),
    )
    within = regions * each * (each - 1)  # ordered pairs
    alike = n**2 / (n + share * within)
    said = [note for note in fit(spec, frame).notes if "of all pairs" in note]
    assert len(said) == (alike < 10)
    for note in said:
        assert note.startswith(f"{100 * within / n / (n - 1):.0f} % of all pairs")
        assert f"as in some {alike:.0f} clusters" in note
