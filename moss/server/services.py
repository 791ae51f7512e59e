"""Everything the routes of one server use, in one place: `services(request).jobs`.

Put together by `app.py`. Not here: anything that belongs to one request, such as who asks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

from .accounts import Accounts
from .jobs import Jobs
from .limits import Limits
from .pictures import Pictures
from .settings import ServerSettings

if TYPE_CHECKING:
    from ..assistant import Assistant
    from .moderation import Moderator
    from .store.database import Database


@dataclass
class Services:
    """What one running server is made of."""

    settings: ServerSettings
    assistant: Assistant
    database: Database
    moderator: Moderator
    accounts: Accounts = field(init=False)
    limits: Limits = field(init=False)
    pictures: Pictures = field(init=False)
    jobs: Jobs = field(init=False)

    def __post_init__(self) -> None:
        self.accounts = Accounts(self.database, self.settings)
        self.limits = Limits(self.settings)
        self.pictures = Pictures(self.database, self.settings.image_folder)
        self.jobs = Jobs(self.settings, self.database, self.assistant, self.moderator, self.pictures.keep)

    @property
    def draining(self) -> bool:
        """Whether the server was told to stop: what runs is finished, nothing new is begun."""
        return self.jobs.draining


def services(connection: HTTPConnection) -> Services:
    """The services of the application that this request came to."""
    found: Services = connection.app.state.services
    return found
