"""``python -m shanhai`` is the command ``shanhai``."""

import sys

from shanhai.run.cli import main

if __name__ == "__main__":
    sys.exit(main())
