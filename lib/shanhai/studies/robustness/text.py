"""What the stress notebook needs beside tables: sentences, curves and names for figures."""

import numpy as np
import pandas as pd

from shanhai.core.errors import ReportError, SpecificationError
from shanhai.methods.adjustment import Overlap
from shanhai.methods.curve import Grid
from shanhai.methods.discontinuity.polynomial import local_jump
from shanhai.methods.discontinuity.valley import ValleySpec, spline_valley
from shanhai.render.numbers import format_number, format_percent
from shanhai.render.style import check_language, label
from shanhai.render.table_columns import ESTIMATE_HEADS, estimate_columns, named, three_line
from shanhai.render.tables import TableSpec
from shanhai.studies.robustness.border_tables import CONTROLS, LOCATIONS, jump_estimates
from shanhai.studies.robustness.discontinuity import SIZE, TERRAIN, add_threshold_columns

CURVE_LABEL = ("difference at the border, log points", "省界差异（对数点）")
VALLEY_LABEL = ("log night light per km² 2013, against 100 km", "2013年每平方千米夜间灯光（对数），以100千米处为基准")


def refused_jump(frame: pd.DataFrame, outcome: str = "gdp_per_capita_2021") -> str:
    """Reason for which a jump in the distance of the county's *edge* is refused.

    Raises
    ------
    ReportError
        If it is not refused.
    """
    used = frame.dropna(subset=["gap_to_border_km", outcome])
    try:
        local_jump(np.log(used[outcome]), np.where(used["on_border"].astype(bool), 0.0, -used["gap_to_border_km"]))
    except SpecificationError as reason:
        return f"refused: {reason}"
    raise ReportError("The distance of the edge was accepted as a running variable; it has mass points at zero.")


def overlap_sentence(overlap: Overlap, language: str = "en") -> str:
    """How many counties have a counterpart of like terrain on the other side, in words."""
    border, interior, trimmed = (
        format_percent(value) for value in (overlap.support_treated, overlap.support_control, overlap.trimmed)
    )
    auc = format_number(overlap.auc, 2)
    return label(
        language,
        f"{border} of the {format_number(overlap.n_treated)} border counties and {interior} of the "
        f"{format_number(overlap.n_control)} interior ones have counterparts in their province; {trimmed} of all lie "
        f"outside propensities of 0.1 to 0.9.\nTerrain and status tell a border county from an interior one with "
        f"probability {auc} (0.5: not at all).",
        f"{format_number(overlap.n_treated)}个省界县中{border}、{format_number(overlap.n_control)}个内部县中{interior}"
        f"在本省有可比县；{trimmed}的倾向得分在0.1至0.9之外。\n地形与市辖区身份区分两类县的概率为{auc}（0.5为无法区分）。",
        joint="\n",
    )


def bandwidth_table(widths: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print the robust rows of ``bandwidth_table``: the jump under other bandwidths and donuts."""
    check_language(language)
    rows = widths[widths["method"].ne("conventional")].reset_index(drop=True)
    counts = (rows["n_left"] + rows["n_right"]).astype("Int64")
    frame = pd.DataFrame(
        {
            "location": named(rows["location"], LOCATIONS, language),
            "bandwidth_km": rows["bandwidth_km"],
            "donut_km": rows["donut_km"],
            **estimate_columns(rows),
            "equivalence_bound": rows["equivalence_bound"],
            "n": counts,
        }
    )
    heads = {
        "location": ("followed by", "依据"),
        "bandwidth_km": ("bandwidth (km)", "带宽（千米）"),
        "donut_km": ("left out within (km)", "剔除范围（千米）"),
        **ESTIMATE_HEADS,
        "equivalence_bound": ("jump excluded beyond", "可排除的跳跃"),
        "n": ("counties", "县数"),
    }
    digits = {"bandwidth_km": 0, "donut_km": 0, "estimate": 3, "se": 3, "equivalence_bound": 3}
    reasons = tuple(dict.fromkeys(note for note in rows["note"] if note))
    caption = ("The jump under other bandwidths", "其他带宽下的跳跃")
    return three_line(frame, caption, reasons, digits, heads, language, jump_estimates(rows))


def valley_curves(frame: pd.DataFrame, outcome: str, language: str = "en") -> dict[str, pd.DataFrame]:
    """Valleys of an outcome for ``spline_plot``: alone, with terrain, with terrain and size held fixed."""
    check_language(language)
    distances = np.linspace(0.0, 150.0, 151)
    columns = add_threshold_columns(frame)
    return {
        label(language, *CONTROLS[";".join(held)]): spline_valley(columns, ValleySpec(outcome, controls=held)).curve(
            distances
        )
        for held in ((), TERRAIN, SIZE)
    }


def choice_names(grid: Grid) -> dict[str, tuple[str, str]]:
    """English and Chinese name of each choice of a grid, for ``variations_plot``."""
    return {choice.key: (choice.label, choice.label_zh) for choice in grid.choices}
