"""Tables of notebook 02: the 26 with their key figures, and the 26 beside the other counties."""

from collections.abc import Sequence

import pandas as pd

from shanhai.core.fields import label_of, terrain_grid
from shanhai.data.vintage import Vintage
from shanhai.render.maps.topics import Topic
from shanhai.render.numbers import format_number
from shanhai.render.style import check_language, label
from shanhai.render.tables import Column, TableSpec, build_table, labelled
from shanhai.studies.mountain.analysis import Contrast
from shanhai.studies.mountain.design import MOUNTAIN_KINDS, WORDS


def mountain_table(frame: pd.DataFrame, years: Vintage, language: str = "en") -> TableSpec:
    """Key figures of the 26, by type and code.

    Parameters
    ----------
    frame : DataFrame
        Rows of the county frame with ``mountain_kind`` (see :func:`~shanhai.studies.mountain.analysis.
        add_mountain_kind`).
    years : Vintage
    language : str

    Raises
    ------
    ParameterError
        If the language is unknown.
    """
    check_language(language)
    order = {category.value: place for place, category in enumerate(MOUNTAIN_KINDS.categories)}
    rows = frame[frame["is_mountain_26"]].sort_values(
        ["mountain_kind", "code"], key=lambda values: values.map(order) if values.name == "mountain_kind" else values
    )
    rows = rows.reset_index(drop=True)
    gdp, urban, old = (years.column(stem) for stem in ("gdp_per_capita", "urban_share", "share_60_plus"))
    people = years.column("population")
    columns = (
        Column("code", ("code", "代码")),
        Column("county", ("county", "县（市、区）"), source=_county_names),
        Column("kind", ("type", "类型"), source=labelled("mountain_kind", WORDS.labels("kinds.mountain"))),
        Column("on_border", ("on border", "省际边界县"), source=_on_border),
        *(_measure(column, 0) for column in ("area_km2", people, "relief_m", "distance_to_border_km", gdp)),
        *(_measure(column, 1) for column in (urban, old)),
    )
    gdp_year, census = str(years.gdp), str(years.census)
    note = WORDS("table.note", language, joint="\n", gdp_year=gdp_year, census=census, grid=terrain_grid())
    return build_table(rows, columns, language, WORDS.pair("table.caption"), note.splitlines())


def contrast_table(contrasts: Sequence[tuple[Topic, Contrast]], years: Vintage, language: str = "en") -> TableSpec:
    """Medians of the 26 and of the province's other counties, with the lowest and highest of the 26.

    Parameters
    ----------
    contrasts : sequence of Topic and Contrast
        One row each, from :func:`~shanhai.studies.mountain.analysis.contrasts`.
    years : Vintage
    language : str

    Raises
    ------
    ParameterError
        If the language is unknown.
    """
    check_language(language)
    rows = [
        [topic.title(language).replace("\n", " "), *_contrast_cells(contrast, topic, language)]
        for topic, contrast in contrasts
    ]
    heads = [
        ("median of", "中位数"),
        ("the 26", "26县"),
        ("other counties", "其他县级行政区"),
        ("lowest of the 26", "26县最低"),
        ("highest of the 26", "26县最高"),
        ("counties with data", "有数据县数"),
    ]
    frame = pd.DataFrame(rows, columns=[label(language, *head) for head in heads])
    note = WORDS("contrast.note", language, joint="\n", gdp_year=str(years.gdp), census=str(years.census))
    return TableSpec(frame, label(language, *WORDS.pair("contrast.caption")), tuple(note.splitlines()))


def _contrast_cells(found: Contrast, topic: Topic, language: str) -> list[str]:
    """Medians, ends and numbers of counties as they are printed."""
    digits = max(topic.digits, 0)
    ends = [
        f"{_plain_name(row, language)} {format_number(row[topic.column], digits)}" for row in (found.low, found.high)
    ]
    medians = [format_number(median, digits) for median in (found.ours, found.others)]
    return [*medians, *ends, f"{found.counted[0]} / {found.counted[1]}"]


def _measure(column: str, digits: int) -> Column:
    return Column(column, label_of(column), digits, lambda rows, _: rows[column].astype(float).tolist())


def _county_names(rows: pd.DataFrame, language: str) -> list[str]:
    return [_plain_name(row, language) for _, row in rows.iterrows()]


def _on_border(rows: pd.DataFrame, language: str) -> list[str]:
    words = {True: WORDS("table.yes", language), False: WORDS("table.no", language)}
    return rows["on_border"].astype("boolean").map(words).tolist()


def _plain_name(row: pd.Series, language: str) -> str:
    """Name of a place on one line."""
    return label(language, str(row["name_en"]), str(row["name_zh"]))
