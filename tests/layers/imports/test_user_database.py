"""PostGIS: addresses are read without showing passwords, and a table of a real database is read."""

from __future__ import annotations

import pytest

from tests.layers.imports.builders import frame
from workbench.errors import DataError
from workbench.layers.imports import postgis
from workbench.layers.imports.user_files import check_file, read_layer


def test_an_address_is_split_into_engine_schema_and_table() -> None:
    engine, schema, table = postgis.parse_url("postgresql://me:pw@db:5433/plan?sslmode=require#四川.企业")
    assert (engine, schema, table) == (
        "postgresql+psycopg://me:pw@db:5433/plan?sslmode=require",
        "四川",
        "企业",
    )
    assert postgis.parse_url("postgresql://db/plan#plants")[1:] == ("public", "plants")


def test_a_password_is_never_shown() -> None:
    url = "postgresql://me:geheim@localhost:1/plan?password=geheim#plants"
    assert postgis.redacted(url) == "postgresql://me@localhost:1/plan#plants"
    report = check_file(url, "plants")
    assert not report.ok
    assert "geheim" not in f"{report}{report.faults}"


@pytest.mark.parametrize("url", ["postgresql://db/plan", "postgresql:///plan#t", "postgresql://db#t"])
def test_an_incomplete_address_is_refused(url: str) -> None:
    with pytest.raises(DataError, match="incomplete"):
        postgis.parse_url(url)


def test_paths_are_no_addresses() -> None:
    assert not postgis.is_url("C:/data/plants.csv")
    assert postgis.is_url("postgresql+psycopg://db/plan#t")


_MADE = """alter table "企业 2014" alter geometry type geometry(Point, 4326)
    using st_setsrid(geometry::geometry, 4326)"""
_TOUCHED = 'select count(*), max(xmin::text::bigint) from "企业 2014"'


def test_a_real_table_is_read_and_left_alone(postgis_url: str) -> None:
    import sqlalchemy as sa

    engine = sa.create_engine(postgis.parse_url(f"{postgis_url}#x")[0])
    with engine.begin() as session:
        frame().to_wkb(hex=True).to_sql("企业 2014", session, index=False)
        session.execute(sa.text(_MADE))
        before = session.execute(sa.text(_TOUCHED)).one()
    plants = read_layer("plants", f"{postgis_url}#public.企业 2014")
    assert list(plants.index) == ["T1", "T2", "T3"]
    assert list(plants["capacity_kt"]) == [1200, 2000, 3000]
    assert plants.crs == "EPSG:4326"
    with engine.connect() as session:
        assert session.execute(sa.text(_TOUCHED)).one() == before
    engine.dispose()


def test_a_table_that_does_not_exist_is_named(postgis_url: str) -> None:
    report = check_file(f"{postgis_url}#public.nothing", "plants")
    assert not report.ok
    assert "nothing" in str(report.faults)
