"""Names of registered terms and outcomes in English and Chinese, with their units."""

from shanhai.core.errors import SpecificationError

TERM_LABELS: dict[str, tuple[str, str]] = {
    "intercept": ("intercept", "截距"),
    "on_border": ("on a provincial border", "省界县"),
    "z_ruggedness": ("ruggedness (1 SD)", "地形崎岖度（1个标准差）"),
    "on_border:z_ruggedness": ("border × ruggedness", "省界×崎岖度"),
    "is_mountainous": ("mountainous (upper third)", "山区（崎岖度最高三分之一）"),
    "on_border:is_mountainous": ("border × mountainous", "省界×山区"),
    "log_distance_to_border_km": ("log distance to the border (km)", "到省界距离（千米，对数）"),
    "log_distance_to_border_km:z_ruggedness": ("log distance × ruggedness", "距离×崎岖度"),
    "is_district": ("district", "市辖区"),
    "log_area_km2": ("log area (km²)", "面积（平方千米，对数）"),
    "log_distance_to_capital_km": ("log distance to the capital (km)", "到省会距离（千米，对数）"),
    "mean_schooling_2020": ("mean schooling (years)", "平均受教育年限（年）"),
    "share_60_plus_2020": ("aged 60 and over (%)", "60岁及以上比重（%）"),
    "urban_share_2020": ("urban population (%)", "城镇人口比重（%）"),
}
"""Coefficient by its name in results: English, Chinese."""

OUTCOME_LABELS: dict[str, tuple[str, str]] = {
    "log_gdp_per_capita_2021": ("log GDP per head 2021 (yuan)", "2021年人均GDP（元，对数）"),
    "log_lights_per_head_2021": ("log night light per resident 2021", "2021年人均夜间灯光（对数）"),
    "log_lights_per_km2_2021": ("log night light per km² 2021", "2021年每平方千米夜间灯光（对数）"),
    "mean_schooling_2020": ("mean schooling 2020 (years)", "2020年平均受教育年限（年）"),
    "share_60_plus_2020": ("aged 60 and over 2020 (%)", "2020年60岁及以上比重（%）"),
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
