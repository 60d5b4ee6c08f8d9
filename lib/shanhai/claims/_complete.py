"""What the rows of the claims table have to declare, beside the tests and the table of statements."""

from collections.abc import Sequence

import pandas as pd

from shanhai.claims.claims import CHECKS, Claim
from shanhai.core.errors import ClaimError


def require_complete(claims: Sequence[Claim], statements: pd.DataFrame) -> None:
    """Refuse a claims table that does not match the tests or leaves out what a claim has to declare.

    Every claim has either a test with a basis, its reason and what had been seen, or a need; a compound claim has
    neither and at least two parts, and is no part itself; ``same_as`` names a claim on the same place, with the same
    figure and basis, that repeats none. Statements are those that the ledger handles, and the
    line is that of one in the claim's document; another document may say the same.

    Raises
    ------
    ClaimError
    """
    ids = [claim.id for claim in claims]
    wholes = {claim.part_of for claim in claims if claim.part_of}
    single = [claim for claim in claims if claim.id not in wholes]
    heads = [claim for claim in claims if claim.id in wholes]
    tested = [claim for claim in single if claim.id in CHECKS]
    parts = [claim.part_of for claim in claims]
    counted = {claim.id: claim for claim in single if not claim.same_as}
    ledger = statements[statements["handling"].eq("claim")].set_index("id")
    placed = {str(key): (str(row["seed"]), str(row["line"])) for key, row in ledger.iterrows()}
    problems = {
        "repeated in the table": [name for name in ids if ids.count(name) > 1],
        "without test and without a declared need": [
            claim.id for claim in single if claim.id not in CHECKS and not claim.needs
        ],
        "tested but not in the table": set(CHECKS) - set(ids),
        "tested, and yet with a need": [claim.id for claim in tested if claim.needs],
        "compound, and yet with a test, a basis or a need": [
            claim.id for claim in heads if claim.id in CHECKS or claim.basis or claim.needs
        ],
        "compound with fewer than two parts, or not in the table": [
            name for name in wholes if parts.count(name) < 2 or name not in ids
        ],
        "tested without a primary basis": [claim.id for claim in tested if not claim.basis],
        "with a basis but no reason for it": [claim.id for claim in tested if not claim.basis_reason],
        "with a basis but nothing on what had been seen": [claim.id for claim in tested if not claim.seen],
        "with a basis but no test": [claim.id for claim in single if claim.basis and claim.id not in CHECKS],
        "the same as a claim that is not counted": [
            claim.id for claim in claims if claim.same_as and claim.same_as not in counted
        ],
        "the same as a claim on another place, with another figure or on another basis": [
            claim.id for claim in claims if claim.same_as in counted and not _may_repeat(claim, counted[claim.same_as])
        ],
        "part of a claim that is a part itself": [
            claim.id for claim in claims if claim.part_of in {head.id for head in heads if head.part_of}
        ],
        "with statements that the table statements does not hold, or not as claims": [
            claim.id for claim in claims if claim.statements and not set(claim.statements.split(";")) <= set(placed)
        ],
        "with a line on which none of its statements of the same document stands": [
            claim.id
            for claim in claims
            if (claim.statements or claim.line)
            and (claim.seed, claim.line) not in {placed.get(each) for each in claim.statements.split(";")}
        ],
    }
    found = {problem: sorted(set(names)) for problem, names in problems.items() if names}
    if found:
        raise ClaimError(f"The claims table and the tests do not match: {found}. Add a check, or correct the row.")


def _may_repeat(claim: Claim, first: Claim) -> bool:
    """Whether a claim can say the same as another: one place, basis and need, and one figure where both print one."""
    figures = [(each.value, each.unit) for each in (claim, first) if each.relation != "sign"]
    return (claim.place, claim.basis) == (first.place, first.basis) and len(set(figures)) <= 1
