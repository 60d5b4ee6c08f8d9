"""``shanhai batch``: its options, and what it does with them."""

import argparse
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from shanhai.core import paths
from shanhai.run.output import address, path, positive, results_place
from shanhai.run.saying import saying


def add_cell_limit(command: argparse.ArgumentParser) -> None:
    """Let a command end a cell that takes too long."""
    command.add_argument(
        "--cell-limit", type=positive, metavar="SECONDS", help="end a cell that takes longer (default: an hour)"
    )


def add_batch_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``batch`` to the parser."""
    batch = commands.add_parser("batch", help="execute a notebook for many places or values, here or on a cluster")
    batch.add_argument("runs", nargs="?", type=path, metavar="RUNS.yaml", help="file of runs, .yaml or .toml")
    batch.add_argument("--notebook", default="", help="name or number (default: 04-report-city)")
    batch.add_argument("--prefectures", default="", metavar="all|CODES", help="codes or names, separated by commas")
    batch.add_argument("--counties", default="", metavar="mountain-26|all|NAMES", help="codes or names, as above")
    batch.add_argument("--province", default="", metavar="NAME", help="its prefectures, or its part of `all`")
    batch.add_argument(
        "--grid", action="append", default=[], metavar="NAME=A,B", help="a run for each value, and each combination"
    )
    batch.add_argument(
        "-p", dest="parameters", action="append", default=[], metavar="NAME=VALUE", help="the same in all runs"
    )
    batch.add_argument(
        "--language",
        choices=["en", "zh", "both"],
        default="both",
        help="of the results (default: both); zh: of messages, too",
    )
    batch.add_argument("--output", type=results_place, default=str(paths.OUTPUTS / "batch"), metavar="FOLDER|URL")
    batch.add_argument(
        "--jobs", type=positive, metavar="N", help="processes side by side (default: two more than cores)"
    )
    batch.add_argument(
        "--scheduler", type=address, metavar="tcp://HOST:8786", help="have the runs done by a Dask cluster"
    )
    batch.add_argument("--force", action="store_true", help="execute everything, changed or not")
    batch.add_argument("--explain", action="store_true", help="say of each run what changed since its last result")
    batch.add_argument("--dry-run", action="store_true", help="print the runs, and do none")
    add_cell_limit(batch)
    batch.set_defaults(command=_batch)


def _batch(options: argparse.Namespace) -> int:
    with saying(options.language, "run") as say:
        return _done(options, say)


def _done(options: argparse.Namespace, say: Callable[[str], str]) -> int:
    from shanhai.core.own_terrain import require_own_terrain
    from shanhai.run.asked import Asked, asked_runs
    from shanhai.run.batch import batch, planned
    from shanhai.run.cli import FAILED
    from shanhai.run.codes import with_places
    from shanhai.run.jobs import Options, default_workers
    from shanhai.run.kernel import isolated_environment

    asked = Asked(
        options.runs, options.notebook, options.prefectures, options.counties, options.province, options.grid,
        options.parameters, options.language,
    )  # fmt: skip
    runs = asked_runs(asked, paths.NOTEBOOKS)
    if options.dry_run:
        lines = (
            planned(runs, options.output, force=options.force)
            if options.explain
            else [with_places(run.key, run.parameters) for run in runs]
        )
        print(*map(say, lines), say("1 run" if len(runs) == 1 else f"{len(runs):,} runs"), sep="\n")
        return 0
    require_own_terrain()
    how = Options(options.jobs or default_workers(), options.force, options.explain, is_checked=True, say=say)
    with isolated_environment(), ExitStack() as stack:
        if options.scheduler:
            from shanhai.run.cluster import cluster_at

            cluster = stack.enter_context(cluster_at(options.scheduler))
            how = replace(how, workers=cluster.threads, elsewhere=cluster.outcomes)
        return 0 if batch(runs, options.output, options=how) else FAILED
