"""What machines ask a server: does it live (/health), does it take work (/ready), what does it measure (/metrics).

Probes ask from anywhere and learn nothing of anybody. Measurements are for this machine and for administrators.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from .. import __version__
from .addresses import FORWARDED, is_loopback
from .api_errors import ApiError
from .metrics import Metrics
from .security import OptionalUser, unauthorized
from .services import services

REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"description": "Asked from elsewhere, and by nobody."},
    403: {"description": "Asked from elsewhere, and by no administrator."},
}


def operation_routes(metrics: Metrics) -> APIRouter:
    """The routes for probes and for Prometheus."""
    router = APIRouter(tags=["operation"])

    @router.get("/health")
    async def health(request: Request) -> dict[str, str]:
        """Whether the process answers at all."""
        return {"status": "ok", "model": services(request).assistant.name, "version": __version__}

    @router.get("/ready", responses={503: {"description": "The model is loading or lost, or the server is stopping."}})
    async def ready(request: Request) -> Response:
        """Whether new work is welcome: not while the model loads, nor without one, nor when the server is stopping."""
        found = services(request)
        state = "draining" if found.draining else found.assistant.state
        answer: dict[str, Any] = {"status": state}
        if state == "ready":
            return JSONResponse(answer)
        return JSONResponse(answer, status_code=503, headers={"retry-after": "2"})

    @router.get("/metrics", dependencies=[Depends(_may_read)], responses=REFUSALS)
    async def measurements(request: Request) -> Response:
        """Measurements for Prometheus: for this machine, or with the key of an administrator."""
        body, content_type = metrics.exposition(request.headers.get("accept", ""))
        return Response(body, media_type=content_type)

    return router


async def _may_read(request: Request, caller: OptionalUser) -> None:
    host = request.client.host if request.client else ""
    if is_loopback(host) and not any(name in request.headers for name in FORWARDED):
        return
    if caller is None:
        raise unauthorized("measurements are for this machine, or for an administrator's key", "not_logged_in")
    if caller.role != "admin":
        raise ApiError(403, "measurements are for administrators", "not_admin")
