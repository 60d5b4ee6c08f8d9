"""Names of registered terms and outcomes in English and Chinese, with their units."""

from shanhai.core.errors import SpecificationError
from shanhai.core.fields import Pair, label_of

_COLUMNS = (
    *("on_border", "z_ruggedness", "is_mountainous", "log_distance_to_border_km", "is_district", "log_area_km2"),
    *("log_distance_to_capital_km", "mean_schooling_2020", "share_60_plus_2020", "urban_share_2020"),
)

TERM_LABELS: dict[str, Pair] = {
    "intercept": ("intercept", "截距"),
    **{column: label_of(column, year=False) for column in _COLUMNS},
    "on_border:z_ruggedness": ("border × ruggedness", "省界×崎岖度"),
    "on_border:is_mountainous": ("border × mountainous", "省界×山区"),
    "log_distance_to_border_km:z_ruggedness": ("log distance × ruggedness", "距离×崎岖度"),
}
"""Coefficient by its name in results: English, Chinese."""

OUTCOME_LABELS: dict[str, Pair] = {
    column: label_of(column)
    for column in (
        *("log_gdp_per_capita_2021", "log_lights_per_head_2021", "log_lights_per_km2_2021"),
        *("mean_schooling_2020", "share_60_plus_2020"),
    )
}
"""Outcome by its name in results: English, Chinese."""


def term_label(name: str) -> tuple[str, str]:
    """English and Chinese name of a coefficient; bands of distance are named by their kilometres.

    Raises
    ------
    SpecificationError
        If the coefficient belongs to no registered model.
    """
    column, bracket, rest = name.partition("[")
    if bracket:
        low, high = rest.rstrip(")").split(",")
        kilometres = f"{low}–{high} km"
        of = {"distance_to_border_km": ("centre", "中心"), "gap_to_border_km": ("edge", "边缘")}.get(column)
        if of:
            return f"{of[0]} {kilometres} from the border", f"{of[1]}距省界{low}–{high}千米"
    if name not in TERM_LABELS:
        raise SpecificationError(
            f"no label for coefficient {name!r}; allowed: {', '.join(TERM_LABELS)} and bands of distance. "
            "Pass labels of your own to the table."
        )
    return TERM_LABELS[name]
