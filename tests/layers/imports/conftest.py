"""A throwaway PostGIS server on this machine; the tests that need one are skipped, visibly, without it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ports import free_port

# Debian keeps the server's programs apart from PATH, one folder per version
_FOLDERS = [*map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), os.environ["PATH"]]
PG_CTL = shutil.which("pg_ctl", path=os.pathsep.join(_FOLDERS))


@pytest.fixture(scope="module")
def postgis_url() -> Iterator[str]:
    """The address of an empty database with PostGIS, served on localhost alone."""
    if PG_CTL is None:
        pytest.skip("no PostgreSQL found: the database tests did not run")
    sa = pytest.importorskip("sqlalchemy")
    # a folder of its own: pytest tidies its old ones away, whoever still serves from them
    with tempfile.TemporaryDirectory(prefix="workbench-postgis-") as folder, served(Path(folder)) as port:
        url = f"postgresql://planner@127.0.0.1:{port}/postgres"
        engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as session:
            offered = "select 1 from pg_available_extensions where name = 'postgis'"
            if session.execute(sa.text(offered)).first() is None:
                pytest.skip("PostgreSQL has no PostGIS: the database tests did not run")
            session.execute(sa.text("create extension postgis"))
        engine.dispose()
        yield url


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """Serve an empty database out of a folder; yield its port."""
    # the server refuses to run as root, so root lends it to somebody with no rights
    as_user = {"user": "nobody"} if os.geteuid() == 0 else {}
    if as_user:
        shutil.chown(folder, "nobody")

    def pg_ctl(*words: str) -> None:
        command = [PG_CTL, "-D", str(folder / "data"), "-s", "-w", *words]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **as_user)

    port = free_port()
    pg_ctl("initdb", "-o", "-A trust -U planner -E UTF8 --locale=C.UTF-8 --no-sync")
    # no sockets in shared folders, no waiting for the disk: nothing here is kept
    pg_ctl("start", "-l", str(folder / "log"), "-o", f"-p {port} -c fsync=off -k {folder} -h 127.0.0.1")
    try:
        yield port
    finally:
        pg_ctl("stop", "-m", "immediate")
