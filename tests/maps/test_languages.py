"""The page of the baseline in each language: names, legend, popups, without a word of the other."""

from __future__ import annotations

import json
import re

import pytest

from workbench.maps import describe_layers, describe_quality, describe_workbench
from workbench.maps.codes import cited
from workbench.words import named

# letters that stand for a road, a unit or a term in Chinese text too
SHARED = re.compile(r"\b[GS]\d+\b|\b[IV]+\b|CO2|SO2|NO[2x]|PM\d+(\.5)?|CGCS2000|WGS-84|[（(]WGS-84[)）]")
LATIN, HAN = re.compile(r"[A-Za-z]{2,}"), re.compile(r"[\u2e80-\u9fff]")


@pytest.fixture(scope="module", params=[describe_workbench, describe_layers, describe_quality])
def page(request, layers) -> dict:
    return json.loads(request.param(layers).to_json())


def texts(page: dict, side: int):
    """Every text of one language with where it stands."""
    for key in ("title", "subtitle"):
        yield key, page[key][side]
    for layer in page["layers"]:
        where = layer["key"]
        yield where, layer["title"][side]
        for title in (*layer["fields"], *(k["title"] for k in layer["classes"])):
            yield f"{where} legend", title[side]
        for feature in layer["features"]:
            yield f"{where} name", feature[4 + side]
            for title, value in zip(layer["fields"], feature[7], strict=True):
                text = value[side] if isinstance(value, list) else value
                if isinstance(text, str):
                    yield f"{where} {title[1]}", text


def test_no_word_of_the_other_language_is_on_the_page(page) -> None:
    english = {(w, t) for w, t in texts(page, 0) if LATIN.search(SHARED.sub("", t))}
    chinese = {(w, t) for w, t in texts(page, 1) if HAN.search(t)}
    assert (english, chinese) == (set(), set())


def test_every_feature_that_has_a_chinese_name_has_an_english_one(page) -> None:
    lost = [(layer["key"], f[4]) for layer in page["layers"] for f in layer["features"] if f[4] and not f[5]]
    assert lost == []


def test_joined_names_are_told_one_by_one() -> None:
    assert named("什邡市;绵竹市") == ("什邡市、绵竹市", "Shifang City, Mianzhu City")
    assert named("某处") == ("某处", "某处")


@pytest.mark.parametrize(
    ("title", "publisher"),
    [
        ("宏发公司2013年报", "四川ABC建材有限公司"),
        ("Survey <b>粗</b> (甲)", "XYZ 研究所 (成都)"),
        ("调查 (草稿)", "乙社 1"),
    ],
)
def test_a_planners_own_source_is_cited_as_it_was_written(title: str, publisher: str) -> None:
    assert cited("own-1", {"title": title, "publisher": publisher, "date": None}) == (publisher, title)


def test_a_source_in_both_languages_is_told_in_the_readers() -> None:
    source = {"title": "Plan of zones (四川省规划), recalled", "publisher": "新华社 Xinhua", "date": "2013"}
    assert cited("x", source) == ("新华社（2013）", "Plan of zones, recalled")
