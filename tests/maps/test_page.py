"""A saved page carries everything, asks for nothing, and runs no text from data."""

from __future__ import annotations

import hashlib
import html
import json
import re
from dataclasses import replace

import folium
import pytest

from tests.hostile import TEXTS
from tests.maps.world import HOSTILE, tiny_layers, tiny_plan
from workbench.errors import WorkbenchError
from workbench.maps import describe_plan, draw, escape, layer_map, plan_map, save_html
from workbench.maps.assets import STATIC
from workbench.maps.fonts import page_font
from workbench.maps.page import SCRIPTS

LINK = re.compile(r"""(?:src|href|url\()\s*=?\s*["']?(https?:)?//""")


@pytest.mark.parametrize(
    "make", [lambda: layer_map(tiny_layers()), lambda: plan_map(tiny_plan(), language="en")]
)
def test_page_has_no_address_to_load_from(make, tmp_path) -> None:
    path = save_html(make(), tmp_path / "map.html")
    page = path.read_text(encoding="utf-8")
    assert not LINK.search(page)
    assert "Content-Security-Policy" in page
    assert "default-src 'none'" in page
    assert "user-scalable=no" not in page


def test_language_of_the_page_is_declared(tmp_path) -> None:
    page = save_html(plan_map(tiny_plan()), tmp_path / "map.html").read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in page
    assert "<title>水泥产能转移规划图</title>" in page


def test_hostile_names_stand_nowhere_as_code(tmp_path) -> None:
    page = save_html(plan_map(tiny_plan()), tmp_path / "map.html").read_text(encoding="utf-8")
    assert HOSTILE not in page
    assert "<img src=x" not in page


def test_text_from_data_is_never_a_template(tmp_path) -> None:
    words = " ".join(TEXTS)
    spec = replace(describe_plan(tiny_plan()), title=(words, words), subtitle=(words, words), sources=TEXTS)
    for page in (draw(spec).to_html(), draw(spec, live=True).to_html()):
        told = json.loads(re.search(r'id="drawing">(.*?)</script>', page, re.DOTALL)[1])
        assert told["title"] == told["subtitle"] == [words, words]
        assert told["sources"] == list(TEXTS)
        assert html.unescape(re.search("<title>(.*?)</title>", page, re.DOTALL)[1]) == words


def test_a_page_can_be_made_again_and_stays_the_same() -> None:
    page = layer_map(tiny_layers())
    assert page.to_html() == page.to_html() == layer_map(tiny_layers()).to_html()


def test_in_a_notebook_the_page_keeps_its_policy_and_stands_in_a_sandbox() -> None:
    page = layer_map(tiny_layers())
    frame = re.fullmatch('<iframe sandbox="allow-scripts" .*? srcdoc="([^"]*)"></iframe>', page._repr_html_())
    assert html.unescape(frame[1]) == page.to_html()


def test_a_bare_folium_map_is_refused(tmp_path) -> None:
    with pytest.raises(WorkbenchError, match="internet"):
        save_html(folium.Map(tiles=None), tmp_path / "map.html")
    assert not (tmp_path / "map.html").exists()


def test_a_tile_layer_added_later_is_refused(tmp_path) -> None:
    page = layer_map(tiny_layers())
    folium.TileLayer("https://example.org/{z}/{x}/{y}.png", attr="x").add_to(page)
    with pytest.raises(WorkbenchError, match=r"example\.org"):
        save_html(page, tmp_path / "map.html")


def test_folium_markers_can_be_added_with_escaped_text(tmp_path) -> None:
    page = layer_map(tiny_layers())
    folium.Marker((30, 104), popup=escape(HOSTILE)).add_to(page)
    text = save_html(page, tmp_path / "map.html").read_text(encoding="utf-8")
    assert "<img src=x" not in text


def test_same_plan_gives_the_same_data() -> None:
    assert describe_plan(tiny_plan()).to_json() == describe_plan(tiny_plan()).to_json()


def test_page_font_holds_the_asked_characters_only() -> None:
    rule = page_font("成都 Chengdu")
    assert "font/woff" in rule
    assert len(rule) < 10_000
    assert page_font("Chengdu") == ""


def test_vendored_files_are_the_ones_listed() -> None:
    rows = json.loads((STATIC / "VENDORED.json").read_text(encoding="utf-8"))
    for row in rows:
        assert hashlib.sha256((STATIC / row["file"]).read_bytes()).hexdigest() == row["sha256"], row["file"]
        assert (STATIC / row["licence_file"]).is_file()
    own = {*SCRIPTS, "live.js", "apart.js", "cards.js", "hand.css", "hand.js", "pose.js", "map.css"}
    listed = {row["file"] for row in rows}
    found = {path.name for path in STATIC.iterdir() if path.suffix in (".js", ".css")}
    assert found == own | {name for name in listed if "/" not in name}
