"""The text of a formula: names taken out, functions held to a list, parts and stepwise sets told apart.

A formula is read twice, here and by formulaic, which evaluates functions as Python. What reaches it are therefore
numbers, quoted texts, signs, functions of :data:`FUNCTIONS` and stand-ins for columns; any other name is refused
before. Stand-ins also keep columns called ``log`` or ``C`` apart from the functions.
"""

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from shanhai.core.errors import SpecificationError, shortened

WRITE: Final = (
    "Write outcome ~ term + term | fixed effects, as in log(wage) ~ union * scale(age) + C(sector) | firm + year; any "
    "name of a column may stand in back-ticks."
)
"""Next step of every refusal of a formula."""

FUNCTIONS: Final = (
    "log", "log2", "log10", "log1p", "asinh", "exp", "sqrt", "abs", "I", "C", "i", "poly", "center", "centred", "scale",
    "standardised", "z", "bs", "cs", "cc", "cr", "contr.treatment", "contr.sum", "contr.helmert",
    "contr.poly", "contr.diff",
)  # fmt: skip
"""What may be called in a formula."""

_KEYWORDS: Final = frozenset({"degree", "df", "knots", "base", "ref", "raw", "include_intercept", "contrasts"})
"""Arguments of the functions that may be named."""

_CONSTANTS: Final = ("True", "False")

_STEPS: Final = ("sw", "sw0", "csw", "csw0")
"""Stepwise sets, as in fixest: each alone, none first, one more at a time, none first and one more at a time."""

_MOST_TERMS: Final = 5_000
"""Terms that a right-hand side may multiply out to."""

_LONGEST, _DEEPEST, _MOST_STARS, _MOST_PIECES, _MOST_MODELS = 50_000, 20, 6, 200, 5_000
"""Characters, brackets within brackets, products in one term, pieces of one, and regressions of a formula at most."""

_POWERS: Final = ("2", "3", "4", "0.5")
"""Powers that may be written as numbers."""

_OF_ONE: Final = frozenset(FUNCTIONS[: FUNCTIONS.index("C")]) | {"center", "centred", "scale", "standardised", "z"}
"""Functions of one argument: a second is where numpy would write the result, over the column that it names."""

_SIZED: Final = ("poly", "bs", "cs", "cc", "cr")
"""Functions of a column that make as many columns as their arguments say."""

_LARGEST: Final = 30
"""Degree of a polynomial or freedom of a spline at most."""

_LAGS: Final = "lags are columns of the frame, as in frame.groupby('firm')['x'].shift()"
_INSTEAD: Final = {
    "c": "several outcomes are joined by +, as in y1 + y2 ~ x",
    **dict.fromkeys(("factor", "as.factor"), "dummies of categories are C()"),
    **dict.fromkeys(("relevel", "Treatment"), "C(sector, contr.treatment(base='b')) names the level left out"),
    "offset": "an offset is taken off the outcome, as in y - z ~ x",
    "Q": "any name of a column stands in back-ticks",
    "ns": "natural cubic splines are cr()",
    "pow": "powers are I(x**2)",
    **dict.fromkeys(("l", "f", "d", "L", "F", "D", "lag", "lead", "diff"), _LAGS),
}
"""What other programs call by a function that is none here."""

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<text>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
    |`(?P<quoted>(?:[^`]|``)+)`
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?!\w)
    |(?P<name>[^\W\d]\w*(?:\.\w+)*)
    |(?P<sign>\*\*|==|!=|<=|>=|[-+*/:()\[\],=<>&|~^%]))""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Token:
    """One piece of a formula."""

    text: str
    """As formulaic is to read it."""
    column: str = ""
    """Column that it stands for; empty for any other piece."""


@dataclass(frozen=True)
class Model:
    """One regression of a formula, its columns under stand-ins."""

    outcome: str
    """Left-hand side."""
    terms: str
    """Right-hand side."""
    effects: tuple[tuple[str, ...], ...]
    """Columns of each fixed effect: one, or those whose pairs of levels each get an intercept."""
    columns: tuple[str, ...]
    """Column behind stand-in 0, 1, ... of the whole formula."""

    def said(self, text: str) -> str:
        """A text with columns in place of their stand-ins."""
        return _STAND_IN.sub(lambda found: self.columns[int(found[1])], text)

    @property
    def text(self) -> str:
        """The regression as it may be written, names without back-ticks."""
        effects = " + ".join("^".join(columns) for columns in self.effects)
        return self.said(f"{self.outcome} ~ {self.terms}") + (f" | {effects}" if effects else "")


_STAND_IN: Final = re.compile("ǁ(\\d+)ǁ")
"""Name of a column for formulaic: letters of a click, which is a name to Python and to nobody else."""


def stand_in(place: int) -> str:
    """Name under which formulaic meets a column."""
    return f"ǁ{place}ǁ"


def places_in(text: str) -> tuple[int, ...]:
    """Numbers of the columns that a text names, each once, in order."""
    return tuple(dict.fromkeys(int(found) for found in _STAND_IN.findall(text)))


def refused(formula: str, why: str) -> SpecificationError:
    """A formula that cannot be read, with the reason."""
    return SpecificationError(f"formula {shortened(repr(formula))} cannot be read: {why}. {WRITE}")


def read_formula(formula: object) -> list[Model]:
    """Every regression that a formula asks for, in the order of outcomes, stepwise terms and stepwise fixed effects.

    Parameters
    ----------
    formula : str

    Raises
    ------
    SpecificationError
        If it is no text, names a function outside :data:`FUNCTIONS`, or asks for more than can be meant.
    """
    if not isinstance(formula, str) or not formula.strip() or len(formula) > _LONGEST:
        raise refused(str(formula), f"allowed: a text of 1 to {_LONGEST:,} characters")
    columns: list[str] = []
    tokens = list(_tokens(formula, columns))
    _require_shape(tokens, formula)
    sides = split(tokens, "~")
    if len(sides) == 3 and "|" in formula:
        raise refused(formula, "instruments are not estimated here; linearmodels and pyfixest do")
    if len(sides) != 2:
        raise refused(formula, f"it has {len(sides) - 1} signs ~ where there is one")
    parts = split(sides[1], "|")
    size = _size(parts[0])
    if size > _MOST_TERMS:
        raise refused(formula, f"it multiplies out to some {size:,} terms; allowed: {_MOST_TERMS:,}")
    if len(parts) > 2:
        raise refused(formula, "it has a third part, which instruments take elsewhere and which is not estimated here")
    _require_no_lone_power(parts[0], formula)
    _require_no_scale(parts[0], formula)
    if len(split(sides[0], ",")) > 1:
        raise refused(formula, _INSTEAD["c"])
    outcomes = [joined(part) for part in split(sides[0], "+")]
    if not all(outcomes) or not joined(parts[0]):
        raise refused(formula, "an outcome or the terms are missing")
    effects = _stepped(parts[1], formula) if len(parts) == 2 else [[Token("0")]]
    terms = _stepped(parts[0], formula)
    _require_few(len(outcomes) * len(terms) * len(effects), formula)
    return [
        Model(outcome, joined(part), _effects(levels, formula), tuple(columns))
        for outcome, part, levels in itertools.product(outcomes, terms, effects)
    ]


def _tokens(formula: str, columns: list[str]) -> Iterator[Token]:
    """Pieces of a formula; columns are entered in the list and get a stand-in."""
    place, end = 0, len(formula.rstrip())
    while place < end:
        found = _TOKEN.match(formula, place)
        if not found:
            raise refused(formula, f"{formula[place:].strip()[:20]!r} is no part of a formula")
        place = found.end()
        rest = formula[place:].lstrip()
        if found["quoted"]:
            yield _column(found["quoted"].replace("``", "`"), columns)
        elif found["name"]:
            yield _named(found["name"], rest, columns, formula)
        else:
            yield Token(found["text"] or found["number"] or found["sign"])


def _named(name: str, rest: str, columns: list[str], formula: str) -> Token:
    """A name: of a function, an argument, a constant or a column."""
    if rest.startswith("("):
        function = name.removeprefix("np.")
        if function not in (*FUNCTIONS, *_STEPS):
            instead = f"{_INSTEAD[function]}; " if function in _INSTEAD else ""
            known = f"{instead}allowed: {', '.join((*FUNCTIONS, *_STEPS))}"
            raise refused(formula, f"there is no function {name!r}; {known}")
        return Token(function)
    if rest.startswith("=") and not rest.startswith("=="):
        if name not in _KEYWORDS:
            raise refused(formula, f"there is no argument {name!r}; allowed: {', '.join(sorted(_KEYWORDS))}")
        return Token(name)
    if name.startswith("contr.") and name in FUNCTIONS:  # R takes the function itself
        raise refused(formula, f"{name} stands without brackets; allowed: {name}(), or back-ticks for a column")
    return Token(name) if name in _CONSTANTS else _column(name, columns)


def _column(name: str, columns: list[str]) -> Token:
    if _STAND_IN.search(name):
        raise SpecificationError(
            f"column {name!r} holds ǁ, which stands in for columns of formulas; allowed: any other name. Rename it."
        )
    if name not in columns:
        columns.append(name)
    return Token(stand_in(columns.index(name)), name)


def _require_shape(tokens: Sequence[Token], formula: str) -> None:
    """Refuse brackets that do not close or lie too deep, and what would take a computer for ever."""
    depth = stars = pieces = 0
    calls: list[bool] = []
    for before, token in itertools.pairwise([Token("+"), *tokens]):
        depth += (token.text in "([") - (token.text in ")]")
        if token.text in ("(", "["):
            calls.append(not before.column and before.text in FUNCTIONS)
        elif token.text in (")", "]") and calls:
            calls.pop()
        if token.text == "^" and any(calls):
            raise refused(formula, "^ is no power inside a function; allowed: **, as in I(x**2)")
        stars = 0 if token.text in ("+", "~", "|", ",") else stars + (token.text in ("*", "/", "%"))
        pieces = 0 if token.text in ("+", "~", "|") and not depth else pieces + 1
        if not 0 <= depth <= _DEEPEST or stars > _MOST_STARS or pieces > _MOST_PIECES:
            raise refused(
                formula,
                f"allowed: brackets {_DEEPEST} deep, {_MOST_STARS} products and {_MOST_PIECES} pieces in one term",
            )
        _require_neighbours(before, token, formula)
    if depth:
        raise refused(formula, "a bracket does not close")
    for place, token in enumerate(tokens[:-1]):
        if not token.column and tokens[place + 1].text == "(" and token.text in (*_OF_ONE, *_SIZED):
            _require_arguments(token.text, tokens[place + 2 :], formula)


def _require_arguments(function: str, rest: Sequence[Token], formula: str) -> None:
    """Refuse arguments that a function does not take, or that make more columns than can be meant."""
    depths = itertools.accumulate((token.text in "([") - (token.text in ")]") for token in rest)
    given = split(rest[: next(place for place, depth in enumerate(depths) if depth < 0)], ",")
    further = [argument for argument in given[1:] if argument]
    if function in _OF_ONE and further:
        raise refused(formula, f"{function}() has {len(further) + 1} arguments; allowed: one")
    for argument in further:
        said = joined([Token(token.column or token.text) for token in argument])
        value = argument[2:] if len(argument) > 1 and argument[1].text == "=" else argument
        listed = value[:1] == [Token("[")] and value[-1] == Token("]")
        if not listed and (len(value) != 1 or value[0].column or value[0].text[0] in "'\""):
            raise refused(formula, f"{said} is no argument of {function}(); allowed: a number as such, True and False")
        if not listed and value[0].text not in _CONSTANTS and not value[0].text.isdecimal():
            raise refused(formula, f"{said} of {function}() is no whole number; allowed: 1 to {_LARGEST}")
        if value[0].text.isdecimal() and not 1 <= int(value[0].text) <= _LARGEST:
            raise refused(formula, f"{said} of {function}() has the size {value[0].text}; allowed: 1 to {_LARGEST}")


def _require_neighbours(before: Token, token: Token, formula: str) -> None:
    """Refuse two pieces beside each other that have no meaning in a formula, though Python would give them one."""
    ends = bool(before.column) or before.text in ")]" or before.text[-1:] in "'\"" or before.text[0].isdigit()
    quoted = token.text[0] in "'\""
    if before.column and token.text == "[":
        raise refused(
            formula,
            f"slopes that vary within {before.column} are not absorbed here; allowed: C({before.column}):x among the "
            "terms, which makes a slope a level. fixest and pyfixest absorb thousands",
        )
    if ends and (token.text in "([" or quoted or token.column or token.text[0].isdigit()):
        raise refused(
            formula, f"there is no sign between {before.column or before.text} and {token.column or token.text}"
        )
    if before.text in ("**", "^") and not token.column and token.text not in _POWERS:
        raise refused(formula, f"{before.text}{token.text} is no power; allowed: {', '.join(_POWERS)} and columns")
    if token.text in ("**", "^") and before.text[0].isdigit():
        raise refused(formula, f"{before.text}{token.text} is a power of a number; allowed: powers of columns")
    if (before.text[0] in "'\"" or before.text == "]") and token.text not in (",", ")", "]", "==", "!=", "&"):
        raise refused(formula, f"{token.text} follows {before.text}, which is no number")
    if quoted and before.text not in ("(", ",", "=", "==", "!=", "["):
        raise refused(formula, f"{token.text} is a text where a number belongs")


def _require_no_lone_power(terms: Sequence[Token], formula: str) -> None:
    """Refuse a column to a power outside every function: formulas take it for the column itself."""
    depth = 0
    for base, sign, power in zip(terms, terms[1:], terms[2:], strict=False):
        depth += (base.text in "([") - (base.text in ")]")
        if not depth and base.column and sign.text in ("**", "^") and power.text in _POWERS:
            name = base.column
            raise refused(
                formula,
                f"{name}{sign.text}{power.text} is {name} in formulas, as in R, for a term times itself is the term; "
                f"allowed: I({name}**{power.text}) or poly({name}, 2) for powers",
            )


def _require_no_scale(terms: Sequence[Token], formula: str) -> None:
    """Refuse a number that multiplies a term outside every function, or stands for one."""
    depths = list(itertools.accumulate((token.text in "([") - (token.text in ")]") for token in terms))
    ends = [Token("+"), *terms, Token("+")]
    for depth, before, token, after in zip(depths, ends[:-2], terms, ends[2:], strict=True):
        if depth or token.column or not token.text[0].isdigit() or {before.text, after.text} & {"**", "^", ":"}:
            continue
        if token.text not in ("0", "1") or before.text in ("*", "/") or after.text in ("*", "/"):
            raise refused(
                formula, f"{token.text} is no term; allowed: 0 and 1 for the intercept, and columns as in I(2 * x)"
            )


def split(tokens: Sequence[Token], sign: str) -> list[list[Token]]:
    """Pieces between a sign that stands outside brackets."""
    depth, parts = 0, [[]]  # type: tuple[int, list[list[Token]]]
    for token in tokens:
        depth += (token.text in "([") - (token.text in ")]")
        if token.text == sign and not depth:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def joined(tokens: Sequence[Token]) -> str:
    """Pieces as one text, spaced as a formula is printed."""
    text = ""
    for before, token in itertools.pairwise([Token("("), *tokens]):
        tight = before.text in _OPENS or token.text in _CLOSES or (token.text == "(" and before.text[0].isalpha())
        text += token.text if tight else f" {token.text}"
    return text


_OPENS: Final = ("(", "[", ":", "=", "**", "^")
_CLOSES: Final = (")", "]", ",", ":", "=", "**", "^")
"""Pieces that have no space behind them, or before them."""


def _stepped(tokens: Sequence[Token], formula: str) -> list[list[Token]]:
    """Every form of a part whose sums hold stepwise sets."""
    forms = [_alternatives(item, formula) for item in split(tokens, "+")]
    _require_few(math.prod(map(len, forms)), formula)
    plus = Token("+")
    sums = [[item for item in chosen if item] for chosen in itertools.product(*forms)]
    made = [[token for item in chosen for token in (plus, *item)][1:] for chosen in sums]
    return [form or [Token("1")] for form in made]


def _require_few(models: int, formula: str) -> None:
    if models > _MOST_MODELS:
        raise refused(formula, f"it asks for {models:,} regressions; allowed: {_MOST_MODELS:,} at once")


def _size(tokens: Sequence[Token]) -> int:
    """Terms that a sum multiplies out to, at most: products and powers of brackets grow fast."""
    return sum(math.prod(_factor_size(part) + 1 for part in _factors(item)) for item in split(tokens, "+"))


def _factors(item: Sequence[Token]) -> list[list[Token]]:
    """Factors of a product, a power among them as often as it says."""
    parts = [list(item)]
    for sign in ("*", ":", "/", "%"):
        parts = [piece for part in parts for piece in split(part, sign)]
    found = []
    for part in parts:
        powers = [token.text for token in part[-2:]]
        power = int(powers[1]) if len(part) > 2 and powers[0] in ("**", "^") and powers[1].isdecimal() else 1
        found += [part[:-2] if power > 1 else part] * power
    return found


def _factor_size(part: Sequence[Token]) -> int:
    """Summands of a factor: those inside its bracket, or itself; steps of a stepwise set for a set."""
    if part and part[0].text == "(" and part[-1].text == ")":
        return _size(part[1:-1])
    return sum(_size(step) for step in split(part[2:-1], ",")) if part and part[0].text in _STEPS else 1


def _alternatives(item: Sequence[Token], formula: str) -> list[list[Token]]:
    """What a summand may be: itself, or each step of a stepwise set."""
    if not item:
        raise refused(formula, "there is nothing beside a sign + or |")
    if any(token.text in _STEPS for token in item[1:]):
        raise refused(formula, f"{', '.join(_STEPS)} stand alone between two signs +")
    if item[0].text not in _STEPS:
        return [list(item)]
    depths = list(itertools.accumulate((token.text in "([") - (token.text in ")]") for token in item[1:]))
    if 0 in depths[:-1]:
        raise refused(formula, f"{item[0].text}() stands alone between two signs +")
    steps = split(item[2:-1], ",")
    if not all(steps):
        raise refused(formula, f"a step of {item[0].text}() is empty")
    forms = steps
    if item[0].text.startswith("c"):
        plus = Token("+")
        forms = [[token for step in steps[:last] for token in (plus, *step)][1:] for last in range(1, len(steps) + 1)]
    return [[], *forms] if item[0].text.endswith("0") else forms


def _effects(tokens: Sequence[Token], formula: str) -> tuple[tuple[str, ...], ...]:
    """Columns of each fixed effect."""
    found = []
    for item in split(tokens, "+"):
        names = [token.column for token in item[::2]]
        said = joined([Token(token.column or token.text) for token in item])
        if said in ("0", "1"):
            continue
        if not all(names) or len(item) % 2 == 0 or any(token.text != "^" for token in item[1::2]):
            raise refused(formula, f"{said} is no fixed effect; allowed: columns joined by +, or by ^ for their pairs")
        found.append(tuple(names))
    return tuple(dict.fromkeys(found))
