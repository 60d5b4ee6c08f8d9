"""Results made again: same contents in other bytes, last digits, and real differences are told apart."""

import io
import json
import struct
import zipfile
import zlib
from base64 import b64encode
from pathlib import Path

import pytest

from shanhai.report.package.compare import RULES, compare_results, difference, rule_of


def png(pixels: bytes, level: int, text: bytes = b"") -> bytes:
    """A PNG of one row (PNG specification, 3rd edition)."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", len(pixels), 1, 8, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"tEXt", text), chunk(b"IDAT", zlib.compress(b"\0" + pixels, level))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def pdf(drawn: bytes, level: int) -> bytes:
    stream = zlib.compress(drawn, level)
    return b"%%PDF-1.4\n1 0 obj << /Length %d >>\nstream\n%b\nendstream\nstartxref\n%d\n" % (
        *(len(stream), stream, len(stream)),
    )


def workbook(cell: str, method: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(zipfile.ZipInfo("sheet.xml"), f"<c>{cell}</c>", method)
    return stream.getvalue()


def cells(value: str, picture: bytes) -> bytes:
    shown = {"text/plain": value, "image/png": b64encode(picture).decode() + "\n"}
    return json.dumps({"cells": [{"outputs": [{"data": shown}]}]}, indent=1).encode()


ROW = bytes(range(200)) * 4

CASES = [
    ("a.csv", b"x,0.30000000000000004", b"x,0.3", "digits"),
    ("a.csv", b"x,1e-17", b"x,-3e-17", "digits"),
    ("a.csv", b"x,0.3", b"x,0.3001", "numbers"),
    ("a.csv", b"x,0.3", b"y,0.3", "content"),
    ("a.csv", b"x,0.3", b"x,0.3\nx,1", "content"),
    ("a.json", b'{"se": 0.1000000000001}', b'{"se": 0.1}', "digits"),
    ("a.bin", b"\xff\x00", b"\xff\x01", "content"),
    ("a.png", png(ROW, 1, b"Software\0a"), png(ROW, 9), "packing"),
    ("a.png", png(ROW, 9), png(bytes([2, *ROW[1:]]), 9), "digits"),
    ("a.png", png(ROW, 9), png(bytes([3, *ROW[1:]]), 9), "numbers"),
    ("a.png", png(ROW, 9), png(ROW[1:], 9), "content"),
    ("a.png", png(ROW, 9), png(ROW, 9)[:90], "content"),
    ("a.pdf", pdf(b"1.5 2 m" * 50, 1), pdf(b"1.5 2 m" * 50, 9), "packing"),
    ("a.pdf", pdf(b"1.5 0.0001 m" * 50, 9), pdf(b"1.5 0.0002 m" * 50, 9), "digits"),
    ("a.pdf", pdf(b"1.5 2 m" * 50, 9), pdf(b"1.5 2.002 m" * 50, 9), "numbers"),
    ("a.pdf", pdf(b"1.5 2 m" * 50, 9), pdf(b"1.5 2 l" * 50, 9), "content"),
    (
        "a.pdf",
        pdf(b"165.43838 l", 9) + b"12 0 obj\n40\nendobj",
        pdf(b"165.438379 l", 9) + b"12 0 obj\n41\nendobj",
        "digits",
    ),
    ("a.svg", b'<path d="M 1 2.0001"/>', b'<path d="M 1 2.0002"/>', "digits"),
    ("a.tex", b"1.23456789", b"1.23456790", "digits"),
    ("a.tex", b"1.2345678", b"1.2345679", "numbers"),
    ("a.xlsx", workbook("1.5", zipfile.ZIP_STORED), workbook("1.5", zipfile.ZIP_DEFLATED), "packing"),
    ("a.xlsx", workbook("1.5", zipfile.ZIP_STORED), workbook("2.5", zipfile.ZIP_STORED), "numbers"),
    ("a.ipynb", cells("0.3", png(ROW, 1)), cells("0.30000000000000004", png(ROW, 9)), "digits"),
    ("a.ipynb", cells("0.3", png(ROW, 1)), cells("0.3", png(bytes([1, *ROW[1:]]), 1)), "digits"),
    ("a.ipynb", cells("0.3", png(ROW, 1)), cells("0.3", png(ROW[::-1], 1)), "numbers"),
    ("a.ipynb", cells("0.3", png(ROW, 1)), cells("0.3", b""), "content"),
]


@pytest.mark.parametrize(("name", "stored", "fresh", "kind"), CASES, ids=[f"{case[0]}-{case[3]}" for case in CASES])
def test_a_difference_is_one_of_packing_digits_numbers_or_content(
    name: str, stored: bytes, fresh: bytes, kind: str
) -> None:
    found = difference(name, stored, fresh)
    assert found is not None
    assert (found.kind, found.is_real) == (kind, kind in ("numbers", "content"))
    assert difference(name, stored, stored) is None


def test_the_largest_relative_difference_is_given() -> None:
    found = difference("a.csv", b"100,2.0,7", b"99,2.5,7")
    assert found is not None
    assert found.relative == pytest.approx(0.2)  # 0.5 of 2.5 against 1 of 100


def test_results_are_compared_by_bytes_or_by_checksum(tmp_path: Path) -> None:
    for folder in ("stored", "fresh"):
        (tmp_path / folder).mkdir()
        for name in ("same", "left_out_same", "left_out_other", "digits.csv"):
            (tmp_path / folder / name).write_text("1.0", encoding="utf-8")
    (tmp_path / "fresh" / "digits.csv").write_text("1.0000000000000002", encoding="utf-8")
    stored = {name: tmp_path / "stored" / name for name in ("same", "digits.csv", "gone")}
    fresh = {name: tmp_path / "fresh" / name for name in ("same", "digits.csv", "left_out_same", "left_out_other")}
    known = "d0ff5974b6aa52cf562bea5921840c032a860a91a3512f7fe8f768f6bbe005f6"  # printf 1.0 | sha256sum
    digests = {"left_out_same": known, "left_out_other": "0" * 64}
    (tmp_path / "fresh" / "new").touch()
    found = compare_results(stored, digests, fresh | {"new": tmp_path / "fresh" / "new"})
    assert {(compared.name, compared.kind) for compared in found} == {
        ("digits.csv", "digits"), ("gone", "missing"), ("left_out_other", "unseen"), ("new", "added"),
    }  # fmt: skip
    assert [compared.name for compared in found if not compared.is_real] == ["digits.csv"]


def test_a_picture_of_which_only_the_checksum_is_stored_is_judged_by_the_pdf_of_the_same_figure(tmp_path: Path) -> None:
    for name, content in (("stored", b"1.5 2 m"), ("fresh", b"1.5 2.00001 m"), ("other", b"1.5 3 m")):
        (tmp_path / name).write_bytes(pdf(content, 9))
    stored, digests = {"a.pdf": tmp_path / "stored", "b.pdf": tmp_path / "stored"}, {"a.png": "0", "b.png": "0"}
    fresh = {"a.pdf": tmp_path / "fresh", "b.pdf": tmp_path / "other"} | dict.fromkeys(digests, tmp_path / "other")
    assert {each.name: each.kind for each in compare_results(stored, digests, fresh)} == {
        "a.pdf": "digits", "a.png": "vouched", "b.pdf": "numbers", "b.png": "unseen",
    }  # fmt: skip


def test_each_ending_has_one_rule_and_files_of_other_kinds_are_compared_as_text() -> None:
    endings = [ending for rule in RULES for ending in rule.endings]
    assert len(set(endings)) == len(endings)
    assert rule_of("a.unknown") is rule_of("a.csv")
    assert (rule_of("b/a.PNG").of, rule_of("a.pdf").absolute) == ("colour", 1e-3)
