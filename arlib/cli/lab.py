"""Commands that open notebooks for a person: `lab` (JupyterLab) and `desk` (Voilà, no code to be seen). Floor 5.

Both serve this machine only, behind a token. A close file that is named goes into a copy of the notebook, as a cell of
parameters that the reader sees: a value from the environment would make the notebook's own words untrue, and writing it
into the stored notebook would change what the next close runs.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import socket
import tempfile
import webbrowser
from html import escape
from pathlib import Path

import click

from arlib.errors import ParameterError, SourceError, nearest

HOME = Path("notebooks")
DESK = "dispute_investigation"
COPIES = "_desk"  # in the output folder: notebooks opened for a close file; made again at each opening
HOST = "127.0.0.1"
PORT = 8866
# Voilà's page would fetch icons and fonts from elsewhere: the books stay on this machine, and so does every request.
NOTHING_FROM_ELSEWHERE = (
    "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; connect-src 'self' ws://127.0.0.1:* data: blob:; "
    "frame-ancestors 'none'; form-action 'self'; base-uri 'self'"
)
UNFIT = (
    "@jupyter-notebook/lab-extension",
    "@voila-dashboards/jupyterlab-preview",
)  # of JupyterLab; they fail in Voilà
GONE_SECONDS = 60  # a kernel that no browser is connected to ends after so long
PATH = click.Path(path_type=Path)


@click.command()
@click.argument("params", default="", required=False)
@click.option("--notebook", default=DESK, show_default=True, help="Notebook to open: its name, or its path.")
@click.option("--no-browser", is_flag=True, help="Print the address instead of opening a browser.")
def lab(params: str, notebook: str, no_browser: bool) -> None:
    """Open JupyterLab at the investigation desk, or at another notebook of this project.

    PARAMS is a close file: its notebook opens as a copy with its parameters filled in. Without one the stored notebook
    opens, on the sample company.
    """
    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]

    from arlib.run.project import find_root

    root = find_root(Path.cwd())
    start = opened(root, notebook=notebook, params=params)
    arguments = [
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/{start.relative_to(root).as_posix()}",
    ]
    LabApp.launch_instance([*arguments, *(["--no-browser"] if no_browser else [])])


@click.command()
@click.argument("params", default="", required=False)
@click.option(
    "--port", type=click.IntRange(1, 65535), help=f"Port of 127.0.0.1; {PORT} or the next free one."
)
@click.option("--no-browser", is_flag=True, help="Print the address instead of opening a browser.")
def desk(params: str, port: int | None, no_browser: bool) -> None:
    """Serve the investigation desk without any code, for this machine only. Ctrl-C ends it.

    PARAMS is a close file; without one the desk shows the sample company. The address that is printed carries a token:
    whoever has it can see the books and record decisions in your name.
    """
    if importlib.util.find_spec("voila") is None:
        raise SourceError(
            "the desk needs Voilà, which is not installed",
            fix="Install arlib with its extra: pip install 'arlib[desk]'. `arlib lab` works without it.",
        )
    from arlib.run.project import find_root

    if port is not None and not _is_free(port):
        raise ParameterError("port", found=port, wanted="a port that no other program uses")
    start = opened(find_root(Path.cwd()), notebook=DESK, params=params)
    _serve(start, port=port, opens_browser=not no_browser)


def opened(root: Path, *, notebook: str, params: str) -> Path:
    """The notebook to open: the stored one, or for a close file its copy in the output folder with all parameters.

    The copy is for the first entity of the close file, and is made again at each opening. Raises SourceError for a
    notebook that is not there and what `load_close` raises.
    """
    stored = _stored(root, notebook)
    if not params:
        return stored
    import nbformat

    from arlib.run.engine import prepared
    from arlib.run.params import load_close

    plan = load_close(Path(params), root=root)
    copy = plan.outputs / COPIES / Path(params).stem / stored.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    node = prepared(stored, plan.flat(stored.stem, plan.entities[0].code))
    copy.write_text(nbformat.writes(node), encoding="utf-8")  # type: ignore[no-untyped-call]
    return copy.resolve()


def desk_arguments(
    notebook: Path, *, token: str, port: int | None, gone_seconds: int = GONE_SECONDS
) -> list[str]:
    """What Voilà is told: one notebook, one machine, one token, no code, no files. They win over any of its own files."""
    settings: dict[str, object] = {
        "Voila.ip": HOST,
        "Voila.port": port or PORT,
        "Voila.port_retries": 0 if port else 50,
        "Voila.token": token,
        "Voila.open_browser": False,  # its way of opening leaves the token out
        "Voila.log_level": "ERROR",
        "VoilaConfiguration.strip_sources": True,
        "VoilaConfiguration.show_tracebacks": False,
        "VoilaConfiguration.file_denylist": ".*",
        "VoilaConfiguration.allow_template_override": "NO",
        "VoilaConfiguration.preheat_kernel": False,
        "MappingKernelManager.cull_idle_timeout": gone_seconds,
        "MappingKernelManager.cull_interval": max(1, gone_seconds // 4),
        "MappingKernelManager.cull_connected": False,
    }
    unfit = [f"--VoilaConfiguration.extension_denylist={name}" for name in UNFIT]
    return [str(notebook), *(f"--{name}={value}" for name, value in settings.items()), *unfit]


def _stored(root: Path, notebook: str) -> Path:
    """A notebook of the project by its name or its path."""
    from arlib.run.project import inside

    if notebook.endswith(".ipynb") or "/" in notebook:
        found = inside(root, notebook, what="notebook")
        if found.is_file():
            return found
    known = {path.stem: path for path in sorted((root / HOME).glob("*/*.ipynb"))}
    if notebook not in known:
        near = nearest(notebook, known)
        raise SourceError(
            "no such notebook",
            found=notebook,
            fix=f"Did you mean {near!r}?" if near else "Run `arlib init DIR` first.",
        )
    return known[notebook].resolve()


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        if os.name == "posix":  # a port whose last connections are still closing is free
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError:
            return False
    return True


def _serve(notebook: Path, *, port: int | None, opens_browser: bool) -> None:
    """Run Voilà in this process until it is interrupted; say where it is once it listens."""
    from tornado.ioloop import IOLoop
    from voila.app import Voila

    token = secrets.token_urlsafe(32)
    server = Voila.instance()
    server.initialize(desk_arguments(notebook, token=token, port=port))
    server.tornado_settings = {"headers": {"Content-Security-Policy": NOTHING_FROM_ELSEWHERE}}
    with tempfile.TemporaryDirectory(prefix="arlib-desk-") as private:

        def announce() -> None:
            address = f"http://{HOST}:{server.port}/?token={token}"
            click.echo(f"The desk is at {address}\nCtrl-C ends it.")
            if opens_browser:
                webbrowser.open(_redirect(Path(private), address).as_uri())

        IOLoop.current().add_callback(announce)
        server.start()


def _redirect(folder: Path, address: str) -> Path:
    """A page of the user's own that leads to the address: on a command line everybody could read the token."""
    page = folder / "desk.html"
    with os.fdopen(os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(
            f'<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={escape(address)}">'
            f'<title>Desk</title><a href="{escape(address)}">Open the desk</a>\n'
        )
    return page
