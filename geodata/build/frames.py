"""Write docs/frames.md, the columns rooms hand to each other, from geodata/frames.toml."""

from __future__ import annotations

from pathlib import Path

from workbench.layers.schema import FRAMES, Field, LayerSchema

PAGE = Path(__file__).parents[2] / "docs" / "frames.md"
HEAD = """# 各室之间的表 Frames between rooms

由 `geodata/frames.toml` 生成：`python -m geodata.build.frames`。测试在每道门上检查这些列。\\* 每行必填。
Written from `geodata/frames.toml`; the tests hold every frame to it. \\* has a value in every row.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *map(_section, FRAMES.values())])


def _section(frame: LayerSchema) -> str:
    rows = "\n".join(map(_row, frame))
    return f"## `{frame.name}` {frame.title_zh} {frame.title_en}\n\n" + (
        f"| 列 column | 类型 type | 单位 unit | 范围 range | 含义 meaning |\n|---|---|---|---|---|\n{rows}\n"
    )


def _row(field: Field) -> str:
    low, high = ("" if end is None else f"{end:g}" for end in (field.min, field.max))
    span = ", ".join(field.allowed) or (f"{low} … {high}" if low or high else "")
    told = " ".join(dict.fromkeys((field.description_zh, field.description_en)))
    return f"| `{field.name}`{'*' * field.required} | {field.dtype} | {field.unit} | {span} | {told} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
