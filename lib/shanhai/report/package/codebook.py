"""The codebook: every column of every table, from the data dictionary, as a page."""

from shanhai.report.package.facts import Facts
from shanhai.report.package.page import code, plain, table
from shanhai.report.package.standard import WORDS
from shanhai.report.results import Language


def codebook(facts: Facts, language: Language) -> str:
    """The page as Markdown, a section a table.

    Parameters
    ----------
    facts : Facts
    language : {"en", "zh"}
    """
    tables = [file for origin in facts.origins for file in origin.files if file.kind == "table"]
    titles = {file.name: file.title_zh if language == "zh" else file.title for file in tables}
    heads = [pair[language == "zh"] for pair in WORDS.labels("column").values()]
    blocks = [f"# {WORDS('codebook.title', language)}", WORDS("codebook.intro", language)]
    for name, rows in facts.dictionaries.items():
        blocks += [f"## {code(name)}"]
        if name in titles:
            blocks.append(plain(titles[name]))
        blocks.append(table(heads, [_row(row, language) for row in rows]))
    return "\n\n".join(blocks) + "\n"


def _row(row: dict[str, str], language: Language) -> list[str]:
    described = row["chinese" if language == "zh" else "english"]
    return [
        WORDS("codebook.key", language, column=code(row["column"])) if row["key"] == "true" else code(row["column"]),
        plain(described),
        WORDS(f"type.{row['type']}", language),
        plain(row["unit"]) or "–",
        _allowed(row),
        WORDS("codebook.yes" if row["nullable"] == "true" else "codebook.no", language),
    ]


def _allowed(row: dict[str, str]) -> str:
    """Closed list of values, or the range."""
    if row["allowed"]:
        return ", ".join(code(value) for value in row["allowed"].split(";"))
    low, high = row["minimum"], row["maximum"]
    if low and high:
        return f"[{low}, {high}]"
    return f"≥ {low}" if low else f"≤ {high}" if high else "–"
