"""What the interactive page shows before the baseline is read: its picture, and what stands on it by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from workbench.layers.catalog import GEODATA
from workbench.maps.kept import fingerprint, kept_text
from workbench.words import Text

if TYPE_CHECKING:
    import pandas as pd

    from workbench.layers.model import Layers
    from workbench.maps.spec import MapSpec
    from workbench.scenarios.scenario import Scenario

PACKAGE = Path(__file__).parents[1]
# those of other houses that a picture is made with
_TOOLS = ("folium", "geopandas", "pandas", "shapely")


@dataclass(frozen=True)
class Opening:
    """The page of a workbench's map as HTML, and the lines, sites and markets on it in the order of the map.

    `lines`: id -> name_zh, name_en, industry, capacity_kt (nan where unknown); `sites`: id -> name_zh,
    name_en; a name that is missing is empty. `sources`: the line that belongs on the map.
    """

    page: str
    sources: Text
    lines: Mapping[str, tuple[str, str, str, float]]
    sites: Mapping[str, Text]
    markets: tuple[str, ...]

    @classmethod
    def of(cls, spec: MapSpec) -> Opening:
        """Draw a map, and note what stands on it."""
        from workbench.maps.assets import OfflineMap  # a kept opening needs neither folium nor fonts
        from workbench.maps.page import draw

        page = draw(spec, live=True)
        assert isinstance(page, OfflineMap)
        drawn = {layer.key: layer.frame for layer in spec.layers}
        lines, sites = drawn["lines"], drawn.get("sites", drawn["lines"].head(0))
        more = zip(_names(lines), lines["industry"], lines["capacity_kt"].astype(float), strict=True)
        return cls(
            page.to_html(),
            spec.sources,
            dict(zip(lines.index, ((*names, industry, kt) for names, industry, kt in more), strict=True)),
            dict(zip(sites.index, _names(sites), strict=True)),
            tuple(drawn["markets"].index) if "markets" in drawn else (),
        )

    def names(self, layer: str) -> Mapping[str, Text]:
        """Return the names of the ``lines`` or ``sites``, id -> (Chinese, English)."""
        return self.sites if layer == "sites" else self._line_names

    def relevant(self, scenario: Scenario, moves: Mapping[str, str]) -> dict[str, str]:
        """Return the moves of the industries a scenario decides on; those of others wait."""
        mine = {line for line, (_, _, industry, _) in self.lines.items() if industry in scenario.industries}
        return {line: to for line, to in moves.items() if line in mine}

    @cached_property
    def _line_names(self) -> dict[str, Text]:
        return {line: (zh, en) for line, (zh, en, *_) in self.lines.items()}

    @cached_property
    def kt(self) -> pd.DataFrame:
        """The lines as a frame: index id, column `capacity_kt`."""
        import pandas as pd

        kt = [row[3] for row in self.lines.values()]
        return pd.DataFrame({"capacity_kt": kt}, index=pd.Index(list(self.lines)), dtype=float)

    @cached_property
    def order(self) -> tuple[pd.Index, pd.Index, pd.Index]:
        """The ids of lines, sites and markets as a plan's arrays tell them to the page."""
        import pandas as pd

        lines, sites, markets = (pd.Index(list(of)) for of in (self.lines, self.sites, self.markets))
        return lines, sites, markets


def opening(
    layers: Layers | None, language: Literal["zh", "en"] = "zh", *, folder: Path | None = None
) -> Opening:
    """Return how a workbench on some layers opens; that on the embedded baseline (None) is kept on disk.

    A planner's own rows are drawn each time. `folder`: see `kept_text`.
    """
    if layers is not None:
        return _drawn(layers, language)
    tools = "-".join(version(name) for name in _TOOLS)
    name = f"opening-{language}-{tools}-{fingerprint(PACKAGE, GEODATA)}.json"
    kept = json.loads(kept_text(name, lambda: _kept(language), folder))
    for part in ("lines", "sites"):
        kept[part] = {name: tuple(row) for name, row in kept[part].items()}
    return Opening(**kept | {part: tuple(kept[part]) for part in ("sources", "markets")})


def _kept(language: Literal["zh", "en"]) -> str:
    from workbench.layers.read import load

    return json.dumps(asdict(_drawn(load(), language)), ensure_ascii=False)


def _drawn(layers: Layers, language: Literal["zh", "en"]) -> Opening:
    from workbench.maps.describe import describe_workbench

    return Opening.of(describe_workbench(layers, language=language))


def _names(frame: pd.DataFrame) -> list[Text]:
    names = zip(frame["name_zh"], frame["name_en"], strict=True)
    return [(str(zh), en if isinstance(en, str) else "") for zh, en in names]
