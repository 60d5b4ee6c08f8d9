"""README of a package by the template of the social-science data editors (Vilhuber et al. 2022), written from facts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from shanhai.core.bibliography import documents
from shanhai.core.errors import PackageError
from shanhai.core.paths import LOCK, NOTEBOOKS, ROOT
from shanhai.render.citations import reference_list
from shanhai.render.numbers import format_number
from shanhai.report.package.archive import Content
from shanhai.report.package.contents import COUNTY_FRAME, STORED
from shanhai.report.package.facts import Facts, Origin, Shown
from shanhai.report.package.page import code, plain, table
from shanhai.report.package.standard import CODEBOOK, EXHIBITS, GROUPS, RIGHTS, WORDS, points
from shanhai.report.results import Language

_MEGA, _GIGA = 1e6, 1e9

_LONGEST_CAPTION = 160

_STANDARDS = ("koren2022", "vilhuber2022")
"""The standard and the template that the README follows, as the bibliography has them."""

_COMMANDS = (
    "python3 bootstrap.py verify .",
    "python3 bootstrap.py reproduce --force",
    "python3 bootstrap.py verify .",
    "python3 bootstrap.py verify . --rerun",
)
"""What a replicator calls, in this order; the steps explain each."""

_FOLDERS = ("notebooks", "lib/shanhai", "lib/docs", "data", "shapefiles", "tests", STORED)
"""Folders that the overview explains."""


@dataclass(frozen=True)
class _Writer:
    """What every section needs."""

    facts: Facts
    language: Language

    def say(self, key: str, **values: str) -> str:
        return WORDS(key, self.language, **values)

    def heads(self, *names: str) -> list[str]:
        return [self.say(f"head.{name}") for name in names]

    @property
    def ending(self) -> str:
        return ".zh" if self.language == "zh" else ""


def readme(facts: Facts, language: Language) -> str:
    """The README as Markdown.

    Parameters
    ----------
    facts : Facts
    language : {"en", "zh"}

    Raises
    ------
    PackageError
        If the library has a part that no sentence describes.
    """
    writer = _Writer(facts, language)
    blocks = [f"# {plain(facts.citation.title)}", *_opening(writer)]
    for name, section in _SECTIONS.items():
        blocks += [f"## {writer.say(f'section.{name}')}", *section(writer)]
    return "\n\n".join(blocks) + "\n"


def _opening(writer: _Writer) -> list[str]:
    facts = writer.facts
    made = "clean" if not facts.manifest["uncommitted_changes"] else "changed"
    commit = facts.manifest["commit"] or ""
    state = writer.say(f"opening.{made}", commit=code(commit[:12])) if commit else writer.say("opening.no_commit")
    opening = writer.say(
        "opening.what",
        version=plain(facts.citation.version),
        authors=plain("; ".join(facts.citation.authors)),
        released=facts.citation.released,
    )
    return [opening, state]


def _overview(writer: _Writer) -> list[str]:
    facts = writer.facts
    runs = facts.results.editions["en"]
    text = writer.say(
        "overview.text",
        tables=str(facts.held("table")),
        layers=str(facts.held("layer")),
        notebooks=str(len(facts.programs)),
        runs=str(len(runs)),
        shown_tables=format_number(facts.count("table")),
        shown_figures=format_number(facts.count("figure")),
        claims=format_number(len(facts.results.findings)),
    )
    rows = [[code(f"{folder}/"), writer.say(f"folder.{PurePosixPath(folder).name}")] for folder in _FOLDERS]
    return [text, table(writer.heads("folder", "holds"), rows), writer.say("overview.project_readme")]


def _availability(writer: _Writer) -> list[str]:
    facts = writer.facts
    blocks = [f"### {writer.say('section.rights')}", writer.say("rights.certify"), writer.say("rights.boxes")]
    if any(origin.is_compiled for origin in facts.origins):
        blocks.append(writer.say("rights.compiled"))
    blocks += [writer.say("rights.base_map"), writer.say("rights.tools")]
    blocks += [f"### {writer.say('section.data_licence')}", writer.say("rights.data", file=code(RIGHTS))]
    blocks += [f"### {writer.say('section.summary')}", *_summary(writer)]
    blocks += [f"### {writer.say('section.sources')}", writer.say("source.intro")]
    for origin in facts.origins:
        if not origin.is_own:
            blocks += _source(writer, origin)
    return blocks


def _summary(writer: _Writer) -> list[str]:
    own = writer.facts.contents.own_files
    missing = [file for file in own if not file.included]
    boxes = ["all", "some", "none"]
    ticked = "some" if missing else "all"
    blocks = ["\n".join(f"- [{'x' if box == ticked else ' '}] {writer.say(f'summary.{box}')}" for box in boxes)]
    blocks.append(writer.say("summary.access"))
    if own:
        key = "summary.own_missing" if missing else "summary.own_included"
        blocks.append(writer.say(key))
        rows = [[writer.say(f"kind.{file.kind}"), code(file.shown_name), code(file.sha256)] for file in own]
        blocks.append(table(writer.heads("kind", "replaced", "sha256"), rows))
    return blocks


def _source(writer: _Writer, origin: Origin) -> list[str]:
    say = writer.say
    sets, between = origin.sets(writer.language), say("source.between")
    titles = plain(between.join(files.title for files in sets))
    lines = [
        *_cited(writer, origin, titles),
        say("source.licence", text=plain(origin.said(writer.language)[1])),
        say("source.accessed", day=origin.accessed),
    ]
    if origin.is_compiled:
        lines.append(say("source.compiled"))
    command = code(f"shanhai build {origin.builder}")
    lines.append(say("source.built", command=command) if origin.builder else say("source.taken"))
    lines.append(say("source.files", files=say("source.listed").join(code(files.names) for files in sets)))
    heading = say("source.title", number=str(origin.number), titles=titles)
    return [f"#### {heading}", "\n".join(f"- {line}" for line in lines)]


def _cited(writer: _Writer, origin: Origin, titles: str) -> list[str]:
    """Provenance and citation: the work that the registry names, else what the registry knows."""
    said = plain(origin.said(writer.language)[0])
    if origin.works:
        work = " ".join(reference_list(origin.works, writer.language))
        return [writer.say("source.provenance", text=said), writer.say("source.citation", text=work)]
    years = plain(
        writer.say("source.between").join(dict.fromkeys(files.years for files in origin.sets(writer.language)))
    )
    return [writer.say("source.cited", origin=said, titles=titles, years=years)]


def _datasets(writer: _Writer) -> list[str]:
    say = writer.say
    yes, no = say("codebook.yes"), say("codebook.no")
    rows = [
        [code(files.names), str(origin.number), plain(files.title), plain(files.years), yes]
        for origin in writer.facts.origins
        for files in origin.sets(writer.language)
    ]
    own = [
        [code(file.shown_name), "–", say("dataset.own"), "–", yes if file.included else no]
        for file in writer.facts.contents.own_files
    ]
    frame = code(f"{STORED}/{COUNTY_FRAME}")
    text = say("dataset.text", codebook=code(f"{CODEBOOK}{writer.ending}.html"), frame=frame)
    return [text, table(writer.heads("file", "source", "what", "years", "provided"), rows + own)]


def _requirements(writer: _Writer) -> list[str]:
    facts, say = writer.facts, writer.say
    packages = ", ".join(f"{plain(name)} {version}" for name, version in facts.packages)
    software = say(
        "software.text",
        oldest=facts.python_required,
        python=facts.manifest["python"],
        platform=code(facts.manifest["platform"]),
        pinned=str(facts.pinned),
        lock=code(LOCK.relative_to(ROOT).as_posix()),
    )
    blocks = [
        f"### {say('section.software')}",
        software,
        say("software.packages", packages=packages),
        say("software.docker"),
    ]
    seeds = [
        [code(program.stem), code(name), code(value)] for program in facts.programs for name, value in program.seeds
    ]
    seeds += [[code(file), code(name), code(value)] for file, name, value in facts.fixed_seeds]
    blocks += [f"### {say('section.randomness')}", say("randomness.text")]
    blocks.append(table(writer.heads("place", "seed", "value"), seeds))
    return [*blocks, f"### {say('section.resources')}", *_resources(writer)]


def _resources(writer: _Writer) -> list[str]:
    facts, say = writer.facts, writer.say
    usage = facts.manifest.get("usage")
    total = sum(program.seconds for program in facts.programs) + sum(seconds for _, seconds in facts.derived)
    if usage:
        measured = say(
            "resources.measured",
            minutes=format_number(usage["seconds"] / 60, 1),
            cores=str(usage["cores"]),
            workers=str(usage["workers"]),
            machine=format_number(usage["memory_bytes"] / _GIGA),
            memory=format_number(usage["peak_memory_bytes"] / _GIGA, 1),
            packages=format_number(usage["packages_bytes"] / _GIGA, 1),
        )
    else:
        measured = say("resources.not_measured")
    rows = [
        [code(program.stem), str(program.runs), format_number(program.seconds), format_number(program.longest)]
        for program in facts.programs
    ]
    rows += [[code(name), "–", format_number(seconds), format_number(seconds)] for name, seconds in facts.derived]
    runs = sum(program.runs for program in facts.programs)
    rows.append([say("resources.total"), str(runs), format_number(total), "–"])
    sizes = say(
        "resources.storage",
        code=format_number(_size(writer.facts.contents.code) / _MEGA),
        outputs=format_number(_size(writer.facts.contents.outputs) / _MEGA),
    )
    left_out = facts.contents.left_out
    note = [say("resources.left_out", count=format_number(len(left_out)))] if left_out else []
    return [measured, sizes, *note, table(writer.heads("notebook", "runs", "seconds", "longest"), rows)]


def _size(files: Mapping[str, Content]) -> int:
    return sum(len(content) if isinstance(content, bytes) else content.stat().st_size for content in files.values())


def _programs(writer: _Writer) -> list[str]:
    facts, say = writer.facts, writer.say
    rooms = WORDS.labels("room")
    if unknown := [room for room in facts.rooms if room not in rooms]:
        raise PackageError(f"words.toml of the package has no words for {', '.join(unknown)} of the library; add them.")
    rows = [[code("bootstrap.py"), say("program.bootstrap")]]
    rows += [
        [code(f"{NOTEBOOKS.name}/{program.stem}.ipynb"), plain(program.titles[writer.language == "zh"])]
        for program in facts.programs
    ]
    rows += [[code(f"lib/shanhai/{room}/"), rooms[room][writer.language == "zh"]] for room in facts.rooms]
    blocks = [say("program.text"), table(writer.heads("program", "does"), rows)]
    return [
        *blocks,
        f"### {say('section.code_licence')}",
        say("program.licence", licence=plain(facts.citation.licence)),
    ]


def _instructions(writer: _Writer) -> list[str]:
    say = writer.say
    commands = "\n".join(_COMMANDS)
    steps = [say(f"step.{number}") for number in ("one", "two", "three", "four")]
    listed = "\n".join(f"{number}. {step}" for number, step in enumerate(steps, start=1))
    return [f"```\n{commands}\n```", listed, say("step.differences"), say("step.settings")]


def _exhibits(writer: _Writer) -> list[str]:
    rows = [_exhibit(writer, shown) for shown in writer.facts.exhibits(writer.language)]
    return [
        writer.say("exhibits.text", file=code(EXHIBITS)),
        table(writer.heads("exhibit", "program_cell", "output", "runs"), rows),
    ]


def _exhibit(writer: _Writer, shown: Shown) -> list[str]:
    caption = plain(shown.caption[:_LONGEST_CAPTION] + ("…" if len(shown.caption) > _LONGEST_CAPTION else ""))
    program = code(f"{NOTEBOOKS.name}/{shown.notebook}.ipynb")
    cell = writer.say("exhibits.cell", number=str(shown.cell)) if shown.cell else "–"
    return [
        f"{writer.say(f'kind.{shown.kind}')} {code(shown.name)}: {caption}",
        f"{program}, {cell}",
        _files(writer, shown),
        str(shown.runs),
    ]


def _files(writer: _Writer, shown: Shown) -> str:
    """The first file in full, of the others the endings."""
    first, *others = shown.files
    if not others:
        return code(first)
    endings = ", ".join(code(PurePosixPath(name).suffix) for name in others)
    return writer.say("exhibits.also", first=code(first), others=endings)


def _standard(writer: _Writer) -> list[str]:
    found = points(writer.facts, writer.language)
    rows = [
        [
            str(point.number),
            f"{writer.say(f'group.{point.group}')}: {point.title}",
            writer.say(f"status.{point.status}"),
            point.how,
            ", ".join(map(code, point.files)) or "–",
        ]
        for point in found
    ]
    count = str(max(max(numbers) for numbers in GROUPS.values()))
    return [
        writer.say("standard.text", count=count),
        table(writer.heads("number", "point", "status", "how", "shown"), rows),
    ]


def _references(writer: _Writer) -> list[str]:
    keys = {key for origin in writer.facts.origins for key in origin.works}
    listed = reference_list(sorted({*keys, *documents().values(), *_STANDARDS}), writer.language)
    return [writer.say("references.text"), "\n".join(f"- {entry}" for entry in listed)]


_SECTIONS: dict[str, Callable[[_Writer], list[str]]] = {
    "overview": _overview,
    "availability": _availability,
    "datasets": _datasets,
    "requirements": _requirements,
    "programs": _programs,
    "instructions": _instructions,
    "exhibits": _exhibits,
    "standard": _standard,
    "references": _references,
}
"""Sections of the template in its order, and the standard before the references."""
