"""Parts of a gap that are worth showing."""

from shanhai.model.gap import GapAccount, GapPart

NOTHING = 1e-9
"""Parts below this are zero by construction, as province effects are inside one province."""


def parts_that_differ(account: GapAccount) -> tuple[GapPart, ...]:
    """Parts of an account without those that are zero by construction, in order."""
    return tuple(part for part in account.parts if abs(part.contribution) > NOTHING)
