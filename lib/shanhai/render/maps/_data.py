"""What a map shows as rows: counties with their values and classes, and flow lines."""

import re
from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from shanhai.render.maps._flows import Flow
from shanhai.render.maps.topics import Kinds, MapClass, Topic
from shanhai.render.style import label


def map_rows(
    rows: pd.DataFrame,
    classes: Mapping[Topic | Kinds, Sequence[MapClass]],
    outlined: Collection[str],
    language: str,
) -> pd.DataFrame:
    """One row a county and map: its value (missing for kinds), the class that gives its colour, and its outline."""
    return pd.concat(
        [_county_rows(rows, subject, found, outlined, language) for subject, found in classes.items()],
        ignore_index=True,
    )


def _county_rows(
    rows: pd.DataFrame, subject: Topic | Kinds, classes: Sequence[MapClass], outlined: Collection[str], language: str
) -> pd.DataFrame:
    found = {code: entry for entry in classes for code in entry.codes}
    years = re.search(r"(?:_[0-9]{4})+$", subject.column)
    drawn = rows[["code", "name_en", "name_zh"]].assign(
        variable=subject.column,
        year=years[0][1:].replace("_", "-") if years else "",
        value=rows[subject.column].astype("Float64").astype(float) if isinstance(subject, Topic) else float("nan"),
        class_shown=[found[code].key for code in rows["code"]],
        legend=[found[code].label for code in rows["code"]],
        quantity=subject.title(language),
    )
    if outlined:
        drawn["is_outlined"] = drawn["code"].isin(outlined)
    if isinstance(subject, Topic) and subject.joint in rows.columns:
        drawn["union"] = rows[subject.joint].fillna("")
    return drawn


def flow_rows(flows: Sequence[Flow], language: str) -> pd.DataFrame:
    """One row a flow line: codes of its ends, degrees, and what the legend calls it if it leaves the map."""
    return pd.DataFrame(
        {
            "start_code": [flow.codes[0] for flow in flows],
            "end_code": [flow.codes[1] for flow in flows],
            "start_longitude": [flow.start[0] for flow in flows],
            "start_latitude": [flow.start[1] for flow in flows],
            "end_longitude": [flow.end[0] for flow in flows],
            "end_latitude": [flow.end[1] for flow in flows],
            "legend": [label(language, flow.en, flow.zh) for flow in flows],
        }
    )
