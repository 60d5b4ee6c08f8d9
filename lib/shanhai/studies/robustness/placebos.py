"""Tables, sentences and panels of placebos: borders that could have been, and spatial noise."""

from collections.abc import Mapping

import pandas as pd

from shanhai.methods.placebo.borders import BorderPlacebo, PlaceboKey
from shanhai.methods.records import estimates_of, hypothesis_tests
from shanhai.methods.spec import RegressionSpec
from shanhai.render.numbers import format_number, format_p_value
from shanhai.render.style import check_language, label
from shanhai.render.table_columns import intervals, named, three_line
from shanhai.render.tables import TableSpec

MAPS: dict[str, tuple[str, str]] = {
    "re-partitions": ("re-partitions", "重新划分"),
    "shifts and turns": ("shifts and turns", "平移与旋转"),
}
"""Kinds of drawn borders by the name that a set of maps goes by."""

EFFECTS = {"real": ("real provinces", "真实省份"), "drawn": ("drawn provinces", "抽取省份")}
"""Whose provinces the fixed effects are."""

HELD = {False: ("as registered", "按注册设定"), True: ("chance held fixed", "控制概率")}
"""Whether each county's chance to lie on a drawn border was a control."""


def placebo_table(placebos: pd.DataFrame, spec: RegressionSpec, language: str = "en") -> TableSpec:
    """Print what ``placebo_frame`` returns of a regression: the real border among drawn ones, one row a null."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "maps": named(placebos["maps"], MAPS, language),
            "effects": named(placebos["effects"], EFFECTS, language),
            "chance_held": [
                label(language, *(("yes", "是") if one else ("no", "否"))) for one in placebos["chance_held"]
            ],
            "estimate": placebos["estimate"],
            "drawn_mean": placebos["drawn_mean"],
            "interval": intervals(placebos),
            "p": [format_p_value(value) for value in placebos["p"]],
            "p_error": placebos["p_error"],
            "draws": placebos["draws"],
        }
    )
    heads = {
        "maps": ("borders", "边界"),
        "effects": ("fixed effects of", "固定效应"),
        "chance_held": ("chance held fixed", "控制成为省界的概率"),
        "estimate": ("real border", "真实省界"),
        "drawn_mean": ("mean of draws", "抽样均值"),
        "interval": ("middle 95% of draws", "抽样中间95%"),
        "p": ("p (by t)", "p值（按t）"),
        "p_error": ("error of p", "p值误差"),
        "draws": ("draws", "抽样数"),
    }
    notes = (
        label(
            language,
            f"Real borders kept by the draws, mean: {format_number(placebos['pairs_kept'].mean())}% of the divided "
            "pairs of neighbours. p counts draws with a t-ratio as large in absolute value.",
            f"抽样平均保留{format_number(placebos['pairs_kept'].mean())}%的真实相邻县界。p值按t值绝对值计。",
        ),
    )
    caption = ("The border effect among borders that could have been", "真实省界效应与可能的边界")
    models = [
        f"{spec.model}, fixed effects of {EFFECTS[effects][0]}, {HELD[bool(held)][0]}"
        for effects, held in placebos[["effects", "chance_held"]].to_numpy()
    ]
    errors = [f"placebo borders, {maps}, {draws} draws" for maps, draws in placebos[["maps", "draws"]].to_numpy()]
    common = {"sample": spec.sample.name, "outcome": spec.outcome.name, "model": models, "term": "on_border"}
    plain = placebos.drop(columns=["low", "high", "spec_id", "vcov"], errors="ignore")
    estimates = estimates_of(
        plain, **common, method=errors, null_mean=plain["drawn_mean"], null_low=placebos["low"],
        null_high=placebos["high"],
    )  # fmt: skip
    digits = {"estimate": 3, "drawn_mean": 3, "p_error": 3}
    return three_line(frame, caption, notes, digits, heads, language, estimates)


def noise_table(noise: pd.DataFrame, spec: RegressionSpec, language: str = "en") -> TableSpec:
    """Print what ``noise_placebo`` returns of a regression: how often each covariance finds an effect in noise."""
    check_language(language)
    frame = noise[["vcov", "rejected", "rejected_error", "t", "t_spread"]].assign(
        p=[format_p_value(value) for value in noise["p"]], draws=noise["draws"]
    )
    heads = {
        "vcov": ("standard errors", "标准误"),
        "rejected": ("noise rejected at 5% (%)", "噪声被拒比例（%）"),
        "rejected_error": ("its error", "其误差"),
        "t": ("t of the data", "数据的t值"),
        "t_spread": ("SD of t under noise", "噪声t值标准差"),
        "p": ("p among noise", "噪声中的p值"),
        "draws": ("draws", "抽样数"),
    }
    first = noise.iloc[0]
    share, reach = format_number(100 * first["share"]), format_number(first["range_km"])
    notes = (
        label(
            language,
            f"Noise as correlated as the residuals: {share}% of the variance is spatial, with a range of {reach} km.",
            f"噪声的空间相关与残差相同：{share}%的方差为空间成分，衰减距离{reach}千米。",
        ),
    )
    caption = ("The main regression on spatial noise", "以空间噪声代替结果变量")
    digits = {"rejected": 1, "rejected_error": 1}
    common = {"sample": spec.sample.name, "outcome": spec.outcome.name, "term": "on_border"}
    errors = [f"spatial noise, {draws} draws" for draws in noise["draws"]]
    model = [f"{spec.model} on spatial noise, {vcov}" for vcov in noise["vcov"]]
    tests = hypothesis_tests(noise, **common, model=model, method=errors, statistic="t", value=noise["t"])
    return three_line(frame, caption, notes, digits, heads, language, tests)


def placebo_sentences(placebos: pd.DataFrame, language: str = "en") -> str:
    """What ``placebo_frame`` says, one line a set of maps: the place of the real border among them."""
    lines = []
    for row in placebos[placebos["effects"].eq("real")].itertuples():
        kind, held = MAPS[str(row.maps)], HELD[bool(row.chance_held)]
        real, drawn = format_number(row.estimate, 3), format_number(row.drawn_mean, 3)
        p = format_p_value(row.p)
        lines.append(
            label(
                language,
                f"{kind[0]}, {held[0]}: the real border {real}, drawn ones {drawn} on average; p {p}.",
                f"{kind[1]}，{held[1]}：真实省界{real}，抽样平均{drawn}；p值{p}。",
                joint="\n",
            )
        )
    return "\n".join(lines)


def placebo_panels(placebos: Mapping[PlaceboKey, BorderPlacebo]) -> dict[tuple[str, str], BorderPlacebo]:
    """Tests with the fixed effects of the real provinces, by English and Chinese title, for ``placebo_plot``."""
    panels = {}
    for (kind, effects, held), test in placebos.items():
        if effects == "real":
            (en, zh), (held_en, held_zh) = MAPS[kind], HELD[held]
            panels[f"{en}, {held_en}", f"{zh}，{held_zh}"] = test
    return panels
