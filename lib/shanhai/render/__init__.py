"""Results as readers see them: numbers, tables, maps and charts, and where they are stored.

What notebooks publish with has its names here; maps, charts of estimates, columns of tables and words have modules of
their own, and charts of one study lie in that study.
"""

from shanhai.render._own_files import own_line
from shanhai.render._table_files import frame_to_csv, latex_text
from shanhai.render.figure_data import data_of, with_data
from shanhai.render.prose import Prose, PublishedText, publish_text
from shanhai.render.publish import PublishedFigure, PublishedTable, publish_figure, publish_table
from shanhai.render.stored import publish_estimates, publish_quantities, stored_text
from shanhai.render.style import Language, check_language, label, theme, use_theme
from shanhai.render.tables import TableSpec, regression_table

__all__ = [
    "Language",
    "Prose",
    "PublishedFigure",
    "PublishedTable",
    "PublishedText",
    "TableSpec",
    "check_language",
    "data_of",
    "frame_to_csv",
    "label",
    "latex_text",
    "own_line",
    "publish_estimates",
    "publish_figure",
    "publish_quantities",
    "publish_table",
    "publish_text",
    "regression_table",
    "stored_text",
    "theme",
    "use_theme",
    "with_data",
]
