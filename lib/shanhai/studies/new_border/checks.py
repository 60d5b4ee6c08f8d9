"""What the estimate of the new border leans on: single donors, single provinces, the date, the design."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from shanhai.data.frames.prefecture_panel import prefecture_panel
from shanhai.methods.spec.identity import content_id
from shanhai.methods.synthetic import fit_each
from shanhai.methods.synthetic.sdid import sdid_placebo, synthetic_did
from shanhai.studies.new_border.design import CHONGQING, MAIN, UNIONS, VARIANTS, BorderDesign
from shanhai.studies.new_border.study import BorderStudy, log_panel, read_sides, side_effects, study_border


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
    """Effects under each design, and under the registered one by synthetic difference-in-differences (``sdid``).

    Returns
    -------
    DataFrame
        design, first (year), treated_from, last, donors, spec_id, and the columns of ``side_effects``.
    """
    parts = []
    for name, design in designs.items():
        study = study_border(design)
        parts.append(_named(side_effects(study), name, study, design.spec_id))
    study = study_border(MAIN)
    parts.append(_named(sdid_effects(study), "sdid", study, sdid_id(MAIN)))
    return pd.concat(parts, ignore_index=True)


def sdid_id(design: BorderDesign) -> str:
    """Id of a design estimated by synthetic difference-in-differences."""
    return content_id(_Sdid(design))


@dataclass(frozen=True)
class _Sdid:
    design: BorderDesign


def _named(table: pd.DataFrame, name: str, study: BorderStudy, spec_id: str) -> pd.DataFrame:
    design = study.design
    years = {"first": design.first, "treated_from": design.treated_from, "last": design.last}
    before = pd.DataFrame({"design": name, **years, "donors": len(study.donors), "spec_id": spec_id}, index=table.index)
    return pd.concat([before, table], axis=1)


def sdid_effects(study: BorderStudy) -> pd.DataFrame:
    """Effects by synthetic difference-in-differences, which weighs the years before 1997 too.

    The columns of ``side_effects``, with the same placebo groups (Arkhangelsky et al. 2021).
    """
    logs, design = log_panel(study.units), study.design
    own = study.units.of("border", "interior")
    tested = sdid_placebo(logs, CHONGQING, "log_gdp", design.treated_from, study.donors)
    others = [synthetic_did(logs, code, "log_gdp", design.treated_from, study.donors) for code in own]
    fits = [tested.fit, *tested.placebos, *others]
    effects = pd.Series({fit.treated: fit.estimate for fit in fits})
    misfit = pd.Series({fit.treated: fit.rmspe_pre for fit in fits})
    return read_sides(study, effects, misfit)


def pre_years(last: int = MAIN.last, years: Sequence[int] = (1990, 1992, 1993, 1994)) -> pd.DataFrame:
    """How many prefectures have whole series without a leap, by first year.

    Returns
    -------
    DataFrame
        first_year, years (before 1997), border and chongqing (treated units in the panel), whole (all units in the
        panel), missing, jump, repeated (units left out, by their first reason).
    """
    treated = study_border(MAIN).units.of("border")
    rows = []
    for first in years:
        panel = prefecture_panel(first, last, unions=UNIONS)
        known = set(panel.gdp.index)
        counts = {"border": len(known.intersection(treated)), "chongqing": int(CHONGQING in known), "whole": len(known)}
        rows.append({"first_year": first, "years": MAIN.treated_from - first, **counts, **panel.counts()})
    return pd.DataFrame(rows)


def _heavy(study: BorderStudy, treated: list[str]) -> list[str]:
    weights = pd.DataFrame({code: study.fits[code].weights for code in (*treated, CHONGQING)})
    return sorted(weights.index[weights.max(axis=1) > 0.01])
