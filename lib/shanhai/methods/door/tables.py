"""Regressions side by side: one table of ours, statsmodels', linearmodels', pyfixest's and spreg's results."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final, Literal

import pandas as pd

from shanhai.core.errors import EnvironmentMissingError, SpecificationError
from shanhai.methods.checks import require
from shanhai.methods.door._printing import decimals, encodable, fixed, p_value
from shanhai.methods.door._tabled import Linearmodels, Spreg, Tabled
from shanhai.methods.door.fits import Fits
from shanhai.methods.door.printed import MINUS, RegressionTable
from shanhai.methods.door.regression import Regression
from shanhai.methods.spec import Bands, Interaction

Below = Literal["se", "t", "p", "ci"]
Language = Literal["en", "zh"]

_BELOW: Final[dict[Below, str]] = {
    "se": "Standard errors in parentheses",
    "t": "t statistics in parentheses",
    "p": "p-values in brackets",
    "ci": "95% confidence intervals in brackets",
}

_CHINESE: Final = {
    "Standard errors in parentheses": "圆括号内为标准误",
    "t statistics in parentheses": "圆括号内为t值",
    "p-values in brackets": "方括号内为p值",
    "95% confidence intervals in brackets": "方括号内为95%置信区间",
    "Standard errors": "标准误类型",
    "Clusters": "聚类数",
    "Observations": "观测数",
    "Mean of outcome": "被解释变量均值",
    "R² within": "组内R²",
    "Pseudo R²": "伪R²",
    "Intercept": "常数项",
    "yes": "是",
}
"""Words of a table in Chinese."""

_STATS: Final[dict[str, str]] = {
    "se_type": "Standard errors",
    "n_clusters": "Clusters",
    "N": "Observations",
    "outcome_mean": "Mean of outcome",
    "r2": "R²",
    "r2_within": "R² within",
    "pseudo_r2": "Pseudo R²",
}
"""Rows below the coefficients, in this order; one that no regression has is left out."""

_SIGNIFICANCE = (0.1, 0.05, 0.01)

_UNTESTED: Final = "†"
"""In the place of stars where one cluster, or row, alone determines an estimate."""

_INTERCEPT, _INTERCEPTS = "Intercept", frozenset({"intercept", "const", "constant", "(intercept)"})


def etable(  # noqa: PLR0913 - what tables differ by, each by its name
    models: Any,
    *,
    below: Below = "se",
    digits: int = 2,
    stars: tuple[float, ...] = _SIGNIFICANCE,
    labels: Mapping[str, str] | None = None,
    keep: Iterable[str] | None = None,
    rows: Mapping[str, Iterable[object]] | None = None,
    caption: str = "",
    language: Language = "en",
) -> RegressionTable:
    """Set regressions side by side.

    Parameters
    ----------
    models : regression, sequence or mapping of regressions
        Those of :func:`shanhai.methods.fit` and ``adopt``, fitted models of statsmodels, linearmodels, pyfixest and
        spreg, and whatever else ``maketables`` reads. The keys of a mapping stand above the columns.
    below : {"se", "t", "p", "ci"}
        What stands below an estimate.
    digits : int
        Significant digits of the standard error; the estimate has as many decimals. So no estimate of a column in
        yuan is printed as 0.000.
    stars : tuple of float
        Falling bounds of p, one star each; empty for none (as the American Economic Association prints tables).
    labels : mapping of str to str, optional
        Words for what the table prints: names of columns (outcomes, terms, each part of a product, fixed effects),
        and any other label or cell of text, such as ``Observations``, ``yes`` or ``cluster(firm) fixest``. One mapping
        may serve several tables: names that this one lacks are passed over, unless it has none of them.
    keep : iterable of str, optional
        Coefficients to print, in this order. Which are left out is said below the table.
    rows : mapping of str to sequence, optional
        Further rows below: a label, and one value a regression.
    caption : str
        Title of the table.
    language : {"en", "zh"}
        Of notes and of words that are no names.

    Returns
    -------
    RegressionTable
        Shows itself in JupyterLab; ``text()``, ``html()``, ``latex()``, ``typst()``, ``word()``, ``save(path)``.

    Raises
    ------
    SpecificationError
        If there is no regression, one is of an unknown kind, or an argument names what is not there.
    EnvironmentMissingError
        If ``maketables`` is not installed.

    Notes
    -----
    A dagger stands in the place of stars where one cluster alone determines an estimate (one row under HC1), such as
    the effect of a treatment that one cluster had: its standard error is far too small.

    Results are read, and HTML, LaTeX, Typst and Word are written, by the package maketables. R² counts what absorbed
    effects explain; for linearmodels that is its ``rsquared_inclusive``. R² within is about all of these effects, as
    for fixest: linearmodels' ``rsquared`` of a panel with effects. Its ``rsquared_within``, which takes out entities
    alone whatever the effects, is not printed.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods import etable, fit
    >>> schools = pd.DataFrame({"score": [3.0, 5.0, 4.0, 8.0, 7.0], "hours": [1.0, 2.0, 3.0, 4.0, 5.0]})
    >>> print(etable(fit("score ~ hours", schools, vcov="iid")).text())
                      score
                        (1)
    -----------------------
    hours             1.10*
                     (0.41)
    Intercept           2.1
                      (1.4)
    -----------------------
    Standard errors     iid
    Observations          5
    Mean of outcome   5.400
    R²                0.703
    -----------------------
    Standard errors in parentheses. * p < 0.1, ** p < 0.05, *** p < 0.01.
    """
    columns = _columns(models)
    require(below, Below, "what stands below an estimate", "Give below='se'.")
    bounds = _bounds(stars)
    if not isinstance(digits, int) or isinstance(digits, bool) or not 1 <= digits <= 8:
        raise SpecificationError(f"digits are {digits!r}; allowed: a whole number from 1 to 8. Give 2.")
    require(language, Language, "the language of the table", "Give language='en'.")
    words = {**(_CHINESE if language == "zh" else {}), **_labels(labels)}
    tables = [_one_intercept(reader.coef_table(model), model) for _, model, reader in columns]
    names, left_out = _kept(tables, keep)
    alone = [_on_one_group(model) for _, model, _ in columns]
    cells = [_cells(table, below, digits, bounds, held) for table, held in zip(tables, alone, strict=True)]
    parts = {name: found for _, model, _ in reversed(columns) for name, found in _parts(model)}
    body = [
        ("coefficients", _label(name, parts.get(name), words), [column.get(name, "") for column in cells])
        for name in names
    ]
    body += [("effects", label, marks) for label, marks in _effects(columns, words, language)]
    body += [("regression", label, figures) for label, figures in _statistics(columns, rows or {})]
    printed, body = (
        body,
        [
            (group, encodable(words.get(label, label)), [encodable(words.get(cell, cell)) for cell in cells])
            for group, label, cells in body
        ],
    )
    outcomes = [str(reader.depvar(model)) for _, model, reader in columns]
    heads = [[encodable(words.get(outcome, outcome)) for outcome in outcomes]]
    if any(head for head, _, _ in columns):
        heads.append([encodable(head) for head, _, _ in columns])
    heads.append([f"({number})" for number in range(1, len(columns) + 1)])
    frame = pd.DataFrame(
        [line for _, _, line in body],
        index=pd.MultiIndex.from_tuples([(group, label) for group, label, _ in body]),
        columns=pd.MultiIndex.from_arrays(heads),
    )
    unprinted = [_label(name, parts.get(name), words) for name in left_out]
    coefficients = [*names, *left_out]
    pieces = [part for name in coefficients for part in parts.get(name) or _split(name)]
    texts = {*coefficients, *pieces, *(part.partition("::")[0] for part in pieces), *outcomes}
    texts |= {name for _, model, reader in columns for name in _absorbed(model, reader)}
    texts |= {text for _, label, line in printed for text in (label, *line)} | {_BELOW[below]}
    _require_used(labels, texts)
    untested = any(name in held for held in alone for name in names)
    notes = _notes(below, bounds, unprinted, words, language, untested=untested)
    return RegressionTable(frame, encodable(str(caption)), encodable(notes))


def _labels(labels: Any) -> dict[str, str]:
    """Words for names, as text for text."""
    if labels is None:
        return {}
    wrong = (
        [labels]
        if not isinstance(labels, Mapping)
        else [part for pair in labels.items() for part in pair if not isinstance(part, str)]
    )
    if wrong:
        raise SpecificationError(
            f"labels hold {wrong[0]!r} of type {type(wrong[0]).__name__}; allowed: a mapping of text to text. Give "
            "labels={'wage': 'Hourly wage'}."
        )
    return dict(labels)


def _require_used(labels: Mapping[str, str] | None, texts: set[str]) -> None:
    """Refuse words of which the table has none to replace."""
    if labels and not texts & set(labels):
        known = ", ".join(sorted(text for text in texts if text and text[0].isalpha()))
        raise SpecificationError(
            f"labels are for {', '.join(map(repr, labels))}, none of which the table has; allowed: its names and "
            f"words, such as {known}. Write a name as the table prints it without labels."
        )


def _columns(models: Any) -> list[tuple[str, Any, Any]]:
    """Head, model and its reader, one a column; collections are taken apart."""
    try:
        from maketables import get_extractor
    except ImportError as error:
        raise EnvironmentMissingError(
            'tables of regressions need the package maketables; install it with: pip install "shanhai[tables]"'
        ) from error
    spreg = Spreg()
    found = []
    for head, model in _flat(models):
        try:
            reader: Any = spreg if spreg.can_handle(model) else get_extractor(model)
        except TypeError as error:
            raise SpecificationError(
                f"{type(model).__module__}.{type(model).__name__} is no regression that a table can show; allowed:"
                " results of shanhai.methods.fit and adopt, and fitted models of statsmodels, linearmodels, pyfixest"
                " and spreg. Fit the model first and give its result."
            ) from error
        panel = type(model).__module__.partition(".")[0] == "linearmodels"
        found.append((head, model, Linearmodels(reader) if panel else reader))
    if not found:
        raise SpecificationError("there is no regression to show; allowed: one or more. Give etable([fit(...), ...]).")
    return found


def _flat(models: Any) -> list[tuple[str, Any]]:
    if isinstance(models, Mapping):
        return [(str(head), model) for head, part in models.items() for _, model in _flat(part)]
    if isinstance(models, Fits):
        return [("", model) for model in models]
    if hasattr(models, "to_list") and not isinstance(models, pd.Series):  # several regressions of pyfixest
        return [("", model) for model in models.to_list()]
    if isinstance(models, list | tuple):
        return [pair for part in models for pair in _flat(part)]
    return [("", models)]


def _bounds(stars: Any) -> tuple[float, ...]:
    bounds = tuple(stars) if isinstance(stars, Iterable) else (stars,)
    if not all(isinstance(bound, float) and 0 < bound < 1 for bound in bounds) or any(
        high <= low for high, low in pairwise(bounds)
    ):
        raise SpecificationError(
            f"stars are {stars!r}; allowed: falling bounds of p between 0 and 1, or none. Give (0.1, 0.05, 0.01)."
        )
    return bounds


def _kept(tables: list[pd.DataFrame], keep: Iterable[str] | None) -> tuple[list[str], list[str]]:
    """Coefficients in the order of their first regression, intercepts last; and those left out."""
    every = list(dict.fromkeys(str(name) for table in tables for name in table.index))
    if keep is None:
        return sorted(every, key=lambda name: name == _INTERCEPT), []
    if not isinstance(keep, Iterable):
        raise SpecificationError(f"keep is {keep!r}; allowed: names of coefficients. Give keep=[{every[0]!r}].")
    wanted = [str(name) for name in ([keep] if isinstance(keep, str) else keep)]
    names = [_INTERCEPT if name not in every and name.lower() in _INTERCEPTS else name for name in wanted]
    unknown = [name for name in names if name not in every]
    if unknown or not names:
        raise SpecificationError(
            f"keep names {', '.join(map(repr, unknown)) or 'nothing'}; allowed: {', '.join(every)}. Name one of these."
        )
    return list(dict.fromkeys(names)), [name for name in every if name not in names]


def _one_intercept(table: pd.DataFrame, model: Any) -> pd.DataFrame:
    """Coefficients with one name for what each package calls the intercept; columns that only sound like it stay."""
    named = ["intercept"] if isinstance(model, Tabled) else [
        str(name) for name in table.index if str(name).lower() in _INTERCEPTS
    ]  # fmt: skip
    return table.rename({named[0]: _INTERCEPT} if len(named) == 1 else {}).rename(str)


def _on_one_group(model: Any) -> frozenset[str]:
    """Coefficients of a regression of ours whose tests mean nothing, as one cluster or row alone determines them."""
    found = model.on_one_group if isinstance(model, Regression) else ()
    return frozenset(_INTERCEPT if name == "intercept" else name for name in found)


def _cells(
    table: pd.DataFrame, below: Below, digits: int, bounds: tuple[float, ...], alone: frozenset[str]
) -> dict[str, str]:
    """Estimate with stars, or the mark of one that has no valid test, and what stands below it, by coefficient."""
    found = {}
    for name, row in table.iterrows():
        stars = _UNTESTED if name in alone else "*" * sum(row["p"] < bound for bound in bounds)
        found[str(name)] = f"{_estimate(row, digits)}{stars}\n{_under(row, below, digits)}"
    return found


def _estimate(row: "pd.Series[float]", digits: int) -> str:
    return _number(row["b"], decimals(row["b"], row["se"], digits))


def _number(value: float, places: int) -> str:
    return fixed(value, places).replace("-", MINUS)


def _under(row: "pd.Series[float]", below: Below, digits: int) -> str:
    if below == "p":
        return f"[{p_value(row['p'])}]"
    if below == "t":
        return f"({_number(row['t'], 2)})"
    places = decimals(row["b"], row["se"], digits)
    if below == "ci":
        return f"[{', '.join(_number(row.get(end, math.nan), places) for end in ('ci95l', 'ci95u'))}]"
    return f"({_number(row['se'], places)})"


def _parts(model: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Names of the parts of each coefficient of a regression of ours, as its terms have them: names may hold colons."""
    if not isinstance(model, Regression):
        return
    recipe = model.recipe
    made = {} if recipe is None else {column.key: column.name for column in recipe.computed}
    for term in (*model.spec.terms, *model.spec.controls):
        if isinstance(term, Interaction):
            yield term.name, (term.left.name, term.right.name)
        elif isinstance(term, Bands):
            yield from ((name, (name,)) for name in term.names)
        elif term.column not in made and not (recipe is None and term.written):  # names of other packages are split
            yield term.name, (term.name,)
        elif recipe is not None:
            kept = {f"\0{place}\0": name for place, name in enumerate(recipe.reads) if ":" in name}
            text = made[term.column]
            for mark, name in kept.items():
                text = text.replace(name, mark)
            yield term.name, tuple(_restored(part, kept) for part in _split(text))


def _restored(part: str, kept: Mapping[str, str]) -> str:
    for mark, name in kept.items():
        part = part.replace(mark, name)
    return part


def _split(name: str) -> list[str]:
    """Parts of a product as formulas write it, colons in brackets and those of an address left alone."""
    return [part for part in re.split(r"(?<!:):(?!//|:)(?![^\[(]*[\])])", name) if part]


def _said(part: str, words: Mapping[str, str]) -> str:
    """A part in words; ``year::2002`` of pyfixest is a level of a column, whose own name may have words too."""
    column, _, level = part.partition("::")
    return words.get(part, f"{words.get(column, column)} = {level}" if level else part)


def _label(name: str, parts: tuple[str, ...] | None, words: Mapping[str, str]) -> str:
    """A coefficient in words: its own, or those of the parts of a product."""
    if name in words:
        return words[name]
    said = [words.get(part, part) for part in parts] if parts else [_said(part, words) for part in _split(name)]
    return " × ".join(said)


def _absorbed(model: Any, reader: Any) -> list[str]:
    """Names of the fixed effects of a regression, which may hold a + in one of ours."""
    if isinstance(model, Regression):
        return list(model.spec.fixed_effects)
    return [part.strip() for part in (reader.fixef_string(model) or "").split("+") if part.strip() not in ("", "0")]


def _effects(
    columns: list[tuple[str, Any, Any]], words: Mapping[str, str], language: Language
) -> list[tuple[str, list[str]]]:
    """A row a fixed effect: yes or nothing."""
    held = [_absorbed(model, reader) for _, model, reader in columns]
    every = dict.fromkeys(name for names in held for name in names)
    of = "固定效应" if language == "zh" else " fixed effects"
    return [(f"{words.get(name, name)}{of}", ["yes" if name in names else "" for names in held]) for name in every]


def _statistics(
    columns: list[tuple[str, Any, Any]], rows: Mapping[str, Iterable[object]]
) -> list[tuple[str, list[str]]]:
    """Rows about the regressions as wholes, the reader's own last."""
    found = []
    for key, label in _STATS.items():
        values = [_stat(model, reader, key) for _, model, reader in columns]
        if any(values):
            found.append((label, values))
    for label, given in rows.items():
        values = [
            value if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)
            for value in given
        ]
        if len(values) != len(columns):
            raise SpecificationError(
                f"row {label!r} has {len(values)} values; allowed: one a regression, {len(columns)}. Give as many."
            )
        found.append((str(label), values))
    return found


def _stat(model: Any, reader: Any, key: str) -> str:
    value = reader.stat(model, key)
    if value is None and key == "se_type":
        value = (reader.vcov_info(model) or {}).get("vcov_type")
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, str):
        return re.sub(r"^by: (.*)", r"cluster(\1)", value)
    return f"{int(value):,}" if key in ("N", "n_clusters") else f"{value:,.3f}".replace("-", MINUS)


def _notes(
    below: Below,
    bounds: tuple[float, ...],
    left_out: list[str],
    words: Mapping[str, str],
    language: Language,
    *,
    untested: bool,
) -> str:
    chinese = language == "zh"
    comma, stop = ("，", "。") if chinese else (", ", ".")
    said = [words.get(_BELOW[below], _BELOW[below])]
    if bounds:
        said.append(comma.join(f"{'*' * place} p < {bound:g}" for place, bound in enumerate(bounds, 1)))
    if untested:
        said.append(
            f"{_UNTESTED} 由单个聚类（或单行观测）决定，标准误严重偏小，检验无效"
            if chinese
            else f"{_UNTESTED} one cluster (or row) alone determines it: standard error far too small, no valid test"
        )
    if left_out:
        said.append(f"未列出的系数：{'、'.join(left_out)}" if chinese else f"Also estimated: {', '.join(left_out)}")
    return ("" if chinese else " ").join(sentence + stop for sentence in said)
