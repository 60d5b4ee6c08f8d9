"""Small-sample factors of cluster covariances as programs name them, and the arguments of fixest's ``ssc``."""

from dataclasses import dataclass
from typing import Literal, cast, get_args

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.checks import require

Program = Literal["fixest", "pyfixest", "reghdfe", "areg", "regress", "xtreg", "xtreg_dfadj"]
"""Programs whose factor ``G/(G-1) x (N-1)/(N-K)`` can be asked for by name; they differ in what K counts.

k regressors (an intercept among them only where no effect is absorbed), L levels of an absorbed effect:

``fixest``, ``pyfixest``
    k + sum of L - (effects - 1), but an effect whose levels each lie in one cluster counts as 1 instead of L, once for
    each such effect. Two effects are taken to share one level however many they share: ``ssc(k_exact=True)`` counts
    the rank. Default of fixest since 0.10 and of pyfixest 0.60.
``reghdfe``
    Effects nested in clusters count as one constant together; those that are not, as levels less the redundant ones,
    which are found for each pair of effects (version 6, ``dofadjustments(all)``).
``areg``, ``regress``
    Every absorbed effect by the rank of its dummies, nested or not: the same as ``CR1S``.
``xtreg``
    ``xtreg, fe``: the first fixed effect is the panel and counts as one constant, whether nested in the clusters or
    not (``nonest``); other effects are dummies there and count by their rank.
``xtreg_dfadj``
    ``xtreg, fe dfadj``: the panel effects count as well, as in ``areg``.
"""

ONE_COLUMN_PROGRAMS = ("areg", "regress", "xtreg", "xtreg_dfadj")
"""Programs whose factor is defined for one cluster column here."""

Counted = Literal["none", "nonnested", "full"]
"""Absorbed effects in K: none of them, those that are not nested in clusters, all."""

_OLDER_NAMES = {"nested": "nonnested"}
"""``fixef.K="nested"`` of fixest before 0.13 means what is called ``nonnested`` since."""


@dataclass(frozen=True, repr=False)
class SmallSample(Shown):
    """A small-sample factor by its parts, best made by :func:`ssc`."""

    k_adj: bool = True
    """Multiply by (N-1)/(N-K)."""
    k_fixef: Counted = "nonnested"
    """Absorbed effects that K counts."""
    k_exact: bool = False
    """Count the rank of all dummies, rather than one level shared by each effect after the first."""
    g_adj: bool = True
    """Multiply by G/(G-1)."""
    g_df: Literal["min", "conventional"] = "min"
    """With two cluster columns: the smaller G for all three parts, or each its own."""
    t_df: Literal["min", "conventional"] = "min"
    """Degrees of freedom of t: the smaller G less 1, or N - K."""

    def __post_init__(self) -> None:
        require(self.k_fixef, Counted, "k_fixef", "fixest and pyfixest have 'nonnested'.")
        require(self.g_df, Literal["min", "conventional"], "g_df", "'min' is the default of fixest and pyfixest.")
        require(self.t_df, Literal["min", "conventional"], "t_df", "'min' is the default of fixest and pyfixest.")
        for name in ("k_adj", "k_exact", "g_adj"):
            if not isinstance(getattr(self, name), bool):
                raise SpecificationError(
                    f"{name} is {getattr(self, name)!r}; allowed: True or False. Pass one of them."
                )

    @property
    def label(self) -> str:
        """The parts that are not the default, such as ``ssc(k_fixef='full')``."""
        default = SmallSample()
        parts = (name for name in self.__dataclass_fields__ if getattr(self, name) != getattr(default, name))
        return f"ssc({', '.join(f'{name}={getattr(self, name)!r}' for name in parts)})"


def ssc(
    k_adj: bool = True,
    k_fixef: str = "nonnested",
    g_adj: bool = True,
    g_df: Literal["min", "conventional"] = "min",
    *,
    k_exact: bool = False,
    t_df: Literal["min", "conventional"] = "min",
) -> SmallSample:
    """Small-sample factor by the arguments of R's ``fixest::ssc`` and of ``pyfixest.ssc``.

    The covariance is multiplied by ``(N-1)/(N-K)`` if ``k_adj`` and by ``G/(G-1)`` if ``g_adj``. fixest named the
    arguments adj, fixef.K, cluster.adj, cluster.df and fixef.force_exact before version 0.13 and K.adj, K.fixef, G.adj,
    G.df and K.exact since; up to 0.6 its default was ``cluster.df="conventional"`` and ``t.df="conventional"``.

    Parameters
    ----------
    k_adj : multiply by (N-1)/(N-K), N rows.
    k_fixef : absorbed effects that K counts: ``"none"``, ``"nonnested"`` (also ``"nested"``, its name before fixest
        0.13) those with a level in several clusters, ``"full"`` all.
    g_adj : multiply by G/(G-1), G clusters.
    g_df : with two cluster columns ``"min"`` takes the smaller G for all three parts of the covariance,
        ``"conventional"`` each its own, as statsmodels and R's sandwich do.
    k_exact : count the rank of all dummies; otherwise each effect after the first shares one level with the others.
    t_df : degrees of freedom of t, ``"min"`` the smaller G less 1, ``"conventional"`` N - K.

    Returns
    -------
    SmallSample
        To be given as ``factor`` of a :class:`CovarianceSpec`.

    Raises
    ------
    SpecificationError
        If an argument is not among those allowed.

    References
    ----------
    Bergé, L., On standard-errors, vignette of the R package fixest.

    Examples
    --------
    >>> from shanhai.methods.spec import CovarianceSpec, ssc
    >>> CovarianceSpec("cluster", ("firm", "year"), ssc(k_fixef="full", g_df="conventional")).label
    "cluster(firm, year) ssc(k_fixef='full', g_df='conventional')"
    """
    counted = cast(Counted, _OLDER_NAMES.get(k_fixef, k_fixef))
    return SmallSample(k_adj, counted, k_exact, g_adj, g_df, t_df)


PROGRAMS: tuple[str, ...] = get_args(Program)
"""Names of :data:`Program`."""
