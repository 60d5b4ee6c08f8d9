"""Bare kernels of numpy and scipy for the works of the benchmarks: the arithmetic alone, no checks, no objects.

Each is what somebody writes for one data set that is known to be complete: arrays in, numbers out. Beside ours they
show what checks, names and results cost; ours are meant to take at most twice their time. Nothing of the library is
used. Where ours is faster than the kernel, its algorithm is the better one.
"""

import numpy as np
from scipy import linalg, optimize, sparse
from scipy.sparse.linalg import SuperLU, splu
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist
from scipy.special import gammaln

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(80)


def on_sphere(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Points on the unit sphere, n x 3."""
    east, north = np.radians(longitude), np.radians(latitude)
    return np.column_stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])


def conley(scores: np.ndarray, bread: np.ndarray, points: np.ndarray, kernel: str, reach: float) -> np.ndarray:
    """Standard errors, from one sparse matrix of all pairs within an angle."""
    pairs = cKDTree(points).query_pairs(2 * np.sin(reach / 2), output_type="ndarray")
    left, right = pairs[:, 0], pairs[:, 1]
    weights = np.ones(len(pairs))
    if kernel == "bartlett":
        chord = np.sqrt(((points[left] - points[right]) ** 2).sum(axis=1))
        weights = 1 - 2 * np.arcsin(chord / 2) / reach
    matrix = sparse.coo_array((weights, (left, right)), shape=(len(points),) * 2).tocsr()
    half = scores.T @ (matrix @ scores)
    return np.sqrt(np.diag(bread @ (half + half.T + scores.T @ scores) @ bread))


def wild(outcome: np.ndarray, regressors: np.ndarray, clusters: np.ndarray, draws: int, seed: int) -> float:
    """p-value of the first regressor by the wild cluster bootstrap with the null imposed, Rademacher weights."""
    number = int(clusters.max()) + 1
    columns = np.column_stack([outcome, regressors[:, 1:], regressors[:, 0]])
    columns = columns - columns.mean(axis=0)
    basis = np.linalg.qr(columns[:, 1:])[0]
    null = basis[:, :-1]
    residuals = columns[:, 0] - null @ (null.T @ columns[:, 0])
    freed = columns[:, -1] - null @ (null.T @ columns[:, -1])
    influence = freed / (freed @ freed)
    order = np.argsort(clusters, kind="stable")
    starts = np.searchsorted(clusters[order], np.arange(number))

    def sums(values: np.ndarray) -> np.ndarray:
        return np.add.reduceat(values[order], starts, axis=0)

    numerator = sums(influence * residuals)
    spanned = np.column_stack([basis, np.full(len(basis), len(basis) ** -0.5)])
    explained = sums(influence[:, None] * spanned) @ sums(residuals[:, None] * spanned).T
    matrix = np.diag(numerator) - explained
    signs = np.random.default_rng(seed).integers(2, size=(draws, number), dtype=np.int8).T * 2.0 - 1.0
    ratios = np.abs(numerator @ signs) / np.sqrt(((matrix @ signs) ** 2).sum(axis=0))
    observed = abs(numerator.sum()) / np.sqrt((matrix.sum(axis=1) ** 2).sum())
    return float((ratios > observed).mean())


def specifications(
    columns: np.ndarray, effects: np.ndarray, clusters: np.ndarray, lists: list[tuple[np.ndarray, np.ndarray]]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Estimates and cluster errors (without factor) of the first regressor, for lists of (regressors m x k, outcome m).

    Columns are demeaned by the fixed effects once; variances are forms in cluster sums of products of two columns.
    """
    counts = np.bincount(effects)
    means = sparse.csr_array((np.ones(len(effects)), (effects, np.arange(len(effects))))) @ columns / counts[:, None]
    columns = columns - means[effects]
    gram = columns.T @ columns
    upper, lower = np.triu_indices(columns.shape[1])
    number = np.zeros((columns.shape[1],) * 2, dtype=np.int64)
    number[upper, lower] = number[lower, upper] = np.arange(len(upper))
    order = np.argsort(clusters, kind="stable")
    starts = np.searchsorted(clusters[order], np.arange(clusters.max() + 1))
    sums = np.add.reduceat((columns[:, upper] * columns[:, lower])[order], starts, axis=0)
    found = []
    for regressors, outcome in lists:
        inverse = np.linalg.inv(gram[regressors[:, :, None], regressors[:, None, :]])
        right = gram[regressors, outcome[:, None]]
        params, direction = (inverse @ right[:, :, None])[:, :, 0], inverse[:, 0]
        variance = np.zeros(len(outcome))
        for first in range(0, len(outcome), 512):
            part = slice(first, first + 512)
            weights = np.zeros((len(outcome[part]), len(upper)))
            rows = np.arange(len(weights))
            np.add.at(weights, (rows[:, None], number[regressors[part], outcome[part, None]]), direction[part])
            for i in range(regressors.shape[1]):
                terms = -direction[part, i, None] * params[part]
                np.add.at(weights, (rows[:, None], number[regressors[part, i, None], regressors[part]]), terms)
            variance[part] = ((weights @ sums.T) ** 2).sum(axis=1)
        found.append((params[:, 0], np.sqrt(variance)))
    return found


def lag(outcome: np.ndarray, regressors: np.ndarray, weights: sparse.csr_array) -> tuple[float, np.ndarray]:
    """rho of the spatial lag model by maximum likelihood, and standard errors with those of the coefficients first."""
    n, k = regressors.shape
    both = np.column_stack([outcome, weights @ outcome])
    params = np.linalg.lstsq(regressors, both, rcond=None)[0]
    left = both - regressors @ params
    eye = sparse.eye_array(n)

    def factors(rho: float) -> SuperLU:
        return splu(sparse.csc_array(eye - rho * weights), permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})

    def negative(rho: float) -> float:
        rest = left[:, 0] - rho * left[:, 1]
        return n / 2 * np.log(rest @ rest / n) - np.log(np.abs(factors(rho).U.diagonal())).sum()

    options = {"xatol": 1e-8}
    rho = float(optimize.minimize_scalar(negative, bounds=(-0.9999, 0.9999), method="bounded", options=options).x)
    rest = left[:, 0] - rho * left[:, 1]
    variance = rest @ rest / n
    spill = weights @ factors(rho).solve(np.eye(n))  # dense: the traces need all of it
    expected = spill @ (regressors @ (params[:, 0] - rho * params[:, 1]))
    information = np.zeros((k + 2, k + 2))
    information[:k, :k] = regressors.T @ regressors / variance
    information[:k, k] = information[k, :k] = regressors.T @ expected / variance
    information[k, k] = (spill * spill.T).sum() + (spill**2).sum() + expected @ expected / variance
    information[k, k + 1] = information[k + 1, k] = np.trace(spill) / variance
    information[k + 1, k + 1] = n / (2 * variance**2)
    return rho, np.sqrt(np.diag(np.linalg.inv(information)))[:-1]


def permuted(
    outcome: np.ndarray, fixed: np.ndarray, effects: np.ndarray, clusters: np.ndarray, drawn: np.ndarray
) -> np.ndarray:
    """t-ratios (without small-sample factor) of drawn treatments (n x draws) beside regressors and fixed effects."""
    number = np.arange(len(effects))
    groups = sparse.csr_array((np.ones(len(effects)), (effects, number)))
    members = sparse.csr_array((np.ones(len(clusters)), (clusters, number)))
    counts = np.bincount(effects)[:, None]

    def demeaned(values: np.ndarray) -> np.ndarray:
        return values - (groups @ values / counts)[effects]

    basis = np.linalg.qr(demeaned(fixed))[0]
    left = demeaned(outcome[:, None])[:, 0]
    left = left - basis @ (basis.T @ left)
    ratios = []
    for first in range(0, drawn.shape[1], 250):
        column = demeaned(drawn[:, first : first + 250])
        column -= basis @ (basis.T @ column)
        length = (column**2).sum(axis=0)
        params = left @ column / length
        scores = members @ (column * (left[:, None] - column * params))
        ratios.append(params * length / np.sqrt((scores**2).sum(axis=0)))
    return np.concatenate(ratios)


def scpc(outcome: np.ndarray, regressor: np.ndarray, points: np.ndarray, rho: float = 0.03) -> tuple[float, float]:
    """Error and p of a regressor beside an intercept, from dense matrices; errors are proportional."""
    n = len(outcome)
    distances = 2 * np.arcsin(np.minimum(cdist(points, points) / 2, 1))
    x, y = regressor - regressor.mean(), outcome - outcome.mean()
    beta = x @ y / (x @ x)
    scores, length = x * (y - beta * x), x @ x

    def decay(target: float) -> float:
        def excess(log: float) -> float:
            return np.log((np.exp(-np.exp(log) * distances).sum() - n) / (n * (n - 1)) / target)

        return float(np.exp(optimize.brentq(excess, 0, 12, xtol=1e-4)))

    worst = decay(rho)
    decays = worst * 1.2 ** np.arange(int(np.ceil(np.log(decay(1e-4) / worst) / np.log(1.2))) + 1)
    correlation = np.exp(-worst * distances)
    means = correlation.mean(axis=0)
    demeaned = correlation - means - means[:, None] + means.mean()
    vectors = linalg.eigh(demeaned, subset_by_index=[n - 20, n - 1])[1][:, ::-1]

    def moments(columns: np.ndarray) -> list[np.ndarray]:
        return [columns.T @ columns, *(columns.T @ (np.exp(-c * distances) @ columns) for c in decays)]

    def rejection(part: np.ndarray, q: int, critical: float) -> float:
        part = part[: q + 1, : q + 1]
        half = np.linalg.cholesky(part + 1e-13 * np.trace(part) / (q + 1) * np.eye(q + 1))
        scales = np.array([1.0, *[-(critical**2) / q] * q])
        values = np.linalg.eigvalsh(half.T @ (scales[:, None] * half))
        rest = 1 - ((NODES + 1) / 2) ** 2
        logs = np.log(rest[:, None] + np.maximum(-values[:-1], 0) / values[-1]).sum(axis=1)
        return float(NODE_WEIGHTS @ np.exp((q - 1) / 2 * np.log(rest) - logs / 2) / np.pi)

    def critical(parts: list[np.ndarray], q: int) -> float:
        return float(optimize.brentq(lambda c: max(rejection(part, q, c) for part in parts) - 0.05, 0.5, 64, xtol=1e-6))

    flat = moments(np.column_stack([np.full(n, n**-0.5), vectors]))
    lengths = [critical(flat, q) * np.sqrt(2 / q) * np.exp(gammaln((q + 1) / 2) - gammaln(q / 2)) for q in range(1, 21)]
    q = int(np.argmin(lengths)) + 1
    sign = np.sign(x)[:, None] * vectors[:, :q]
    given = sign - sign.mean(axis=0)
    given -= np.outer(x, x @ given) / length
    parts = flat + moments(np.column_stack([np.abs(x) / np.sqrt(n), x[:, None] * given]))
    error = float(np.sqrt(n * ((vectors[:, :q].T @ scores) ** 2).mean()) / length)
    t = abs(beta / error)
    return error, max(rejection(part, q, t) for part in parts)


def panel_regression(
    outcome: np.ndarray, regressors: np.ndarray, units: np.ndarray, periods: np.ndarray
) -> tuple[float, float]:
    """First coefficient and its error by units (CR1S: all absorbed effects counted) within units and some periods."""
    dummies = (periods[:, None] == np.arange(1, periods.max() + 1)).astype(float)
    columns, counts = np.column_stack([outcome, regressors, dummies]), np.bincount(units)
    columns -= (np.column_stack([np.bincount(units, column) for column in columns.T]) / counts[:, None])[units]
    held = columns[:, 1 + regressors.shape[1] :]
    columns = columns[:, : 1 + regressors.shape[1]]
    columns -= held @ np.linalg.solve(held.T @ held, held.T @ columns)
    left, right = columns[:, 0], columns[:, 1:]
    bread = np.linalg.inv(right.T @ right)
    params = bread @ (right.T @ left)
    scores = right * (left - right @ params)[:, None]
    totals = np.column_stack([np.bincount(units, column) for column in scores.T])
    n, groups, counted = len(left), len(totals), right.shape[1] + len(counts) + held.shape[1]
    factor = groups / (groups - 1) * (n - 1) / (n - counted)
    return float(params[0]), float(np.sqrt(factor * ((totals @ bread[0]) ** 2).sum()))


def regression(
    outcome: np.ndarray, regressors: np.ndarray, effects: np.ndarray, clusters: np.ndarray
) -> tuple[float, float]:
    """First coefficient and its cluster error (CR1S: all absorbed effects counted) within one fixed effect."""
    columns = np.column_stack([outcome, regressors])
    counts = np.bincount(effects)
    sums = np.column_stack([np.bincount(effects, column) for column in columns.T])
    columns = columns - (sums / counts[:, None])[effects]
    left, right = columns[:, 0], columns[:, 1:]
    bread = np.linalg.inv(right.T @ right)
    params = bread @ (right.T @ left)
    scores = right * (left - right @ params)[:, None]
    totals = np.column_stack([np.bincount(clusters, column) for column in scores.T])
    n, groups, counted = len(left), len(totals), right.shape[1] + len(counts)
    factor = groups / (groups - 1) * (n - 1) / (n - counted)
    return float(params[0]), float(np.sqrt(factor * ((totals @ bread[0]) ** 2).sum()))
