"""Reads a layer from a PostGIS database, read-only, without ever showing the password."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import geopandas as gpd
import pandas as pd

from workbench.errors import Fault
from workbench.layers.imports.container import Limits, unreadable
from workbench.layers.imports.features import Features

_SCHEMES = ("postgresql", "postgres", "postgis")
_MEND = "Write postgresql://user@host/database#schema.table; keep the password in ~/.pgpass."


def is_url(source: object) -> bool:
    """Tell whether a source names a database rather than a file."""
    return isinstance(source, str) and urlsplit(source).scheme.partition("+")[0] in _SCHEMES


def redacted(url: str) -> str:
    """Return the address without its password and options, fit for messages and records."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")
    user = host[0].partition(":")[0]
    shown = f"{user}@{host[2]}" if user else host[2]
    return urlunsplit(("postgresql", shown, parts.path, "", parts.fragment))


def parse_url(url: str) -> tuple[str, str, str]:
    """Split ``postgresql://user@host/db#schema.table`` into engine URL, schema and table.

    Raises DataError when the host, the database or the table is missing.
    """
    parts = urlsplit(url)
    schema, _, table = unquote(parts.fragment).rpartition(".")
    if not parts.netloc or not parts.path.strip("/") or not table:
        raise unreadable(redacted(url), "an incomplete address", "host, database and #table", _MEND)
    return (
        urlunsplit(("postgresql+psycopg", parts.netloc, parts.path, parts.query, "")),
        schema or "public",
        table,
    )


def read_postgis(url: str, limits: Limits) -> Features:
    """Read one table; rows are numbered from 1 in the order of the table's first column.

    The session is read-only. Raises DataError when the database or the table cannot be read.
    """
    engine_url, schema, table = parse_url(url)
    name = redacted(url)
    try:
        import sqlalchemy as sa
    except ImportError:
        mend = "pip install 'sichuan-capacity-workbench[scale]'"
        raise unreadable(name, "a database without SQLAlchemy", "sqlalchemy and psycopg", mend) from None
    try:
        engine = sa.create_engine(engine_url, connect_args={"connect_timeout": 10})
        with engine.connect().execution_options(postgresql_readonly=True) as connection:
            frame = _fetch(connection, schema, table, limits)
    except (sa.exc.SQLAlchemyError, pd.errors.DatabaseError) as error:
        cause = error.__cause__ if isinstance(error, pd.errors.DatabaseError) else error
        reason = str(getattr(cause, "orig", None) or cause).strip().splitlines()[0]
        raise unreadable(name, f"no answer ({reason})", "a reachable table", _MEND) from None
    except ImportError:
        mend = "pip install 'sichuan-capacity-workbench[scale]'"
        raise unreadable(name, "a database without psycopg", "the PostgreSQL driver", mend) from None
    if len(frame) > limits.rows:
        found, expected = f"more than {limits.rows:,} rows", f"at most {limits.rows:,}"
        raise unreadable(name, found, expected, "Make a view of the rows you need.")
    empty = [Fault(name, None, "", "no rows", "at least one", "Fill the table.")] if frame.empty else []
    return Features(frame.set_axis(pd.RangeIndex(1, len(frame) + 1), axis=0), tuple(empty))


def _fetch(connection: Any, schema: str, table: str, limits: Limits) -> gpd.GeoDataFrame | pd.DataFrame:
    import sqlalchemy as sa

    quote = connection.engine.dialect.identifier_preparer.quote
    query = f"SELECT * FROM {quote(schema)}.{quote(table)} ORDER BY 1 LIMIT {limits.rows + 1:d}"
    columns = sa.text(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = :schema AND table_name = :table AND udt_name IN ('geometry', 'geography') "
        "ORDER BY ordinal_position"
    )
    shapes = connection.execute(columns, {"schema": schema, "table": table}).scalars().all()
    if not shapes:
        return pd.read_sql_query(sa.text(query), connection)
    return gpd.read_postgis(sa.text(query), connection, geom_col=shapes[0])
