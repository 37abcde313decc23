"""Turn text from data into text that no HTML page, attribute or script template can run."""

from __future__ import annotations

# Beyond html.escape: folium writes popups into JavaScript template literals, where ` $ { } \ act.
_ENTITIES = {ord(character): f"&#{ord(character)};" for character in "&<>\"'`$\\{}"}


def escape(text: object) -> str:
    """Return `text` with each character that HTML, an attribute or a JS template reads as code as an entity.

    Use it for any text that comes from data before it goes into a folium popup, tooltip or layer name.
    """
    return str(text).translate(_ENTITIES)
