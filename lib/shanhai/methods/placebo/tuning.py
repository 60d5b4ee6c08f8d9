"""The cost of dividing two neighbouring counties, set so that drawn borders are like the real ones on average.

Two things can be alike: how many pairs of neighbours a map divides (the length of its borders) and how rugged the
terrain is where it does. After each round the cost is moved towards what would bring the average of all maps nearer to
the real map, by ever smaller steps (stochastic approximation, Robbins & Monro 1951); the mean of the later half of the
steps is kept (Polyak & Juditsky 1992).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shanhai.core.errors import BoundaryError
from shanhai.methods.arrays import Array, Codes

STEP = 0.1
"""First step, as cost for each unit of relative difference."""

HALVED_AFTER = 40
"""Rounds after which a step is half of the first."""


@dataclass(frozen=True)
class BorderCost:
    """Cost of a divided pair of neighbours: ``level - pull x ruggedness``, in units of log probability."""

    level: float
    """Cost at mean ruggedness; higher makes borders shorter."""
    pull: float
    """Reduction for one standard deviation of ruggedness; 0 if terrain plays no part."""


@dataclass
class BorderLikeness:
    """Real borders as a target, and the cost that leads towards it."""

    first: Codes
    second: Codes
    rugged: Array
    """Ruggedness of each edge, standardised over all edges; zeros without terrain."""
    divided: int
    """Edges that the real map divides."""
    rugged_where_divided: float
    """Their mean ruggedness."""
    cost: BorderCost = field(default_factory=lambda: BorderCost(0.0, 0.0))
    steps: list[BorderCost] = field(default_factory=list)

    @classmethod
    def of(cls, provinces: Codes, first: Codes, second: Codes, terrain: Array | None) -> "BorderLikeness":
        """Likeness to a real map.

        Raises
        ------
        BoundaryError
            If terrain is missing for a county, or the same for all.
        """
        rugged = np.zeros(len(first))
        if terrain is not None:
            values = np.asarray(terrain, dtype=np.float64)
            if len(values) != len(provinces) or not np.isfinite(values).all():
                raise BoundaryError(
                    f"terrain has {len(values)} values, {int((~np.isfinite(values)).sum())} of them missing, for "
                    f"{len(provinces)} counties; allowed: one number a county. Fill in the missing, or leave it out."
                )
            rugged = (values[first] + values[second]) / 2
            if np.ptp(rugged) == 0:
                raise BoundaryError("terrain is the same everywhere; allowed: terrain that varies. Leave it out.")
            rugged = (rugged - rugged.mean()) / rugged.std()
        divided = provinces[first] != provinces[second]
        return cls(first, second, rugged, int(divided.sum()), float(rugged[divided].mean()))

    @property
    def edge_cost(self) -> Array:
        """Cost of each edge."""
        return self.cost.level - self.cost.pull * self.rugged

    def adjust(self, labels: NDArray[np.integer], *, last: bool) -> None:
        """Move the cost after a round; ``labels`` are the provinces of all maps (maps x n)."""
        divided = labels[:, self.first] != labels[:, self.second]
        rugged = float((divided @ self.rugged).sum() / divided.sum())
        step = STEP / (1 + len(self.steps) / HALVED_AFTER)
        self.cost = BorderCost(
            self.cost.level + step * (float(divided.sum(axis=1).mean()) / self.divided - 1),
            self.cost.pull + step * (self.rugged_where_divided - rugged),
        )
        self.steps.append(self.cost)
        if last:
            later = self.steps[len(self.steps) // 2 :]
            self.cost = BorderCost(
                float(np.mean([one.level for one in later])), float(np.mean([one.pull for one in later]))
            )
