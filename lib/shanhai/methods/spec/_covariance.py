"""Covariances as values: the kind, its clusters or its space, and the small-sample convention by name."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.checks import require, require_column, require_longitude_first
from shanhai.methods.spec._small_sample import ONE_COLUMN_PROGRAMS, PROGRAMS, Program, SmallSample

CovarianceKind = Literal["iid", "HC1", "HC2", "HC3", "cluster", "conley"]
ClusterFactor = Literal["CR0", "CR1", "CR1S", "CR1N", "CR2", "CR3", "CV3", "CV3J"]
Kernel = Literal["uniform", "bartlett"]
"""Weight of a pair of rows: ``uniform`` 1 up to the cutoff; ``bartlett`` 1 - distance / cutoff."""

Distance = Literal["great_circle", "triangular", "local", "planar"]
"""How the distance of two places is measured.

``great_circle`` the shortest way on a sphere (conleyreg, fixest's ``"spherical"``); ``triangular`` on a flat map whose
degrees of longitude are those of the mean latitude of both places (fixest's default); ``local`` on a flat map around
one of the two, the weight being the mean over both (the Stata and R code after Hsiang 2010, acreg); ``planar`` straight
on the map of the coordinates, which then are metres of a projected reference system, east first."""

_ONLY_IF_SET = {"only_if_set": True}
"""Mark of a field that came later: left out of the content while None, so that older specifications keep their id."""

TWO_WAY_FACTORS = ("CR0", "CR1", "CR1S", "CR1N")
"""Small-sample conventions of the literature that two cluster columns may have."""

_TWO_WAY = (*TWO_WAY_FACTORS, *(name for name in PROGRAMS if name not in ONE_COLUMN_PROGRAMS))
_OF_CONLEY = ("fixest", "pyfixest")
_BY_LEVERAGE = ("CR2", "CR3", "CV3", "CV3J")
"""Conventions that are no factor of a sum over clusters."""


@dataclass(frozen=True, repr=False)
class CovarianceSpec(Shown):
    """How the covariance of the estimates is computed.

    Raises
    ------
    SpecificationError
        If the kind, factor or a column is not allowed, or fields do not belong to the kind.

    Examples
    --------
    >>> from shanhai.methods.spec import CovarianceSpec
    >>> CovarianceSpec("HC3").label
    'HC3'
    >>> CovarianceSpec("cluster", ("firm",), "fixest").label  # as fixest has it by default
    'cluster(firm) fixest'
    >>> CovarianceSpec("cluster", ("firm", "year"), "CR1").label
    'cluster(firm, year) CR1'
    """

    kind: CovarianceKind
    """``iid``; heteroskedasticity-robust ``HC1``, ``HC2``, ``HC3`` (MacKinnon & White 1985); ``cluster``; or
    ``conley``, errors shared by rows near each other (Conley 1999), best made by :meth:`conley`."""
    by: tuple[str, ...] = ()
    """Cluster columns, one or two (two: Cameron, Gelbach & Miller 2011). Empty for all other kinds."""
    factor: ClusterFactor | Program | SmallSample | None = None
    """Small-sample convention of ``cluster``, G clusters, N rows, K coefficients.

    The name of a program (``fixest``, ``pyfixest``, ``reghdfe``, ``areg``, ``regress``, ``xtreg``, ``xtreg_dfadj``: see
    :data:`Program` for what each counts in K), the arguments of fixest's ``ssc`` (:func:`ssc`), or a convention of the
    literature:

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
    jackknife of MacKinnon, Nielsen & Webb (2023a); ``CV3J`` about the mean of b(g) instead, times (G-1)/G. With its
    default G_adj pyfixest 0.60 reports a fourth, CR3 x G/(G-1).

    ``conley`` has no factor unless it is named: ``fixest``, ``pyfixest`` or :func:`ssc`, (N-1)/(N-K) with every
    absorbed effect in K."""
    kernel: Kernel | None = field(default=None, metadata=_ONLY_IF_SET)
    """Weight of pairs of rows under ``conley``."""
    cutoff_km: float | None = field(default=None, metadata=_ONLY_IF_SET)
    """Distance in km from which on two rows are independent under ``conley``."""
    coordinates: tuple[str, str] | None = field(default=None, metadata=_ONLY_IF_SET)
    """Columns of longitude and latitude in degrees under ``conley``, of metres where distance is ``planar``."""
    repair: bool | None = field(default=None, metadata=_ONLY_IF_SET)
    """Under ``conley`` and two cluster columns: whether negative eigenvalues of the covariance are set to zero
    (Cameron, Gelbach & Miller 2011); results note it. fixest does where a variance is negative (``vcov_fix``), reghdfe
    wherever an eigenvalue is."""
    radius_km: float | None = field(default=None, metadata=_ONLY_IF_SET)
    """Radius of the Earth in km under ``conley``; None is 6371.01 on the sphere, and 111 km a degree on flat maps."""
    distance: Distance | None = field(default=None, metadata=_ONLY_IF_SET)
    """How distances are measured under ``conley``; None is ``great_circle``."""
    time: str | None = field(default=None, metadata=_ONLY_IF_SET)
    """Column of the period, in whole numbers, under ``conley``. None: rows of a panel are places like any other, so
    that pairs of all periods count in full, as in fixest."""
    lags: int | None = field(default=None, metadata=_ONLY_IF_SET)
    """Periods between two rows up to which they may be correlated, with ``time``."""
    unit: str | None = field(default=None, metadata=_ONLY_IF_SET)
    """Column of the unit of a panel, with ``lags`` where only rows of the same unit are correlated over time."""
    cross_periods: bool | None = field(default=None, metadata=_ONLY_IF_SET)
    """With ``lags``: whether neighbours of other periods are correlated too, by the product of both kernels."""
    time_kernel: Kernel | None = field(default=None, metadata=_ONLY_IF_SET)
    """Weight over time: ``bartlett`` 1 - periods / (lags + 1), or ``uniform`` 1 up to the lags."""

    @classmethod
    def conley(  # noqa: PLR0913 - what programs differ by, each by its name
        cls,
        kernel: Kernel,
        cutoff_km: float,
        coordinates: tuple[str, str] = ("longitude", "latitude"),
        *,
        repair: bool = False,
        factor: Program | SmallSample | None = None,
        radius_km: float | None = None,
        distance: Distance = "great_circle",
        time: str | None = None,
        lags: int = 0,
        unit: str | None = None,
        cross_periods: bool = False,
        time_kernel: Kernel = "bartlett",
    ) -> "CovarianceSpec":
        """Spatial covariance of Conley (1999), for one period or for a panel.

        The weight of two rows i, t and j, s is, with K the kernel of distance and L that of time:

        * without ``time`` K(d(i,j)) whatever the periods;
        * with ``time`` K(d(i,j)) in the same period; h periods apart L(h) for rows of one ``unit`` and 0 for others
          (Hsiang 2010), or K(d(i,j)) L(h) for all with ``cross_periods``.

        With ``cross_periods``, a uniform kernel and a cutoff that reaches all, this is Driscoll & Kraay (1998); with a
        cutoff below every distance it is Newey & West (1987) within places.

        Parameters
        ----------
        kernel : ``"uniform"`` or ``"bartlett"``.
        cutoff_km : distance in km from which on two rows are independent, more than 0.
        coordinates : columns of longitude and latitude, in degrees; of metres to the east and north with
            ``distance="planar"``.
        repair : set negative eigenvalues to zero.
        factor : small-sample factor: none, ``"fixest"``, ``"pyfixest"``, or what :func:`ssc` makes.
        radius_km : radius of the Earth in km; None is 6371.01 for great circles and 6359.83, which makes 111 km a
            degree, for flat maps. fixest's great circles have 6376.
        distance : ``"great_circle"``, ``"triangular"``, ``"local"`` or ``"planar"``: see :data:`Distance`.
        time : column of the period in whole numbers; periods are apart by their difference, gaps counted.
        lags : periods up to which rows are correlated, 0 or more.
        unit : column of the unit; needed with lags unless ``cross_periods``.
        cross_periods : correlate neighbours of different periods too.
        time_kernel : ``"bartlett"`` for 1 - periods / (lags + 1), or ``"uniform"``.

        Raises
        ------
        SpecificationError
            If a kernel or distance is unknown, the cutoff or radius not above 0, lags no whole number, the coordinates
            are not two different columns with the longitude first, or lags, unit and cross_periods do not go together.

        References
        ----------
        Conley, T. G. (1999), Journal of Econometrics 92, 1-45. Hsiang, S. M. (2010), PNAS 107, 15367-15372. Driscoll,
        J. C. & Kraay, A. C. (1998), Review of Economics and Statistics 80, 549-560.

        Examples
        --------
        >>> from shanhai.methods.spec import CovarianceSpec
        >>> CovarianceSpec.conley("uniform", 100).label
        'conley(uniform, 100 km)'
        >>> CovarianceSpec.conley("bartlett", 100, ("lon", "lat"), time="year", lags=2, unit="county").label
        'conley(bartlett, 100 km, 2 lags of year within county)'
        >>> CovarianceSpec.conley("uniform", 100, distance="triangular", factor="fixest").label
        'conley(uniform, 100 km, triangular) fixest'
        """
        panel = time is not None
        if not panel and (lags or unit is not None or cross_periods):
            raise SpecificationError(
                f"lags ({lags!r}), unit ({unit!r}) or cross_periods ({cross_periods!r}) without time; allowed: with "
                "the column of the period. Add time='year', or leave them out."
            )
        return cls(
            "conley",
            factor=factor,
            kernel=kernel,
            cutoff_km=cutoff_km,
            coordinates=coordinates,
            repair=repair,
            radius_km=radius_km,
            distance=None if distance == "great_circle" else distance,
            time=time,
            lags=lags if panel else None,
            unit=unit,
            cross_periods=cross_periods if panel else None,
            time_kernel=time_kernel if panel else None,
        )

    def __post_init__(self) -> None:
        require(self.kind, CovarianceKind, "the kind of covariance", "Use 'cluster' when neighbours share shocks.")
        if self.kind != "cluster" and (self.by or (self.factor and self.kind != "conley")):
            raise SpecificationError(
                f"covariance {self.kind!r} takes neither clusters ({self.by}) nor a cluster factor "
                f"({self.factor!r}). Set kind='cluster', or leave both out."
            )
        spatial = (self.kernel, self.cutoff_km, self.coordinates)
        further = (self.radius_km, self.distance, *self._panel)
        if self.kind != "conley" and any(value is not None for value in (*spatial, *further)):
            raise SpecificationError(
                f"covariance {self.kind!r} takes no kernel, cutoff or coordinates ({spatial}), nor a radius, "
                "distance or panel. Use CovarianceSpec.conley(...), or leave them out."
            )
        if self.repair is not None and self.kind != "conley" and (len(self.by) != 2 or self.repair is not True):
            raise SpecificationError(
                f"repair is {self.repair!r} for covariance {self.label!r}; allowed: True for two cluster columns, as "
                "covariances of one or none have no negative eigenvalues. Leave it out."
            )
        if self.kind == "cluster":
            self._check_clusters()
        if self.kind == "conley":
            self._check_space()
            self._check_map()
            self._check_panel()

    def _check_clusters(self) -> None:
        if not isinstance(self.by, tuple) or len(self.by) not in (1, 2) or len(set(self.by)) != len(self.by):
            raise SpecificationError(
                f"cluster columns are {self.by!r}; allowed: a tuple of one or two different columns. "
                "Errors that move together in a firm are clustered by=('firm',)."
            )
        for column in self.by:
            require_column(column, "a cluster column")
        if isinstance(self.factor, SmallSample):
            return
        if self.factor not in (*get_args(ClusterFactor), *PROGRAMS):
            raise SpecificationError(
                f"the small-sample factor is {self.factor!r}; allowed: {', '.join(get_args(ClusterFactor))}, the "
                f"programs {', '.join(PROGRAMS)}, or ssc(...). Name it: conventions differ between packages."
            )
        if len(self.by) == 2 and self.factor not in _TWO_WAY:
            raise SpecificationError(
                f"factor {self.factor!r} with two cluster columns {self.by}; allowed: {', '.join(_TWO_WAY)}, as "
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
        require_longitude_first(pair)
        if not isinstance(self.repair, bool):
            raise SpecificationError(f"repair is {self.repair!r}; allowed: True or False. Use CovarianceSpec.conley.")

    def _check_map(self) -> None:
        if self.distance is not None:
            require(self.distance, Distance, "the distance of conley", "Great circles are right on any scale.")
        radius = self.radius_km
        number = isinstance(radius, int | float) and not isinstance(radius, bool)
        if radius is not None and not (number and 0 < radius < float("inf")):
            raise SpecificationError(f"radius_km is {radius!r}; allowed: a number above 0, such as 6371.01. Pass km.")
        if radius is not None and self.distance == "planar":
            raise SpecificationError(
                f"radius_km is {radius!r} with distance 'planar'; allowed: none, as a map has no radius. Leave it out."
            )
        if self.factor is not None and self.factor not in _OF_CONLEY and not isinstance(self.factor, SmallSample):
            raise SpecificationError(
                f"factor {self.factor!r} of conley; allowed: none, {', '.join(_OF_CONLEY)}, or ssc(...). Leave it out, "
                "as most programs do."
            )

    def _check_panel(self) -> None:
        if self.time is None:
            if any(value is not None for value in self._panel):
                raise SpecificationError(
                    f"lags, unit, cross_periods or time_kernel ({self._panel[1:]}) without time; allowed: with the "
                    "column of the period. Use CovarianceSpec.conley(..., time='year')."
                )
            return
        for column, what in ((self.time, "the period of conley"), (self.unit, "the unit of conley")):
            if column is not None:
                require_column(column, what)
        if not isinstance(self.lags, int) or isinstance(self.lags, bool) or self.lags < 0:
            raise SpecificationError(f"lags is {self.lags!r}; allowed: a whole number of 0 or more. Pass an int.")
        if not isinstance(self.cross_periods, bool):
            raise SpecificationError(f"cross_periods is {self.cross_periods!r}; allowed: True or False. Pass one.")
        require(self.time_kernel, Kernel, "the kernel of time", "'bartlett' is that of Newey and West.")
        if self.lags and not self.cross_periods and self.unit is None:
            raise SpecificationError(
                f"{self.lags} lags without a unit; allowed: the column of the unit, whose rows are correlated over "
                "time, or cross_periods=True for neighbours too. Add unit='code'."
            )
        if self.cross_periods and self.unit is not None:
            raise SpecificationError(
                f"unit {self.unit!r} with cross_periods=True; allowed: one of the two, as neighbours of other periods "
                "are found by distance, the unit itself among them. Leave unit out."
            )

    @property
    def numeric_columns(self) -> tuple[str, ...]:
        """Columns that must hold numbers: longitude, latitude and the period, as far as it has them."""
        return (*(self.coordinates or ()), *((self.time,) if self.time is not None else ()))

    @property
    def label_columns(self) -> tuple[str, ...]:
        """Columns of labels: clusters and the unit of a panel, as far as it has them."""
        return (*self.by, *((self.unit,) if self.unit is not None else ()))

    @property
    def _panel(self) -> tuple[object, ...]:
        """Fields of panels."""
        return self.time, self.lags, self.unit, self.cross_periods, self.time_kernel

    @property
    def is_plain(self) -> bool:
        """Whether its middle is one sum over rows, clusters or places, times a factor of N, K and G alone.

        Only these can be summed for many regressions at once; the others are computed one by one.
        """
        factor = self.factor
        if isinstance(factor, SmallSample) and self.kind == "cluster":
            plain = factor.t_df == "min" and (factor.g_df == "min" or len(self.by) == 1)
        else:
            plain = factor not in _BY_LEVERAGE if self.kind == "cluster" else factor is None
        return plain and not self.repair and self.radius_km is None and self.distance is None and self.time is None

    @property
    def label(self) -> str:
        """Short name for tables and estimates, such as ``cluster(firm) CR1S``."""
        factor = self.factor.label if isinstance(self.factor, SmallSample) else self.factor
        if self.kind == "cluster":
            return f"cluster({', '.join(self.by)}) {factor}" + " repaired" * bool(self.repair)
        if self.kind != "conley":
            return self.kind
        parts = [str(self.kernel), f"{self.cutoff_km:g} km", *self._words_of_map, *self._words_of_panel]
        parts += ["repaired"] if self.repair else []
        return f"conley({', '.join(parts)})" + (f" {factor}" if factor else "")

    @property
    def _words_of_map(self) -> list[str]:
        """Distance and radius of the label, where they are not the default."""
        words: list[str] = [] if self.distance is None else [self.distance]
        return words if self.radius_km is None else [*words, f"radius {self.radius_km:g} km"]

    @property
    def _words_of_panel(self) -> list[str]:
        """Time of the label."""
        if self.time is None:
            return []
        if not self.lags:
            return [f"within {self.time}"]
        lags = f"{self.lags} {'uniform ' if self.time_kernel == 'uniform' else ''}lags of {self.time}"
        return [f"{lags} for neighbours" if self.cross_periods else f"{lags} within {self.unit}"]
