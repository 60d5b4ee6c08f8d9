"""Tables of the border notebook that are no regression columns: balance, valleys, the family of tests."""

import pandas as pd

from shanhai.model.labels import OUTCOME_LABELS, term_label
from shanhai.report.numbers import format_number, format_p_value
from shanhai.report.style import check_language, label
from shanhai.report.tables import TableSpec

BALANCED_LABELS = {
    "ruggedness": ("ruggedness (m)", "地形崎岖度（米）"),
    "distance_to_capital_km": ("distance to the capital (km)", "到省会距离（千米）"),
    "area_km2": ("area (km²)", "面积（平方千米）"),
}
"""Names of the variables that ``border_balance`` compares."""


def balance_table(balance: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``border_balance`` returns: means of border and interior counties and their distance in SD."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "sample": _sample_names(balance, language),
            "variable": [label(language, *BALANCED_LABELS[name]) for name in balance["variable"]],
            "border": balance["border"],
            "interior": balance["interior"],
            "difference_sd": balance["difference_sd"],
            "n_border": balance["n_border"],
            "n_interior": balance["n_interior"],
        }
    )
    heads = {
        "sample": ("sample", "样本"),
        "variable": ("mean of", "均值"),
        "border": ("border", "省界县"),
        "interior": ("interior", "内部县"),
        "difference_sd": ("difference (SD)", "差异（标准差）"),
        "n_border": ("border counties", "省界县数"),
        "n_interior": ("interior counties", "内部县数"),
    }
    return TableSpec(
        frame,
        label(language, "Border and interior counties", "省界县与内部县"),
        (label(language, "Counties of all provinces of the sample together.", "样本内各省合并。"),),
        {"border": 1, "interior": 1, "difference_sd": 2},
        _heads(heads, language),
    )


def valley_table(bands: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``valleys`` returns: one row a sample and band, the reference band at zero."""
    check_language(language)
    ranges = [
        f"≥ {format_number(low)}" if pd.isna(high) else f"{format_number(low)}–{format_number(high)}"
        for low, high in zip(bands["from_km"], bands["to_km"], strict=True)
    ]
    kinds = {"distance_to_border_km": ("centre", "中心"), "gap_to_border_km": ("edge", "边缘")}
    frame = pd.DataFrame(
        {
            "sample": _sample_names(bands, language),
            "distance_of": [label(language, *kinds[band.partition("[")[0]]) for band in bands["band"]],
            "km": ranges,
            "estimate": bands["estimate"],
            "se": bands["se"],
            "p": [format_p_value(value) for value in bands["p"]],
            "n": bands["n"],
        }
    )
    heads = {
        "sample": ("sample", "样本"),
        "distance_of": ("distance of the", "距离起点"),
        "km": ("km", "千米"),
        "estimate": ("difference", "差异"),
        "se": ("standard error", "标准误"),
        "p": ("p", "p值"),
        "n": ("counties", "县数"),
    }
    outcome = label(language, *OUTCOME_LABELS[bands["outcome"].iloc[0]])
    note = label(
        language,
        f"{outcome}; difference to the farthest band, within provinces, given ruggedness and district status; "
        "clusters by prefecture.",
        f"{outcome}；与最远距离带之差，控制省固定效应、崎岖度和市辖区；按地级聚类。",
    )
    caption = label(language, "Bands of distance to the provincial border", "到省界的距离带")
    return TableSpec(frame, caption, (note,), {"estimate": 3, "se": 3}, _heads(heads, language))


def family_table(family: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``main_family`` returns: estimates with raw and with Holm's p-values."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "sample": _sample_names(family, language),
            "outcome": [label(language, *OUTCOME_LABELS[name]) for name in family["outcome"]],
            "term": [label(language, *term_label(name)) for name in family["term"]],
            "estimate": family["estimate"],
            "se": family["se"],
            "p": [format_p_value(value) for value in family["p"]],
            "p_holm": [format_p_value(value) for value in family["p_holm"]],
        }
    )
    heads = {
        "sample": ("sample", "样本"),
        "outcome": ("outcome", "被解释变量"),
        "term": ("term", "变量"),
        "estimate": ("estimate", "估计值"),
        "se": ("standard error", "标准误"),
        "p": ("p", "p值"),
        "p_holm": ("p (Holm)", "p值（Holm）"),
    }
    size = int(family["family_size"].iloc[0])
    note = label(
        language,
        f"One family of {size} tests; main specification, clusters by prefecture.",
        f"同一检验族共{size}个检验；主设定，按地级聚类。",
    )
    caption = label(language, "The family of tests", "检验族")
    return TableSpec(frame, caption, (note,), {"estimate": 3, "se": 3}, _heads(heads, language))


def _sample_names(table: pd.DataFrame, language: str) -> list[str]:
    """Names of the samples of the rows."""
    return [label(language, en, zh) for en, zh in zip(table["sample"], table["sample_zh"], strict=True)]


def _heads(heads: dict[str, tuple[str, str]], language: str) -> dict[str, str]:
    """Printed heads in one language."""
    return {column: label(language, *names) for column, names in heads.items()}
