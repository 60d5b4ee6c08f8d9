"""The specification curve of notebook 13, each specification with the options that it takes."""

from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike, NDArray

from shanhai.core.errors import ReportError
from shanhai.methods.curve import Choice
from shanhai.render.numbers import format_number
from shanhai.report.explore._page import Explorer, build_page
from shanhai.report.results import Language, Results
from shanhai.studies.robustness.design import WORDS as ROBUSTNESS
from shanhai.studies.robustness.design import border_grid

RUN, EXHIBIT = "13-check-robustness", "curve"
"""Run and figure whose data the page shows."""

_NUMBERS = ("estimate", "low", "high", "p")


@dataclass(frozen=True)
class CurveData:
    """The specifications of a curve.

    Attributes
    ----------
    table : DataFrame
        One row a specification: a column a choice, estimate, low, high, p, is_main.
    choices : tuple of Choice
        Those that are columns of the table.
    """

    table: pd.DataFrame
    choices: tuple[Choice, ...]

    @classmethod
    def of(cls, results: Results) -> "CurveData":
        """Read the data of the figure.

        Raises
        ------
        ReportError
            If the figure has no data, or these lack a number, a main specification or a choice.
        """
        files = results.run(RUN).exhibit("figure", EXHIBIT).files
        if "csv" not in files:
            raise ReportError(f"The figure {EXHIBIT!r} of {RUN} has no csv; run `shanhai reproduce` again.")
        choices = border_grid().choices
        keys = {choice.key: "str" for choice in choices}
        table = pd.read_csv(files["csv"], usecols=[*keys, *_NUMBERS, "is_main"], dtype=keys, keep_default_na=False)
        found = cls(table, choices)
        found._check()
        return found

    def _check(self) -> None:
        numbers = self.table[list(_NUMBERS)]
        finite = numbers.dtypes.eq("float64").all() and np.isfinite(numbers.to_numpy()).all()
        if not finite or self.table["is_main"].sum() != 1:
            raise ReportError(
                f"The data of {EXHIBIT!r} have {int(self.table['is_main'].sum())} main specifications, some perhaps "
                "without an estimate; needed: one, and numbers in every row. Run notebook 13 with errors that hold "
                "'prefecture'."
            )

    @cached_property
    def options(self) -> pd.DataFrame:
        """Option of each choice as a category, those that are taken in the order of the choice."""
        columns = {}
        for choice in self.choices:
            taken = set(self.table[choice.key].unique())
            kept = [key for key in choice.keys if key in taken]
            if unknown := sorted(taken - set(kept)):
                raise ReportError(
                    f"The curve has options {unknown} of {choice.key!r}; allowed: {', '.join(choice.keys)}. Run "
                    "`shanhai reproduce` again."
                )
            columns[choice.key] = pd.Categorical(self.table[choice.key], kept)
        return pd.DataFrame(columns)


def curve_page(data: CurveData, language: Language) -> Explorer:
    """The explorer of the curve in one language."""
    side = int(language == "zh")
    names = {
        key: ROBUSTNESS.pair(f"figure.curve.{key}")[side] for key in ("negative", "open", "positive", "main", "outcome")
    }
    return build_page("curve", language, _content(data, language), **names, count=format_number(len(data.table)))


def _content(data: CurveData, language: Language) -> dict[str, Any]:
    chinese, table, options = language == "zh", data.table, data.options
    choices = [
        {
            "key": choice.key,
            "name": choice.translation if chinese else choice.label,
            "options": [
                {"key": option.key, "name": option.translation if chinese else option.label}
                for option in choice.options
                if option.key in options[choice.key].cat.categories
            ],
        }
        for choice in data.choices
    ]
    packed: NDArray[Any] = np.zeros(len(table), dtype=np.uint32)
    for choice in data.choices:
        packed = packed * len(options[choice.key].cat.categories) + options[choice.key].cat.codes.to_numpy()
    # an interval is symmetric, so that half its width says where it ends
    kept = {"estimate": table["estimate"], "half": (table["high"] - table["low"]) / 2, "p": table["p"]}
    return {
        "choices": choices,
        "main": int(np.flatnonzero(table["is_main"])[0]),
        "options": _bytes(packed, "<u4"),  # a number in the mixed base of the choices, the first the most significant
        **{name: _bytes(column, "<f4") for name, column in kept.items()},
    }


def _bytes(values: Any, kind: DTypeLike) -> str:
    return b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode("ascii")
