"""The command ``shanhai``."""

import argparse
import errno
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

from shanhai.core import paths
from shanhai.core.errors import (
    EnvironmentMissingError,
    FolderInUseError,
    InputsChangedError,
    NotebookError,
    PackageError,
    ParameterError,
    ShanhaiError,
)
from shanhai.run.batch_command import add_batch_command, add_cell_limit
from shanhai.run.output import path, positive, results_folder, without_secret
from shanhai.run.own_data import add_commands as add_data_commands
from shanhai.run.ownership import temporary_folder
from shanhai.run.package_command import add_commands as add_package_commands
from shanhai.run.saying import saying_in
from shanhai.run.signals import signals_interrupt

REFUSED, UNREADABLE, IN_USE, NO_PACKAGE, FAILED = 1, 3, 4, 5, 6

_STATUSES = """\
exit status:
  0    all was done
  1    something given was refused, and nothing was run; the message says what;
       verify: files differ, one line each
  2    the command line was not understood
  3    the system refused a file: disk full, no permission, something else in its place;
       batch: a scheduler, a store or a package is not there
  4    another command works in the folder of the results
  5    what was given is no package, or could do harm, or no package can be made
  6    a notebook failed, or an input changed meanwhile; what was finished is kept,
       the next call does the rest
  129, 130, 143   ended by a lost terminal, by Ctrl-C, by a request to terminate;
                  what was finished is kept, the next call goes on from there
"""


def program() -> NoReturn:
    """The command as a process: whatever it leaves in the system's temporary folder goes when it ends."""
    status, folder = 0, None
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # 衢州 in a terminal that has no such letters is no reason to stop
            stream.reconfigure(errors="backslashreplace")
    try:
        with signals_interrupt(), temporary_folder() as folder:
            status = main()
    except KeyboardInterrupt as interruption:
        status = _say_interrupted(interruption)
    except OSError as error:
        status = _say_refused(error)
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with suppress(OSError):
            stream.flush()
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)  # again: a thread may have been about to write into it
    # a thread that has not noticed yet that its kernel is gone is not waited for
    os._exit(status)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status. Errors meant for the user are one message on standard error."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and options.command is not _lab:
        _refuse_rest(options.parser, rest)
    options.rest = rest
    if limit := getattr(options, "cell_limit", None):
        os.environ[paths.LIMIT_VARIABLE] = str(limit)
    try:
        with signals_interrupt():
            return options.command(options)
    except FolderInUseError as error:
        print(f"shanhai: {error}", file=sys.stderr)
        return IN_USE
    except EnvironmentMissingError as error:
        print(f"shanhai: {error}", file=sys.stderr)
        return UNREADABLE
    except PackageError as error:
        print(f"shanhai: {error}", file=sys.stderr)
        return NO_PACKAGE
    except (NotebookError, InputsChangedError) as error:
        print(f"shanhai: {error}", file=sys.stderr)
        return FAILED
    except ShanhaiError as error:
        print(f"shanhai: {error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt as interruption:
        return _say_interrupted(interruption)
    except OSError as error:
        return _say_refused(error, options)


def _refuse_rest(parser: argparse.ArgumentParser, rest: Sequence[str]) -> NoReturn:
    """Name what a command does not know, and its option that is spelt nearly so."""
    from shanhai.core.nearest import nearest

    known = re.findall(r"--[a-z-]+", parser.format_usage())
    hints = [nearest(text.partition("=")[0], known) for text in rest if text.startswith("--")]
    parser.error(f"unrecognized arguments: {' '.join(map(without_secret, rest))}{''.join(dict.fromkeys(hints))}")


def _say_interrupted(interruption: KeyboardInterrupt) -> int:
    with suppress(OSError):  # the terminal may be what has gone
        print("shanhai: interrupted; what was finished is kept, the next call goes on from there.", file=sys.stderr)
    return _status_of(interruption)


def _say_refused(error: OSError, options: argparse.Namespace | None = None) -> int:
    """What the system said about a file, as a sentence with a next step; of results, also another folder."""
    place = error.filename2 or error.filename
    where = f" at {place}" if place else ""
    step = _NEXT_STEPS.get(error.errno or 0, "Correct that and call the command again")
    output = getattr(options, "output", None)
    if error.errno in _ELSEWHERE and output is not None and _is_below(place, str(output)):
        step = f"{step}, or give another folder with --output"
    said = f"the system says: {error.strerror or error}{where}. {step}."
    with suppress(OSError):
        print(f"shanhai: {saying_in(getattr(options, 'language', 'en'), 'run')(said)}", file=sys.stderr)
    return UNREADABLE


def _is_below(place: object, output: str) -> bool:
    """Whether what the system refused lies where results go; where it does not tell, it may."""
    if not isinstance(place, str | os.PathLike):
        return True
    folder, name = os.path.split(place)
    return Path(os.path.realpath(folder), name).is_relative_to(os.path.realpath(output))


_NEXT_STEPS = {
    errno.ENOSPC: "Free some space on that disk",
    errno.EDQUOT: "Free some of your quota",
    errno.EACCES: "Give yourself the right to it",
    errno.EPERM: "Give yourself the right to it",
    errno.EROFS: "Make that disk one that can be written",
    errno.EEXIST: "Move what is there out of the way",
    errno.ENOTDIR: "Move the file that stands where a folder belongs out of the way",
    errno.EISDIR: "Move the folder that stands where a file belongs out of the way",
    errno.ENAMETOOLONG: "Give a shorter path",
}
"""What to do about an error of the system, by its number."""

_ELSEWHERE = frozenset(_NEXT_STEPS) - {errno.ENAMETOOLONG}
"""Errors that results in another folder may not meet."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="shanhai",
        description="Mountain counties and provincial borders, computed and checked.",
        epilog=_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    reproduce = commands.add_parser("reproduce", help="execute all notebooks, check all claims")
    reproduce.add_argument(
        "--jobs", type=positive, metavar="N", help="processes side by side (default: two more than cores)"
    )
    reproduce.add_argument("--force", action="store_true", help="execute everything, changed or not")
    reproduce.add_argument("--explain", action="store_true", help="say of each run what changed since its last result")
    reproduce.add_argument("--output", type=results_folder, default=paths.OUTPUTS / "reproduce", metavar="DIR")
    add_cell_limit(reproduce)
    reproduce.set_defaults(command=_reproduce)
    add_batch_command(commands)
    run = commands.add_parser("run", help="execute one notebook with your parameters")
    run.add_argument("notebook", help="name or number, as 04-report-city or 04, or path of one in notebooks/mine")
    run.add_argument(
        "-p", dest="parameters", action="append", default=[], metavar="NAME=VALUE", help="one for each parameter"
    )
    run.add_argument("--output", type=results_folder, default=paths.OUTPUTS / "run", metavar="DIR")
    add_cell_limit(run)
    run.set_defaults(command=_run)
    new = commands.add_parser("new", help="write a notebook of your own, with the right cells, into notebooks/mine")
    new.add_argument("name", help="of the file, as border-of-anhui")
    new.add_argument("--language", choices=["en", "zh"], help="of its text (default: that of your system)")
    new.set_defaults(command=_new)
    lab = commands.add_parser(
        "lab",
        help="open the project in JupyterLab",
        epilog="Whatever else is given goes to JupyterLab: --no-browser, --port=8890, or a file to open.",
        allow_abbrev=False,
    )
    lab.add_argument("--edit", action="store_true", help="let committed notebooks be changed in place")
    lab.set_defaults(command=_lab)
    report = commands.add_parser("report", help="make site, papers and files of results (the last step of reproduce)")
    report.add_argument("--from", dest="source", type=path, default=paths.OUTPUTS / "reproduce", metavar="DIR")
    report.add_argument("--to", type=path, metavar="DIR", help="default: report, in the folder of the results")
    report.set_defaults(command=_report)
    listing = commands.add_parser("list", help="notebooks, their parameters and listed runs")
    listing.set_defaults(command=_list)
    build = commands.add_parser("build", help="make the committed data files anew, or a layer of yours fit for use")
    build.add_argument(
        "part",
        choices=["boundaries", "terrain", "registry", "readme", "start", "pre-specification", "references", "gallery"],
    )
    build.add_argument("--from", dest="source", type=path, metavar="FILE", help="boundaries: clean your county layer")
    build.add_argument(
        "--to", type=path, metavar="PATH", help="folder of the cleaned layer; with terrain: table of your own (.csv)"
    )
    build.set_defaults(command=_build)
    form = commands.add_parser("form", help="write an empty table for figures of your own")
    form.add_argument("table", choices=["collaboration", "later_figures"])
    form.add_argument("--pair", default="Jinhua-Bazhong", help="collaboration: as the parameter of notebook 14")
    form.add_argument(
        "--years", type=int, nargs="+", default=[2025], metavar="YEAR", help="collaboration: years of the figures"
    )
    form.add_argument("--to", type=path, required=True, metavar="FILE", help="a .csv that is not there yet")
    form.set_defaults(command=_form)
    add_package_commands(commands)
    add_data_commands(commands)
    save = commands.add_parser("save-notebooks", help="execute the committed notebooks in place with their defaults")
    save.add_argument("notebooks", nargs="*", help="names or numbers (default: all)")
    save.set_defaults(command=_save_notebooks)
    timing = commands.add_parser("benchmark", help="time the library beside other packages (in a checkout)")
    timing.add_argument("names", nargs="*", help="benchmarks, as inference (default: all)")
    timing.add_argument("--json", action="store_true", help="print a list of rows instead of a table")
    timing.add_argument("--peers", type=path, metavar="PYTHON", help="interpreter that has the other packages")
    kept = timing.add_mutually_exclusive_group()
    for option, said in (("--store", "keep our own times in FILE"), ("--compare", "name what became slower since")):
        kept.add_argument(option, type=path, nargs="?", const=True, metavar="FILE", help=f"{said} (outputs/benchmarks)")
    timing.add_argument("--rounds", type=int, help="times each work is done for these two (default: 5)")
    timing.set_defaults(command=_benchmark)
    for command in commands.choices.values():
        command.set_defaults(parser=command)
    return parser


def _reproduce(options: argparse.Namespace) -> int:
    from shanhai.core.own_terrain import require_own_terrain
    from shanhai.run.batch import reproduce
    from shanhai.run.kernel import isolated_environment

    require_own_terrain()
    with isolated_environment():
        done = reproduce(options.output, jobs=options.jobs, force=options.force, explain=options.explain)
    return 0 if done else FAILED


def _run(options: argparse.Namespace) -> int:
    from shanhai.run.parameters import parse_parameters
    from shanhai.run.runs import find_notebook, named_run

    notebook = find_notebook(paths.NOTEBOOKS, options.notebook, own=True)
    pairs = [_split(text) for text in options.parameters]
    names = [name for name, _ in pairs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ParameterError(f"-p gives {', '.join(twice)} more than once; give each parameter one value.")
    run = named_run(notebook, parse_parameters(notebook, dict(pairs)))

    # what executes takes long to import; whatever is refused above is refused at once
    from shanhai.core.own_terrain import require_own_terrain
    from shanhai.run.single import run_notebook

    require_own_terrain()
    print(run_notebook(run, options.output.resolve()))
    return 0


def _report(options: argparse.Namespace) -> int:
    from shanhai.report.results import REPORT, require_results
    from shanhai.run.ownership import folder_held

    source = options.source.resolve()
    require_results(source)
    target = (options.to or source / REPORT).resolve()
    with ExitStack() as held:
        # the results may not change meanwhile, and no other report may come into the same place
        for folder in sorted({source, target.parent} - (set() if os.access(source, os.W_OK) else {source})):
            held.enter_context(folder_held(folder))

        from shanhai.report.build import build_report  # takes long to import; what is refused above needs none of it

        print(build_report(source, target))
    return 0


def _split(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise ParameterError(f"-p {text}: write a parameter as NAME=VALUE, for example -p prefecture=330800.")
    return name.strip(), value


def _new(options: argparse.Namespace) -> int:
    from shanhai.core.locales import language_of
    from shanhai.lab.own import new_notebook

    for line in new_notebook(options.name, options.language or language_of()):
        print(line)
    return 0


def _lab(options: argparse.Namespace) -> int:
    from shanhai.lab.launch import run_lab

    run_lab(options.rest, edit=options.edit)
    return 0


def _list(options: argparse.Namespace) -> int:
    from shanhai.core.notebooks import find_notebooks
    from shanhai.run.parameters import read_parameters
    from shanhai.run.runs import listed_runs

    runs = listed_runs(paths.NOTEBOOKS)
    for stem, notebook in find_notebooks(paths.NOTEBOOKS).items():
        print(stem)
        for parameter in read_parameters(notebook).values():
            print(f"    {parameter.name}: {parameter.annotation} = {parameter.default!r}  {parameter.help}")
        listed = [run.name for run in runs if run.notebook == notebook and run.parameters]
        if listed:
            print(f"    listed runs: {', '.join(listed)}")
    return 0


def _build(options: argparse.Namespace) -> int:
    from shanhai.run.build import build

    for line in build(options.part, options.source, options.to):
        print(line)
    return 0


def _form(options: argparse.Namespace) -> int:
    from shanhai.run.form import write_form

    for line in write_form(options.table, options.to, options.pair, options.years):
        print(line)
    return 0


def _benchmark(options: argparse.Namespace) -> int:
    from shanhai.run.benchmark import as_table, benchmark

    if options.store or options.compare:
        return _kept_timings(options)
    rows = benchmark(options.names, options.peers)
    print(json.dumps(rows, indent=1) if options.json else as_table(rows))
    return 0


def _kept_timings(options: argparse.Namespace) -> int:
    from shanhai.run.benchmark import works
    from shanhai.run.timings import (
        ROUNDS,
        TABLE,
        compare_timings,
        load_note,
        require_timings,
        store_timings,
        time_works,
    )

    named = options.store or options.compare
    file = TABLE if named is True else named
    if options.compare:
        require_timings(file)
    chosen, note = works(options.names), load_note()
    timings = time_works(chosen, ROUNDS if options.rounds is None else options.rounds)
    lines, is_slower = compare_timings(timings, file) if options.compare else ([store_timings(timings, file)], False)
    print(*lines, *([note] if note else []), sep="\n")
    return 1 if is_slower else 0


def _save_notebooks(options: argparse.Namespace) -> int:
    from shanhai.core.notebooks import find_notebooks
    from shanhai.run.runs import find_notebook
    from shanhai.run.single import save_notebooks

    chosen = [find_notebook(paths.NOTEBOOKS, name) for name in options.notebooks]
    return (
        0 if save_notebooks(chosen or list(find_notebooks(paths.NOTEBOOKS).values()), os.cpu_count() or 1) else FAILED
    )


if __name__ == "__main__":
    program()


def _status_of(interruption: KeyboardInterrupt) -> int:
    """Exit status of a command that a signal ended, as shells count them: 128 and the number of the signal."""
    number = interruption.args[0] if interruption.args else signal.SIGINT
    return 128 + int(number)
