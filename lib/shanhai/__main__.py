"""``python -m shanhai`` is the command ``shanhai``."""

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # the current folder: what lies there is no part of the program
    from shanhai.run.cli import program

    program()
