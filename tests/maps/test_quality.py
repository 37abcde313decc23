"""The quality map classes prefectures by what is surely located, plants and gaps counted together."""

from __future__ import annotations

import pytest

from workbench.errors import LabelError
from workbench.layers import industry_quality, prefecture_quality
from workbench.maps import OfflineMap, describe_quality, quality_map


def test_each_prefecture_stands_in_the_class_of_its_sure_share(layers) -> None:
    spec = describe_quality(layers, "aluminium")
    drawn = spec["prefectures"].frame.set_index("prefecture_zh")
    assert len(drawn) == 21
    # 阿坝: all 200 kt sure; 眉山: 125 kt of 250; 乐山: none of 350; 达州 has no smelter
    classes = {"阿坝藏族羌族自治州": "q75", "眉山市": "q50", "乐山市": "q00", "达州市": "none"}
    assert drawn.loc[list(classes), "klass"].to_dict() == classes
    assert drawn.at["阿坝藏族羌族自治州", "high_kt"] == 200
    assert set(spec["plants"].frame["klass"]) == {"aluminium"}
    table = prefecture_quality(layers, "aluminium")
    assert drawn["unlocated_kt"].sum() == pytest.approx(table["unlocated_kt"].sum(), abs=0.5)


def test_without_a_cap_the_share_is_unknown_not_whole(layers) -> None:
    frame = describe_quality(layers, "coal")["prefectures"].frame
    assert set(frame["klass"]) == {"unknown", "none"}
    assert industry_quality(layers)["located_share"].isna().to_dict() == {
        name: name == "coal" for name in ("aluminium", "cement", "coal", "flat_glass", "steel")
    }


def test_the_map_needs_no_internet_and_an_unknown_industry_is_told(layers) -> None:
    page = quality_map(layers, "cement", language="en")
    assert isinstance(page, OfflineMap)
    assert "Data quality: cement" in page.to_html()
    with pytest.raises(LabelError, match="cement"):
        quality_map(layers, "paper")
