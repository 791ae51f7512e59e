"""`moss serve`: an assistant over HTTP, for OpenAI clients. Every setting can also come from a variable MOSS_*."""

from __future__ import annotations

import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ..errors import UserError
from .quality import parse_quality

app = typer.Typer(add_completion=False)

DRAIN_SECONDS = 5
"""How long streams may go on after the server was told to stop."""


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
    api_key: Annotated[
        str | None, typer.Option(help="Key that clients must send.", envvar="MOSS_API_KEY", show_default=False)
    ] = None,
    index: Annotated[
        Path | None,
        typer.Option(
            help="Search index that `moss index` made; the packaged encyclopedia by default.", envvar="MOSS_INDEX"
        ),
    ] = None,
    images: Annotated[Path, typer.Option(help="Folder for the images that are drawn.", envvar="MOSS_IMAGES")] = Path(
        "moss-images"
    ),
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
) -> None:
    """Serve an assistant over HTTP, for OpenAI clients."""
    # Before the model is loaded: who has to hear that the port is taken should not wait for it.
    listener = listen(host, port)

    import uvicorn

    from ..assistant import load_assistant
    from ..server.app import create_app

    # uvicorn hands a signal on when it has shut down; this way the assistant is closed, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with load_assistant(checkpoint, search_index=index, image_folder=images, max_sequences=max_sequences) as loaded:
        assistant = replace(
            loaded,
            default_quality=loaded.quality(parse_quality(quality), guidance),
            defaults={**loaded.defaults, **({} if guidance is None else {"guidance": guidance})},
        )
        shown = f"[{host}]" if ":" in host else host
        typer.echo(f"{assistant.name} listens at http://{shown}:{listener.getsockname()[1]}/v1 (Ctrl-C stops it)")
        config = uvicorn.Config(
            create_app(assistant, images, api_key), log_level="warning", timeout_graceful_shutdown=DRAIN_SECONDS
        )
        uvicorn.Server(config).run(sockets=[listener])


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
