"""What can be set about a server, and where it comes from: variables MOSS_*, then `--set name=value`.

Not here: what belongs to the process and not to the application (address, port, checkpoint), which is `cli/serve.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from ..config import override, paths

PREFIX = "MOSS_"
"""What the name of a setting's environment variable begins with."""


@dataclass(frozen=True)
class ServerSettings:
    """The settings of one server; every default runs on a laptop for one person."""

    data: Path = Path("moss-data")
    """Folder of all that is kept: the database, generated images, locks of running servers."""
    database: str | None = None
    """URL of the database: sqlite:///path or postgresql://...; the file moss.db in the data folder when left out."""
    synchronous: Literal["normal", "full"] = "normal"
    """How SQLite commits: `normal` survives a crash of the process, `full` a loss of power, too, and is slower."""
    images: Path | None = None
    """Folder of the images that are drawn; `images` in the data folder when left out."""

    public: bool = False
    """Whether people log in; otherwise everybody who reaches the server is the one local user."""
    registration: Literal["open", "invite", "closed"] = "invite"
    """Who may make an account on a public server."""
    hosts: tuple[str, ...] = ()
    """Names that a public server is reached by; others are refused. Empty takes every name."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    secure_cookies: bool = True
    """Whether a public server's cookies go over HTTPS only (browsers make an exception for localhost)."""
    session_days: int = 30
    """How many days a login lasts without use."""
    api_key: str | None = None
    """A key that all clients of /v1 must send, without accounts."""

    slots: int = 16
    """Chat replies that are made at once; more wait in the queue."""
    queue_length: int = 200
    """Replies that may wait for a slot; whoever comes after that is asked to come again."""
    user_generations: int = 4
    """Replies of one user that may be made or wait at once."""
    drain_seconds: float = 10.0
    """How long running replies may go on after the server was told to stop."""
    flush_milliseconds: int = 60
    """How often the events of all replies are committed together, and shown."""
    heartbeat_seconds: float = 5.0
    """How often a server notes that its replies are alive."""
    stale_seconds: float = 30.0
    """After how long without that a reply counts as interrupted."""
    tail_seconds: float = 300.0
    """How long one connection may follow a reply before it has to ask again."""
    compare_share: float = 0.03
    """Share of messages that get two answers to choose from, 0 to 1."""

    message_characters: int = 32_000
    """The longest message of a user."""
    body_bytes: int = 2 * 1024 * 1024
    """The longest request that is read; longer ones get 413."""
    receive_seconds: float = 15.0
    """How long a client may take to send one request."""
    connections: int = 2_000
    """Connections at once; more get 503."""
    address_connections: int = 200
    """Connections at once of one client address."""

    messages_per_minute: int = 20
    """Messages that one user of a public server may send a minute."""
    requests_per_minute: int = 1200
    """Requests of all kinds that one client address of a public server may send a minute."""
    tokens_per_day: int = 500_000
    """Tokens, read and written, that one user of a public server may use a day."""

    moderation_url: str | None = None
    """An HTTP service that judges prompts and replies; our own rules alone when left out."""
    moderation_key: str | None = None
    """The key of that service."""
    moderation_model: str | None = None
    """The model that the service is asked for; its own choice when left out."""
    moderation_on_failure: Literal["open", "closed"] = "closed"
    """What happens to a text that the service gave no verdict on: `closed` refuses it, `open` lets it pass."""
    upstream_url: str | None = None
    """An OpenAI-compatible server (…/v1) that answers in place of a model of our own."""
    upstream_model: str | None = None
    """The model to ask for there; its first one when left out."""
    upstream_key: str | None = None
    """The key of that server."""

    log_level: Literal["debug", "info", "warning", "error"] | None = None
    """What is written to standard error; info on a public server, else warning, when left out."""

    def __post_init__(self) -> None:
        _check_positive(
            self,
            *("session_days", "slots", "queue_length", "user_generations", "flush_milliseconds", "heartbeat_seconds"),
            *("tail_seconds", "message_characters", "body_bytes", "receive_seconds", "connections"),
            *("address_connections", "messages_per_minute", "requests_per_minute", "tokens_per_day"),
        )
        if self.drain_seconds < 0:
            raise ValueError(f"drain_seconds must be 0 or more, not {self.drain_seconds:g}")
        if self.stale_seconds < 2 * self.heartbeat_seconds:
            raise ValueError(
                f"stale_seconds ({self.stale_seconds:g}) must be at least twice heartbeat_seconds "
                f"({self.heartbeat_seconds:g}), or replies that are alive count as interrupted"
            )
        if not 0 <= self.compare_share <= 1:
            raise ValueError(f"compare_share must be between 0 and 1, not {self.compare_share:g}")
        for network in self.trusted_proxies:
            _check_network(network)
        for name in ("moderation_url", "upstream_url"):
            url = getattr(self, name)
            if url is not None and not url.startswith(("http://", "https://")):
                raise ValueError(f"{name} must begin with http:// or https://, not be {url!r}")
        if self.upstream_model is not None and self.upstream_url is None:
            raise ValueError("upstream_model is a model of another server: give the address of that in upstream_url")
        if self.public and self.api_key is not None:
            raise ValueError("api_key is for a server without accounts; on a public one every user has keys")

    @property
    def database_url(self) -> str:
        """The URL of the database that is used."""
        return self.database or f"sqlite:///{self.data / 'moss.db'}"

    @property
    def image_folder(self) -> Path:
        """The folder that images are drawn into."""
        return self.images or self.data / "images"


def settings_from(environment: Mapping[str, str], assignments: Iterable[str] = ()) -> ServerSettings:
    """The settings that variables MOSS_NAME and then `["name=value", ...]` ask for.

    Raises UserError for a setting that is not known, a value of another type, and what the checks refuse.
    """
    defaults = ServerSettings()
    named = {name: environment.get(PREFIX + name.upper()) for name in paths(defaults)}
    from_environment = [f"{name}={value}" for name, value in named.items() if value]
    return override(defaults, [*from_environment, *assignments])


def _check_positive(settings: ServerSettings, *names: str) -> None:
    for name in names:
        if (value := getattr(settings, name)) <= 0:
            raise ValueError(f"{name} must be more than 0, not {value:g}")


def _check_network(text: str) -> None:
    try:
        ip_network(text, strict=False)
    except ValueError:
        raise ValueError(
            f"trusted_proxies: {text!r} is no address or network, such as 10.0.0.1 or 10.0.0.0/8"
        ) from None
