"""Tables of the border notebook that are no regression columns: balance, valleys, the family of tests."""

import pandas as pd

from shanhai.core.fields import label_of
from shanhai.methods.spec.estimate import estimates_of
from shanhai.render.numbers import format_number, format_p_value
from shanhai.render.style import check_language, label
from shanhai.render.tables import TableSpec
from shanhai.studies.border.labels import OUTCOME_LABELS, term_label

BALANCED_LABELS = {column: label_of(column) for column in ("ruggedness", "distance_to_capital_km", "area_km2")}
"""Names of the variables that ``border_balance`` compares."""


def balance_table(balance: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``border_balance`` returns: difference of border and interior counties within provinces."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "sample": _sample_names(balance, language),
            "variable": [label(language, *BALANCED_LABELS[name]) for name in balance["variable"]],
            "difference": balance["difference"],
            "se": balance["se"],
            "difference_sd": balance["difference_sd"],
            "n_border": balance["n_border"],
            "n": balance["n"],
        }
    )
    heads = {
        "sample": ("sample", "样本"),
        "variable": ("variable", "变量"),
        "difference": ("border minus interior", "省界县减内部县"),
        "se": ("standard error (HC3)", "标准误（HC3）"),
        "difference_sd": ("in SD", "以标准差计"),
        "n_border": ("on a border", "省界县数"),
        "n": ("counties", "县数"),
    }
    return TableSpec(
        frame,
        label(language, "Border and interior counties of the same province", "同省的省界县与内部县"),
        (label(language, "Differences within provinces.", "省内差异。"),),
        {"difference": 1, "se": 1, "difference_sd": 2},
        _heads(heads, language),
        estimates=estimates_of(
            balance,
            outcome=balance["variable"],
            model="balance within provinces",
            term="on_border",
            estimate=balance["difference"],
            estimand="difference",
            vcov="HC3",
        ),
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
    shown = bands[~bands["is_reference"]]
    estimates = estimates_of(shown, term=shown["band"], n=shown["n_all"])
    return TableSpec(frame, caption, (note,), {"estimate": 3, "se": 3}, _heads(heads, language), estimates=estimates)


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
    estimates = estimates_of(family, p_other=[{f"Holm, family of {size}": p} for p in family["p_holm"]])
    return TableSpec(frame, caption, (note,), {"estimate": 3, "se": 3}, _heads(heads, language), estimates=estimates)


def width_sentence(frame: pd.DataFrame, language: str = "en") -> str:
    """How wide counties are beside bands of distance: the side of a square of their median area."""
    side = format_number(float(frame["area_km2"].median()) ** 0.5)
    return label(
        language,
        f"Half of all counties are larger than a square of {side} km.",
        f"半数县级单元的面积大于边长{side}千米的正方形。",
        joint="\n",
    )


def family_sentence(family: pd.DataFrame, level: float = 0.05, language: str = "en") -> str:
    """How many tests of the family stay below a level, raw and after Holm, term by term."""
    lines = []
    for term, rows in family.groupby("term", sort=False):
        raw, held, size = (int(n) for n in ((rows["p"] < level).sum(), (rows["p_holm"] < level).sum(), len(rows)))
        names = term_label(str(term))
        share = format_number(level, 2)
        en = f"{names[0]}: {raw} of {size} tests with p < {share}, {held} after Holm."
        zh = f"{names[1]}：{size}个检验中{raw}个p < {share}，Holm校正后{held}个。"
        lines.append(label(language, en, zh, joint="\n"))
    return "\n".join(lines)


def _sample_names(table: pd.DataFrame, language: str) -> list[str]:
    """Names of the samples of the rows."""
    return [label(language, en, zh) for en, zh in zip(table["sample"], table["sample_zh"], strict=True)]


def _heads(heads: dict[str, tuple[str, str]], language: str) -> dict[str, str]:
    """Printed heads in one language."""
    return {column: label(language, *names) for column, names in heads.items()}
