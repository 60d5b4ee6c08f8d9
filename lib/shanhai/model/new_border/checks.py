"""What the estimate of the new border leans on: single donors, single provinces, the date, the design."""

from collections.abc import Mapping

import pandas as pd

from shanhai.model.new_border.design import BACKDATED, CHONGQING, VARIANTS, BorderDesign
from shanhai.model.new_border.study import BorderStudy, log_panel, side_effects, study_border
from shanhai.model.synthetic import fit_each


def leave_out(study: BorderStudy, by: str = "province") -> pd.DataFrame:
    """Effects on both sides without each province of donors, or without each donor that weighs more than one percent.

    Parameters
    ----------
    by : ``"province"`` or ``"donor"``.

    Returns
    -------
    DataFrame
        left_out (two digits of the province, or the code), sichuan, chongqing: mean gaps; one row a fit, sorted.
    """
    treated = study.units.of("border")
    keys = sorted({code[:2] for code in study.donors}) if by == "province" else _heavy(study, treated)
    logs, rows = log_panel(study.units), []
    for key in keys:
        pool = [code for code in study.donors if not code.startswith(key)]
        fits = fit_each(logs, [*treated, CHONGQING], study.design.synthetic, pool)
        effects = {fit.treated: fit.effect for fit in fits}
        border = sum(effects[code] for code in treated) / len(treated)
        rows.append({"left_out": key, "sichuan": border, "chongqing": effects[CHONGQING]})
    return pd.DataFrame(rows)


def compare_designs(designs: Mapping[str, BorderDesign] = VARIANTS) -> pd.DataFrame:
    """Effects under each design: the columns of ``side_effects``, with design, donors and spec_id before them."""
    parts = []
    for name, design in designs.items():
        study = study_border(design)
        table = side_effects(study)
        table.insert(0, "design", name)
        parts.append(table.assign(donors=len(study.donors), spec_id=design.spec_id))
    return pd.concat(parts, ignore_index=True)


def backdate() -> pd.DataFrame:
    """The placebo in time: effects of a border on paper in 1995, by side."""
    return side_effects(study_border(BACKDATED))


def _heavy(study: BorderStudy, treated: list[str]) -> list[str]:
    weights = pd.DataFrame({code: study.fits[code].weights for code in (*treated, CHONGQING)})
    return sorted(weights.index[weights.max(axis=1) > 0.01])
