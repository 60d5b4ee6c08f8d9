"""Jumps by local polynomials: recovery, coverage, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.discontinuity._local import Side, kernel_weights, neighbour_residuals, smoother
from shanhai.methods.discontinuity.polynomial import JumpSpec, local_jump


def simulated(
    rng: np.random.Generator, n: int = 800, jump: float = 0.0, noise: float = 0.3
) -> tuple[np.ndarray, np.ndarray]:
    """Outcome with curvature that differs by side, and running variable."""
    running = rng.uniform(-1, 1, n)
    smooth = 0.8 * running - 0.9 * running**2 * (running > 0) + 1.5 * running**3
    return smooth + jump * (running >= 0) + rng.normal(scale=noise, size=n), running


def test_jump_of_lines_without_noise_is_exact() -> None:
    running = np.linspace(-1, 1, 81) + 0.003
    outcome = 2.0 - running + (5.0 + 3.0 * running) * (running >= 0)
    found = local_jump(outcome, running, JumpSpec(bandwidth=0.5))
    assert found.conventional == pytest.approx(5.0, abs=1e-12)
    assert found.corrected == pytest.approx(5.0, abs=1e-11)


def test_correction_with_one_bandwidth_is_the_next_order() -> None:
    """Remark 7 of Calonico, Cattaneo & Titiunik (2014): with b = h, the corrected line is the parabola."""
    outcome, running = simulated(np.random.default_rng(2), jump=1.0)
    line = local_jump(outcome, running, JumpSpec(bandwidth=0.6))
    parabola = local_jump(outcome, running, JumpSpec(order=2, bias_order=3, bandwidth=0.6))
    assert line.corrected == pytest.approx(parabola.conventional, rel=1e-9)
    assert line.se_robust == pytest.approx(parabola.se_conventional, rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("jump", [0.0, 0.5])
def test_robust_intervals_cover(jump: float) -> None:
    rng = np.random.default_rng(7)
    covered = []
    for _ in range(300):
        found = local_jump(*simulated(rng, jump=jump)).to_frame().set_index("method").loc["robust"]
        covered.append(found["low"] <= jump <= found["high"])
    assert 0.91 <= np.mean(covered) <= 0.98  # binomial standard error 0.013


def test_order_of_rows_and_missing_rows_change_nothing() -> None:
    rng = np.random.default_rng(3)
    outcome, running = simulated(rng)
    groups = rng.integers(0, 60, len(outcome)).astype(object)
    plain = local_jump(outcome, running, clusters=groups)
    shuffled = rng.permutation(len(outcome) + 3)
    longer = [
        np.concatenate([outcome, [np.nan, 9.0, 9.0]]),
        np.concatenate([running, [0.1, np.nan, 0.1]]),
        np.concatenate([groups, np.array([1, 1, None], dtype=object)]),
    ]
    other = local_jump(*(column[shuffled] for column in longer[:2]), clusters=longer[2][shuffled])
    assert other.dropped == 3
    assert other.n == plain.n
    assert other.to_frame()[["estimate", "se"]].to_numpy() == pytest.approx(
        plain.to_frame()[["estimate", "se"]].to_numpy(), rel=1e-9
    )


def test_mirror_turns_the_sign() -> None:
    outcome, running = simulated(np.random.default_rng(4), jump=0.4)
    there, back = local_jump(outcome, running), local_jump(outcome, -running)
    assert back.conventional == pytest.approx(-there.conventional, rel=1e-9)
    assert back.bandwidths.main == pytest.approx(there.bandwidths.main, rel=1e-9)


def test_donut_leaves_near_rows_out() -> None:
    outcome, running = simulated(np.random.default_rng(5), jump=0.5)
    disturbed = outcome + 50.0 * (np.abs(running) < 0.02)
    found = local_jump(disturbed, running, JumpSpec(bandwidth=0.4, donut=0.02))
    assert found.in_donut == int((np.abs(running) < 0.02).sum()) > 0
    assert min(found.nearest) >= 0.02
    assert found.conventional == pytest.approx(0.5, abs=4 * found.se_conventional)


def test_a_cluster_on_both_sides_keeps_its_covariance() -> None:
    """A shock that both sides share cancels in the jump: joint clusters see it, clusters cut in two do not."""
    rng = np.random.default_rng(6)
    running = rng.uniform(-1, 1, 1200)
    group = rng.integers(0, 40, 1200)
    outcome = running + rng.normal(scale=2.0, size=40)[group] + rng.normal(scale=0.2, size=1200)
    spec = JumpSpec(bandwidth=0.8, noise="HC0")
    joint = local_jump(outcome, running, spec, clusters=group)
    cut = local_jump(outcome, running, spec, clusters=group * 2 + (running >= 0))
    assert joint.se_conventional < 0.7 * cut.se_conventional


def test_clusters_take_residuals_of_the_polynomial() -> None:
    """The default residuals are those of neighbours, which clusters would lose part of; rdrobust 4 takes CR1 too."""
    rng = np.random.default_rng(9)
    outcome, running = simulated(rng)
    groups = rng.integers(0, 50, len(outcome))
    given = local_jump(outcome, running, clusters=groups)
    assert given.spec.noise == "HC0"
    assert given.se_robust == local_jump(outcome, running, JumpSpec(noise="HC0"), clusters=groups).se_robust
    assert local_jump(outcome, running).spec.noise == "neighbours"


def test_mass_points_are_refused_with_the_reason() -> None:
    outcome, running = simulated(np.random.default_rng(8))
    coarse = np.floor(running * 10) / 10 + 0.05
    with pytest.raises(SpecificationError, match=r"mass points: .* rows on the left .* 10 different values"):
        local_jump(outcome, coarse)
    admitted = local_jump(outcome, np.where(np.arange(800) < 80, coarse, running))
    assert any("repeat a running value" in note for note in admitted.notes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"running": np.linspace(0.1, 1, 50)}, "0 rows lie left and 50 right"),
        ({"running": -np.linspace(0.1, 1, 50)}, "50 rows lie left and 0 right"),
        ({"running": np.linspace(-1, 1, 49)}, "shapes"),
        ({"outcome": np.full(50, np.nan)}, "0 rows lie left and 0 right"),
        ({"outcome": np.r_[np.inf, np.zeros(49)]}, "1 rows hold an infinite"),
        ({"clusters": np.arange(50) // 5, "spec": JumpSpec(noise="neighbours")}, "allowed: HC0, HC1, HC2, HC3"),
        ({"outcome": np.linspace(2, 3, 50), "spec": JumpSpec(bandwidth=0.5, noise="HC0")}, "'HC0' are zero inside"),
        ({"outcome": np.ones(50)}, "'neighbours' are zero inside"),
        ({"clusters": np.zeros(50)}, "1 cluster inside the bandwidth on one side"),
        ({"spec": JumpSpec(bandwidth=0.05)}, "holds 2 different values|holds 1 different values|holds 0 different"),
    ],
)
def test_bad_data_are_refused(change: dict[str, object], message: str) -> None:
    data: dict[str, object] = {
        "outcome": np.sin(np.arange(50.0)),
        "running": np.linspace(-1, 1, 50),
        "spec": JumpSpec(bandwidth=0.5),
    }
    data.update(change)
    with pytest.raises(SpecificationError, match=message):
        local_jump(data.pop("outcome"), data.pop("running"), data.pop("spec"), **data)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "choice",
    [
        {"kernel": "gaussian"},
        {"noise": "robust"},
        {"order": 2},
        {"order": -1},
        {"bandwidth": 0.0},
        {"bandwidth": np.nan},
        {"bias_bandwidth": 1.0},
        {"neighbours": 0},
        {"donut": -1.0},
        {"least_unique": 1.5},
    ],
)
def test_bad_choices_are_refused(choice: dict[str, object]) -> None:
    with pytest.raises(SpecificationError, match="allowed"):
        JumpSpec(**choice)  # type: ignore[arg-type]


def test_neighbour_residuals_by_hand() -> None:
    """Rows at 0, 1, 3, 3: two neighbours of the first are 1, and both at 3, which are equally far."""
    rest = neighbour_residuals(np.array([1.0, 2.0, 6.0, 4.0]), np.array([0.0, 1.0, 3.0, 3.0]), 2)
    wanted = [
        (1 - 4) * np.sqrt(3 / 4),
        (2 - 11 / 3) * np.sqrt(3 / 4),
        (6 - 3) * np.sqrt(2 / 3),
        (4 - 4) * np.sqrt(2 / 3),
    ]
    assert rest == pytest.approx(wanted)


def test_smoother_gives_the_coefficients_of_a_polynomial() -> None:
    running = np.linspace(0, 2, 30)
    found = smoother(running, 1.5, 2, "epanechnikov") @ (3 - 2 * running + 0.5 * running**2)
    assert found == pytest.approx([3, -2, 0.5])


def test_kernels_have_no_weight_from_one_on() -> None:
    for kernel in ("triangular", "epanechnikov", "uniform"):
        weights = kernel_weights(np.array([-1.2, -1.0, -0.5, 0.0, 1.0]), kernel)  # type: ignore[arg-type]
        assert (weights > 0).tolist() == [False, False, True, True, False]


def test_within_keeps_clusters_beside_their_rows() -> None:
    side = Side(np.arange(4.0), np.array([0.0, 1.0, 2.0, 3.0]), np.array([5, 6, 7, 8]))
    assert side.within(2.0).clusters is not None
    assert pd.Series(side.within(2.0).clusters).tolist() == [5, 6]


def test_covariates_leave_the_jump_and_take_noise() -> None:
    rng = np.random.default_rng(3)
    outcome, running = simulated(rng, jump=0.5)
    before = rng.normal(size=len(running))
    spec = JumpSpec(bandwidth=0.4)
    without = local_jump(outcome + before, running, spec)
    held = local_jump(outcome + before, running, spec, covariates=before)
    assert held.slopes[0] == pytest.approx(1.0, abs=0.06)  # about three standard errors of 400 rows near the cut-off
    assert held.conventional == pytest.approx(0.5, abs=3 * held.se_conventional)
    assert held.se_robust < 0.5 * without.se_robust


@pytest.mark.parametrize("width", [(0.4, 0.0), (0.4,), (0.4, 0.5, 0.6)])
def test_two_bandwidths_are_two_positive_numbers(width: tuple[float, ...]) -> None:
    with pytest.raises(SpecificationError, match="two of them for left and right"):
        JumpSpec(bandwidth=width)


def test_a_row_without_a_covariate_is_dropped_and_counted() -> None:
    outcome, running = simulated(np.random.default_rng(3))
    covariates = pd.DataFrame({"age": running**2, "size": np.where(running > 0.9, np.nan, 1.0)})
    assert local_jump(outcome, running, covariates=covariates).dropped == int((running > 0.9).sum())
