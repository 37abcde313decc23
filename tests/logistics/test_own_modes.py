"""Own modes in tables: a pipeline beside the house's modes, and a foreign model told in tables alone."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from tests.logistics.worlds import RULES
from workbench.cli.main import main
from workbench.errors import DataError
from workbench.logistics import Network, own_tariff, price_shipments, read_network, read_tables, route

NODES = pd.DataFrame({"lon": [104.0, 105, 106], "lat": [30.0] * 3}, index=["A", "B", "C"])


def frame(text: str) -> pd.DataFrame:
    head, *rows = (line.split(",") for line in text.split())
    return pd.DataFrame(rows, columns=head)


def test_a_pipeline_is_boarded_priced_and_left_by_its_own_rows(rates):
    links = frame("from_id,to_id,mode,distance_km A,B,rail,400 B,C,pipeline,200")
    own = own_tariff(
        frame("vehicle,mode,cny_tkm,kmh,co2_g_tkm,min_charge_km pipe,pipeline,0.05,10,5,300"),
        frame("from_vehicle,to_vehicle,cost_cny_t,hours rail,pipe,7,12 ,pipe,3,1 pipe,,2,1"),
    )
    world = Network.from_links(NODES, links, rules=RULES, own_modes=["pipeline"])
    found = route(world, "A", "C", commodity="coal", rates=rates.with_own(own))
    rail = 14 + 15.5 + 400 * 0.122  # loading, base price 1, base price 2 and fund
    assert found.cost_cny_t == pytest.approx(rail + 7 + 0.05 * 300 + 2)
    assert found.legs["mode"].tolist()[-2:] == ["pipeline", "pipeline"]
    assert list(found.legs["kind"]) == ["load", "haul", "transfer", "haul", "minimum", "unload"]
    assert found.km == 600
    assert found.legs["cost_cny_t"].sum() == pytest.approx(found.cost_cny_t)
    with pytest.raises(Exception, match="no open path"):  # no row lets goods change back to rail
        route(world, "C", "A", commodity="coal", rates=rates.with_own(own))


def foreign_model(folder):
    """Write a small model in the manner of Nodus: two barges and a train, all charges by vehicle and good."""
    files = {
        "nodes": "id,lon,lat P,4.4,51.2 Q,4.9,50.5 R,5.6,50.6 S,5.8,49.6",
        "links": "id,from_id,to_id,mode,distance_km,max_vessel_t w1,P,Q,canal,90,2000 w2,Q,R,canal,60,1000 "
        "t1,P,R,track,110, t2,R,S,track,130, t3,Q,S,track,120,",
        "vehicles": "vehicle,mode,commodity,cny_tkm,kmh,size_t big,canal,,0.02,10,2000 "
        "small,canal,,0.03,12,1000 train,track,,0.06,40, train,track,ore,0.04,40,",
        "charges": "from_vehicle,to_vehicle,commodity,node,cost_cny_t,hours "
        ",big,,,2,4 ,small,,,2,4 ,train,,,4,8 big,,,,2,4 small,,,,2,4 train,,,,4,8 "
        "big,small,,,1.5,6 small,big,,,1.5,6 big,train,,,3,10 small,train,,,3,10 small,train,,R,1,3 "
        "big,train,ore,Q,0.5,1",
        "shipments": "origin,destination,commodity,kt P,S,ore,10 P,S,grain,5 P,R,grain,1 S,P,ore,2",
    }
    for name, text in files.items():
        (folder / f"{name}.csv").write_text("\n".join(text.split()) + "\n", encoding="utf-8")
    return {name: frame(text).replace("", np.nan) for name, text in files.items()}


def by_hand(tables, good):
    """Expand the tables themselves: a node per place and vehicle, least charge per pair, and Dijkstra."""
    graph = nx.DiGraph()
    cars = tables["vehicles"].fillna("")
    for car in cars["vehicle"].unique():
        rows = cars[(cars["vehicle"] == car) & cars["commodity"].isin([good, ""])].sort_values("commodity")
        rate, size, mode = (
            float(rows["cny_tkm"].iloc[-1]),
            float(rows["size_t"].iloc[-1] or 0),
            rows["mode"].iloc[-1],
        )
        for link in tables["links"].astype(object).fillna(np.inf).to_dict("records"):
            if link["mode"] == mode and float(link["max_vessel_t"]) >= size:
                for a, b in ((link["from_id"], link["to_id"]), (link["to_id"], link["from_id"])):
                    graph.add_edge((a, car), (b, car), w=rate * float(link["distance_km"]))
    charges = tables["charges"].fillna("")
    charges = charges[charges["commodity"].isin([good, ""])].sort_values(["node", "commodity"])
    for place in tables["nodes"]["id"]:
        for row in charges[charges["node"].isin([place, ""])].to_dict(
            "records"
        ):  # the particular row comes last
            a, b = (place, row["from_vehicle"] or "in"), (place, row["to_vehicle"] or "out")
            graph.add_edge(a, b, w=float(row["cost_cny_t"]))
    return {
        (a, b): nx.dijkstra_path_length(graph, (a, "in"), (b, "out"), weight="w")
        for a in "PQRS" for b in "PQRS" if a != b
    }  # fmt: skip


def test_a_foreign_model_told_in_tables_gives_its_own_numbers(tmp_path, rates):
    raw = foreign_model(tmp_path)
    costs, legs = price_shipments(read_network(tmp_path, rules=RULES), read_tables(tmp_path), rates=rates)
    for row in costs.to_dict("records"):
        expected = by_hand(raw, row["commodity"])[row["origin"], row["destination"]]
        assert row["cost_cny_t"] == pytest.approx(expected), row
    ore = legs[(legs["commodity"] == "ore") & (legs["origin"] == "P")]
    assert ore["mode"].tolist() == ["canal", "canal", "track", "track", "track"], (
        "it changes at Q, where ore is cheap"
    )


def test_the_command_line_prices_a_folder(tmp_path, capsys):
    foreign_model(tmp_path)
    with pytest.raises(SystemExit) as told:
        main(["freight", "price", str(tmp_path), "--out", str(tmp_path / "costs.xlsx")])
    assert told.value.code == 0
    assert "grain" in capsys.readouterr().out
    assert len(pd.read_excel(tmp_path / "costs.xlsx", engine="openpyxl", sheet_name="运费 Costs")) == 4


def test_every_fault_of_own_modes_is_told_at_once():
    with pytest.raises(DataError) as told:
        own_tariff(
            frame("vehicle,mode,cny_tkm,kmh rail,pipeline,0.1,10 pipe,road,0.1,10 pipe,road,0.2,10"),
            frame("from_vehicle,to_vehicle,cost_cny_t mule,pipe,1 pipe,,1"),
        )
    found = {(fault.row, fault.field) for fault in told.value.faults}
    assert found == {(2, "vehicle"), (3, "mode"), (4, "mode"), (4, "vehicle"), (2, "from_vehicle")}
