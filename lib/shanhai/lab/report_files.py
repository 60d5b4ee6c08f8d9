"""The report as pages of the running server: JupyterLab's own viewer shows it without styles, scripts and links."""

from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from typing import Any

from jupyter_server.base.handlers import AuthenticatedFileHandler

from shanhai.core.paths import OUTPUTS
from shanhai.render.words import Words

REPORT = OUTPUTS / "reproduce" / "report"

ADDRESS = "/report/"
"""Where the server shows the folder."""

SERVED: Mapping[str, str] = {"path": str(REPORT), "default_filename": "index.html"}
"""The folder of the report, and its home for the folder's own address."""

_WORDS = Words.beside(__file__)

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Shanhai</title></head>
<body style="font:1.1rem/1.6 sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem">
<p>{en}</p><p lang="zh">{zh}</p></body></html>
"""


class ReportFiles(AuthenticatedFileHandler):
    """Files of the report, for those who may see the project's files.

    Other HTML is confined to an origin of its own, so that a stranger's page cannot run code through the server; then
    no link and no style of a page works. The report is made by this project, and whatever a user supplied is escaped in
    it, so its pages are served as pages.
    """

    @property
    def content_security_policy(self) -> str:
        """The policy of the server's own pages."""
        policy: str = super(AuthenticatedFileHandler, self).content_security_policy
        return policy

    def check_xsrf_cookie(self) -> None:
        """Pages are only read here: a link from anywhere may lead to them."""

    def write_error(self, status_code: int, **details: Any) -> None:
        """Say how the report is made where there is none."""
        if status_code != HTTPStatus.NOT_FOUND or (REPORT / "index.html").is_file():
            super().write_error(status_code, **details)
            return
        english, chinese = _WORDS.pair("no_report", command="python3 bootstrap.py reproduce")
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.finish(_PAGE.format(en=escape(english), zh=escape(chinese)))
