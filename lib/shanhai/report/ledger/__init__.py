"""The ledger of claims as a publication: rows, a page with filters, and files for spreadsheets and Word."""

from shanhai.report.ledger.files import write_ledger_files
from shanhai.report.ledger.page import ledger_html
from shanhai.report.ledger.rows import ledger_rows

__all__ = ["ledger_html", "ledger_rows", "write_ledger_files"]
