"""Conley's covariance as a value, so that a grid of specifications can choose it."""

from dataclasses import dataclass
from typing import get_args

from shanhai.errors import SpecificationError
from shanhai.model.pairs import EARTH_RADIUS_KM, Kernel


@dataclass(frozen=True)
class ConleySpec:
    """Spatial covariance of Conley (1999) on great-circle distances, without small-sample factor."""

    kernel: Kernel
    """``uniform`` or ``bartlett``."""
    cutoff_km: float
    """Distance from which on two rows are independent."""
    longitude: str = "longitude"
    """Column of degrees."""
    latitude: str = "latitude"
    """Column of degrees."""
    radius_km: float = EARTH_RADIUS_KM
    """Radius of the sphere."""

    def __post_init__(self) -> None:
        if self.kernel not in get_args(Kernel) or not self.cutoff_km > 0:
            raise SpecificationError(
                f"Conley covariance with kernel {self.kernel!r} and cutoff {self.cutoff_km} km; allowed: "
                f"{', '.join(get_args(Kernel))} and a distance above 0. Take the distance beyond which shocks are not "
                "shared."
            )

    @property
    def label(self) -> str:
        """Short name for tables, such as ``Conley bartlett 200 km``."""
        return f"Conley {self.kernel} {self.cutoff_km:g} km"
