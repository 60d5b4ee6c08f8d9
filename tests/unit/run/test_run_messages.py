"""What a batch says while it works and at its end, in Chinese."""

import pytest

from shanhai.core.manifest import Record
from shanhai.run.progress import MESSAGES, Progress


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("[3/12] 04-report-city-330800 衢州市 Quzhou (1.2 s)", "［3/12］04-report-city-330800 衢州市 Quzhou（1.2秒）"),
        (
            "[3/333] 04-report-city FAILED (1.2 s); 1 failed, 2 running, 328 waiting, about 2 h 30 min left",
            "［3/333］04-report-city失败（1.2秒）；失败1项，运行中2项，等待328项，约余2小时30分钟",
        ),
        (
            "3 executed, 1 unchanged, 0 failed. Results: outputs/batch (manifest.json says how)",
            "执行3项，未变1项，失败0项。结果在outputs/batch（其来历见manifest.json）",
        ),
        (
            "04-report-city: would be executed: file changed: data/county_gdp.csv; made by another version of the"
            " runner",
            "04-report-city：将会执行，原因为文件有改动：data/county_gdp.csv；由另一版本的运行程序生成",
        ),
        ("04-report-city: up to date, would not be executed", "04-report-city：结果无须更新，不会执行"),
        ("  partial copy: outputs/a.ipynb", "  未完成的副本：outputs/a.ipynb"),
        (
            "data/county_gdp.csv changed while the batch ran. What was finished before is kept; run the command again.",
            "批处理期间data/county_gdp.csv有改动。此前完成的结果已保留；请重新执行命令。",
        ),
    ],
)
def test_a_message_of_a_batch_in_chinese(english: str, chinese: str) -> None:
    assert MESSAGES(english, "zh") == chinese


def test_progress_speaks_the_language_of_the_batch(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(1, 1, lambda text: MESSAGES(text, "zh")) as progress:
        progress.show("02-compare", Record("", True, 1.2))
    assert capsys.readouterr().err == "［1/1］02-compare（1.2秒）\n"


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        (
            "a.yaml, line 2: There is no notebook '城市'; choose one of 01-a, 02-b.",
            "a.yaml第2行：没有笔记本'城市'；可选01-a, 02-b。",
        ),
        (
            "a.yaml, line 4: 04-report-city has no parameter '县'. Its parameters: county: str (a county).",
            "a.yaml第4行：04-report-city没有参数'县'。其参数为：county: str (a county)。",
        ),
    ],
)
def test_what_is_wrong_in_a_line_of_a_file_of_runs_is_chinese_from_its_start(english: str, chinese: str) -> None:
    assert MESSAGES(english, "zh") == chinese
