"""Every panel on the real baseline in each language, and no word of the other in it."""

from __future__ import annotations

import re

import pytest

from widgets import headline, panels
from workbench.indicators import table
from workbench.policy.verdicts import check
from workbench.study import Study

FOREIGN = {"zh": re.compile(r"[A-Za-z]{2,}"), "en": re.compile(r"[\u2e80-\u9fff]")}
SHARED = re.compile(r"CO2|SO2|NO[2x]|PM\d+(\.5)?")


@pytest.fixture(scope="module")
def judged(layers):
    study = Study.prepare(layers=layers)
    plan = study.assess({"CM05-1": "close"})
    return table(plan, verdicts=False), check(plan), study.where("cement")


def words_of(html: str) -> list[str]:
    return [SHARED.sub("", text) for text in re.split(r"<[^>]+>", html)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_panel_speaks_the_other_language(judged, language) -> None:
    indicators, verdicts, where = judged
    inside = where.point(103.5, 31.0)
    pages = [
        panels.indicators_html(indicators, language),
        panels.verdicts_html(verdicts, language),
        panels.ranking_html(where.sites, language),
        panels.why_html(inside, "", where.industry, language),
    ]
    kept, broken = (verdicts.assign(verdict=each) for each in ("pass", "fail"))
    rows = [
        *headline.effect_rows(indicators, indicators, language),
        *headline.clause_rows(kept, broken, language),
    ]
    assert len(rows) > 50
    pages += [f"{label}<i>{told}" for label, told, _ in rows]
    foreign = [word for page in pages for word in words_of(page) if FOREIGN[language].search(word)]
    assert foreign == []
    assert not inside.reasons.empty


def test_what_a_verdict_rests_on_is_told_by_name_or_counted() -> None:
    row = {"evidence": ("海螺水泥", "甲厂 5千吨"), "evidence_en": ("Conch 5 kt", "甲厂"), "cure": "projects"}
    assert panels.evidence(row, "zh") == "海螺水泥、甲厂 5千吨、需要文件：项目库"
    assert panels.evidence(row, "en") == "Conch 5 kt, 1 more, needs the file: Project register"
