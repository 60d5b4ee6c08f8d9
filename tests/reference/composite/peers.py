"""Weights and closeness that other packages give for one random matrix; run with pymcdm and scikit-learn installed.

python tests/reference/composite/peers.py > tests/reference/composite/peers.json
"""

import json
from importlib.metadata import version

import numpy as np
from pymcdm import normalizations, weights
from pymcdm.methods import TOPSIS
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(20261122)
latent = rng.normal(size=(40, 2))
matrix = np.round(np.exp(0.6 * latent @ rng.normal(size=(2, 6)) + 0.5 * rng.normal(size=(40, 6))) * 10, 3)
directions = [1, -1, 1, 1, -1, 1]
given = [0.3, 0.1, 0.2, 0.1, 0.2, 0.1]

fitted = PCA().fit(StandardScaler().fit_transform(matrix))
# scikit-learn divides by n - 1, a correlation matrix does not
roots = fitted.explained_variance_ * (len(matrix) - 1) / len(matrix)
loadings = fitted.components_.T * np.sqrt(roots)
communality = (loadings[:, roots > 1] ** 2).sum(axis=1)

found = {
    "versions": {name: version(name) for name in ("pymcdm", "scikit-learn", "numpy")},
    "matrix": matrix.tolist(),
    "directions": directions,
    "weights": given,
    "topsis": TOPSIS(normalizations.vector_normalization)(matrix, np.array(given), np.array(directions)).tolist(),
    "topsis_range": TOPSIS(normalizations.minmax_normalization)(matrix, np.array(given), np.array(directions)).tolist(),
    "entropy": weights.entropy_weights(matrix).tolist(),
    "components": (communality / communality.sum()).tolist(),
    "kept": int((roots > 1).sum()),
}
print(json.dumps(found, indent=1))
