"""Install Shanhai into .venv from the hashed lock and start it; needs git and Python 3.11 or newer, nothing else.

python3 bootstrap.py reproduce     execute all notebooks, check all claims (outputs/reproduce/)
python3 bootstrap.py test          run every test
python3 bootstrap.py lab           open the project in JupyterLab
python3 bootstrap.py COMMAND ...   any other command of shanhai; COMMAND --help says more of it

run             execute one notebook with your parameters
batch           execute a notebook for many places or values, here or on a cluster
report          make site, papers and files of results
data            take tables, boundaries and grids of your own in, list them, take one back
form            write an empty table for figures of your own
new             write a notebook of your own, with the right cells
list            notebooks, their parameters and listed runs
package         pack data, code and results into one archive for a data editor
verify          name each file of a package that is not as it was packed
build           make the committed data files anew, or a layer of yours fit for use
save-notebooks  execute the committed notebooks in place with their defaults
benchmark       time the library beside other packages
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and not getattr(sys.flags, "safe_path", False):
    del sys.path[0]  # the folder of this file: a random.py that lies there is no part of Python

import hashlib
import importlib.util
import os
import subprocess
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "lib" / "requirements.lock"
STAMP = VENV / "shanhai.stamp"
OLDEST_PYTHON = (3, 11)

# Settings that would bring foreign modules into the environment, or install somewhere else than into it.
MISLEADING = (
    *("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONINSPECT"),
    *("PYTHONUSERBASE", "PYTHONDONTWRITEBYTECODE", "PYTHONPLATLIBDIR", "PYTHONSAFEPATH", "__PYVENV_LAUNCHER__"),
    *("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON"),
)


SIDE_BY_SIDE = ("--numprocesses=logical", "--maxprocesses=8", "--dist=loadfile")
"""Options of pytest: files of tests and notebooks on all cores; ``-n 0`` after them runs one after the other."""


def environment() -> dict[str, str]:
    """The user's environment without what would mislead Python or pip inside .venv."""
    kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    return kept | {
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "PIP_USER": "0",
        "VIRTUAL_ENV": str(VENV),
        "PYTHONSAFEPATH": "1",  # modules that lie in the current folder are not run, here and in what is started
    }


def scripts() -> Path:
    """Folder of the commands in .venv."""
    return VENV / ("Scripts" if os.name == "nt" else "bin")


def interpreter() -> Path:
    """Python of .venv."""
    return scripts() / ("python.exe" if os.name == "nt" else "python")


def fingerprint() -> str:
    """What the environment was made from: lock, Python and place (an environment cannot be moved)."""
    return hashlib.sha256(b"\0".join([LOCK.read_bytes(), sys.version.encode(), os.fsencode(VENV)])).hexdigest()


def is_installed() -> bool:
    """Whether .venv was finished, here, from this lock and this Python."""
    return interpreter().exists() and STAMP.exists() and STAMP.read_text(encoding="ascii") == fingerprint()


def link_library() -> None:
    """Make `shanhai` importable and a command, by paths relative to .venv: they hold in any folder and encoding."""
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(VENV)}))
    (packages / "shanhai.pth").write_text(os.path.relpath(ROOT / "lib", packages) + "\n", encoding="ascii")
    if os.name == "nt":
        (scripts() / "shanhai.cmd").write_text('@"%~dp0python.exe" -P -m shanhai %*\n', encoding="ascii")
        return
    command = scripts() / "shanhai"
    command.write_text('#!/bin/sh\nexec "$(dirname -- "$0")/python" -P -m shanhai "$@"\n', encoding="ascii")
    command.chmod(0o755)


def fill() -> int:
    """Install the locked packages, saying how far it is; returns pip's exit status."""
    total = sum("==" in line and line[:1].isalnum() for line in LOCK.read_text(encoding="utf-8").splitlines())
    options = ["--no-input", "--progress-bar", "off", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
    command: list[str | Path] = [interpreter(), "-m", "pip", "install", *options, "-r", LOCK]
    done = 0
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True, encoding="utf-8") as pip:
        for line in pip.stdout or ():
            # fetched from an index, found as a file, or not needed on this machine
            if line.startswith(("Collecting", "Processing", "Ignoring")):
                done += 1
                if done % 20 == 0 or done == total:
                    print(f"  {done} of {total} packages fetched", file=sys.stderr, flush=True)
            elif line.startswith("Installing"):
                print("  unpacking them ...", file=sys.stderr, flush=True)
    return pip.returncode


def install() -> None:
    """Build .venv anew; the stamp is written last, so an interrupted installation starts over."""
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            f"{sys.executable} cannot make a virtual environment: the modules venv and ensurepip are missing.\n"
            f"On Debian and Ubuntu install them with: sudo apt install python3-venv "
            f"(or python{sys.version_info[0]}.{sys.version_info[1]}-venv); then run this command again."
        )
    print("Installing the pinned packages into .venv (once; it takes some minutes) ...", file=sys.stderr, flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], env=environment()).returncode == 0
    if not (made and fill() == 0):
        sys.exit("The installation failed, see the message above; nothing was run. The next call starts it over.")
    link_library()
    STAMP.write_text(fingerprint(), encoding="ascii")


def install_once() -> None:
    """Install if needed; a second call at the same time waits for the first."""
    with LOCK.open("rb") as guard:
        if os.name == "posix":
            import fcntl

            fcntl.flock(guard, fcntl.LOCK_EX)
        if not is_installed():
            install()


def command_line(arguments: list[str]) -> list[str]:
    """The command inside .venv; tests start in the root folder."""
    python, (command, *rest) = str(interpreter()), arguments
    if command == "test":
        os.chdir(ROOT)
        return [python, "-m", "pytest", *SIDE_BY_SIDE, *rest]
    return [python, "-m", "shanhai", *arguments]


def main(arguments: list[str]) -> int:
    """Install if needed, then hand over to the command."""
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        sys.exit(f"Shanhai needs Python {wanted} or newer, this is {sys.version}; start bootstrap.py with a newer one.")
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if arguments else 2
    if not is_installed():
        install_once()
    command = command_line(arguments)
    if os.name == "posix":  # the command takes this process over: its signals and exit status are the user's own
        sys.stdout.flush()
        os.execve(command[0], command, environment())
    return subprocess.run(command, env=environment()).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
