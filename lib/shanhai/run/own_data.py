"""``shanhai data``: take files of the user's own in, list them, take the last back."""

import argparse
from pathlib import Path

from shanhai.core.errors import ShanhaiError
from shanhai.run.saying import add_language, saying


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``data`` with its own commands to the parser."""
    data = commands.add_parser(
        "data", help="take tables, boundaries and grids of your own in, list them, take one back"
    )
    parts = data.add_subparsers(required=True, metavar="COMMAND")
    taking = parts.add_parser("import", help="take in a yearbook table, a layer or a grid: all of it or nothing")
    taking.add_argument("file", type=Path, metavar="FILE", help=".csv .tsv .xlsx .xls .gpkg .geojson .zip .tif")
    taking.add_argument("--as", dest="kind", required=True, metavar="KIND", help=_kinds())
    taking.add_argument("--sheet", default="", metavar="NAME", help="sheet of a workbook (default: the one that fits)")
    taking.add_argument(
        "--map",
        dest="wishes",
        action="append",
        default=[],
        metavar="HEAD=COLUMN[:UNIT]",
        help="what a column means, such as 产值=gdp_10k_yuan:亿元; the meaning - leaves it out",
    )
    taking.add_argument("--mapping", type=Path, metavar="FILE.toml", help="meanings that an import saved")
    taking.add_argument("--province", default="", metavar="NAME", help="province of all rows")
    taking.add_argument("--year", type=int, metavar="YEAR", help="year of figures of which the file does not say it")
    taking.add_argument("--unit", default="", metavar="UNIT", help="unit of money of which the file does not say it")
    taking.add_argument(
        "--aside", action="append", default=[], metavar="NAME", help="row to leave out, such as a development zone"
    )
    taking.add_argument(
        "--replace-published",
        action="store_true",
        help="let figures take the place of those of the same place and year that are more than 1.5 times away",
    )
    taking.add_argument("--preview", action="store_true", help="show what the file would become, write nothing")
    taking.set_defaults(command=_import)
    add_language(taking)
    listing = parts.add_parser("list", help="what was taken in, and what is in force")
    listing.set_defaults(command=_list)
    add_language(listing)
    undoing = parts.add_parser("undo", help="take the last import back")
    undoing.set_defaults(command=_undo)
    add_language(undoing)


def _kinds() -> str:
    return "county_gdp, census, prefecture_economy, boundaries, dem, lights_grid, claims, pairings or collaboration"


def _import(options: argparse.Namespace) -> int:
    from shanhai.intake.importing import Choices, import_file
    from shanhai.intake.mapping import wishes_of

    with saying(options.language, "intake") as say:
        choices = Choices(
            options.sheet,
            wishes_of(options.wishes),
            options.mapping,
            options.province,
            options.year,
            options.unit,
            tuple(options.aside),
            options.replace_published,
        )
        try:
            outcome = import_file(options.file, options.kind, choices, preview=options.preview)
        except ShanhaiError as error:
            print(*map(say, getattr(error, "__notes__", ())), sep="\n", end="\n" if hasattr(error, "__notes__") else "")
            raise
        print(*map(say, outcome.lines), sep="\n")
        if options.preview:
            print(say("No problem was found; nothing was written. Leave --preview out to import the file."))
    return 0


def _list(options: argparse.Namespace) -> int:
    from shanhai.intake.keeping import list_imports

    with saying(options.language, "intake") as say:
        print(*map(say, list_imports()), sep="\n")
    return 0


def _undo(options: argparse.Namespace) -> int:
    from shanhai.intake.keeping import undo

    with saying(options.language, "intake") as say:
        back = undo()
        print(say(f"Taken back: import {back.number}, {back.kind} from {back.source} ({back.did})."))
    return 0
