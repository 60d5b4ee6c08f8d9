"""The five verdicts on a claim, and what each of them asserts."""

from enum import StrEnum


class Verdict(StrEnum):
    """Outcome of testing one claim on official figures.

    ``reproduced``
        The same quantity, of the same year, on a basis that can be named, gives every digit that
        the paper prints (or, for a list, a count or a rank, exactly the members or the number).
    ``consistent``
        The claim's ordering, sign or size holds on the nearest vintage there is, or the paper's
        own figures agree with each other and with ours, but the printed figure itself cannot be
        checked. A claim about a year for which the tables hold nothing is at best consistent.
    ``contradicted``
        The data disagree on every basis that was tried.
    ``untestable``
        The tables cannot decide: they hold nothing on the quantity (``computed`` is null), an
        interval covers both answers, or a target lies in a year they do not reach (``computed``
        shows the interval, or the way to go). The note says what is needed.
    ``underspecified``
        The paper does not say which quantity it means, so that no figure could confirm or refute it.

    When bases differ, the finding carries the best verdict in this order, names the basis that
    gave it, and its note lists the other bases with their figures and verdicts.
    """

    REPRODUCED = "reproduced"
    CONSISTENT = "consistent"
    CONTRADICTED = "contradicted"
    UNTESTABLE = "untestable"
    UNDERSPECIFIED = "underspecified"


PREFERENCE = (
    Verdict.REPRODUCED,
    Verdict.CONSISTENT,
    Verdict.UNTESTABLE,
    Verdict.CONTRADICTED,
    Verdict.UNDERSPECIFIED,
)
"""Order in which the engine chooses among the verdicts of several bases."""


def supported(same_basis: bool) -> Verdict:
    """Verdict for a claim that the data bear out: reproduced on its own basis, else consistent."""
    return Verdict.REPRODUCED if same_basis else Verdict.CONSISTENT
