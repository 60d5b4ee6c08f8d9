"""Terms as values: one column, a product of two, or bands of a distance."""

from dataclasses import dataclass
from typing import Literal

from shanhai.core.errors import SpecificationError
from shanhai.methods.spec.checks import require, require_column

Transform = Literal["level", "log", "centred", "standardised"]


@dataclass(frozen=True)
class Variable:
    """One column, with the transformation under which it enters."""

    column: str
    """Column of the frame."""
    transform: Transform = "level"
    """``level``; ``log`` (natural; rows of zero or less are dropped and counted); ``centred`` (minus the mean of the
    rows estimated on); ``standardised`` (centred, over the standard deviation of those rows, so the coefficient
    is per standard deviation of the sample)."""
    is_outcome: bool = False
    """True for a control that borders or terrain may themselves have changed (schooling, age structure,
    urbanisation): holding it fixed removes part of the effect, so results name it."""

    def __post_init__(self) -> None:
        require_column(self.column, "a variable")
        require(self.transform, Transform, f"the transform of {self.column!r}", "Other transforms: make a column.")

    @property
    def name(self) -> str:
        """Name of the term in results: ``log_``, ``centred_`` or ``z_`` before the column."""
        prefix = {"level": "", "log": "log_", "centred": "centred_", "standardised": "z_"}
        return prefix[self.transform] + self.column


@dataclass(frozen=True)
class Interaction:
    """Product of two variables, each transformed first."""

    left: Variable
    """First factor."""
    right: Variable
    """Second factor; centre or standardise it so that the main effect of the first is read at its mean."""

    @property
    def name(self) -> str:
        """Name of the term in results: both names joined by a colon."""
        return f"{self.left.name}:{self.right.name}"


@dataclass(frozen=True)
class Bands:
    """Dummies for bands of a column; everything from the last edge on is the reference."""

    column: str
    """Column that is cut, such as a distance in km."""
    edges: tuple[float, ...]
    """Rising edges; band j holds ``edges[j] <= value < edges[j + 1]``."""

    def __post_init__(self) -> None:
        require_column(self.column, "the column of bands")
        if len(self.edges) < 2 or any(low >= high for low, high in zip(self.edges, self.edges[1:], strict=False)):
            raise SpecificationError(
                f"edges of the bands of {self.column!r} are {self.edges}; allowed: two or more rising numbers. "
                "Values from the last edge on are the reference that every band is compared with."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the terms, nearest band first, such as ``distance_to_border_km[0,20)``."""
        pairs = zip(self.edges, self.edges[1:], strict=False)
        return tuple(f"{self.column}[{low:g},{high:g})" for low, high in pairs)

    @property
    def reference(self) -> str:
        """Name of the band left out."""
        return f"{self.column}[{self.edges[-1]:g},)"


Term = Variable | Interaction | Bands
