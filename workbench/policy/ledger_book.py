"""What a replacement ledger holds: its entries, the tonnes and who owns them, the plans and where they stand.

Tonnes are whole numbers, so none is lost to rounding. Every entry carries the hash of the one before it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.policy import versions
from workbench.policy.ground import Ground
from workbench.policy.options import PolicyOptions

GENESIS = "0" * 64
LISTED = ("announced", "closed", "dismantled", "started")  # on the elimination list (clause P42)
ENDED = ("withdrawn",)
# action -> (state the plan must be in, state it goes to, role that may do it): clause P42
STEPS = {
    "confirm": ("draft", "confirmed", "经信"),
    "announce": ("confirmed", "announced", "经信"),
    "close": ("announced", "closed", "市州"),
    "dismantle": ("closed", "dismantled", "经信"),
    "start": ("dismantled", "started", "市州"),
    "withdraw": ("draft", "withdrawn", "市州"),
    "reject": ("confirmed", "withdrawn", "经信"),
}


@dataclass(frozen=True)
class Event:
    """One entry: what was done, when, by whom in which role, and the hash that chains it to the last."""

    action: str
    when: str
    who: str
    role: str
    data: Mapping[str, Any]
    previous: str
    hash: str

    @staticmethod
    def digest(action: str, when: str, who: str, role: str, data: Mapping[str, Any], previous: str) -> str:
        text = json.dumps([action, when, who, role, data, previous], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def sound(self, previous: str) -> bool:
        """Say whether the entry is unaltered and follows `previous`."""
        made = self.digest(self.action, self.when, self.who, self.role, self.data, self.previous)
        return self.previous == previous and self.hash == made


@dataclass(frozen=True)
class Lot:
    """Tonnes of one closed line with one owner: free (no plan), pledged, or spent (plan closed)."""

    line_id: str
    industry: str
    home: str
    owner: str
    t: int
    plan_id: str = ""
    spent: bool = False


@dataclass(frozen=True)
class Replacement:
    """A replacement plan of a prefecture: the new tonnes, the ratio they need, and where it stands."""

    plan_id: str
    prefecture_zh: str
    industry: str
    site_id: str
    new_t: int
    need_t: int
    state: str
    drafted_by: str
    dates: Mapping[str, str] = field(default_factory=dict)
    history: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Book:
    """Credits and plans after some events; never changed in place."""

    events: tuple[Event, ...] = ()
    lots: tuple[Lot, ...] = ()
    plans: Mapping[str, Replacement] = field(default_factory=dict)
    lines: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    agreed: Mapping[tuple[str, str], float] = field(default_factory=dict)
    options: PolicyOptions = field(default_factory=PolicyOptions)
    ground: Ground | None = None

    @property
    def head(self) -> str:
        """Hash of the last event: printed on a notice, it proves later that nothing before it was changed."""
        return self.events[-1].hash if self.events else GENESIS

    def free_t(self, line_id: str, owner: str | None = None) -> int:
        """Return the tonnes of a line nobody has pledged, of one owner or of all."""
        return sum(
            x.t for x in self.lots if x.line_id == line_id and not x.plan_id and owner in (None, x.owner)
        )

    def owners(self, line: str, place: str) -> list[str]:
        """Return whose free tonnes of a line a plan may use: its own first, then of who agreed to share."""
        owners = dict.fromkeys(lot.owner for lot in self.lots if lot.line_id == line and not lot.plan_id)
        return [place, *(owner for owner in owners if owner != place and (owner, place) in self.agreed)]

    def need_t(self, data: Mapping[str, Any]) -> int:
        """Return the closed tonnes a draft needs by the ratio of its place and the rule version."""
        area = versions.area_class(data["prefecture_zh"], self.options)
        # Rounded first: 1.1 * 1000 is 1100.0000000000002 and must not ask for one tonne more.
        return math.ceil(round(data["new_t"] * versions.ratio(data["industry"], area, self.options), 6))
