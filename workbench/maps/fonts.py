"""Chinese type for maps: a vendored font for print, and just the needed characters for a page."""

from __future__ import annotations

import base64
import hashlib
import io
import logging
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from workbench.maps.kept import kept_text

FAMILY = "Noto Sans SC"
_FILE = Path(str(files("workbench.maps"))) / "static" / "fonts" / "NotoSansSC-Subset.ttf"
_MANY = 100  # characters that a page opens with, and not the few that come with an answer


def page_font(text: str, *, only: bool = False) -> str:
    """Return a style rule that carries the Chinese characters of `text` as an embedded font.

    A page then reads the same on a machine without any Chinese font; Latin letters stay with the system.
    `only`: the rule speaks for these characters alone and stands beside others of the same page.
    """
    needed = sorted(character for character in set(text) if ord(character) >= 0x2000)
    if not needed:
        return ""
    range_ = ";unicode-range:" + ",".join(f"U+{ord(c):X}" for c in needed) if only else ""
    return _rule("".join(needed)).removesuffix("}") + range_ + "}"


@lru_cache(maxsize=8)
def _rule(characters: str) -> str:
    if len(characters) < _MANY:
        return _cut(characters)
    about = hashlib.sha256(f"{characters}\0{_FILE.stat().st_size}".encode()).hexdigest()[:32]
    return kept_text(f"characters-{about}.css", lambda: _cut(characters))


def _cut(characters: str) -> str:
    from fontTools import subset

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    options = subset.Options(layout_features=[], hinting=False, flavor="woff", notdef_outline=True)
    font = subset.load_font(io.BytesIO(_FILE.read_bytes()), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=characters)
    subsetter.subset(font)
    out = io.BytesIO()
    subset.save_font(font, out, options)
    data = base64.b64encode(out.getvalue()).decode()
    return f"@font-face{{font-family:'{FAMILY}';src:url(data:font/woff;base64,{data}) format('woff')}}"


@lru_cache(maxsize=1)
def print_family() -> str:
    """Make the vendored font known to matplotlib and return its family name."""
    from matplotlib import font_manager

    font_manager.fontManager.addfont(_FILE)
    return str(font_manager.FontProperties(fname=_FILE).get_name())
