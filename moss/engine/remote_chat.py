"""A chat model on another server, spoken to as OpenAI's clients do, over streams that can be given up at any moment.

One thread with an event loop serves all streams: a connection that nobody reads any more is closed at once, which a
thread that waits for bytes could not do. Not here: what the chunks mean (`upstream.py`). Needs no torch.
"""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections.abc import Coroutine, Generator, Mapping
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from ..errors import UserError

if TYPE_CHECKING:
    import httpx2

TRIED_AGAIN = frozenset((408, 429, 500, 502, 503, 504))
LONGEST_WAIT_SECONDS = 10.0
"""Between two attempts, whatever the server asks for."""
TICK_SECONDS = 0.5
"""How often whoever waits for a chunk is asked whether it still wants it."""

ADVICE = {
    401: "; its key is missing or wrong",
    403: "; its key is missing or wrong",
    404: "; most such addresses end in /v1",
}
"""What is most likely wrong where a server does not even list its models."""

Chunk = dict[str, Any]


class RemoteError(Exception):
    """The other server gave no answer, or not a whole one; the message says why, without its key."""


class RemoteChat:
    """One server. Many threads may ask at once; `close` ends all streams.

    Lost connections and passing errors are tried again `retries` times as long as nothing of the answer has come.
    `timeout_seconds` is how long it may be silent.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        timeout_seconds: float = 120.0,
        connect_seconds: float = 10.0,
        retries: int = 2,
        wait_seconds: float = 0.5,
    ) -> None:
        import httpx2

        if not url.startswith(("http://", "https://")):
            raise UserError(f"the upstream server's address must be http:// or https://, not '{url}'")
        self.url = url.rstrip("/").removesuffix("/chat/completions")
        """With the version: `http://127.0.0.1:8000/v1`."""
        self._retries, self._wait_seconds = retries, wait_seconds
        self._loop = asyncio.new_event_loop()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        timeout = httpx2.Timeout(timeout_seconds, connect=connect_seconds)
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=20)
        self._client = httpx2.AsyncClient(headers=headers, timeout=timeout, limits=limits)
        self._thread = threading.Thread(target=self._loop.run_forever, name="moss-upstream", daemon=True)
        self._thread.start()

    def models(self) -> list[str]:
        """The names of its models. UserError where it cannot be asked: the address or the key is wrong, most likely."""
        try:
            found = self._submit(self._get("/models")).result()
            return [str(model["id"]) for model in found["data"]]
        except RemoteError as error:
            raise UserError(str(error)) from None
        except (LookupError, TypeError):
            raise UserError(f"{self.url}/models is no list of models: is that an OpenAI-compatible server?") from None

    def stream(self, body: Mapping[str, Any]) -> Generator[Chunk | None, None, None]:
        """The chunks of a completion; None now and then while none comes. Closing it closes the connection.

        Raises RemoteError.
        """
        posted: SimpleQueue[Chunk | RemoteError | None] = SimpleQueue()
        reading = self._submit(self._post(body, posted))
        try:
            while True:
                try:
                    item = posted.get(timeout=TICK_SECONDS)
                except Empty:
                    yield None
                    continue
                if item is None:
                    return
                if isinstance(item, RemoteError):
                    raise item
                yield item
        finally:
            reading.cancel()

    def close(self) -> None:
        """Ends all streams. May be repeated."""
        if not self._loop.is_closed():
            self._submit(self._client.aclose()).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _submit(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _get(self, route: str) -> Any:
        import httpx2

        try:
            response = await self._client.get(self.url + route)
            if (status := response.status_code) != 200:
                raise RemoteError(self._refused(status, response.text) + ADVICE.get(status, ""))
            return response.json()
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise RemoteError(self._unreachable(error)) from None
        except ValueError:
            raise RemoteError(f"{self.url}{route} answers with something that is no JSON{ADVICE[404]}") from None

    async def _post(self, body: Mapping[str, Any], posted: SimpleQueue[Chunk | RemoteError | None]) -> None:
        """Posts the chunks, then None; or the error that there is instead."""
        try:
            await self._attempts(body, posted)
        except RemoteError as error:
            posted.put(error)
        except Exception as error:  # it belongs to whoever reads, in another thread
            posted.put(RemoteError(f"{self.url}: {type(error).__name__}"))
        finally:
            posted.put(None)

    async def _attempts(self, body: Mapping[str, Any], posted: SimpleQueue[Chunk | RemoteError | None]) -> None:
        import httpx2

        for left in reversed(range(self._retries + 1)):
            begun = False
            wait = self._wait_seconds * 2 ** (self._retries - left)
            try:
                async with self._client.stream("POST", f"{self.url}/chat/completions", json=body) as response:
                    if response.status_code == 200:
                        async for line in response.aiter_lines():
                            if (chunk := _chunk(line)) is not None:
                                begun = True
                                posted.put(chunk)
                        return
                    told = self._refused(response.status_code, (await response.aread()).decode(errors="replace"))
                    if response.status_code not in TRIED_AGAIN or not left:
                        raise RemoteError(told)
                    wait = max(wait, _asked_wait(response))
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                if begun or not left or not isinstance(error, httpx2.TransportError):
                    raise RemoteError(self._unreachable(error)) from None
            # Not all at once: whoever was refused together would come back together.
            await asyncio.sleep(min(wait, LONGEST_WAIT_SECONDS) * random.uniform(0.8, 1.2))

    def _refused(self, status: int, text: str) -> str:
        return f"the upstream server {self.url} answers {status}: {_words(text)}"

    def _unreachable(self, error: Exception) -> str:
        import httpx2

        if isinstance(error, httpx2.TimeoutException):
            return f"the upstream server {self.url} is silent ({type(error).__name__})"
        return f"the upstream server {self.url} cannot be reached: {error or type(error).__name__}"


def _chunk(line: str) -> Chunk | None:
    """The object of a line of server-sent events; None for other lines. RemoteError for an error in it."""
    data = line.removeprefix("data:").strip()
    if not line.startswith("data:") or not data or data == "[DONE]":
        return None
    try:
        found = json.loads(data)
    except ValueError:
        raise RemoteError("the upstream server sends chunks that are no JSON") from None
    if not isinstance(found, dict):
        raise RemoteError("the upstream server sends chunks that are no objects")
    if found.get("error"):
        raise RemoteError(f"the upstream server failed: {_words(data)}")
    return found


def _words(text: str) -> str:
    """The server's own words, in one short line."""
    try:
        error = json.loads(text)["error"]
        text = str(error["message"]) if isinstance(error, dict) else str(error)
    except (ValueError, LookupError, TypeError):
        pass  # no error in OpenAI's form: all it said
    return " ".join(text.split())[:300] or "nothing more"


def _asked_wait(response: httpx2.Response) -> float:
    """The seconds after which the server asks to come again; 0 where it does not say."""
    try:
        if milliseconds := response.headers.get("retry-after-ms"):
            return float(milliseconds) / 1000
        return float(response.headers.get("retry-after", 0))
    except ValueError:
        return 0.0
