"""What is wrong with a file, each fault by file, sheet, row, column, value and rule, all of them in one message."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from shanhai.core.errors import ValidationError
from shanhai.render.messages import Messages
from shanhai.render.words import Words

MESSAGES = Messages(Words.beside(__file__, "messages.toml").labels("said"))
"""What is said of a file of the user's own, in Chinese."""

SHOWN = 50
"""Problems that a message lists."""

_LONGEST = 80
"""Characters of a value that a message shows."""


@dataclass(frozen=True)
class Problem:
    """One fault of a file."""

    rule: str
    """What is asked, and the next step."""
    row: int | None = None
    """Counted from one, as a spreadsheet counts."""
    column: str = ""
    """Head of the column, or its letter."""
    value: object = ""


def shown(value: object) -> str:
    """A value of a foreign file as text that a terminal cannot take for a command: quoted, escaped and cut."""
    text = repr(value)  # which escapes what is not printed, and that alone
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def harmless(line: str) -> str:
    """A line that holds text of a foreign file, with what is not printed escaped: a terminal obeys none of it."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line)


def listed(problems: Sequence[Problem], file: str, sheet: str) -> list[str]:
    """Problems as lines, in the order of the file."""
    where = f"{file}, sheet {shown(sheet)}" if sheet else file
    lines = []
    for problem in sorted(problems, key=lambda problem: (problem.row or 0, problem.column)):
        place = [where, f"row {problem.row}" if problem.row else "", f"column {shown(problem.column)}"]
        told = ", ".join(filter(None, place if problem.column else place[:2]))
        given = problem.value.isoformat() if isinstance(problem.value, datetime.date) else problem.value
        is_said = given == "" or problem.rule.startswith(shown(given))
        value = "" if is_said else f": {shown(given)}"
        lines.append(harmless(f"  {told}{value}: {problem.rule}"))
    more = [f"  and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return [*lines[:SHOWN], *more]


def refuse(problems: Sequence[Problem], file: str, sheet: str = "") -> None:
    """Refuse a file with any problem.

    Raises
    ------
    ValidationError
        Listing all of them.
    """
    if problems:
        lines = listed(problems, file, sheet)
        raise ValidationError(
            f"{file} was not imported and nothing was written; problems: {len(problems)}.\n" + "\n".join(lines)
        )
