"""One language of the site through Sphinx, which changes much of the process that it runs in."""

import gc
import json
import logging
import os
from io import StringIO
from pathlib import Path
from typing import Any

import sphinx.ext.autodoc
import sphinx.ext.mathjax
import sphinx.ext.napoleon
import sphinx_book_theme
from sphinx.application import Sphinx

from shanhai.core.errors import ReportError
from shanhai.core.without import without
from shanhai.report.site import extension
from shanhai.report.site.extension import LEDGER

with without("rfc3987_syntax"):  # checks international URLs in notebooks, which have none of; long to import
    import myst_nb
    import myst_nb.sphinx_ext

SETTINGS = "settings.json"
"""File in the folder of pages with what differs between the languages."""

MATHJAX = "mathjax/tex-chtml.js"
"""Program that draws formulas, in the folder that both languages share."""


_EXTENSIONS = tuple(
    module.__name__ for module in (myst_nb, sphinx.ext.autodoc, sphinx.ext.mathjax, sphinx.ext.napoleon, extension)
)
"""Imported here, before processes are split off that would do so each for itself."""

_OBJECTS = 200_000
"""Objects made before Python looks for cycles of which none is used: trees of pages are full of cycles that are."""


def _configuration(settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "project": "Shanhai 山海",
        "language": settings["language"],
        "extensions": [*_EXTENSIONS],
        "add_module_names": False,
        "autodoc_member_order": "bysource",
        "autodoc_typehints": "none",  # docstrings say types in the field's words
        "napoleon_google_docstring": False,
        "napoleon_use_rtype": False,
        "python_use_unqualified_type_names": True,
        "suppress_warnings": ["ref.python"],  # one-letter types and fields of docstrings are no references
        "toc_object_entries_show_parents": "hide",
        "root_doc": "index",
        "exclude_patterns": ["_templates", "_static"],
        "templates_path": ["_templates"],
        "html_static_path": ["_static"],
        "html_css_files": ["site.css"],
        "html_js_files": [["site.js", {"defer": "defer"}]],
        "html_theme": sphinx_book_theme.__name__,
        # as the theme has them, its tree of pages put together once
        "html_sidebars": {"**": ["navbar-logo.html", "icon-links.html", "search-button-field.html", "page-tree.html"]},
        "html_title": settings["title"],
        "html_theme_options": {
            **{key: [] for key in ("navbar_start", "navbar_center", "navbar_end", "navbar_persistent")},
            "footer_content_items": [],
            "article_header_end": ["other-language.html", "article-header-buttons.html"],
            "use_download_button": False,
            "use_fullscreen_button": False,
            "use_issues_button": False,
            "secondary_sidebar_items": {"**": ["page-toc.html"], LEDGER: []},
            "show_navbar_depth": 1,
            "collapse_navbar": False,
            "home_page_in_toc": True,
            "toc_title": settings["contents"],
            "search_bar_text": settings["search"],
            "pygments_light_style": "a11y-high-contrast-light",
            "pygments_dark_style": "a11y-high-contrast-dark",
        },
        "html_context": {"default_mode": "auto"},
        "html_copy_source": False,
        "html_show_sourcelink": False,
        "html_show_sphinx": False,
        "html_show_copyright": False,
        "html_last_updated_fmt": None,
        "html_use_index": False,
        "html_search_language": "shanhai",
        "html_search_scorer": str(Path(__file__).with_name("scorer.js")),
        "html_show_search_summary": False,
        "mathjax_path": f"../../{settings['shared']}/{MATHJAX}",
        # formulas of a notebook load no further program and make no links
        "mathjax3_config": {
            "options": {"enableMenu": False},
            "tex": {"packages": {"[-]": ["autoload", "require", "html"]}},
        },
        "myst_enable_extensions": ["dollarmath"],
        "myst_all_links_external": True,
        # what a name or a claim holds is text, whatever it looks like
        "myst_disable_syntax": ["html_inline", "html_block", "myst_role", "myst_target", "myst_line_comment"],
        "nb_execution_mode": "off",
        "nb_ipywidgets_js": {},
        "nb_code_prompt_show": settings["code_show"],
        "nb_code_prompt_hide": settings["code_hide"],
        "shanhai_descriptions": settings["descriptions"],
        "shanhai_other": settings["other"],
        "shanhai_unfold": settings["unfold"],
    }


def build_pages(folder: Path, to: Path, language: str) -> None:
    """Build the pages of a folder; what Sphinx warns of is an error.

    Raises
    ------
    ReportError
        If Sphinx warns of a page.
    """
    gc.set_threshold(_OBJECTS)
    logging.disable(logging.INFO)  # what nobody reads is not put into words
    os.environ.update(SOURCE_DATE_EPOCH="0", NO_COLOR="1")
    os.chdir(folder.parent)
    settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    told = StringIO()
    program = Sphinx(
        srcdir=folder,
        confdir=None,
        outdir=to,
        doctreedir=folder.with_name(f"{folder.name}.doctrees"),
        buildername="html",
        confoverrides=_configuration(settings),
        status=None,
        warning=told,
        freshenv=True,
    )
    program.build(force_all=True)
    if said := told.getvalue().strip():
        raise ReportError(
            f"Sphinx cannot make the pages in {language!r}: {said[-2000:]} Correct what it names, then run "
            "`shanhai report`."
        )
