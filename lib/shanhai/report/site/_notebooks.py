"""An executed notebook as a page: question, answer, exhibits with their files, parameters, appendix to unfold."""

import re
import shutil
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from shanhai.render.pixels import rasterise, to_png
from shanhai.render.words import Words
from shanhai.report.results import Exhibit, Run
from shanhai.report.site import _pages as pages
from shanhai.report.site._pages import Source, fence, markdown, raw
from shanhai.report.site.extension import APPENDIX

_FILES = "_files"
"""Folder of the files of exhibits in a language of the site."""

_PARAMETER = re.compile(r"(?P<name>\w+): \S+ = (?P<value>.+?)  # (?P<help>.+)")
_DOCS = re.compile(r"\((?:\.\./)+lib/docs/([\w-]+)\.md(#[^)]*)?\)")
_HELP = dict(Words.beside(__file__, "parameters.toml").labels("help").values())
"""Chinese of what the notebooks' parameters are, by the English."""

_PIXELS_PER_INCH = 96
_FINE = 160
"""Dots per inch of a large image: as many across a page as a phone has, and nearly two for a pixel of a laptop."""

_SHOWN = {"csv": "CSV", "tex": "LaTeX", "pdf": "PDF"}
"""Files of an exhibit that a page offers, by ending, as they are in the results; images have fewer colours."""

_LARGEST, _LARGEST_OF_PLACES = 2_000_000, 200_000
"""Bytes of a file that the site offers, and of one of a report on a place, of which there are many."""

_SMALL_IMAGE = 200_000
"""Bytes of an image that is copied as it is."""


def write_run(source: Source, run: Run, before: str = "") -> None:
    """Write the page of a run.

    Parameters
    ----------
    source : Source
    run : Run
    before : str
        HTML that stands above the question.
    """
    title = pages.place_name(_place(run), run.language) if run.notebook == pages.PLACES else pages.run_title(run)
    source.notebook(pages.page_of(run), title, run.answer[0], _cells(source, run, before))


def _place(run: Run) -> str:
    return str(next(filter(None, run.parameters.values()), run.name))


def _cells(source: Source, run: Run, before: str) -> Iterator[dict[str, Any]]:
    yield markdown(raw(_head(source, run) + before))
    for cell in run.cells[1:]:
        tags = cell["metadata"].get("tags", [])
        if cell["cell_type"] == "markdown":
            yield markdown(_linked(source, pages.undirected(cell["source"])))
        elif cell["cell_type"] == "code":
            texts = [pages.undirected(text) for output in cell["outputs"] if (text := _markdown_of(output))]
            yield _code(source, run, cell)
            if "appendix" in tags:
                yield markdown(_parameters(source, run))
            for text in texts:
                yield markdown(_passage(source, _linked(source, text), tags))


def _head(source: Source, run: Run) -> str:
    """Switch for the code, and how the page is made anew."""
    given = "".join(
        f" -p {name}={_shell(value)}" for name, value in {**run.parameters, "language": run.language}.items()
    )
    command = f"python3 bootstrap.py run {run.notebook}{given}"
    switch = (
        f'<label class="show-code"><input type="checkbox" id="show-code"> {escape(source.say("code.show"))}</label>'
    )
    made = f"<span>{escape(source.say('code.command'))} <code>{escape(command)}</code></span>"
    return f'<div class="run-head">{switch} {made}</div>\n'


def _shell(value: Any) -> str:
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if re.fullmatch(r"[\w.,+-]+", text) else "'" + text.replace("'", "'\\''") + "'"


def _code(source: Source, run: Run, cell: Mapping[str, Any]) -> dict[str, Any]:
    """The cell with its source hidden and exhibits in the form of the site; its prose follows as text of the page."""
    outputs = []
    for output in cell["outputs"]:
        shown = run.shown({"outputs": [output]})
        if shown:
            html = "\n".join(exhibit_html(source, run, exhibit) for exhibit in shown)
            outputs.append({"output_type": "display_data", "metadata": {}, "data": {"text/html": html}})
        elif not _markdown_of(output):
            outputs += _plain(output)
    hidden = {"tags": ["hide-input"]}
    return {
        "cell_type": "code",
        "metadata": hidden,
        "source": cell["source"],
        "outputs": outputs,
        "execution_count": None,
    }


def _plain(output: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What no list of exhibits knows, as text or PNG: HTML, SVG, scripts and whatever else a notebook brings stay out.

    The executed copies may be somebody else's, or may have been changed; a page of the report runs nothing of theirs.
    """
    if output["output_type"] == "stream":
        return [{"output_type": "stream", "name": "stdout", "text": "".join(output["text"])}]
    data = {form: "".join(output.get("data", {}).get(form, "")) for form in ("image/png", "text/plain")}
    kept = {form: content for form, content in data.items() if content}
    return [{"output_type": "display_data", "metadata": {}, "data": kept}] if kept else []


def _markdown_of(output: Mapping[str, Any]) -> str:
    return "".join(output.get("data", {}).get("text/markdown", ""))


def _passage(source: Source, text: str, tags: list[str]) -> str:
    if "answer" in tags:
        mark = fence(text)
        return f"{mark}{{container}} answer\n\n**{source.say('answer.label')}**\n\n{text}\n{mark}"
    if "appendix" in tags:
        heading, _, rest = text.partition("\n")
        return "\n\n".join([heading, raw("<!-- -->", APPENDIX), rest.strip()])
    return text


def _linked(source: Source, text: str) -> str:
    """A passage whose links to pages of the methods and to other notebooks lead to pages of the site."""
    text = _DOCS.sub(lambda match: f"(../methods/{match[1]}.html{match[2] or ''})", text)
    return pages.with_notebooks(source, text)


def _parameters(source: Source, run: Run) -> str:
    cell = next((cell for cell in run.cells if "parameters" in cell["metadata"].get("tags", [])), None)
    found = [match for line in (cell["source"].splitlines() if cell else []) if (match := _PARAMETER.fullmatch(line))]
    given = {**run.parameters, "language": run.language}
    if run.notebook == pages.PLACES and run.parameters.get("county"):  # the page is the county's: no other is read
        found = [match for match in found if match["name"] != "prefecture"]
    rows = [
        [
            escape(match["name"]),
            escape(_literal(given[match["name"]]) if match["name"] in given else match["value"]),
            _help(source, match["help"]),
        ]
        for match in found
    ]
    if not rows:
        return ""
    heads = [source.say(f"parameters.{key}") for key in ("name", "value", "help")]
    return f"## {source.say('parameters.title')}\n\n" + raw(
        pages.table(heads, rows, source.say("parameters.title"), html=True)
    )


def _help(source: Source, english: str) -> str:
    """What a parameter is, as HTML: in Chinese where we have it, which a notebook of the user's own need not."""
    said = _HELP.get(english, english) if source.language == "zh" else english
    shown = re.sub("`([^`]+)`", r"<code>\1</code>", escape(said))
    return f'<span lang="en">{shown}</span>' if source.language == "zh" and english not in _HELP else shown


def _literal(value: Any) -> str:
    """A value as the parameters of a notebook are written."""
    return f'"{value}"' if isinstance(value, str) else repr(value)


def exhibit_html(source: Source, run: Run, exhibit: Exhibit) -> str:
    """A table or figure with its anchor and links to those of its files that the site holds."""
    body = _table(exhibit) if exhibit.kind == "table" else _figure(exhibit, source.say("exhibit.full_size"))
    named = [pages.link(f"../{file_of(exhibit, ending)}", _SHOWN[ending]) for ending in offered(exhibit, run)]
    if exhibit.kind == "figure":
        named.append(pages.link(f"../{file_of(exhibit, 'png')}", source.say("exhibit.image")))
    anchor = escape(anchor_of(exhibit, run))
    here = f'<a class="anchor" href="#{anchor}">{escape(source.say("exhibit.link"))}</a>'
    foot = f'<p class="files">{escape(source.say("exhibit.files"))} {", ".join(named)} · {here}</p>'
    return f'<figure class="exhibit {exhibit.kind}" id="{anchor}">\n{body}\n{foot}\n</figure>'


def anchor_of(exhibit: Exhibit, run: Run) -> str:
    """Anchor of an exhibit on the page of its run: its stem; of a figure whose name a table has, with its kind."""
    is_second = exhibit.kind == "figure" and f"table {exhibit.name}" in run.exhibits
    return f"{exhibit.stem}--figure" if is_second else exhibit.stem


def file_of(exhibit: Exhibit, ending: str) -> str:
    """Where a file of an exhibit lies in a language of the site."""
    return f"{_FILES}/{exhibit.kind}s/{exhibit.stem}.{ending}"


def _figure(exhibit: Exhibit, title: str) -> str:
    width, height = (round(side * _PIXELS_PER_INCH) for side in (exhibit.width_inches, exhibit.height_inches))
    caption = escape(exhibit.caption or exhibit.name)
    source = escape(f"../{file_of(exhibit, 'png')}")
    image = f'<img src="{source}" width="{width}" height="{height}" loading="lazy" alt="{caption}">'
    image = f'<a class="full-size" href="{source}" title="{escape(title)}">{image}</a>'
    return f"{image}\n<figcaption>{caption}</figcaption>"


def _table(exhibit: Exhibit) -> str:
    sides = ["right" if right else "left" for right in exhibit.numeric]

    def row(cells: tuple[str, ...], tag: str, kind: str = "") -> str:
        inner = " ".join(
            f'<{tag} class="{side}">{escape(cell)}</{tag.split()[0]}>' for cell, side in zip(cells, sides, strict=True)
        )
        return f"<tr{kind}>{inner}</tr>"

    body = "\n".join(
        row(cells, "td", ' class="ruled"' if position in exhibit.rules_before else "")
        for position, cells in enumerate(exhibit.rows)
    )
    notes = "\n".join(f"<p>{escape(note)}</p>" for note in exhibit.notes)
    caption = escape(exhibit.caption or exhibit.name)
    head = row(exhibit.heads, 'th scope="col"')
    html = f'<table class="three-line">\n<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>\n</table>'
    foot = f'\n<div class="notes">\n{notes}\n</div>' if notes else ""
    return f"<figcaption>{caption}</figcaption>\n{pages.boxed(html, exhibit.caption or exhibit.name)}{foot}"


def offered(exhibit: Exhibit, run: Run) -> list[str]:
    """Endings of the files of an exhibit that the site holds: those a page has room for, and of figures the image."""
    limit = _LARGEST_OF_PLACES if run.notebook == pages.PLACES else _LARGEST
    return [ending for ending in _SHOWN if ending in exhibit.files and exhibit.files[ending].stat().st_size <= limit]


def copy_files(run: Run, to: Path) -> None:
    """Copy the files of a run's exhibits into the site; large images as fine as a page shows them.

    Parameters
    ----------
    run : Run
    to : Path
        Folder of the run's language.
    """
    for exhibit in run.exhibits.values():
        (to / file_of(exhibit, "")).parent.mkdir(parents=True, exist_ok=True)
        for ending in offered(exhibit, run):
            shutil.copyfile(exhibit.files[ending], to / file_of(exhibit, ending))
        if exhibit.kind == "figure":
            _copy_image(exhibit, to / file_of(exhibit, "png"))


def _copy_image(exhibit: Exhibit, to: Path) -> None:
    image = exhibit.files["png"]
    if image.stat().st_size <= _SMALL_IMAGE:
        shutil.copyfile(image, to)
        return
    # from its PDF: as quick as to read an image of 300 dots per inch, of which most would be thrown away
    to.write_bytes(to_png(rasterise(exhibit.files["pdf"].read_bytes(), _FINE), _FINE))
