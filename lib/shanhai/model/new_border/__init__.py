"""The border that appeared in 1997 between Chongqing and Sichuan: a synthetic control of the prefectures along it."""

from shanhai.model.new_border.checks import compare_designs, leave_out, pre_years, sdid_effects
from shanhai.model.new_border.design import BACKDATED, CHONGQING, MAIN, VARIANTS, BorderDesign
from shanhai.model.new_border.study import SIDES, BorderStudy, side_effects, study_border
from shanhai.model.new_border.units import ROLES, BorderUnits, border_units

__all__ = [
    "BACKDATED",
    "CHONGQING",
    "MAIN",
    "ROLES",
    "SIDES",
    "VARIANTS",
    "BorderDesign",
    "BorderStudy",
    "BorderUnits",
    "border_units",
    "compare_designs",
    "leave_out",
    "pre_years",
    "sdid_effects",
    "side_effects",
    "study_border",
]
