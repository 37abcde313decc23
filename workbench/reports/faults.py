"""Shows what a check of a file found as one self-contained page, in Chinese and English."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workbench.files import given, writing
from workbench.layers.faults import in_chinese
from workbench.layers.imports.report import FaultReport

_PAGE = """<!DOCTYPE html>
<html lang="zh"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{ report.file }}</title><style>
body { font: 15px/1.5 "Noto Sans SC", "Microsoft YaHei", sans-serif; color: #222 }
body { margin: 2rem auto; max-width: 70rem }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
th, td { border-bottom: 1px solid #ccc; padding: .35rem .6rem; text-align: left }
th { background: #f3f3f0 } td { overflow-wrap: anywhere } .number { text-align: right }
.error { color: #a40000; font-weight: 600 } .warning { color: #8a5a00; font-weight: 600 }
.ok { color: #1b6e3c }
</style></head><body>
<h1>数据检查 Data check: {{ report.file }}</h1>
<p>图层 Layer: {{ report.kind }} · 行 Rows: {{ report.rows }} ·
<span class="{{ 'ok' if report.ok else 'error' }}">{{ words[report.ok] }}</span> ·
错误 Errors: {{ report.errors|length }} · 警告 Warnings: {{ report.warnings|length }}</p>
{% if report.faults %}<h2>问题 Faults</h2><table>
<tr><th>程度 Severity</th><th>行 Row</th><th>列 Column</th>
<th>所见 Found</th><th>应为 Expected</th><th>如何改正 Mend</th></tr>
{% for fault in report.faults %}<tr><td class="{{ fault.severity }}">{{ words[fault.severity] }}</td>
<td class="number">{{ fault.row if fault.row is not none else '—' }}</td><td>{{ fault.field }}</td>
{% set said = in_chinese(fault) %}{% for part in ("found", "expected", "mend") %}<td>{{ said[part] }}
{%- if said[part] != fault[part] %}<br><small>{{ fault[part] }}</small>{% endif %}</td>{% endfor %}</tr>
{% endfor %}</table>{% endif %}
{% if report.repairs %}<h2>修复与换算 Repairs and conversions</h2><table>
<tr><th>名称 Name</th><th>数量 Count</th><th>内容 What</th></tr>
{% for repair in report.repairs %}<tr><td>{{ repair.name }}</td><td class="number">{{ repair.count }}</td>
<td>{{ repair.what_zh }}<br><small>{{ repair.what }}</small></td></tr>{% endfor %}</table>{% endif %}
<p>原始文件未作改动。The original file was not changed.</p>
</body></html>
"""
_WORDS = {
    "error": "错误 error", "warning": "警告 warning", True: "可用 usable", False: "不可用 not usable",
}  # fmt: skip


def faults_html(report: FaultReport) -> str:
    """Render a fault report as one page without scripts or links; text from the file is escaped."""
    import jinja2

    environment: Any = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return str(environment.from_string(_PAGE).render(report=report, words=_WORDS, in_chinese=in_chinese))


def write_faults(report: FaultReport, path: Path) -> Path:
    """Write the page of a fault report and return its path."""
    path = given(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with writing(path):
        path.write_text(faults_html(report), encoding="utf-8")
    return path
