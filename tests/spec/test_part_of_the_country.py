"""The county frame and the main regression on a user's layer of four provinces: what it cannot show is missing."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from shanhai.data.frames import panel
from shanhai.data.load import load_corrections, load_layer, load_table
from shanhai.geo.edges import shared_edges
from shanhai.methods.placebo.maps import draw_borders
from shanhai.methods.regression.fit import fit
from shanhai.studies.border.analysis import add_variables, county_centres
from shanhai.studies.border.design import BORDER_COLUMNS, main_spec
from shanhai.studies.mountain.analysis import add_border_kind

PROVINCES = ("330000", "340000", "350000", "360000")


@pytest.fixture(scope="module")
def layer():
    counties = load_layer("counties")
    return counties[counties["prov_code"].isin(PROVINCES)].reset_index(drop=True)


@pytest.fixture(scope="module")
def frame(layer) -> pd.DataFrame:
    tables = {name: load_table(name) for name in panel.TABLES}
    geography = panel._measure_geography(layer, panel._known_borders())
    return add_variables(panel._assemble(tables, geography, load_corrections("county_gdp")), county_centres(layer))


def test_what_the_layer_cannot_show_is_missing_and_flagged(frame: pd.DataFrame) -> None:
    whole = panel.build_county_frame().set_index("code")
    part = frame[frame["province_code"].isin(PROVINCES)].set_index("code")
    drawn = part[part["area_km2"].notna()]
    unknown = drawn["on_border"].isna()
    told = drawn[~unknown]
    assert (told["on_border"] == whole.loc[told.index, "on_border"]).all()
    assert whole.loc[drawn.index[unknown], "on_border"].all()  # those on the outer border, and no coast
    assert drawn.loc[unknown, "flags"].str.split(";").map(lambda flags: "border_unknown" in flags).all()
    known = drawn["distance_to_border_km"].notna()
    np.testing.assert_allclose(
        drawn.loc[known, "distance_to_border_km"], whole.loc[drawn.index[known], "distance_to_border_km"], rtol=1e-9
    )
    # The 26 are in the layer with all their neighbours but those of Fujian's south and of Anhui's north.
    assert part.loc["330824", "on_border"]  # Kaihua meets Anhui and Jiangxi, both in the layer


def test_the_main_regression_drops_and_counts_them(frame: pd.DataFrame) -> None:
    result = fit(main_spec(), frame)
    dropped = {rows.reason: rows.count for rows in result.dropped_rows}
    lacking_gdp = frame["gdp_per_capita_2021"].isna()
    assert dropped["gdp_per_capita_2021 missing"] == int(lacking_gdp.sum())
    assert dropped["on_border missing"] == int((frame["on_border"].isna() & ~lacking_gdp).sum())
    assert result.n == 271
    used = frame.iloc[result.rows]
    assert used["on_border"].notna().all()
    by_hand = used.assign(
        y=np.log(used["gdp_per_capita_2021"]),
        z=(used["ruggedness"] - used["ruggedness"].mean()) / used["ruggedness"].std(ddof=0),
        b=used["on_border"].astype(float),
        d=used["is_district"].astype(float),
    )
    columns = by_hand[["b", "z", "d"]].assign(bz=by_hand["b"] * by_hand["z"])
    within = [values - values.groupby(used["province_code"]).transform("mean") for values in (columns, by_hand["y"])]
    estimate = np.linalg.lstsq(within[0].to_numpy(), within[1].to_numpy(), rcond=None)[0]
    ours = dict(zip(result.names, result.params, strict=True))
    assert ours["on_border"] == pytest.approx(estimate[0])


def test_placebo_borders_texts_and_maps_leave_them_out(frame: pd.DataFrame, layer) -> None:
    edges = shared_edges(layer)
    maps = draw_borders(frame, edges, draws=2, columns=BORDER_COLUMNS, rounds=(2, 1))
    known = frame[frame["on_border"].notna()]
    assert maps.graph.codes.tolist() == known["code"].tolist()
    assert int(maps.graph.on_border.sum()) == int(known["on_border"].sum())
    assert maps.labels.shape == (2, len(known))
    unknown = int(frame["on_border"].isna().sum())
    kinds = Counter(add_border_kind(frame)["border_kind"].fillna("unknown"))
    assert kinds["unknown"] == unknown
