"""Several regressions of one formula, in its order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.door.errors import CLUSTER_FACTOR, Errors, Factor
from shanhai.methods.door.regression import Regression
from shanhai.methods.estimate import LEVEL


@dataclass(frozen=True, repr=False)
class Fits(Shown):
    """Regressions by name: every combination of outcomes, stepwise terms and stepwise fixed effects of a formula."""

    regressions: Mapping[str, Regression]
    """By formula, in the order of outcomes, terms and fixed effects."""

    @property
    def names(self) -> tuple[str, ...]:
        """The formula of each regression."""
        return tuple(self.regressions)

    def __len__(self) -> int:
        return len(self.regressions)

    def __getattr__(self, name: str) -> Any:
        """Say of a verb of one regression how it is called; any other name is unknown as always."""
        said = f"{type(self).__name__!r} object has no attribute {name!r}"
        if not name.startswith("_") and hasattr(Regression, name):
            said += f"; a single regression has. Take one, as in fits[0].{name}, or each in turn"
        raise AttributeError(said)

    def __iter__(self) -> Iterator[Regression]:
        return iter(self.regressions.values())

    def __getitem__(self, key: str | int) -> Regression:
        """A regression by its formula, or by its place from 0."""
        if isinstance(key, int) and -len(self) <= key < len(self):
            return list(self.regressions.values())[key]
        if isinstance(key, str) and key in self.regressions:
            return self.regressions[key]
        raise SpecificationError(
            f"no regression {key!r}; allowed: places from 0 to {len(self) - 1}, or {'; '.join(self.names[:5])}"
            f"{' ...' if len(self) > 5 else ''}. Name one of these."
        )

    def tidy(self, level: float = LEVEL) -> pd.DataFrame:
        """Coefficients of all regressions: ``model`` (its formula), then the columns of :meth:`Regression.tidy`.

        Intervals cover with probability ``level``.
        """
        return _stacked({name: regression.tidy(level) for name, regression in self.regressions.items()})

    def vcov(self, vcov: Errors, *, ssc: Factor = CLUSTER_FACTOR) -> "Fits":
        """The same regressions under other errors, each as :meth:`Regression.vcov` has it.

        Parameters
        ----------
        vcov, ssc
            As :func:`shanhai.methods.fit` takes them.

        Raises
        ------
        SpecificationError
            As :meth:`Regression.vcov` for any of them.

        Examples
        --------
        >>> import pandas as pd
        >>> from shanhai.methods import fit
        >>> schools = pd.DataFrame({"score": [3.0, 5.0, 4.0, 8.0, 7.0], "hours": [1.0, 2.0, 3.0, 4.0, 5.0]})
        >>> fits = fit("score ~ sw0(hours)", schools, vcov="HC1").vcov("iid")
        >>> [regression.error for regression in fits]
        ['iid', 'iid']
        """
        return Fits({name: regression.vcov(vcov, ssc=ssc) for name, regression in self.regressions.items()})

    def to_frame(self) -> pd.DataFrame:
        """Estimates of all regressions as they are shown: model, term, estimate, std.error, p.value."""
        return self.tidy()[["model", "term", "estimate", "std.error", "p.value"]]

    def glance(self) -> pd.DataFrame:
        """One row a regression: ``model``, then the columns of :meth:`Regression.glance`."""
        return _stacked({name: regression.glance() for name, regression in self.regressions.items()})


def _stacked(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    for name, table in tables.items():
        table.insert(0, "model", name)
    return pd.concat(tables.values(), ignore_index=True)
