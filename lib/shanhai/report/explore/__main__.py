"""``python -m shanhai.report.explore RESULTS FOLDER``: the interactive pages in a process of their own."""

import sys
from pathlib import Path

from shanhai.core.errors import ShanhaiError
from shanhai.report.explore.write import write_explorers
from shanhai.report.results import Results

try:
    write_explorers(Results.read(Path(sys.argv[1])), Path(sys.argv[2]))
except ShanhaiError as problem:
    sys.exit(" ".join(str(problem).split()))
