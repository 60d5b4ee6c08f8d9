"""A decomposition as a value: the regression, the groups that its terms form, and the blocks that the groups form."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from shanhai.core.errors import SpecificationError
from shanhai.methods.decomposition.shapley import MOST_PLAYERS
from shanhai.methods.spec import RegressionSpec
from shanhai.methods.spec.identity import digest


@dataclass(frozen=True)
class TermGroup:
    """Terms that enter a model together."""

    name: str
    """What the group is called in results."""
    terms: tuple[str, ...]
    """Names of coefficients. One that several groups name, such as a product, enters once all of them are in; what it
    adds is then shared by them."""
    block: str
    """Block that the group belongs to."""


@dataclass(frozen=True)
class SharesDesign:
    """Which groups of which regression share a gap or a variance."""

    regression: RegressionSpec
    """Coefficients; at most one fixed effect, and one cluster column, by which draws are made."""
    groups: tuple[TermGroup, ...]
    """The players; together they name every coefficient."""
    weight: str
    """Column of weights of means of places."""

    def __post_init__(self) -> None:
        names = [group.name for group in self.groups]
        named = {term for group in self.groups for term in group.terms}
        wrong = sorted(named ^ set(self.regression.names)) + sorted({name for name in names if names.count(name) > 1})
        if wrong or not 1 <= len(names) <= MOST_PLAYERS:
            raise SpecificationError(
                f"groups {names} miss, repeat or invent {', '.join(wrong) or 'nothing'}; allowed: 1 to {MOST_PLAYERS} "
                f"groups of different names that together name {', '.join(self.regression.names)}."
            )
        if len(self.regression.fixed_effects) > 1 or len(self.regression.covariance.by) != 1:
            raise SpecificationError(
                f"fixed effects {self.regression.fixed_effects} and clusters {self.regression.covariance.by}; allowed: "
                "none or one fixed effect, and one cluster column. Join several into one column first."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the groups, in order."""
        return tuple(group.name for group in self.groups)

    @property
    def blocks(self) -> dict[str, tuple[int, ...]]:
        """Numbers of the groups of each block, blocks in the order in which they first occur."""
        found: dict[str, tuple[int, ...]] = {}
        for number, group in enumerate(self.groups):
            found[group.block] = (*found.get(group.block, ()), number)
        return found

    @property
    def spec_id(self) -> str:
        """Twelve hexadecimal digits that follow from regression, groups and weight."""
        groups = [asdict(group) for group in self.groups]
        return digest([self.regression.spec_id, groups, self.weight], sort_keys=False)

    def columns_of_sets(self, names: Sequence[str]) -> tuple[tuple[int, ...], ...]:
        """Columns of the regression that are in, for every set of groups (bit j for group j).

        Parameters
        ----------
        names : sequence of str
            Names of the columns, in their order.
        """
        needs = [sum(1 << number for number, group in enumerate(self.groups) if name in group.terms) for name in names]
        return tuple(
            tuple(column for column, needed in enumerate(needs) if needed & ~chosen == 0)
            for chosen in range(1 << len(self.groups))
        )
