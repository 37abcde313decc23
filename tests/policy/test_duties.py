"""Duties: the right office leads, the day after the deadline is overdue, each agency has its agenda."""

from __future__ import annotations

from datetime import date

import pytest

from workbench.errors import LabelError
from workbench.policy import duty_list as duties


@pytest.mark.parametrize(
    ("id", "clause", "lead", "due"),
    [
        ("D01", "P71", "省发展改革委", date(2014, 6, 30)),
        ("D02", "P71", "省经济和信息化委", date(2014, 6, 30)),
        ("D03", "P72", "省经济和信息化委、省发展改革委", date(2014, 12, 31)),
        ("D04", "P73", "省经济和信息化委", date(2014, 12, 31)),
        ("D06", "P75", "住房城乡建设厅", date(2014, 12, 31)),
        ("D09", "P77", "省地税局", date(2014, 12, 31)),
        ("D14", "P78", "监察厅", date(2014, 12, 31)),
        ("D15", "P56", "省经济和信息化委", None),
    ],
)
def test_each_duty_has_its_lead_and_day(id, clause, lead, due):
    assert duties.duties().loc[id, ["clause", "lead_zh", "due"]].tolist() == [clause, lead, due]


def test_irregular_projects_are_led_by_industry():
    frame = duties.duties().query("clause == 'P71'").set_index("industry")["lead"]
    assert frame.to_dict() == {"steel;aluminium": "发改", "cement;flat_glass": "经信"}


def test_overdue_begins_the_day_after_and_ends_when_done():
    assert duties.overdue(date(2014, 6, 30)).empty
    assert duties.overdue(date(2014, 7, 1)).index.tolist() == ["D01", "D02"]
    assert duties.overdue(date(2014, 7, 1), done=["D01"]).index.tolist() == ["D02"]
    status = duties.duties(date(2015, 1, 1), done=["D04"])["status"]
    assert (status["D04"], status["D15"], status["D14"]) == ("done", "standing", "overdue")
    with pytest.raises(LabelError, match="D99"):
        duties.duties(done=["D99"])


def test_an_agenda_lists_what_an_agency_leads_before_what_it_supports():
    frame = duties.agenda("发改", date(2014, 3, 1))
    assert frame.iloc[0][["clause", "role"]].tolist() == ["P71", "牵头"]
    roles = frame["role"].tolist()
    assert roles == ["牵头"] * roles.count("牵头") + ["配合"] * roles.count("配合")
    assert {"P78", "P73"} <= set(frame.loc[frame["role"] == "配合", "clause"])
    with pytest.raises(LabelError, match="商务"):
        duties.agenda("商务", date(2014, 3, 1))
