"""The register of open statements: what the documents say of development and no table here can decide.

The table ``statements`` lists every checkable statement of the five documents and says where it is handled: in the
ledger of claims, in this register, or left out by the rule of ``lib/docs/statements.md``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches

import pandas as pd

from shanhai.core.errors import ClaimError
from shanhai.core.fields import fields_of
from shanhai.core.places import as_code
from shanhai.data.load import load_places

_HANDLED = "register"
"""What the table calls the handling of the statements of the register."""


@dataclass(frozen=True)
class OpenStatement:
    """One statement of the register; fields as in the table ``statements``."""

    id: str
    seed: str
    """Name of the document."""
    line: int
    """Line of the document where the statement stands."""
    place: str
    place_zh: str
    codes: tuple[str, ...]
    """Codes of 2020 of the places named; empty for the country and for groups such as the 26."""
    indicator: str
    topic: str
    period: str
    relation: str
    value: str
    """Figure or figures as printed (``;`` between them); empty if none is printed."""
    unit: str
    gist: str
    gist_zh: str
    needs: str
    """The source that would decide it: office, publication, year, table; or who keeps the record that nobody prints."""
    needs_zh: str
    status: str
    """``published`` elsewhere, ``record`` of an office, ``target`` not yet due, or ``underspecified`` by the text."""


def register_from(table: pd.DataFrame) -> tuple[OpenStatement, ...]:
    """The register, in the order of the table ``statements``; empty cells are empty texts."""
    rows = table[table["handling"].eq(_HANDLED)].rename(columns={"code": "codes"})
    texts = rows[list(OpenStatement.__dataclass_fields__)].astype(object).where(rows.notna(), "")
    texts["codes"] = [tuple(filter(None, map(str.strip, codes.split(";")))) for codes in texts["codes"]]
    return tuple(OpenStatement(*row) for row in texts.itertuples(index=False, name=None))


def select(
    register: Iterable[OpenStatement], *, document: str = "", place: str | int = "", topic: str = ""
) -> tuple[OpenStatement, ...]:
    """Statements of one document, on one place, of one topic; what is empty does not restrict.

    Parameters
    ----------
    register : OpenStatements
    document : str
        Name of a document, such as ``bazhong-2024``.
    place : str or int
        Six-digit code of a county, prefecture or province: what names it or a unit inside it. Or part of a name as it
        is written in English or Chinese: ``Longquan``, ``龙泉``, or ``26`` for the mountain counties together.
    topic : str
        Such as ``incomes``.

    Raises
    ------
    ClaimError
        If the document or the topic is unknown or no text, the place is blank, or no statement of the register names
        it by that name.
    UnknownPlaceError
        If the place is neither text nor a whole number that can be a code, or has a code that no place of 2020 has.

    Examples
    --------
    ``select(register, place="331181", topic="collaboration")``
    """
    _require_allowed("seed", document, "document")
    _require_allowed("topic", topic, "topic")
    register, where = tuple(register), as_code(place)
    if place and not where:
        raise ClaimError(f"place {place!r} is blank; give a six-digit code or a name, or '' for all places.")
    inside = _names(register, where) if where else set()
    return tuple(
        statement
        for statement in register
        if document in ("", statement.seed) and topic in ("", statement.topic) and (not where or statement.id in inside)
    )


def register_frame(statements: Iterable[OpenStatement]) -> pd.DataFrame:
    """Statements as a table, one row each, columns as the fields of :class:`OpenStatement`."""
    return pd.DataFrame(
        [asdict(statement) for statement in statements], columns=list(OpenStatement.__dataclass_fields__)
    )


def count_topics(statements: Iterable[OpenStatement]) -> pd.DataFrame:
    """Number of statements by topic (rows) and document (columns), all of them in the order of the dictionary."""
    frame = register_frame(statements)
    return (
        pd.crosstab(frame["topic"], frame["seed"])
        .reindex(index=_allowed("topic"), columns=_allowed("seed"), fill_value=0)
        .rename_axis(index="topic", columns=None)
    )


def _names(register: Sequence[OpenStatement], where: str) -> set[str]:
    """Ids of the statements that name a place, by its code or by a part of its name."""
    if len(where) == 6 and where.isdigit():
        load_places().place(where)  # refuses a code that no place has
        inside = where[:2] if where.endswith("0000") else where[:4] if where.endswith("00") else where
        return {each.id for each in register if any(code.startswith(inside) for code in each.codes)}
    found = {each.id for each in register if where.lower() in f"{each.place}\n{each.place_zh}".lower()}
    if not found:
        known = {name for each in register for name in (*each.place.split("; "), *each.place_zh.split("、"))}
        near = get_close_matches(where, sorted(known), n=3)
        raise ClaimError(
            f"No statement of the register names {where!r}; give a six-digit code, or a name"
            + (f" such as {', '.join(near)}." if near else " as the table statements writes it.")
        )
    return found


def _allowed(column: str) -> list[str]:
    """Values that a column of the table may have."""
    return next(list(field.allowed) for field in fields_of("statements") if field.column == column)


def _require_allowed(column: str, given: str, what: str) -> None:
    allowed = _allowed(column)
    if given != "" and given not in allowed:
        raise ClaimError(f"{given!r} is no {what} of the statements; choose one of {allowed}.")
