"""A grid of specifications: every combination of declared choices, each option with the reason why it is defensible.

The grid holds choices, not regressions: tens of thousands of specifications are arrays of option numbers until one of
them is asked for. Combinations that make no sense together are excluded by rules that say why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Literal, cast, get_args

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Codes
from shanhai.methods.spec import CovarianceSpec, Interaction, RegressionSpec, SampleSpec, Term, Variable

Role = Literal["outcome", "treatment", "moderator", "controls", "sample", "weights", "fixed_effects", "covariance"]
"""Part of a regression that a choice fills. Several choices may add controls; every other part has one choice."""

_REQUIRED: tuple[Role, ...] = ("outcome", "treatment", "sample", "covariance")
"""Parts without which there is no regression."""


@dataclass(frozen=True)
class Moderator:
    """A variable that is held fixed, and may change the effect of the treatment.

    Examples
    --------
    >>> from shanhai.methods import Variable
    >>> from shanhai.methods.curve import Moderator
    >>> Moderator(Variable("age", "centred"), interacts=True).variable.name
    'centred_age'
    """

    variable: Variable
    """Centre or standardise it where it interacts, so that the treatment is read at its mean."""
    interacts: bool = False
    """Whether its product with the treatment enters too."""


Value = Variable | Moderator | tuple[Term, ...] | tuple[str, ...] | SampleSpec | CovarianceSpec | str | None
"""What an option puts into a regression; which type depends on the role of its choice."""


@dataclass(frozen=True)
class Option:
    """One way to make a choice.

    Examples
    --------
    >>> from shanhai.methods import Variable
    >>> from shanhai.methods.curve import Option
    >>> Option("age", "age held fixed", "older people earn more", (Variable("age"),)).key
    'age'
    """

    key: str
    """Short name in code and tables."""
    label: str
    """Name on figures."""
    reason: str
    """Why a careful author could take it."""
    value: Value
    """Outcome or treatment: a Variable; moderator: a Moderator or None; controls: a tuple of terms; sample: a
    SampleSpec; weights: a column or None; fixed effects: a tuple of columns; covariance: a covariance value."""
    translation: str = ""
    """The label in another language, for figures and tables in two; by default the label itself."""


@dataclass(frozen=True)
class Choice:
    """A decision that every specification has to make.

    Examples
    --------
    >>> from shanhai.methods.curve import Choice, Option
    >>> none, age = Option("none", "none", "randomised", ()), Option("age", "age", "confounds", ("age",))
    >>> Choice("controls", "controls", "controls", (none, age)).place("age")
    1
    """

    key: str
    """Short name in code and tables."""
    label: str
    """Name on figures."""
    role: Role
    """Part of the regression that it decides on."""
    options: tuple[Option, ...]
    """One or more, with different keys."""
    translation: str = ""
    """The label in another language, for figures and tables in two; by default the label itself."""

    def __post_init__(self) -> None:
        keys = self.keys
        if self.role not in get_args(Role) or not keys or len(set(keys)) != len(keys):
            raise SpecificationError(
                f"choice {self.key!r} has the role {self.role!r} and the options {keys}; allowed: a role of "
                f"{', '.join(get_args(Role))} and one or more options with different keys. Rename or add options."
            )

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the options in order."""
        return tuple(option.key for option in self.options)

    def place(self, key: str) -> int:
        """Number, from 0, of the option with this ``key``.

        Raises
        ------
        SpecificationError
            If the choice has no such option.
        """
        if key not in self.keys:
            raise SpecificationError(
                f"choice {self.key!r} has no option {key!r}; allowed: {', '.join(self.keys)}. Name one of these."
            )
        return self.keys.index(key)


@dataclass(frozen=True)
class Exclusion:
    """Options that do not go together.

    Examples
    --------
    >>> from shanhai.methods.curve import Exclusion
    >>> Exclusion((("outcome", ("pay",)), ("weights", ("people",))), "pay is a total").reason
    'pay is a total'
    """

    options: tuple[tuple[str, tuple[str, ...]], ...]
    """Choice and its options; a specification with one of the options of every choice named here is left out."""
    reason: str
    """Why."""


@dataclass(frozen=True)
class Grid:
    """All combinations of some choices, less those excluded.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, SampleSpec, Variable
    >>> from shanhai.methods.curve import Choice, Grid, Option
    >>> def choice(role, **options):
    ...     found = [Option(key, key, "defensible", value) for key, value in options.items()]
    ...     return Choice(role, role, role, tuple(found))
    >>> grid = Grid(
    ...     (
    ...         choice("outcome", pay=Variable("pay")),
    ...         choice("treatment", union=Variable("union")),
    ...         choice("controls", none=(), age=(Variable("age"),)),
    ...         choice("sample", all=SampleSpec("all")),
    ...         choice("covariance", robust=CovarianceSpec("HC1")),
    ...     )
    ... )
    >>> grid.size, grid.spec(1).names
    (2, ('union', 'age'))
    """

    choices: tuple[Choice, ...]
    """One of each required part, at most one of every other, any number of controls."""
    exclusions: tuple[Exclusion, ...] = ()
    """Combinations left out."""
    main: tuple[tuple[str, str], ...] = ()
    """Option of every choice in the registered main specification; empty if there is none."""

    def __post_init__(self) -> None:
        roles = [choice.role for choice in self.choices]
        keys = [choice.key for choice in self.choices]
        absent = [role for role in _REQUIRED if role not in roles]
        twice = sorted({role for role in roles if role != "controls" and roles.count(role) > 1})
        if absent or twice or len(set(keys)) != len(keys):
            raise SpecificationError(
                f"choices {keys} lack {absent} and fill {twice} twice; allowed: one choice each of "
                f"{', '.join(_REQUIRED)}, at most one of every other part, any number of controls, different keys. "
                "Add or join choices."
            )
        for name, option in (*self.main, *((n, o) for rule in self.exclusions for n, os in rule.options for o in os)):
            self.choice(name).place(option)
        if self.main and {name for name, _ in self.main} != set(keys):
            raise SpecificationError(
                f"the main specification names {[name for name, _ in self.main]}; allowed: one option of each of "
                f"{', '.join(keys)}. Add the missing ones."
            )

    def __getstate__(self) -> dict[str, Any]:
        """What it was made of: equal grids are pickled alike, whatever was asked of them, and so count as the same."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def choice(self, key: str) -> Choice:
        """A choice by its key.

        Raises
        ------
        SpecificationError
            If there is none.
        """
        for choice in self.choices:
            if choice.key == key:
                return choice
        names = ", ".join(choice.key for choice in self.choices)
        raise SpecificationError(f"no choice {key!r}; allowed: {names}. Name one of these.")

    @cached_property
    def _combinations(self) -> tuple[Codes, tuple[int, ...]]:
        """Options of the specifications kept (S x D), and how many each exclusion took out."""
        counts = [len(choice.options) for choice in self.choices]
        codes = np.indices(counts).reshape(len(counts), -1).T
        removed = []
        for rule in self.exclusions:
            hit = np.ones(len(codes), dtype=bool)
            for name, options in rule.options:
                place = self.choices.index(self.choice(name))
                hit &= np.isin(codes[:, place], [self.choices[place].place(option) for option in options])
            removed.append(int(hit.sum()))
            codes = codes[~hit]
        if not len(codes):
            raise SpecificationError(
                f"the exclusions leave none of {int(np.prod(counts))} combinations; allowed: at least one. "
                "Drop an exclusion or add options."
            )
        codes = np.ascontiguousarray(codes, dtype=np.int64)
        codes.setflags(write=False)
        return codes, tuple(removed)

    @property
    def codes(self) -> Codes:
        """S x D numbers of options, one row a specification, one column a choice; read-only."""
        return self._combinations[0]

    @property
    def size(self) -> int:
        """Number of specifications."""
        return len(self.codes)

    @cached_property
    def main_index(self) -> int | None:
        """Row of the main specification; None if the grid does not hold it."""
        if not self.main:
            return None
        wanted = dict(self.main)
        row = np.array([choice.place(wanted[choice.key]) for choice in self.choices])
        found = np.flatnonzero((self.codes == row).all(axis=1))
        return int(found[0]) if len(found) else None

    def excluded(self) -> pd.DataFrame:
        """Rules with the combinations that each took out (under the first that applies): rule, count, reason."""
        rules = [" and ".join(f"{n} = {' or '.join(o)}" for n, o in rule.options) for rule in self.exclusions]
        reasons = [rule.reason for rule in self.exclusions]
        return pd.DataFrame({"rule": rules, "count": self._combinations[1], "reason": reasons})

    def options(self) -> pd.DataFrame:
        """Every option with its reason: choice, option, label, translation, reason, main, count of specifications."""
        wanted = dict(self.main)
        rows = [
            {
                "choice": choice.key,
                "option": option.key,
                "label": option.label,
                "translation": option.translation or option.label,
                "reason": option.reason,
                "main": wanted.get(choice.key) == option.key,
                "count": int((self.codes[:, place] == number).sum()),
            }
            for place, choice in enumerate(self.choices)
            for number, option in enumerate(choice.options)
        ]
        return pd.DataFrame(rows)

    def only(self, options: Mapping[str, tuple[str, ...]]) -> "Grid":
        """The part of the grid with these options of some choices, all options of the others.

        Raises
        ------
        SpecificationError
            If a choice or option is unknown, or nothing is left of a choice.
        """
        kept = {name: [self.choice(name).place(key) for key in keys] for name, keys in options.items()}
        choices = tuple(
            replace(choice, options=tuple(choice.options[i] for i in kept[choice.key]))
            if choice.key in kept
            else choice
            for choice in self.choices
        )
        left = {(choice.key, option.key) for choice in choices for option in choice.options}
        rules = []
        for rule in self.exclusions:
            parts = tuple((n, tuple(o for o in os if (n, o) in left)) for n, os in rule.options)
            if all(os for _, os in parts):
                rules.append(replace(rule, options=parts))
        return Grid(choices, tuple(rules), self.main if set(self.main) <= left else ())

    def option(self, index: int, role: Role) -> Option | None:
        """Option of specification ``index`` in a ``role`` that has at most one choice; None if no choice fills it."""
        for place, choice in enumerate(self.choices):
            if choice.role == role:
                return choice.options[self.codes[index, place]]
        return None

    def spec(self, index: int) -> RegressionSpec:
        """The specification ``index``, from 0, as a regression; its first term is the treatment.

        Raises
        ------
        SpecificationError
            If the number is out of range, or options that are not excluded contradict each other.
        """
        if not 0 <= index < self.size:
            raise SpecificationError(f"no specification {index}; allowed: 0 to {self.size - 1}. Count from zero.")
        value = {role: one.value for role in get_args(Role) if (one := self.option(index, role))}
        treatment = cast(Variable, value["treatment"])
        controls = tuple(
            term
            for place, choice in enumerate(self.choices)
            if choice.role == "controls"
            for term in cast(tuple[Term, ...], choice.options[self.codes[index, place]].value)
        )
        return RegressionSpec(
            outcome=cast(Variable, value["outcome"]),
            terms=(treatment, *moderator_terms(treatment, cast(Moderator | None, value.get("moderator")))),
            sample=cast(SampleSpec, value["sample"]),
            covariance=cast(CovarianceSpec, value["covariance"]),
            controls=controls,
            fixed_effects=cast(tuple[str, ...], value.get("fixed_effects", ())),
            weights=cast(str | None, value.get("weights")),
            model=f"variation {index}",
        )


def moderator_terms(treatment: Variable, moderator: Moderator | None) -> tuple[Term, ...]:
    """Terms that a moderator adds to a treatment: none, itself, or itself and the product."""
    if moderator is None:
        return ()
    if not moderator.interacts:
        return (moderator.variable,)
    return moderator.variable, Interaction(treatment, moderator.variable)
