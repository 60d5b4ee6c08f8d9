"""Text tables: every usual encoding and delimiter comes out the same, and nothing is read as another encoding."""

from pathlib import Path

import pytest
from yearbooks import laid_out, taken, values, write_text

from shanhai.core.errors import ValidationError
from shanhai.intake.grid import read_grids

ROWS = [
    ["浙江省各县生产总值（2022年）", None, None],
    ["县（市、区）", "地区生产总值（亿元）", "人均生产总值（元）"],
    ["淳安县", "270.5", "81,000"],
    ["龙游县", "２９５．６", "…"],
    ["合计", "566.1", None],
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_every_encoding_and_delimiter_gives_the_same_rows(tmp_path: Path, encoding: str, delimiter: str) -> None:
    read = taken(write_text(tmp_path / "a.csv", ROWS, encoding, delimiter))
    assert not read.problems
    assert values(read) == {("330127", 2022): 2705000.0, ("330825", 2022): 2956000.0}
    assert values(read, "gdp_per_capita_10k_yuan") == {("330127", 2022): 8.1}


@pytest.mark.parametrize("encoding", ["big5", "utf-16-le"])
def test_another_encoding_is_refused_and_never_read_as_other_names(tmp_path: Path, encoding: str) -> None:
    rows = [["縣", "地區生產總值"], ["平陽縣", "100"], ["嘉興市", "200"]] * 20
    with pytest.raises(ValidationError, match=r"encoding|no row has a place|no heads"):
        laid_out(write_text(tmp_path / "a.csv", rows, encoding))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x80\x81\x82,\xff", b"a,b\n1,\x00\n"])
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(ValidationError, match="none of the encodings"):
        read_grids(tmp_path / "a.csv")


def test_a_quotation_mark_that_stays_open_is_refused_by_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('a,b\n"x,1\ny,2\n', encoding="utf-8")
    with pytest.raises(ValidationError, match="line 3"):
        read_grids(tmp_path / "a.csv")


def test_text_has_no_sheets(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="no sheets"):
        read_grids(write_text(tmp_path / "a.csv", ROWS), "表1")
