"""Covariances as values: the kind, its clusters or its space, and the small-sample convention by name."""

from dataclasses import dataclass, field
from typing import Literal

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.checks import require, require_column

CovarianceKind = Literal["iid", "HC1", "HC2", "HC3", "cluster", "conley"]
ClusterFactor = Literal["CR0", "CR1", "CR1S", "CR1N", "CR2", "CR3", "CV3", "CV3J"]
Kernel = Literal["uniform", "bartlett"]
"""Weight of a pair of rows: ``uniform`` 1 up to the cutoff; ``bartlett`` 1 - distance / cutoff."""

_ONLY_IF_SET = {"only_if_set": True}
"""Mark of a field that came later: left out of the content while None, so that older specifications keep their id."""

TWO_WAY_FACTORS = ("CR0", "CR1", "CR1S", "CR1N")
"""Small-sample conventions that two cluster columns may have."""


@dataclass(frozen=True, repr=False)
class CovarianceSpec(Shown):
    """How the covariance of the estimates is computed."""

    kind: CovarianceKind
    """``iid``; heteroskedasticity-robust ``HC1``, ``HC2``, ``HC3`` (MacKinnon & White 1985); ``cluster``; or
    ``conley``, errors shared by rows near each other (Conley 1999), best made by :meth:`conley`."""
    by: tuple[str, ...] = ()
    """Cluster columns, one or two (two: Cameron, Gelbach & Miller 2011). Empty for all other kinds."""
    factor: ClusterFactor | None = None
    """Small-sample convention of ``cluster``, G clusters, N rows, K coefficients.

    ``CR0`` none; ``CR1`` G/(G-1); ``CR1S`` G/(G-1) x (N-1)/(N-K) with all absorbed effects counted in K, as Stata's
    areg and a regression with dummies (Stata's regress, statsmodels) have it; ``CR1N`` the same with K less the fixed
    effects that are nested in clusters, the default of fixest, pyfixest, reghdfe and Stata's xtreg. Without nested
    effects both agree; with effects of pairs clustered by pair the first is 41 % larger.
    With two cluster columns G is the smaller number for all three parts, as in Stata's ivreg2 and R's fixest, and an
    effect nested in either is nested; statsmodels gives each part the factor of its own G.
    ``CR2`` residuals of each cluster over the root of one less its leverage (Bell & McCaffrey 2002), with
    Satterthwaite degrees of freedom for each coefficient.
    What programs call CRV3 is one of three, all from the estimates b(g) without cluster g: ``CR3`` the sum of squares
    of b(g) about the estimate (R's clubSandwich, pyfixest without G_adj); ``CV3`` the same times (G-1)/G, the
    jackknife of MacKinnon, Nielsen & Webb (2023); ``CV3J`` about the mean of b(g) instead, times (G-1)/G. With its
    default G_adj pyfixest 0.60 reports a fourth, CR3 x G/(G-1)."""
    kernel: Kernel | None = field(default=None, metadata=_ONLY_IF_SET)
    """Weight of pairs of rows under ``conley``."""
    cutoff_km: float | None = field(default=None, metadata=_ONLY_IF_SET)
    """Distance in km from which on two rows are independent under ``conley``."""
    coordinates: tuple[str, str] | None = field(default=None, metadata=_ONLY_IF_SET)
    """Columns of longitude and latitude in degrees under ``conley``."""
    repair: bool | None = field(default=None, metadata=_ONLY_IF_SET)
    """Under ``conley``: whether negative eigenvalues of the covariance are set to zero; results note it."""

    @classmethod
    def conley(
        cls,
        kernel: Kernel,
        cutoff_km: float,
        coordinates: tuple[str, str] = ("longitude", "latitude"),
        *,
        repair: bool = False,
    ) -> "CovarianceSpec":
        """Spatial covariance of Conley (1999) over great-circle distances.

        Parameters
        ----------
        kernel : ``"uniform"`` or ``"bartlett"``.
        cutoff_km : distance from which on two rows are independent, more than 0.
        coordinates : columns of longitude and latitude, in degrees.
        repair : set negative eigenvalues to zero.

        Raises
        ------
        SpecificationError
            If the kernel is unknown, the cutoff not above 0, or the coordinates are not two different columns.
        """
        return cls("conley", kernel=kernel, cutoff_km=cutoff_km, coordinates=coordinates, repair=repair)

    def __post_init__(self) -> None:
        require(self.kind, CovarianceKind, "the kind of covariance", "Use 'cluster' when neighbours share shocks.")
        if self.kind != "cluster" and (self.by or self.factor):
            raise SpecificationError(
                f"covariance {self.kind!r} takes neither clusters ({self.by}) nor a cluster factor "
                f"({self.factor!r}). Set kind='cluster', or leave both out."
            )
        spatial = (self.kernel, self.cutoff_km, self.coordinates, self.repair)
        if self.kind != "conley" and any(value is not None for value in spatial):
            raise SpecificationError(
                f"covariance {self.kind!r} takes no kernel, cutoff, coordinates or repair ({spatial}). Use "
                "CovarianceSpec.conley(...), or leave them out."
            )
        if self.kind == "cluster":
            self._check_clusters()
        if self.kind == "conley":
            self._check_space()

    def _check_clusters(self) -> None:
        if not isinstance(self.by, tuple) or len(self.by) not in (1, 2) or len(set(self.by)) != len(self.by):
            raise SpecificationError(
                f"cluster columns are {self.by!r}; allowed: a tuple of one or two different columns. "
                "Errors that move together in a prefecture are clustered by=('prefecture_code',)."
            )
        for column in self.by:
            require_column(column, "a cluster column")
        require(self.factor, ClusterFactor, "the small-sample factor", "Name it: conventions differ between packages.")
        if len(self.by) == 2 and self.factor not in TWO_WAY_FACTORS:
            raise SpecificationError(
                f"factor {self.factor!r} with two cluster columns {self.by}; allowed: {', '.join(TWO_WAY_FACTORS)}, as "
                "the others are defined for one. Cluster by the coarser column, or take CR1S."
            )

    def _check_space(self) -> None:
        require(self.kernel, Kernel, "the kernel of conley", "Bartlett weighs near rows more than far ones.")
        number = isinstance(self.cutoff_km, int | float) and not isinstance(self.cutoff_km, bool)
        if not number or not 0 < float(self.cutoff_km or 0) < float("inf"):
            raise SpecificationError(
                f"cutoff of {self.cutoff_km!r} km; allowed: a number above 0. Take the distance beyond which shocks "
                "are not shared; without any sharing use HC1."
            )
        pair = self.coordinates
        if not isinstance(pair, tuple) or len(set(pair)) != 2:
            raise SpecificationError(
                f"coordinates are {pair!r}; allowed: two different columns, longitude first. Use "
                "CovarianceSpec.conley(kernel, cutoff_km), which names ('longitude', 'latitude')."
            )
        for column in pair:
            require_column(column, "a coordinate")
        if not isinstance(self.repair, bool):
            raise SpecificationError(f"repair is {self.repair!r}; allowed: True or False. Use CovarianceSpec.conley.")

    @property
    def label(self) -> str:
        """Short name for tables and estimates, such as ``cluster(prefecture_code) CR1S``."""
        if self.kind == "conley":
            return f"conley({self.kernel}, {self.cutoff_km:g} km{', repaired' if self.repair else ''})"
        return f"cluster({', '.join(self.by)}) {self.factor}" if self.kind == "cluster" else self.kind
