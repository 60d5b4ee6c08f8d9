"""``python -m shanhai`` is the command ``shanhai``."""

import signal
import sys
from pathlib import Path
from typing import NoReturn

_UNREADABLE = 3
"""Exit status where what a command needs is not there, as in ``shanhai.run.cli``."""


def program() -> NoReturn:
    """Start the command where the notebooks are: from the wheel alone there is nothing to run."""
    if not (Path(__file__).resolve().parents[2] / "notebooks").is_dir():
        print(
            "The commands of shanhai run notebooks on the data of the project, which the wheel does not carry;"
            ' allowed here: "import shanhai.methods". For the commands get the repository and, in its folder, start'
            ' "python3 bootstrap.py reproduce"; the checkout needs nothing installed beforehand.',
            file=sys.stderr,
        )
        sys.exit(_UNREADABLE)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C while modules are imported ends the program without words
    from shanhai.run.cli import program as command

    command()


if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # the current folder: what lies there is no part of the program
    program()
