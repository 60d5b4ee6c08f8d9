"""Rules that compare a measured value with a claim and give a verdict.

Every rule is made by a function of this module, so that the choice of rule and of its tolerance
stands beside the test of the claim and was made before the value was known.
"""

import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from itertools import pairwise

import numpy as np

from shanhai.claims import _reasons
from shanhai.claims.claims import Claim, Measured, Rule
from shanhai.claims.digits import show
from shanhai.claims.verdicts import WORDS, Verdict
from shanhai.core.errors import ClaimError

_SIMPLE_FRACTIONS = (1 / 10, 1 / 5, 1 / 4, 1 / 3, 2 / 5, 1 / 2, 3 / 5, 2 / 3, 3 / 4, 4 / 5, 9 / 10)
"""Fractions that speech uses for shares, in steps that a listener tells apart."""

TOLERANCE = 0.05
"""Part of a hedged figure (约, 近, 接近, 左右) by which ours may differ. Speech rounds such figures to a multiple of
five or ten, and half a step of ten is five in a hundred. Set by argument on 28 November 2026, with all values known."""

SAME_SIZE = 0.25
"""Part of ours by which a printed figure of an ordering may differ. Its year is not ours, and some columns count
otherwise: figures at current prices that grow by a tenth a year are a fifth apart after two. It tells the figure of
another quantity or unit, no more. Set by argument on 28 November 2026, with all values known (the largest difference
was 15 percent)."""

_ROUNDED = 0.005
"""Part of the whole by which a fraction may be off for being printed in whole percent."""

BATTERY_COUNTS = frozenset({"necessary items that hold", "necessary items", "battery speaks against"})
"""Names by which the value of a battery is told from a single estimate."""


def printed_digits() -> Rule:
    """Every printed figure, of subject and references, is what our figure prints as.

    The value is one number, or a mapping whose first entry is the subject and whose others are the
    references in the order of the claim. A printed reference that nothing was measured for is refused, unless the
    figures of the document alone are compared, where it is what ours is computed from.
    """

    def rule(claim: Claim, measured: Measured) -> Verdict:
        ours = _numbers(measured)
        if len(claim.printed) >= len(ours):
            _require_alone(claim, measured)
        printed = claim.printed + claim.printed_references[: len(ours) - len(claim.printed)]
        if len(printed) != len(ours):
            raise ClaimError(f"Claim {claim.id} prints {printed} but {len(ours)} values were measured; match them.")
        agrees = all(_prints_as(value, text) for value, text in zip(ours, printed, strict=True))
        return _supported(measured.same_basis) if agrees else Verdict.CONTRADICTED

    return Rule(rule, WORDS.pair("rule.printed_digits"))


def ordering(unnamed: int | None = None) -> Rule:
    """The subject lies below (``lt``, or the sign -) or above (``gt``, or +) every one of its references.

    Figures that the claim prints have to stand in that order themselves, and each within :data:`SAME_SIZE` of ours.

    Parameters
    ----------
    unnamed : int, optional
        Direction (+1 or -1) for a claim whose relation names none.
    """

    def rule(claim: Claim, measured: Measured) -> Verdict:
        ours = _numbers(measured)
        if len(ours) < 2:
            raise ClaimError(f"Claim {claim.id} is an ordering of {len(ours)} number; measure a reference too.")
        direction = _direction(claim, unnamed)
        holds = _in_order(ours, direction)
        printed = () if claim.relation == "sign" else claim.numbers
        if printed:
            if len(printed) != len(ours):
                raise ClaimError(f"Claim {claim.id} prints {printed} but {len(ours)} values were measured; match them.")
            near = all(abs(text - own) <= SAME_SIZE * abs(own) for text, own in zip(printed, ours, strict=True))
            holds = holds and near and _in_order(printed, direction)
        return _supported(measured.same_basis) if holds else Verdict.CONTRADICTED

    return Rule(rule, WORDS.pair("rule.ordering", percent=show(100 * SAME_SIZE, 0)), against=_reasons.order_fails)


def same_number() -> Rule:
    """A rank or a count is the printed one."""

    def rule(claim: Claim, measured: Measured) -> Verdict:
        _require_alone(claim, measured)
        return _supported(measured.same_basis) if _numbers(measured)[0] == claim.number else Verdict.CONTRADICTED

    return Rule(rule, WORDS.pair("rule.same_number"))


def every_condition() -> Rule:
    """Every condition that the claim names holds (the value maps conditions to true or false)."""

    def rule(claim: Claim, measured: Measured) -> Verdict:
        _require_sign(claim, "+")
        conditions = measured.value
        if not isinstance(conditions, Mapping) or not conditions:
            raise ClaimError(f"Claim {claim.id} was measured as {conditions!r}; give one condition or more by name.")
        unclear = {name: held for name, held in conditions.items() if not isinstance(held, bool | np.bool_)}
        if unclear:
            raise ClaimError(
                f"Claim {claim.id} has conditions that are neither true nor false: {unclear}; decide them."
            )
        return _supported(measured.same_basis) if all(conditions.values()) else Verdict.CONTRADICTED

    return Rule(rule, WORDS.pair("rule.every_condition"), against=_reasons.conditions_fail)


def within(low: float, high: float) -> Rule:
    """The first measured number lies between two bounds that the test names."""

    def rule(_: Claim, measured: Measured) -> Verdict:
        return _supported(measured.same_basis) if low <= _numbers(measured)[0] <= high else Verdict.CONTRADICTED

    return Rule(rule, WORDS.pair("rule.within", low=f"{low:g}", high=f"{high:g}"), bound=True)


def in_first(part: float) -> Rule:
    """A rank lies in the first part of those ranked; ranks by several measures have to give one answer.

    The value maps one rank or more, and last how many are ranked. Where ranks by different measures that the words may
    mean disagree, the choice of the measure would decide: the claim is underspecified.
    """

    def rule(_: Claim, measured: Measured) -> Verdict:
        *ranks, ranked = _numbers(measured)
        inside = [rank <= part * ranked for rank in ranks]
        if all(inside):
            return _supported(measured.same_basis)
        return Verdict.UNDERSPECIFIED if any(inside) else Verdict.CONTRADICTED

    return Rule(rule, WORDS.pair("rule.in_first", percent=show(100 * part, 0)))


def at_least_claim() -> Rule:
    """The measured upper limit is not below the least that prints as the printed figure (8.25 for 8.3)."""

    def rule(claim: Claim, measured: Measured) -> Verdict:
        least = claim.number - float(Decimal(1).scaleb(int(Decimal(claim.printed[0]).as_tuple().exponent)) / 2)
        return _supported(measured.same_basis) if _numbers(measured)[0] >= least else Verdict.CONTRADICTED

    return Rule(rule, WORDS.pair("rule.at_least_claim"), bound=True, against=_reasons.limit_below)


def near_claim(most: float = math.inf) -> Rule:
    """The first measured number differs from the printed one by at most :data:`TOLERANCE` of it.

    For a figure that the document hedges (about, close to), and for one whose year the tables lack, so that its digits
    cannot be asked for; the verdict is at best consistent. A printed figure above ``most`` is contradicted: of a share
    that cannot pass 100 percent.
    """

    def rule(claim: Claim, measured: Measured) -> Verdict:
        _require_alone(claim, measured)
        near = abs(_numbers(measured)[0] - claim.number) <= TOLERANCE * abs(claim.number)
        return Verdict.CONSISTENT if near and claim.number <= most else Verdict.CONTRADICTED

    return Rule(rule, WORDS.pair("rule.near_claim", percent=show(100 * TOLERANCE, 0)), bound=True)


def on_the_way() -> Rule:
    """The printed figure lies between our last observation and its continuation to the claim's year.

    The value maps the last observation first, then the continuation at the pace between censuses.
    """

    def rule(claim: Claim, measured: Measured) -> Verdict:
        _require_alone(claim, measured)
        last, continued = _numbers(measured)[:2]
        between = min(last, continued) <= claim.number <= max(last, continued)
        return Verdict.CONSISTENT if between else Verdict.CONTRADICTED

    return Rule(rule, WORDS.pair("rule.on_the_way"), bound=True)


def spoken_fraction() -> Rule:
    """Among the fractions that speech uses, the printed one is nearest to the measured share (both in percent)."""

    def rule(claim: Claim, measured: Measured) -> Verdict:
        _require_alone(claim, measured)
        said, found = (_nearest_fraction(share / 100) for share in (claim.number, _numbers(measured)[0]))
        if abs(claim.number / 100 - said) > _ROUNDED:
            raise claim.error(
                "value", f"its test knows the fractions of {', '.join(show(100 * f, 0) for f in _SIMPLE_FRACTIONS)} %"
            )
        return _supported(measured.same_basis) if found == said else Verdict.CONTRADICTED

    return Rule(rule, WORDS.pair("rule.spoken_fraction"), bound=True, against=_reasons.other_fraction)


def open_target() -> Rule:
    """A target, perhaps of two documents; figures of its year decide whether it is met.

    The value maps the observed level first, then the target of another document that states the same. Documents that
    disagree contradict the claim. A level of the target's own year (``same_basis``) decides: reproduced if it is
    reached. Before that it is open, even if the level is above it already: what counts is the level of its year.
    """

    def rule(claim: Claim, measured: Measured) -> Verdict:
        level, *others = _numbers(measured)
        if any(other != claim.number for other in others):
            return Verdict.CONTRADICTED
        if measured.same_basis:
            return Verdict.REPRODUCED if level >= claim.number else Verdict.CONTRADICTED
        return Verdict.TARGET

    return Rule(rule, WORDS.pair("rule.open_target"))


def signed_number() -> Rule:
    """A number that carries no sampling error has the sign of the claim."""

    def rule(claim: Claim, measured: Measured) -> Verdict:
        agrees = _numbers(measured)[0] * claim.sign > 0
        return _supported(measured.same_basis) if agrees else Verdict.CONTRADICTED

    return Rule(rule, WORDS.pair("rule.signed_number"))


def same_members() -> Rule:
    """A list has exactly the members that the paper names as references, in any order, and the number it prints."""

    def rule(claim: Claim, measured: Measured) -> Verdict:
        if isinstance(measured.value, str | int | float | Mapping):
            raise ClaimError(f"Claim {claim.id} needs a list of members, not {measured.value!r}.")
        named = set(claim.printed_references)
        counted = not claim.value or claim.number == len(named)
        agrees = set(measured.value) == named and counted
        return _supported(measured.same_basis) if agrees else Verdict.CONTRADICTED

    return Rule(rule, WORDS.pair("rule.same_members"))


def signed() -> Rule:
    """The 95 % interval of an estimate lies wholly on that side of zero which the sign of the claim names.

    The value maps ``estimate``, ``low`` and ``high``. An interval that covers zero decides nothing
    and gives inconclusive; one that lies wholly on the other side gives contradicted.
    """

    def rule(claim: Claim, measured: Measured) -> Verdict:
        low, high = _numbers(measured)[1:3]
        agrees = (low > 0) == (claim.sign > 0)
        if low <= 0 <= high:
            return Verdict.INCONCLUSIVE
        return _supported(measured.same_basis) if agrees else Verdict.CONTRADICTED

    return Rule(rule, WORDS.pair("rule.signed"), undecided=_interval_covers_zero)


def each_signed() -> Rule:
    """The 95 % intervals of several estimates all lie on the claimed side of zero: a chain, none of whose links fails.

    The value maps estimate, low and high of each, one after the other. An interval wholly on the other side
    contradicts; otherwise one that covers zero leaves the claim undecided.
    """

    def rule(claim: Claim, measured: Measured) -> Verdict:
        numbers, sign = _numbers(measured), claim.sign
        intervals = list(zip(numbers[1::3], numbers[2::3], strict=True))
        if any((high < 0) if sign > 0 else (low > 0) for low, high in intervals):
            return Verdict.CONTRADICTED
        if any(low <= 0 <= high for low, high in intervals):
            return Verdict.INCONCLUSIVE
        return _supported(measured.same_basis)

    def undecided(_: Measured) -> str:
        return "An interval of the chain covers zero, and none contradicts: that link is not shown."

    return Rule(rule, WORDS.pair("rule.each_signed"), undecided=undecided)


def battery() -> Rule:
    """A battery of evidence decides by the rule that it declared; a single estimate is judged as by :func:`signed`.

    The value of a battery maps first how many necessary items hold, how many there are, and whether the battery speaks
    against the claim by its own rule (1 or 0): then it contradicts. An item that does not hold leaves it undecided.
    Its items were declared for the sign -.
    """
    single = signed()

    def rule(claim: Claim, measured: Measured) -> Verdict:
        if not _is_battery(measured):
            return single.judge(claim, measured)
        _require_sign(claim, "-")
        held, needed, against = _numbers(measured)[:3]
        if against:
            return Verdict.CONTRADICTED
        return _supported(measured.same_basis) if held == needed else Verdict.INCONCLUSIVE

    def undecided(measured: Measured) -> str:
        if not _is_battery(measured):
            return _interval_covers_zero(measured)
        held, needed = _numbers(measured)[:2]
        return (
            f"Of {needed:.0f} necessary items of the battery {held:.0f} hold, and it does not speak against the "
            "claim: simpler explanations are not excluded, nor is the claim."
        )

    return Rule(rule, WORDS.pair("rule.battery"), undecided=undecided)


def absent_within(margin: float) -> Rule:
    """An effect is absent: its 95 % interval covers zero and any size beyond the margin can be excluded at 5 %.

    The value maps ``estimate``, ``low``, ``high`` and the equivalence bound (two one-sided tests, Schuirmann 1987). An
    interval on one side of zero contradicts; one that covers zero and sizes beyond the margin too decides nothing.
    """

    def rule(claim: Claim, measured: Measured) -> Verdict:
        _require_sign(claim, "0")
        low, high, bound = _numbers(measured)[1:4]
        if not low <= 0 <= high:
            return Verdict.CONTRADICTED
        return _supported(measured.same_basis) if bound < margin else Verdict.INCONCLUSIVE

    def undecided(_: Measured) -> str:
        return (
            f"The interval covers zero and effects beyond the margin of {margin:g} too: neither an effect nor its "
            "absence is shown."
        )

    return Rule(rule, WORDS.pair("rule.absent_within", margin=f"{margin:g}"), undecided=undecided)


def positive_at(level: float) -> Rule:
    """A statistic (first number) is positive and its p-value (second) is below the level; for the sign + alone."""

    def rule(claim: Claim, measured: Measured) -> Verdict:
        _require_sign(claim, "+")
        statistic, p_value = _numbers(measured)[:2]
        if p_value >= level:
            return Verdict.INCONCLUSIVE
        return _supported(measured.same_basis) if statistic > 0 else Verdict.CONTRADICTED

    def undecided(_: Measured) -> str:
        return f"Chance alone gives a statistic as large in more than {100 * level:g} % of cases."

    return Rule(rule, WORDS.pair("rule.positive_at", level=f"{level:g}"), undecided=undecided)


def falls_over_all() -> Rule:
    """The last number of the series is smaller than the first; for the sign - alone."""

    def rule(claim: Claim, measured: Measured) -> Verdict:
        _require_sign(claim, "-")
        first, *_between, last = _numbers(measured)
        return _supported(measured.same_basis) if last < first else Verdict.CONTRADICTED

    return Rule(rule, WORDS.pair("rule.falls_over_all"))


def falls_every_step() -> Rule:
    """Every number of the series is smaller than the one before; for the sign - alone."""

    def rule(claim: Claim, measured: Measured) -> Verdict:
        _require_sign(claim, "-")
        series = _numbers(measured)
        falls = all(later < earlier for earlier, later in pairwise(series))
        return _supported(measured.same_basis) if falls else Verdict.CONTRADICTED

    return Rule(rule, WORDS.pair("rule.falls_every_step"), against=_reasons.rises_once)


def _direction(claim: Claim, unnamed: int | None) -> int:
    """1 if the claim puts its subject above, -1 if below."""
    known = {"lt": -1, "gt": 1, "unnamed": unnamed}.get(claim.relation)
    if known is None and claim.relation != "sign":
        raise claim.error("relation", "an ordering needs lt or gt, or sign with + or - as value")
    return known or claim.sign


def _in_order(numbers: Sequence[float], direction: int) -> bool:
    subject, *references = numbers
    return all((subject - other) * direction > 0 for other in references)


def _require_sign(claim: Claim, sign: str) -> None:
    """Refuse a row whose sign is not the one that its test was made for; what carries no sign has none to differ."""
    if claim.relation == "sign" and claim.value != sign:
        raise claim.error("value", f"its test is made for {sign}")


def _require_alone(claim: Claim, measured: Measured) -> None:
    """Refuse a figure of a reference beside a test that compares the subject's alone, unless it enters the test."""
    if claim.printed_references and not measured.documents_only:
        raise claim.error("reference_value", "its test compares the figures of the subject alone, and no reference")


def _nearest_fraction(share: float) -> float:
    return min(_SIMPLE_FRACTIONS, key=lambda candidate: abs(candidate - share))


def _is_battery(measured: Measured) -> bool:
    return isinstance(measured.value, Mapping) and set(measured.value) >= BATTERY_COUNTS


def _interval_covers_zero(_: Measured) -> str:
    return "The interval covers both answers: more data or a sharper design would be needed."


def _numbers(measured: Measured) -> tuple[float, ...]:
    value = measured.value
    found = list(value.values()) if isinstance(value, Mapping) else [value]
    numbers = [float(item) for item in found if isinstance(item, float | int | np.number | np.bool_)]
    if not found or len(numbers) < len(found) or not all(map(math.isfinite, numbers)):
        raise ClaimError(
            f"A rule on numbers was given {value!r} on basis {measured.key!r}; measure a finite number or a mapping of "
            "such numbers."
        )
    return tuple(numbers)


def _supported(same_basis: bool) -> Verdict:
    """Verdict for a claim that the data bear out: reproduced on its own basis, else consistent."""
    return Verdict.REPRODUCED if same_basis else Verdict.CONSISTENT


def _prints_as(value: float, printed: str) -> bool:
    """Whether a value would be printed exactly as the paper prints it, with as many decimals, rounded half up.

    A paper that prints 25.44 asserts every value that rounds to it and no other. Half up is the convention of the
    statistical yearbooks; the shortest decimal text of the float is rounded, so that 2.675 counts as the half case
    that it looks like and becomes 2.68.
    """
    try:
        number = Decimal(printed)
    except InvalidOperation:
        raise ClaimError(
            f"The printed figure {printed!r} is no number; write digits with an optional point, such as 25.44."
        ) from None
    return Decimal(repr(float(value))).quantize(number, rounding=ROUND_HALF_UP) == number
