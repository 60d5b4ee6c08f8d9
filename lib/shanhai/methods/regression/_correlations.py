"""Exponential correlations of places on a sphere, held as one matrix or visited block by block.

What SCPC asks of a correlation ``exp(-c d)`` of n places is three things: its mean over all pairs, its largest
principal components, and covariances of sums ``A' exp(-c d) A`` for a few columns ``A``. Up to some thousand places the
matrix of distances is held. Beyond, blocks of places that lie together are visited pair by pair, in memory linear in
places: means come from a fine histogram of distances, components from a block Krylov space that starts from a sample of
places (Nystroem's extension), sums block by block, without the pairs of blocks too far apart to count.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array

_SAME_PLACE = 1e-9
"""Angle below which two places are one (6 mm on the Earth); their correlation is one however fast it decays."""

_WEAKEST = 1e-4
"""Average correlation at which the grid of decay rates ends; independence itself is added."""

_LANDMARKS = 1_000
"""Places of the sample from which components start, as many as in Mueller and Watson's program for many places."""

_BLOCK = 256
"""Places of a block: two blocks' distances stay in the processor's cache."""

_BINS = 1 << 17
"""Bins of the histogram of distances; a mean of correlations is off by less than 1e-7 of itself."""

_GONE = 34.5
"""Exponent beyond which a correlation (1e-15) counts as none."""

_CONVERGED = 1e-7
"""Largest part of a component that the correlation moves elsewhere, as a share of the first eigenvalue."""

_MOST_PASSES = 15
"""Visits of all pairs after which components are given up; six are usual, a dozen where rho is 0.001."""


class Correlations(ABC):
    """Correlations of places under any decay rate; those at one place are one however fast it decays."""

    n: int
    shared: float
    """Share of pairs of rows that are at one place."""
    typical: float
    """Mean distance of rows that are not, an angle."""

    @abstractmethod
    def average(self, decay: float) -> float:
        """Mean correlation over all pairs of rows."""

    @abstractmethod
    def components(self, decay: float, most: int) -> Array:
        """Principal components of the demeaned correlation, the largest first: n x most, of unit length."""

    @abstractmethod
    def moments(self, columns: Array, decays: NDArray[np.floating]) -> list[Array]:
        """Covariances of sums of errors by columns: under independence of places, then under each decay (rising)."""

    def weakest(self) -> float:
        """Decay rate at which the average of places that are apart is as weak as the grid goes."""
        return self.decay(self.shared + _WEAKEST * (1.0 - self.shared))

    def decay(self, target: float) -> float:
        """Decay rate at which the average correlation of pairs is the target.

        Raises
        ------
        SpecificationError
            If rows at one place alone have more.
        """
        from scipy import optimize  # here, because the import takes longer than that of the library

        if target <= self.shared:
            raise SpecificationError(
                f"rows at the same place make an average correlation of {self.shared:.4f} of all pairs, and rho is "
                f"{target:g}; allowed: a rho above that. Average the rows of each place, or take a larger rho."
            )
        low = high = 1.0 / self.typical
        while self.average(low) < target:
            low /= 4.0
        while self.average(high) > target:
            high *= 4.0
        excess = optimize.brentq(
            lambda log: np.log(self.average(np.exp(log)) / target), np.log(low), np.log(high), xtol=1e-4
        )
        return float(np.exp(excess))

    def _require_several(self, apart: float) -> None:
        if not apart:
            raise SpecificationError(
                f"all {self.n} rows are at one place; allowed: several places. Check the coordinates."
            )


class Held(Correlations):
    """Correlations from one n x n matrix of distances."""

    def __init__(self, points: Array) -> None:
        self.n = n = len(points)
        self.distances = _angles(points, points)
        self.same = self.distances <= _SAME_PLACE
        self.shared = float(self.same.sum() - n) / (n * (n - 1))
        apart = self.distances[~self.same]
        self._require_several(len(apart))
        self.typical = float(apart.mean())

    def at(self, decay: float) -> Array:
        """n x n correlation."""
        return np.asarray(np.exp(-decay * self.distances))

    def average(self, decay: float) -> float:
        return float((self.at(decay).sum() - self.n) / (self.n * (self.n - 1)))

    def components(self, decay: float, most: int) -> Array:
        return _largest(self.at(decay), most)

    def moments(self, columns: Array, decays: NDArray[np.floating]) -> list[Array]:
        found = [columns.T @ (self.same @ columns)]
        found += [columns.T @ (self.at(decay) @ columns) for decay in decays]
        return found


class Visited(Correlations):
    """Correlations visited block by block, in memory linear in places.

    Parameters
    ----------
    points : n x 3, on the unit sphere.
    seed : of the sample of places from which components start.
    """

    def __init__(self, points: Array, seed: int) -> None:
        from scipy.spatial import cKDTree

        self.n, self._seed = len(points), seed
        self._order = np.asarray(cKDTree(points, leafsize=_BLOCK).indices, dtype=np.int64)
        self._points = np.ascontiguousarray(points[self._order])
        self._blocks = [slice(start, min(start + _BLOCK, self.n)) for start in range(0, self.n, _BLOCK)]
        self._counts, self._distances = self._histogram()
        ordered = self.n * (self.n - 1)
        self.shared = 2.0 * float(self._counts[0]) / ordered
        apart = float(self._counts[1:].sum())
        self._require_several(apart)
        self.typical = float(self._counts[1:] @ self._distances[1:] / apart)

    def average(self, decay: float) -> float:
        return float(self._counts @ np.exp(-decay * self._distances) / (self.n * (self.n - 1) / 2))

    def components(self, decay: float, most: int) -> Array:
        start = self._nystroem(decay, most + most // 2 + 10)
        basis, images = np.empty((self.n, 0)), np.empty((self.n, 0))
        for _ in range(_MOST_PASSES):
            if basis.shape[1] + start.shape[1] > self.n // 2:  # which takes the room of the matrix itself
                found = _largest(np.exp(-decay * _angles(self._points, self._points)), most)
                break
            for _ in range(2):  # a second time, for the digits that the first loses
                start = start - start.mean(axis=0)
                start = np.linalg.qr(start - basis @ (basis.T @ start))[0]
            image = self._times(start, decay)
            image -= image.mean(axis=0)
            basis, images = np.column_stack([basis, start]), np.column_stack([images, image])
            inner = basis.T @ images
            values, turns = np.linalg.eigh((inner + inner.T) / 2)
            values, turns = values[: -most - 1 : -1], turns[:, : -most - 1 : -1]
            found = basis @ turns
            if np.linalg.norm(images @ turns - found * values, axis=0).max() <= _CONVERGED * values[0]:
                break
            start = image
        else:
            raise SpecificationError(
                f"{most} principal components of {self.n} places were not found in {_MOST_PASSES} passes; allowed: an "
                "average correlation that they can carry. Take a larger rho."
            )
        back = np.empty_like(found)
        back[self._order] = found
        return back

    def moments(self, columns: Array, decays: NDArray[np.floating]) -> list[Array]:
        columns = columns[self._order]
        found = np.zeros((1 + len(decays), columns.shape[1], columns.shape[1]))
        for own, other, distances in self._pairs():
            nearest, both = float(distances.min()), own != other
            left, right = columns[own].T, columns[other]
            if nearest <= _SAME_PLACE:
                found[0] += _of_pairs(left @ ((distances <= _SAME_PLACE) @ right), both)
            for place, decay in enumerate(decays[decays * nearest <= _GONE], start=1):
                found[place] += _of_pairs(left @ (np.exp(-decay * distances) @ right), both)
        return list(found)

    def _pairs(self) -> Iterator[tuple[slice, slice, Array]]:
        """Every block with itself and the later ones, and the distances of their places."""
        for place, own in enumerate(self._blocks):
            for other in self._blocks[place:]:
                yield own, other, _angles(self._points[own], self._points[other])

    def _histogram(self) -> tuple[Array, Array]:
        """How many pairs of different rows lie in each bin, and their mean distance; the first bin is one place."""
        width = np.pi / (_BINS - 1)
        counts, sums = np.zeros(_BINS + 1), np.zeros(_BINS + 1)
        for own, other, distances in self._pairs():
            flat = distances[np.triu_indices(len(distances), 1)] if own == other else distances.ravel()
            bins = (flat / width).astype(np.int64) + 1
            bins[flat <= _SAME_PLACE] = 0
            counts += np.bincount(bins, minlength=_BINS + 1)
            sums += np.bincount(bins, flat, minlength=_BINS + 1)
        filled = counts > 0
        filled[0] = True
        return counts[filled], sums[filled] / np.maximum(counts[filled], 1.0)

    def _times(self, columns: Array, decay: float) -> Array:
        """Correlation times columns, rows in our order."""
        found = np.zeros_like(columns)
        for own, other, distances in self._pairs():
            if decay * distances.min() > _GONE:
                continue
            weights = np.exp(-decay * distances)
            found[own] += weights @ columns[other]
            if own != other:
                found[other] += weights.T @ columns[own]
        return found

    def _nystroem(self, decay: float, most: int) -> Array:
        """Components of a sample of places, extended to all by their correlation with it."""
        rng = np.random.default_rng(self._seed)
        sample = self._points[np.sort(rng.choice(self.n, min(_LANDMARKS, self.n), replace=False))]
        vectors = _largest(np.exp(-decay * _angles(sample, sample)), min(most, len(sample) - 1))
        return np.vstack([np.exp(-decay * _angles(self._points[own], sample)) @ vectors for own in self._blocks])


def _of_pairs(part: Array, both: bool) -> Array:
    """What pairs of two blocks add to a sum: each pair both ways, unless the block is one."""
    return part + part.T if both else part


def _angles(left: Array, right: Array) -> Array:
    """Great-circle distances of points on the unit sphere, as angles."""
    from scipy.spatial.distance import cdist

    return np.asarray(2.0 * np.arcsin(np.minimum(cdist(left, right) / 2.0, 1.0)))


def _largest(correlation: Array, most: int) -> Array:
    """Principal components of the demeaned correlation, the largest first."""
    n = len(correlation)
    demeaned = correlation - correlation.mean(axis=0) - correlation.mean(axis=1)[:, None] + correlation.mean()
    return np.asarray(linalg.eigh(demeaned, subset_by_index=[n - most, n - 1])[1][:, ::-1])
