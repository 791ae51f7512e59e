"""H5: whatever schemathesis makes of /openapi.json, no route fails, or answers with a status that is not documented."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance

from tests.fake_agent import assistant_that_says, plain, with_tools
from tests.server.live import serving

CHECKS = [not_a_server_error, status_code_conformance]
PATIENCE = 200.0
"""Seconds for what a busy machine has to do."""

OWN_PAGE = {"sec-fetch-site": "same-origin"}
"""What a browser says of a write that comes from our page."""

SLOW_MACHINE: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The documentation of a running local server, whose one user may do everything."""
    assistant, _ = assistant_that_says(plain("hello"), with_tools())
    with serving(assistant, tmp_path_factory.mktemp("served"), requests_per_minute=10**6) as url:
        found = schemathesis.openapi.from_dict(httpx2.get(f"{url}/openapi.json", timeout=PATIENCE).json())
        found.config.update(base_url=url, request_timeout=PATIENCE)
        yield found


def test_H5_every_route_keeps_to_its_documentation(documented: Any) -> None:
    """Without the plugin for pytest, which this version of pytest does not fit."""
    broken = []
    for found in documented.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=6, **SLOW_MACHINE)
        def ask(case: Any) -> None:
            case.call_and_validate(headers=OWN_PAGE, checks=CHECKS)

        try:
            ask()
        except Exception as error:  # each route's failures, not only the first one's
            broken.append(f"{operation.label}: {error}")
    assert not broken, "\n".join(broken)


@pytest.mark.soak
def test_H5_routes_one_after_the_other_keep_to_it_too(documented: Any) -> None:
    machine = documented.as_state_machine()

    class Journey(machine):  # type: ignore[misc, valid-type]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": OWN_PAGE}

        def validate_response(self, response: Any, case: Any, additional_checks: Any = (), **more: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    Journey.run(settings=settings(max_examples=200, stateful_step_count=10, **SLOW_MACHINE))
