"""The team's recipe: an HTTPS proxy under the team's own name in front of a server that knows this name."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import CHROMIUM, serve, write_notebook
from tests.ports import free_port

NAME = "planning.example"
CLICKED = """import ipywidgets as w
button, told = w.Button(description='press'), w.Label('standing')
button.on_click(lambda _: setattr(told, 'value', 'answered'))
w.VBox([button, told])"""


@pytest.fixture
def proxied(tmp_path) -> Iterator[str]:
    """The https address of a page behind a proxy that ends TLS and passes all else on."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    server = serve(write_notebook(tmp_path, CLICKED), tmp_path, f"--host={NAME}")
    inside, port = urlsplit(next(server)), free_port()
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    passing = asyncio.run_coroutine_threadsafe(proxy(port, inside.port, key, certificate), loop).result(10)
    yield f"https://{NAME}:{port}/?{inside.query}"
    loop.call_soon_threadsafe(passing.close)
    loop.call_soon_threadsafe(loop.stop)
    server.close()


async def proxy(port: int, inside: int, key: Path, certificate: Path) -> asyncio.Server:
    """Listen with TLS and pass every byte to the server, WebSockets and the Host among them."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", inside)
        await asyncio.gather(passed(reader, back), passed(there, writer), return_exceptions=True)

    return await asyncio.start_server(met, "127.0.0.1", port, ssl=context)


def test_a_page_answers_over_https_under_the_teams_name(browser, proxied) -> None:
    rules = f"--host-resolver-rules=MAP {NAME} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    other = browser.browser_type.launch(executable_path=CHROMIUM, args=[rules, "--no-sandbox"])
    try:
        page = other.new_page(ignore_https_errors=True)
        page.set_default_timeout(120_000)
        page.goto(proxied)
        page.get_by_text("standing").wait_for()
        page.get_by_role("button", name="press").click()
        page.get_by_text("answered").wait_for()
        assert "token" not in page.url
    finally:
        other.close()
