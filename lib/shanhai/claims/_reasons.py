"""Why a claim is contradicted, in one sentence: the figure, and what the claim says of it."""

from collections.abc import Mapping
from itertools import pairwise

from shanhai.claims.claims import Claim, Measured
from shanhai.claims.digits import show


def conditions_fail(_: Claim, measured: Measured) -> str:
    """Which condition does not hold."""
    failed = [name for name, held in _named(measured).items() if not held]
    return f"Contradicted, since this does not hold: {'; '.join(failed)}."


def order_fails(_: Claim, measured: Measured) -> str:
    """The numbers that do not stand in the order of the claim."""
    listed = "; ".join(
        f"{name}: {show(number, 2 if abs(number) < 1_000 else 0)}" for name, number in _named(measured).items()
    )
    return f"Contradicted, since the order or the size is another: {listed}."


def limit_below(claim: Claim, measured: Measured) -> str:
    """An upper limit that lies below the printed figure."""
    return f"Contradicted, since even the upper limit, {show(_first(measured))}, is below {claim.number:g}."


def other_fraction(claim: Claim, measured: Measured) -> str:
    """A share to which another fraction is nearer than the printed one."""
    return (
        f"Contradicted, since of {show(_first(measured), 1)} % the nearest fraction of speech is another than "
        f"{claim.number:g} %."
    )


def rises_once(_: Claim, measured: Measured) -> str:
    """The first years between which a series does not fall."""
    series = list(_named(measured).items())
    (first, before), (last, after) = next(pair for pair in pairwise(series) if pair[1][1] >= pair[0][1])
    return (
        f"Contradicted, since the series does not fall from {first} ({show(before, 1)}) to {last} ({show(after, 1)})."
    )


def rule_fails(_: Claim, __: Measured) -> str:
    """Where the rule itself says all there is to say."""
    return "Contradicted, since the computed value does not meet the rule of the test."


def _named(measured: Measured) -> Mapping[str, float | bool]:
    assert isinstance(measured.value, Mapping)  # tests of lists, orders and series name what they measure
    return measured.value


def _first(measured: Measured) -> float:
    value = measured.value
    return float(next(iter(value.values())) if isinstance(value, dict) else value)  # type: ignore[arg-type]
