"""``shanhai package`` and ``shanhai verify``: hand results on, and see whether they are as they were packed."""

import argparse

from shanhai.core import paths
from shanhai.core.errors import PackageError
from shanhai.run.output import path
from shanhai.run.saying import add_language, saying


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``package`` and ``verify`` to the parser."""
    package = commands.add_parser("package", help="pack data, code and results into one archive for a data editor")
    package.add_argument("--from", dest="source", type=path, default=paths.OUTPUTS / "reproduce", metavar="RESULTS")
    package.add_argument("--to", type=path, metavar="FILE.zip", help="default: outputs/shanhai-VERSION.zip")
    package.add_argument(
        "--include-own", action="store_true", help="include the files that .shanhai.toml names; their rights are yours"
    )
    package.add_argument("--full", action="store_true", help="include figures as PNG for print, and the site, too")
    package.set_defaults(command=_package)
    verify = commands.add_parser("verify", help="name each file of a package that is not as it was packed")
    verify.add_argument("package", type=path, metavar="DIR_OR_ARCHIVE")
    verify.add_argument("--rerun", action="store_true", help="run its code, in a temporary folder, and compare results")
    add_language(verify)
    verify.set_defaults(command=_verify)


def _package(options: argparse.Namespace) -> int:
    from shanhai.report.results import require_results

    require_results(options.source)
    from shanhai.run.package import make_package
    from shanhai.run.project import Project

    written = make_package(options.source, options.to, Project(), include_own=options.include_own, full=options.full)
    size = f"{written.packed / 1e6:.1f} MB, unpacked {written.unpacked / 1e6:.1f} MB"
    print(f"{written.path}: {written.files:,} files, {size}", f"SHA-256 {written.sha256}", sep="\n")
    if written.left_out:
        print(f"{written.left_out:,} results are left out, named with their checksums in its manifest (--full: all in)")
    if written.own_missing:
        print(
            f"Your own files for {', '.join(written.own_missing)} are NOT in it: without them nobody can repeat this."
        )
        print("If you may hand them on: --include-own")
    return 0


def _verify(options: argparse.Namespace) -> int:
    with saying(options.language, "run") as say:
        if not options.package.exists():
            raise PackageError(f"{options.package} is no folder and no file; name an unpacked package or its archive.")
        from shanhai.run.package import verification

        lines, is_same = verification(options.package, rerun=options.rerun)
        print(*map(say, lines), sep="\n")
    return 0 if is_same else 1
