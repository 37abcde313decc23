"""The web server of the workbench: Voila behind a token, whose kernels end with their pages."""

from __future__ import annotations

import tempfile
import threading
import webbrowser
from html import escape
from pathlib import Path
from typing import Any

from voila.app import Voila
from voila.tornado.handler import TornadoVoilaHandler

# An abandoned page's kernel (a crashed tab, a lost network) goes after this long without its page.
CULL_AFTER_S = 300
CULL_EVERY_S = 30
# The next kernel is heated once this page has had the processor to itself.
HEAT_AFTER_S = 15


class Page(TornadoVoilaHandler):
    """The page, which gets the cookie that its farewell needs: without it the kernel would stay."""

    async def prepare(self) -> None:
        """Write the `_xsrf` cookie, which Voila's own pages never ask for."""
        await super().prepare()
        if not self._finished:  # it may have sent the visitor to sign in
            _ = self.xsrf_token  # reading it sets the cookie

    def should_use_rendered_notebook(self, notebook_data: dict, pool_size: int, *rest: Any) -> bool:
        """Take a heated kernel only if one stands ready; a cold one starts sooner than one not yet begun."""
        path = self.notebook_path
        waiting = getattr(self.kernel_manager, "_pools", {}).get(path, [])
        ready = bool(waiting) and waiting[0].done()
        return ready and super().should_use_rendered_notebook(notebook_data, pool_size, *rest)


class Server(Voila):
    """Voila that answers only to its own hosts, opens the browser with the token, and serves our page."""

    def init_settings(self) -> dict[str, Any]:
        """Return Voila's settings with our sign-in page before its own."""
        settings = super().init_settings()
        settings["jinja2_env"].loader.searchpath[:0] = self.template_paths[:1]
        return settings

    def init_handlers(self) -> list[Any]:
        """Return Voila's handlers, our page in place of its own."""
        return [
            (where, Page, *rest) if handler is TornadoVoilaHandler else (where, handler, *rest)
            for where, handler, *rest in super().init_handlers()
        ]

    @property
    def address(self) -> str:
        """The address to open, with its token."""
        return f"{self.connection_url}?token={self.token}"

    def launch_browser(self) -> None:
        """Open the address through a file that only this user can read: others may see a command line."""
        with tempfile.NamedTemporaryFile("w", suffix=".html", delete=False, encoding="utf-8") as page:
            page.write(f'<!DOCTYPE html><meta http-equiv="refresh" content="0; url={escape(self.address)}">')
        where = Path(page.name).as_uri()
        threading.Thread(target=lambda: webbrowser.open(where, new=2), daemon=True).start()


def serve(
    notebook: Path, *, ip: str, port: int, hosts: list[str], token: str, heated: int, browser: bool
) -> None:
    """Serve a notebook until Ctrl-C.

    `hosts`: names this server answers to beside localhost; `token`: what the address must carry; `heated`:
    kernels kept ready for the next page.
    """
    heating = [
        "--preheat_kernel=True",
        f"--pool_size={heated}",
        f"--VoilaKernelManager.fill_delay={HEAT_AFTER_S}",
    ]
    Server.launch_instance(
        argv=[
            str(notebook),
            "--template=workbench",
            "--VoilaConfiguration.allow_template_override=NO",
            "--VoilaConfiguration.allow_theme_override=NO",
            "--VoilaConfiguration.show_tracebacks=True",
            f"--MappingKernelManager.cull_idle_timeout={CULL_AFTER_S}",
            f"--MappingKernelManager.cull_interval={CULL_EVERY_S}",
            *(heating if heated else []),
        ],
        ip=ip,
        port=port,
        port_retries=0,  # the address with its token is already known
        token=token,
        open_browser=browser,
        tornado_settings={"allow_remote_access": False, "local_hostnames": ["localhost", *hosts]},
    )
