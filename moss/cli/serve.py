"""`moss serve`: an assistant as a web page and over HTTP. Every setting can also come from a variable MOSS_*."""

from __future__ import annotations

import os
import socket
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UserError
from .quality import parse_quality

if TYPE_CHECKING:
    from ..assistant import Assistant
    from ..server.drain import DrainingServer
    from ..server.settings import ServerSettings
    from ..server.store.database import Database

app = typer.Typer(add_completion=False)


@app.command()
def serve(
    checkpoint: Annotated[
        Path | None,
        typer.Argument(
            help="Checkpoint folder; the packaged assistant when left out.",
            envvar="MOSS_CHECKPOINT",
            show_default=False,
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.", envvar="MOSS_HOST")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes any free one.", envvar="MOSS_PORT", min=0, max=65535)] = 8000,
    public: Annotated[
        bool | None, typer.Option("--public", help="For many people, with accounts [MOSS_PUBLIC].", show_default=False)
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of all that is kept [MOSS_DATA; moss-data].", show_default=False)
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(help="URL of the database [MOSS_DATABASE; moss.db in the data folder].", show_default=False),
    ] = None,
    api_key: Annotated[
        str | None,
        typer.Option(help="Key that clients must send, without accounts [MOSS_API_KEY].", show_default=False),
    ] = None,
    upstream: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="OpenAI-compatible server (.../v1) that answers in place of a checkpoint; its key is read from "
            "MOSS_UPSTREAM_KEY [MOSS_UPSTREAM_URL].",
            show_default=False,
        ),
    ] = None,
    upstream_model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Its model; the first that it lists [MOSS_UPSTREAM_MODEL].", show_default=False
        ),
    ] = None,
    index: Annotated[
        Path | None,
        typer.Option(
            help="Search index that `moss index` made; the packaged encyclopedia by default.", envvar="MOSS_INDEX"
        ),
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(help="Folder for images that are drawn [MOSS_IMAGES; in the data folder].", show_default=False),
    ] = None,
    max_sequences: Annotated[
        int, typer.Option(help="Answers made at once; more wait.", envvar="MOSS_MAX_SEQUENCES", min=1)
    ] = 32,
    quality: Annotated[
        str | None,
        typer.Option(
            metavar="N|off",
            help="Quality of replies that ask for none, 0 to 100; 100 where the model knows quality tags.",
            envvar="MOSS_QUALITY",
            show_default=False,
        ),
    ] = None,
    guidance: Annotated[
        float | None,
        typer.Option(help="Guidance of replies that ask for none.", envvar="MOSS_GUIDANCE", min=0, max=100),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any other setting of the server.", show_default=False),
    ] = None,
) -> None:
    """Serve an assistant as a web page, and over HTTP for OpenAI clients."""
    from ..server.settings import settings_from

    given = {"public": public or None, "data": data, "database": database, "api_key": api_key, "images": images}
    given |= {"upstream_url": upstream, "upstream_model": upstream_model}
    options = [f"{name}={value}" for name, value in given.items() if value is not None]
    settings = settings_from(os.environ, [*options, *(assignments or [])])
    check_reach(settings, host)
    check_answers(settings, checkpoint)
    # Before the model is loaded: who has to hear that the port is taken should not wait for it.
    listener = listen(host, port)

    from ..server.app import create_app
    from ..server.drain import DrainingServer
    from ..server.http_protocol import server_config
    from ..server.logs import configure_logs

    configure_logs((settings.log_level or ("info" if settings.public else "warning")).upper())
    with _assistant(settings, checkpoint, index, max_sequences) as loaded:
        assistant = replace(
            loaded,
            default_quality=loaded.quality(parse_quality(quality), guidance),
            defaults={**loaded.defaults, **({} if guidance is None else {"guidance": guidance})},
        )
        web = create_app(assistant, settings)
        server = DrainingServer(server_config(web, settings), web.state.services)
        administered = _has_admin(settings)
        _tell(assistant, settings, host, listener.getsockname()[1])
        if settings.public and not administered:
            typer.echo("  there is no administrator yet: moss user add NAME --admin")
        failures = _watch(assistant, server)
        server.run(sockets=[listener])
    for failure in failures:
        raise failure


def _assistant(settings: ServerSettings, checkpoint: Path | None, index: Path | None, max_sequences: int) -> Assistant:
    """The assistant over a model in a process of its own, or over the server that the settings name."""
    drawn = settings.image_folder / "drawn"
    if settings.upstream_url is None:
        from ..server.worker import start_worker

        return start_worker(checkpoint, search_index=index, image_folder=drawn, max_sequences=max_sequences)
    from ..assistant import upstream_assistant

    return upstream_assistant(
        settings.upstream_url, settings.upstream_model, settings.upstream_key, search_index=index, image_folder=drawn
    )


def check_reach(settings: ServerSettings, host: str) -> None:
    """UserError where other machines reach a server that would take each of them for its one user."""
    from ..server.addresses import is_loopback

    if not (settings.public or settings.api_key or is_loopback(host)):
        raise UserError(
            f"at {host} other machines reach this server: --public gives people accounts, --api-key lets programs in"
        )


def check_answers(settings: ServerSettings, checkpoint: Path | None) -> None:
    """UserError where two are to answer: a checkpoint and another server."""
    if checkpoint is not None and settings.upstream_url is not None:
        raise UserError(
            f"{checkpoint} or the upstream server {settings.upstream_url}: only one of them can answer; leave one out"
        )


def _tell(assistant: Assistant, settings: ServerSettings, host: str, port: int) -> None:
    """Says what is served, where and to whom."""
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{port}"
    who = f"people with accounts, registration: {settings.registration}" if settings.public else "one local user"
    typer.echo(f"{assistant.name} listens at {url}/v1 (Ctrl-C stops it)")
    typer.echo(f"  page  {url}/  ({who})\n  data  {settings.data}")
    if settings.upstream_url is not None:
        typer.echo(f"  asks  {settings.upstream_url}")


def _has_admin(settings: ServerSettings) -> bool:
    """Whether anybody can look after the others; makes the database where there is none."""
    from ..server.accounts import has_admin
    from .store import on_store_of

    async def ask(database: Database) -> bool:
        async with database.reading() as session:
            return await has_admin(session)

    return on_store_of(settings, ask, make=True)


def _watch(assistant: Assistant, server: DrainingServer) -> list[UserError]:
    """The page is served while the model is loaded; where it turns out to be damaged, the server ends and tells."""
    from ..server.worker import Worker

    failures: list[UserError] = []
    worker = assistant.engine

    def wait() -> None:
        try:
            if isinstance(worker, Worker):
                worker.wait()
        except UserError as error:
            failures.append(error)
            server.stop()

    threading.Thread(target=wait, name="moss-loading", daemon=True).start()
    return failures


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. UserError where that cannot be: a port in use, a host that is not this machine."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except OSError as error:
        raise UserError(
            f"cannot listen on {host}, port {port}: {error.strerror}; choose others with --host and --port"
        ) from None
    return listener
