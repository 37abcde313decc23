"""Freight prices, times and emissions of a year as data: rail classes, road bands, stretches, transfers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from workbench.errors import LabelError
from workbench.layers.model import Assumptions, Layers
from workbench.logistics.freight.own import OwnTariff
from workbench.logistics.freight.roads import HAUL

Season = Literal["normal", "wet", "dry"]
STRETCHES = ("upper", "main", "tributary")

# What every arc of the network carries; a route's totals are the sums over its arcs.
ATTRIBUTES = (
    "cost_cny_t", "hours", "co2_kg_t", "nox_g_t", "pm25_g_t", "so2_g_t",
    "km_rail", "km_road", "km_water", "km_sea", "km_own",
)  # fmt: skip
_GASES = ("co2", "nox", "pm25", "so2")
_KM = {mode: ATTRIBUTES.index(f"km_{mode}") for mode in ("rail", "road", "water", "sea", "own")}


@dataclass(frozen=True, eq=False)
class Rates:
    """Prices of one year and river season for every commodity.

    `rail`: index class (int); base1_cny_t, base2_cny_tkm. `values`: the assumption rows `rail.*`,
    `rail_class.<commodity>`, `road.*`, `water.*` ... by id. `own`: the planner's own modes.
    """

    year: int
    rail: pd.DataFrame
    values: Assumptions
    season: Season = "normal"
    own: OwnTariff | None = None

    @classmethod
    def for_year(cls, year: int = 2014, layers: Layers | None = None, season: Season = "normal") -> Rates:
        """Return the tariffs in force at the end of `year` (2011-2015); layers default to the baseline."""
        if layers is None:
            from workbench.layers.read import load

            layers = load()
        table = pd.DataFrame(layers.rail_tariffs)
        table = table.assign(
            cls=pd.to_numeric(table["class"], errors="coerce"),
            year=pd.to_datetime(table["effective_from"]).dt.year,
        )
        dated = table[table["cls"].notna() & table["base1_cny_t"].notna()]  # wagon loads, by the tonne
        dated = dated.astype({"cls": int})
        dated = dated[dated["year"] <= year].sort_values("year").groupby("cls").last()
        if dated.empty:
            raise LabelError(f"no rail tariff is in force in {year}; the table begins in 2011")
        rail = dated[["base1_cny_t", "base2_cny_tkm"]].astype(float)
        if year == 2012:  # the table of 2012 was not found; its average rise was
            rail = rail.assign(
                base2_cny_tkm=rail["base2_cny_tkm"] + layers.assumptions["rail.increase_2012_cny_tkm"]
            )
        return cls(year, rail, layers.assumptions, season)

    def with_own(self, own: OwnTariff | None) -> Rates:
        """Return the rates with the planner's own modes beside, or in the place of, those of the house."""
        return replace(self, own=own)

    @property
    def commodities(self) -> list[str]:
        """Codes of the goods that have a rail class."""
        rows = self.values.frame.index
        return sorted(str(row).removeprefix("rail_class.") for row in rows if row.startswith("rail_class."))

    def rail_class(self, commodity: str) -> int:
        """Return the rail class of a commodity. Raises LabelError naming the known ones."""
        if f"rail_class.{commodity}" not in self.values:
            raise LabelError(
                f"no rail class for commodity {commodity!r}; known are {', '.join(self.commodities)}"
            )
        return int(self.values[f"rail_class.{commodity}"])

    def boarding_cny_t(self, commodity: str) -> float:
        """Return base price 1: paid once when a consignment boards a train, whatever the number of links."""
        return float(self.rail.at[self.rail_class(commodity), "base1_cny_t"])

    def rail_cny_tkm(self, commodity: str, line: str = "", electrified: bool = False) -> float:
        """Return yuan per t-km by rail: base 2 + fund + electrification, or the line's own rate."""
        own = self.line_rate(line)
        if own is not None:
            return own
        rate = self.rail.at[self.rail_class(commodity), "base2_cny_tkm"]
        fund = self.values["rail.construction_fund_cny_tkm"]
        return float(rate + fund + electrified * self.values["rail.electrification_cny_tkm"])

    def line_rate(self, line: str) -> float | None:
        """Return the rate of a line that sets its own (``rail_line.<name>@<year>_cny_tkm``), else None."""
        rates = [rate for name, rate in self._line_rates if name in line]
        return rates[-1] if rates else None

    @cached_property
    def _line_rates(self) -> list[tuple[str, float]]:
        """Lines with their own rate in force this year, the latest last."""
        frame = self.values.frame
        rows = frame["value"][frame.index.str.startswith("rail_line.")]
        names = [str(i).removeprefix("rail_line.").removesuffix("_cny_tkm").split("@") for i in rows.index]
        dated = sorted((int(year), name, float(v)) for (name, year), v in zip(names, rows, strict=True))
        return [(name, rate) for year, name, rate in dated if year <= self.year]

    @cached_property
    def vessels(self) -> pd.DataFrame:
        """Classes of river vessel by deadweight (int, t), rising: draught_m laden, cost_ratio per t-km."""
        rows = self.values.frame["value"][self.values.frame.index.str.fullmatch(r"vessel\.\d+\.\w+")]
        rows.index = pd.MultiIndex.from_tuples([(int(i.split(".")[1]), i.split(".")[2]) for i in rows.index])
        return rows.unstack().sort_index().astype(float)

    def fits(self, links: pd.DataFrame, vessel_t: int) -> np.ndarray:
        """Tell on which waterways a class is allowed: up to `max_vessel_t`, else the class of the stretch."""
        usual = links["stretch"].map({s: self.values[f"water.{s}_vessel_t"] for s in STRETCHES})
        return links["max_vessel_t"].fillna(usual).to_numpy(float) >= vessel_t

    def floats(self, links: pd.DataFrame, vessel_t: int, season: Season | None = None) -> np.ndarray:
        """Tell where a class sails fully laden in a season: it fits, and draught + clearance <= depth.

        An unknown depth stops nobody.
        """
        season = season or self.season
        depth = links[f"depth_{season}_m"].to_numpy(float)
        if season == "dry":
            depth = depth + self.values["water.dry_depth_change_m"]
        needed = self.vessels.at[vessel_t, "draught_m"] + self.values["water.clearance_m"]
        return self.fits(links, vessel_t) & ~(depth < needed - 1e-9)

    def largest_vessel(self, links: pd.DataFrame, season: Season | None = None) -> np.ndarray:
        """Return the largest class that sails each waterway in a season, in tonnes; 0 where none does."""
        best = np.zeros(len(links), int)
        for size in self.vessels.index:
            best[self.floats(links, size, season)] = size
        return best

    def water_cny_tkm(self, stretch: str, way: str, vessel_t: int) -> float:
        """Return yuan per t-km: the rate of the stretch, which is that of its usual class, x cost ratios."""
        usual = int(self.values[f"water.{stretch}_vessel_t"])
        ratio = self.vessels["cost_ratio"]
        return float(self.values[f"water.{stretch}_{way}_cny_tkm"] * ratio.at[vessel_t] / ratio.at[usual])

    def limit_km(self, mode: str) -> float:
        """Return the km every ride by a mode pays at least; 0 = no such rule."""
        name = f"{mode}.min_charge_km"
        return float(self.values[name]) if name in self.values else 0.0

    def lacking_cny_tkm(self, mode: str, commodity: str, vessel_t: int) -> float:
        """Return what a ride pays per km it lacks of the minimum: the plain rate of the mode.

        Rail: base 2 + fund, no surcharge. Water: the lowest rate the class sails at anywhere.
        """
        if mode == "rail":
            return self.rail_cny_tkm(commodity)
        return min(self.water_cny_tkm(s, way, vessel_t) for s in STRETCHES for way in ("down", "up"))

    def liable(self, links: pd.DataFrame, mode: str) -> np.ndarray:
        """Tell on which links a ride falls under the minimum of its mode.

        A rail line with a rate of its own sets its own minimum, and none is known.
        """
        return self.national(links) if mode == "rail" else np.ones(len(links), bool)

    def national(self, links: pd.DataFrame) -> np.ndarray:
        """Tell which links are charged by the common tariff: no own price, no line with a rate of its own."""
        lines = {line: self.line_rate(line) is None for line in links["line"].unique()}
        return (links["cost_cny_t"].isna() & links["line"].map(lines)).to_numpy(bool)

    def truck_only_km(self, commodity: str) -> float:
        """Return the road km below which a shipment is only offered a truck; 0 = no such rule."""
        name = f"short_haul.{commodity}_km"
        return float(self.values[name]) if name in self.values else 0.0

    def port_cny_t(self, commodity: str) -> float:
        """Return the port handling of one move, by how much of the commodity is general cargo."""
        general = self.values[f"general_cargo.{commodity}"]
        return general * self.values["port.general_cny_t"] + (1 - general) * self.values["port.bulk_cny_t"]

    def truck(self, hauls: np.ndarray) -> np.ndarray:
        """Price truck hauls, shape (..., 6) of HAUL, into ATTRIBUTES, shape (..., 11).

        cost = a min(1, km / k) + b (km + (m - 1) km_mountain) + toll, continuous and concave in km: a longer
        haul never costs less than a shorter one, two hauls never cost less than one. inf where km is inf.
        """
        value = self.values
        km, high, timed, timed_high, toll, own = (hauls[..., k] for k in range(len(HAUL)))
        reachable = np.isfinite(km)
        length = np.where(reachable, km, 0.0)
        out = np.zeros((*length.shape, len(ATTRIBUTES)))
        paid_km = length + (value["road.mountain_factor"] - 1) * high
        hired = value["road.haul_cny_t"] * np.minimum(1.0, length / value["road.haul_full_km"])
        out[..., 0] = hired + value["road.cny_tkm"] * paid_km + toll
        plain = (np.where(reachable, timed, 0.0) - timed_high) / value["road.speed_kmh"]
        out[..., 1] = plain + timed_high / value["road.mountain_speed_kmh"] + own
        out[..., 2:6] = length[..., None] * self.emissions("road")
        out[..., _KM["road"]] = length
        out[~reachable] = np.inf
        return out

    def emissions(self, kind: str) -> np.ndarray:
        """Return kg CO2 and g NOx, PM2.5, SO2 per tonne-km of a kind such as rail_diesel or water_large."""
        grams = np.array([self.values[f"{kind}.{gas}_g_tkm"] for gas in _GASES])
        return grams * [1e-3, 1.0, 1.0, 1.0]

    def links(self, links: pd.DataFrame, commodity: str, mode: str, vessel_t: int = 0) -> np.ndarray:
        """Price the links of one mode: shape (2, links, 11), along and against from_id -> to_id.

        On water by a class of vessel; inf where it does not float this season. Other modes' rows are 0.
        """
        out = np.zeros((2, len(links), len(ATTRIBUTES)))
        mask = (links["mode"] == mode).to_numpy()
        some = links[mask]
        km = some["distance_km"].to_numpy(float)
        if mode == "rail":
            out[:, mask] = self._rail(some, km, commodity)
        elif mode == "water":
            out[:, mask] = self._water(some, km, vessel_t)
        else:
            out[:, mask] = self._sea(km)
        out[:, mask, _KM[mode]] = km
        for column, k in (("cost_cny_t", 0), ("hours", 1)):
            own = links[column].to_numpy(float)
            given = np.isfinite(own) & mask
            out[:, given, k] = own[given]
        if mode == "water":
            out[:, np.flatnonzero(mask)[~self.floats(some, vessel_t)]] = np.inf
        return out

    def own_links(self, links: pd.DataFrame, commodity: str, vehicle: str) -> np.ndarray:
        """Price links for one vehicle of an own mode: shape (2, links, 11), both directions alike."""
        assert self.own is not None
        out = np.zeros((2, len(links), len(ATTRIBUTES)))
        haul = self.own.haul(links, vehicle, commodity)
        out[..., : haul.shape[1]] = haul
        out[..., _KM["own"]] = links["distance_km"].to_numpy(float)
        return out

    def _rail(self, links: pd.DataFrame, km: np.ndarray, commodity: str) -> np.ndarray:
        electric = links["electrified"].to_numpy(bool)
        lines = {line: self.line_rate(line) for line in links["line"].unique()}
        own = links["line"].map(lines).to_numpy(float)
        plain = self.rail_cny_tkm(commodity) + electric * self.values["rail.electrification_cny_tkm"]
        out = np.zeros((2, len(links), len(ATTRIBUTES)))
        out[..., 0] = km * np.where(np.isnan(own), plain, own)
        out[..., 1] = km / self.values["rail.speed_kmh"]
        per_km = np.where(electric[:, None], self.emissions("rail_electric"), self.emissions("rail_diesel"))
        out[..., 2:6] = km[:, None] * per_km
        return out

    def _water(self, links: pd.DataFrame, km: np.ndarray, vessel_t: int) -> np.ndarray:
        out = np.zeros((2, len(links), len(ATTRIBUTES)))
        stretches = links["stretch"].to_numpy()
        for way, name in enumerate(("down", "up")):
            per_km = {s: self.water_cny_tkm(s, name, vessel_t) for s in np.unique(stretches)}
            out[way, :, 0] = km * links["stretch"].map(per_km).to_numpy(float)
            out[way, :, 1] = km / self.values[f"water.{name}_kmh"] + self._lock_hours(links)
        small = vessel_t <= self.values["vessel.small_to_t"]
        out[..., 2:6] = km[:, None] * self.emissions("water_small" if small else "water_large")
        return out

    def _lock_hours(self, links: pd.DataFrame) -> np.ndarray:
        hours = {name: self.values[f"lock.{name}_{self.season}_h"] for name in set(links["lock"]) - {""}}
        return links["lock"].map({**hours, "": 0.0}).to_numpy(float)

    def _sea(self, km: np.ndarray) -> np.ndarray:
        out = np.zeros((2, len(km), len(ATTRIBUTES)))
        out[..., 0] = km * self.values["sea.cny_tkm"]
        out[..., 1] = km / self.values["sea.kmh"]
        out[..., 2:6] = km[:, None] * self.emissions("sea")
        return out

    def handling(self, commodity: str, leaving: str, boarding: str, node: str = "") -> np.ndarray:
        """Price one handling from `leaving` to `boarding` a mode or own vehicle; "" is the ground at an end.

        Rows of the planner's own tables win; own vehicles can do nothing that no row prices (inf).
        """
        if self.own is not None:
            found = self.own.handling(commodity, leaving, boarding, node)
            if found is not None:
                return np.concatenate([found, np.zeros(len(ATTRIBUTES) - len(found))])
            if {leaving, boarding} & set(self.own.modes):
                return np.full(len(ATTRIBUTES), np.inf)
        value, out = self.values, np.zeros(len(ATTRIBUTES))
        if leaving and boarding:
            out[0] = value[f"transfer.{'_'.join(sorted((leaving, boarding)))}_cny_t"]
            if {leaving, boarding} & {"water", "sea"}:  # the brackets are for bulk
                out[0] += self.port_cny_t(commodity) - value["port.bulk_cny_t"]
        else:
            out[0] = self._end_cny_t(commodity, leaving or boarding)
        if boarding == "rail":
            out[0] += self.boarding_cny_t(commodity)
        line_haul = {"rail", "water", "sea"}
        if {leaving, boarding} <= line_haul:
            out[1] = value["transfer.dwell_h"]
        elif boarding in line_haul:
            out[1] = value[f"{boarding}.dwell_h"]
        elif "road" in (leaving, boarding):
            out[1] = value["road.end_h"]
        out[2] = value["transfer.co2_kg_t"]
        return out

    def _end_cny_t(self, commodity: str, mode: str) -> float:
        return self.port_cny_t(commodity) if mode in ("water", "sea") else self.values[f"{mode}.end_cny_t"]
