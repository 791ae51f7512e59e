"""The HTTP application of one assistant: services, middleware and all routes, put together.

What stands around the routes is plain ASGI: other middleware hides a disconnect from them and costs more than they.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI

from .. import __version__
from ..assistant import Assistant
from . import account_api, admin_api, chat_api
from .api_errors import tell_errors
from .chat_routes import chat_routes
from .export import export_routes
from .files import file_routes
from .guard import protect
from .logs import RequestLog
from .metrics import Metrics
from .moderation import ModerationSettings, create_moderator
from .operation_api import operation_routes
from .pages import missing_page, page_routes
from .security import current_user
from .services import Services
from .settings import ServerSettings
from .share import share_routes
from .store.database import Database


def create_app(assistant: Assistant, settings: ServerSettings) -> FastAPI:
    """The application that serves this assistant; the caller closes the assistant afterwards.

    UserError where the settings name a database or a moderation service that cannot be.
    """
    metrics = Metrics(assistant.name, assistant.toolbox.names)
    moderation = ModerationSettings(
        url=settings.moderation_url,
        model=settings.moderation_model,
        api_key=settings.moderation_key,
        on_failure=settings.moderation_on_failure,
    )
    found = Services(
        settings=settings,
        assistant=metrics.assistant(assistant),
        database=Database(settings.database_url, synchronous=settings.synchronous),
        moderator=metrics.moderator(create_moderator(moderation)),
    )
    metrics.jobs(found.jobs)
    metrics.database(found.database.engines)
    app = FastAPI(title="MOSS", version=__version__, lifespan=_lifespan, docs_url=None, redoc_url=None)
    app.state.services, app.state.metrics = found, metrics
    tell_errors(app)
    protect(app, settings, found.limits)
    app.add_middleware(RequestLog, note=metrics.request)
    app.include_router(chat_routes(found.assistant), dependencies=[Depends(current_user)])
    for router in (account_api.router, chat_api.router, admin_api.router):
        app.include_router(router)
    for routes in (share_routes(), export_routes(), file_routes(), operation_routes(metrics), page_routes()):
        app.include_router(routes)
    app.add_exception_handler(404, missing_page())
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Starts what the services run, and stops it in the reverse order."""
    found: Services = app.state.services
    await found.database.create()
    await found.jobs.start()
    watching = asyncio.create_task(app.state.metrics.watch_loop(), name="loop-lag")
    try:
        yield
    finally:
        watching.cancel()
        await found.jobs.close()
        await found.moderator.aclose()
        found.accounts.close()
        await found.database.close()
