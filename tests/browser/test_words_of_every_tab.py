"""The page on the real baseline as a reader has it: every tab and the message line, in both languages."""

from __future__ import annotations

import re
from typing import Any

from tests.browser.desk import Desk

# what both languages write alike: chemistry, units, keys of the keyboard, clauses and parts of a path
SHARED = re.compile(
    r"CO2|SO2|NO[2x]|PM\d+(\.5)?|WGS-84|CGCS2000|ZIP|kB|km|Esc|Delete|Shift|English|中文|P\d+|D:|home"
)
FOREIGN = {"zh": re.compile(r"[A-Za-z]{2,}"), "en": re.compile(r"[\u2e80-\u9fff]")}
TABS = {
    "zh": ("方案", "情景", "指标", "去哪里", "合法", "导出"),
    "en": ("Plan", "Options", "Figures", "Where", "Law", "Export"),
}
CODE = {"zh": "代码", "en": "Code"}
SITES = "workbench_map.features('sites').map((site) => site.id)"
SITE = {
    "has": f"{SITES}.find((id) => workbench_map.hand.held.sites.has(id))",
    "!has": f"{SITES}.find((id) => !workbench_map.hand.held.sites.has(id))",
}
TRY = "(id) => workbench_map.hand.try(workbench_map.features('sites').find((site) => site.id === id))"
# visible texts and what is read aloud or shown at the pointer, but no code and no credit of sources
READ = """(root) => {
  const said = [], skip = "pre, code, script, style, .wb-sources";
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const held = node.parentElement;
    const seen = held.tagName === "OPTION" || held.getClientRects().length;
    if (!held.closest(skip) && seen) said.push(node.data);
  }
  for (const held of root.querySelectorAll("[title], [aria-label], [placeholder]"))
    if (!held.closest(skip) && held.getClientRects().length)
      said.push(held.title, held.ariaLabel || "", held.placeholder || "");
  return [...new Set(said.map((text) => text.trim()).filter(Boolean))];
}"""


def foreign(part: Any, language: str) -> list[str]:
    """What still stands in the other language five seconds after the switch: labels follow one by one."""
    for _ in range(50):
        texts = part.evaluate(READ)
        found = [text for text in texts if FOREIGN[language].search(SHARED.sub("", text))]
        if texts and not found:
            break
        part.page.wait_for_timeout(100)
    return found or ([] if texts else ["nothing to read"])


def test_no_tab_message_or_card_holds_a_word_or_code_of_the_other_language(page, baseline) -> None:
    page.goto(baseline)
    desk, found = Desk(page), {}
    for language, button, ready in (("zh", "中文", "点一条"), ("en", "English", "Click a line")):
        page.get_by_role("button", name=button, exact=True).click()
        page.locator(".wb-side .lm-TabBar-tab", has_text=TABS[language][0]).wait_for()
        page.locator(".wb-foot").get_by_text(ready).wait_for()  # the last to be translated
        for tab in TABS[language]:
            desk.tab(tab)
            if tab in ("去哪里", "Where"):
                page.locator(".wb-side table").filter(visible=True).first.wait_for()
            found[language, tab] = foreign(page.locator(".wb-app"), language)
        desk.take(next(iter(desk.spots("lines"))))
        found[language, "message"] = foreign(page.locator(".wb-foot"), language)
        found[language, "map"] = foreign(desk.map.locator("body"), language)
        for may in ("has", "!has"):
            site = desk.inner.evaluate(SITE[may])
            desk.inner.evaluate(TRY, site)
            desk.wait(f"hand.answer && hand.answer.site === {site!r}", 30_000)
            found[language, f"card of a site that {may}"] = foreign(desk.map.locator(".wb-try"), language)
        page.keyboard.press("Escape")
        desk.map.locator(".wb-panel").evaluate("(panel) => { panel.open = true; }")
        page.wait_for_timeout(3000)  # the themes come once the legend is opened
        found[language, "legend"] = foreign(desk.map.locator(".wb-panel"), language)
        desk.map.locator(".wb-panel").evaluate("(panel) => { panel.open = false; }")
        page.keyboard.press("Escape")
        desk.tab(CODE[language])
        assert ("围绕" in page.locator(".wb-code").inner_text()) == (language == "zh")
    assert {where: texts for where, texts in found.items() if texts} == {}
    assert page.faults == []
