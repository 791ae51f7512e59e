"""A chat model behind an OpenAI-compatible endpoint: messages in, a text out, or the reason why there is none.

Used by sources of replies (`preferences.py`) and by the judge that asks a model (`llm_judge.py`). Not here: streaming,
tools, and any other route than `/chat/completions`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..errors import UserError

if TYPE_CHECKING:
    import httpx2

ChatMessages = Sequence[Mapping[str, str]]
"""`{"role", "content"}` each."""


class NoAnswer(Exception):
    """One question stayed without an answer: timeout, refusal, error of the server. The next one may be answered."""


class ChatEndpoint:
    """One model at one endpoint. Many threads may ask at once; close it, or use it in a `with`.

    A timeout, a lost connection, "too many requests" and errors of the server are tried again `retries` times, after
    `wait_seconds`, then twice that, and so on.
    """

    def __init__(
        self,
        url: str,
        model: str,
        api_key: str | None = None,
        *,
        timeout_seconds: float = 60.0,
        retries: int = 2,
        wait_seconds: float = 1.0,
    ) -> None:
        import httpx2

        self.url = url.rstrip("/").removesuffix("/chat/completions")
        """With the version: `https://api.example.org/v1`."""
        self.model = model
        self.retries = retries
        self.wait_seconds = wait_seconds
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx2.Client(timeout=timeout_seconds, headers=headers)

    def complete(self, messages: ChatMessages, **sampling: Any) -> str:
        """The model's text. `sampling`: further fields of the request (temperature, max_tokens, ...).

        Raises NoAnswer with the reason, and UserError where asking again is of no use (key, model or address wrong).
        """
        body = {"model": self.model, "messages": list(messages), **sampling}
        for attempt in range(self.retries + 1):
            try:
                return self._asked_once(body)
            except _TryAgain as reason:
                if attempt == self.retries:
                    raise NoAnswer(str(reason)) from None
                time.sleep(self.wait_seconds * 2**attempt)
        raise AssertionError("the loop returns or raises")

    def _asked_once(self, body: Mapping[str, Any]) -> str:
        import httpx2

        try:
            response = self._client.post(f"{self.url}/chat/completions", json=body)
        except httpx2.TimeoutException:
            raise _TryAgain("timeout") from None
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
            raise UserError(f"{self.url}: {error}") from None
        except httpx2.TransportError as error:
            raise _TryAgain(f"not reachable ({type(error).__name__})") from None
        if response.status_code in (401, 403, 404):
            raise UserError(f"{self.url} answers {response.status_code} for the model {self.model}: {_error(response)}")
        if response.status_code == 429 or response.status_code >= 500:
            raise _TryAgain(f"error {response.status_code}")
        if response.status_code != 200:
            raise NoAnswer(f"error {response.status_code}: {_error(response)}")
        return _text(response)

    def close(self) -> None:
        """Closes its connections. May be repeated."""
        self._client.close()

    def __enter__(self) -> ChatEndpoint:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class _TryAgain(Exception):
    """What may pass."""


def _error(response: httpx2.Response) -> str:
    """The server's words, in one short line."""
    return " ".join(response.text.split())[:200] or "no message"


def _text(response: httpx2.Response) -> str:
    """The text of the first choice; raises NoAnswer where there is none."""
    try:
        choice = response.json()["choices"][0]
        message = choice["message"]
        refused = message.get("refusal") or choice.get("finish_reason") == "content_filter"
        text = message.get("content")
    except (ValueError, LookupError, TypeError, AttributeError):
        raise NoAnswer("no chat completion in the answer") from None
    if refused:
        raise NoAnswer("refused")
    if not isinstance(text, str) or not text.strip():
        raise NoAnswer("an empty answer")
    return text
