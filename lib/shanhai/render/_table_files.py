"""Writers of a table: CSV with the digits of a result, HTML, LaTeX booktabs, and fixed-width text."""

import re
from html import escape
from io import StringIO

import pandas as pd

from shanhai.render.numbers import to_stored
from shanhai.render.tables import TableSpec, display_width

_LATEX_SYMBOLS = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": "$<$", ">": "$>$", "–": "--", "—": "---",
    "−": "$-$", "×": r"$\times$", "±": r"$\pm$", "²": "$^{2}$", "³": "$^{3}$", "≤": r"$\leq$", "≥": r"$\geq$",
    "≈": r"$\approx$", "Δ": r"$\Delta$", "·": r"$\cdot$",
}  # fmt: skip


_FORMULA = re.compile(r"[\t\n]|\s*[=+\-@＝＋－＠]")
"""How a text begins that a spreadsheet may take for a formula, in full width too."""

_NUMBERS = re.compile(
    r"[+-](\d[\d.,]*( ?%)?\*{0,3}((; ?|；| to | ?– ?|～)[+-]?(?=\d)|$|(?= \(|（)))+"
    r"( \([<\w .'-]+\)|（[<\w .'-]+）)?(, to \d+|，至\d+年)?"
)
"""Signed numbers as tables print them, with a remark in brackets: -0.113***, -3.2 %, -0.4; 0.2, -0.009 (0.786)."""

_WORDS = re.compile(r"[+-]( [^\W\d_]+,?)*( \([^\W\d_]+( [^\W\d_]+)*\))?")
"""A sign alone or before plain words: + terrain, border."""


def _harmless(text: str) -> str:
    """A text that no spreadsheet runs: what looks like a formula gets an apostrophe in front."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # what follows a bare one would begin a row of its own
    is_formula = _FORMULA.match(text) and not _NUMBERS.fullmatch(text) and not _WORDS.fullmatch(text)
    return f"'{text}" if is_formula else text


def frame_to_csv(frame: pd.DataFrame) -> str:
    """Comma-separated text that gives every number back exactly; no text is one that a spreadsheet runs."""
    safe = frame.rename(columns=lambda name: _harmless(str(name)))
    for name in safe.select_dtypes(exclude=["number", "bool", "boolean"]):
        safe[name] = safe[name].map(lambda value: _harmless(value) if isinstance(value, str) else value)
    stream = StringIO()
    safe.to_csv(stream, index=False, lineterminator="\n")
    return stream.getvalue()


def to_csv(spec: TableSpec) -> str:
    """Comma-separated text of the whole frame, numbers with the digits of a result."""
    return result_to_csv(spec.frame)


def result_to_csv(frame: pd.DataFrame) -> str:
    """Comma-separated text of something estimated or drawn, with digits that whoever makes it again gets too."""
    kinds = frame.dtypes.map(lambda kind: pd.api.types.is_float_dtype(kind) or pd.api.types.is_object_dtype(kind))
    digits = {name: frame[name].map(to_stored, na_action="ignore") for name in frame.columns[kinds]}
    return frame_to_csv(frame.assign(**digits))


def to_bytes(csv: str) -> bytes:
    """A CSV file that spreadsheets open with 中文 intact: UTF-8 with the mark that they look for."""
    return csv.encode("utf-8-sig")


def to_text(spec: TableSpec) -> str:
    """Fixed-width text with three rules, caption above and notes below."""
    heads, rows, numeric = spec.heads(), spec.cells(), spec.numeric()
    widths = [max(map(display_width, column)) for column in zip(heads, *rows, strict=True)]
    length = sum(widths) + 2 * (len(widths) - 1)

    def line(cells: list[str]) -> str:
        padded = (
            " " * (width - display_width(cell)) + cell if right else cell + " " * (width - display_width(cell))
            for cell, width, right in zip(cells, widths, numeric, strict=True)
        )
        return "  ".join(padded).rstrip()

    lines = [spec.caption] if spec.caption else []
    lines += ["=" * length, line(heads), "-" * length]
    for position, row in enumerate(rows):
        lines += ["-" * length] if position in spec.rules_before else []
        lines.append(line(row))
    return "\n".join([*lines, "=" * length, *spec.notes])


def to_html(spec: TableSpec) -> str:
    """An HTML table with three rules that keeps its colours in light and dark themes."""
    numeric = spec.numeric()

    def row(cells: list[str], tag: str, style: str = "") -> str:
        inner = "".join(
            f'<{tag} style="text-align:{"right" if right else "left"};padding:2px 8px;'
            f'background:transparent;{style}">{escape(_harmless(cell))}</{tag}>'
            for cell, right in zip(cells, numeric, strict=True)
        )
        return f"<tr>{inner}</tr>"

    head = row(spec.heads(), "th", "border-top:2px solid currentColor;border-bottom:1px solid currentColor;")
    thin = "border-top:1px solid currentColor;"
    body = "\n".join(
        row(cells, "td", thin if position in spec.rules_before else "") for position, cells in enumerate(spec.cells())
    )
    caption = (
        f'<caption style="caption-side:top;text-align:left;color:inherit">{escape(spec.caption)}</caption>\n'
        if spec.caption
        else ""
    )
    notes = "".join(f"<div>{escape(note)}</div>" for note in spec.notes)
    foot = f'<div style="font-size:90%">{notes}</div>\n' if notes else ""
    style = "border-collapse:collapse;border:0;border-bottom:2px solid currentColor"
    return f'<table style="{style}">\n{caption}<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>\n</table>\n{foot}'


def latex_text(text: str) -> str:
    r"""A text with LaTeX's special characters escaped, stars raised and minus signs set as such.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> latex_text("50% of -0.1**")
    '50\\% of -0.1$^{**}$'
    """
    escaped = "".join(_LATEX_SYMBOLS.get(character, character) for character in text)
    escaped = re.sub(r"(?<=\d)(\*{1,3})$", r"$^{\1}$", escaped)
    return re.sub(r"^(\(|\[)?-(?=[\d.])", lambda match: (match[1] or "") + "$-$", escaped)


def to_latex(spec: TableSpec, name: str) -> str:
    """A LaTeX ``table`` for booktabs; Chinese text needs XeLaTeX with the ctex package."""
    columns = "".join("r" if right else "l" for right in spec.numeric())

    def row(cells: list[str]) -> str:
        return " & ".join(map(latex_text, cells)) + r" \\"

    body: list[str] = []
    for position, cells in enumerate(spec.cells()):
        body += [r"\midrule"] if position in spec.rules_before else []
        body.append(row(cells))
    lines = [
        "% Needs \\usepackage{booktabs}; with Chinese text compile by XeLaTeX with \\usepackage{ctex}.",
        r"\begin{table}[htbp]",
        r"\centering",
        *([rf"\caption{{{latex_text(spec.caption)}}}"] if spec.caption else []),
        rf"\label{{tab:{name}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        row(spec.heads()),
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        *(rf"\par\footnotesize {latex_text(note)}" for note in spec.notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"
