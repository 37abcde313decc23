"""Kernels of the served page, over HTTP and in a real browser: who is let in, and what stays behind."""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import psutil
import pytest

from tests.browser.conftest import serve, write_notebook

SMALL = "import ipywidgets as w\nw.Label('standing')"


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Iterator[str]:
    """The address of a page of one label, with a kernel kept warm for the next."""
    folder = tmp_path_factory.mktemp("small")
    yield from serve(write_notebook(folder, SMALL), folder, "--heated=1", "--host=planning.example")


def status(address: str, **headers: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
            return answer.status if "login" not in answer.url else 302
    except urllib.error.HTTPError as error:
        return error.code


def kernels(address: str) -> list[psutil.Process]:
    """The kernels of the server that listens at this address."""
    port = urlsplit(address).port
    server = next(
        c.pid for c in psutil.net_connections("tcp") if c.laddr.port == port and c.status == "LISTEN"
    )
    family = psutil.Process(server).children(recursive=True)
    return [each for each in family if "ipykernel_launcher" in " ".join(each.cmdline())]


def test_ten_reloads_leave_at_most_one_kernel_more_than_pages(page, small) -> None:
    page.goto(small)
    for _ in range(10):
        page.get_by_text("standing").wait_for(timeout=60_000)
        page.reload()
    page.get_by_text("standing").wait_for(timeout=60_000)
    assert "token" not in page.url
    for _ in range(100):
        if len(kernels(small)) <= 2:
            break
        page.wait_for_timeout(200)
    assert len(kernels(small)) <= 2, "the page's own, and one kept warm"


def test_only_its_hosts_and_its_token_open_the_page(small) -> None:
    assert status(small) == 200
    assert status(small, Host="planning.example") == 200
    assert status(small, Host="rebound.example") == 403
    assert status(small.split("?")[0]) == 302
    assert status(small.split("?")[0] + "?token=guess") == 302


def test_a_client_that_returns_under_its_old_session_does_not_make_the_server_spin(small) -> None:
    with urllib.request.urlopen(small) as answer:
        kernel = re.search(r'"kernelId":\s*"([0-9a-f-]+)"', answer.read().decode())[1]
    ghosts = [connect(small, kernel) for _ in range(3)]  # never closed, never read again
    ask(ghosts[-1])
    assert b"kernel_info_reply" in heard(ghosts[-1], b"kernel_info_reply")
    server = kernels(small)[0].parent()
    before = sum(server.cpu_times()[:2])
    socket_idle(ghosts[-1], seconds=2)
    assert sum(server.cpu_times()[:2]) - before < 1, "half a processor at rest is a loop"


def connect(address: str, kernel: str) -> socket.socket:
    where = urlsplit(address)
    made = socket.create_connection((where.hostname, where.port), timeout=20)
    key = base64.b64encode(os.urandom(16)).decode()
    made.sendall(
        f"GET /api/kernels/{kernel}/channels?session_id=old&{where.query} HTTP/1.1\r\n"
        f"Host: {where.netloc}\r\n"
        f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    assert made.recv(400).startswith(b"HTTP/1.1 101")
    return made


def ask(client: socket.socket) -> None:
    header = {
        "msg_id": "1",
        "msg_type": "kernel_info_request",
        "session": "old",
        "username": "",
        "version": "5.3",
    }
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": {}, "channel": "shell"}
    data, mask = json.dumps(message).encode(), os.urandom(4)
    masked = bytes(byte ^ mask[number % 4] for number, byte in enumerate(data))
    client.sendall(b"\x81\xfe" + len(data).to_bytes(2, "big") + mask + masked)


def heard(client: socket.socket, wanted: bytes) -> bytes:
    found = b""
    while wanted not in found:
        found += client.recv(65536)
    return found


def socket_idle(client: socket.socket, seconds: float) -> None:
    """Hold the connection and let time pass."""
    client.settimeout(seconds)
    try:
        while client.recv(65536):
            pass
    except TimeoutError:
        pass
