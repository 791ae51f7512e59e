"""Consented chats as training data: conversations, prompts, preference pairs, and a manifest that says what is in them.

    with Exporter(folder, ExportSettings()) as exporter:
        for chat in chats:
            exporter.add(chat)
        manifest = exporter.finish()

What is exported was allowed when it was written and is allowed now; it is de-identified, and identical conversations
stand once. `moss train sft` reads conversations.jsonl and `moss train preference` and `dpo` read pairs.jsonl as they
are. Not here: where chats come from (`collected.py`), taking out what is withdrawn later (`withdrawal.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

from .. import __version__
from ..conversation import AssistantTurn, Conversation, Message, PreferencePair, json_line
from ..data.statistics import language_of
from ..errors import UserError
from ..files import whole_file, write_json
from .collected import CollectedChat, CollectedMessage, hashed
from .deidentify import Deidentifier
from .intents import intent_of
from .preferences import compared

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
CONVERSATIONS: Final = "conversations.jsonl"
PROMPTS: Final = "prompts.jsonl"
PAIRS: Final = "pairs.jsonl"

TAG_OF_RATING: Final[Mapping[int, int]] = {1: 100, -1: 0}
"""The quality that a thumb stands for, where ratings are to become tags."""


@dataclass(frozen=True)
class ExportSettings:
    """What an export holds beside its conversations."""

    pairs: bool = True
    """Whether choices, thumbs and regenerated replies become preference pairs."""
    tags: bool = False
    """Whether thumbs become quality tags of their replies: 100 up, 0 down."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Something that was deleted, by the hash of its id."""

    kind: str
    target_hash: str
    deleted_at: int
    """Milliseconds since 1970, UTC."""


class Exporter:
    """Writes one export into a folder; the files appear when it is finished, the manifest last.

    `earlier` are the ids of messages that earlier exports hold and that need not come again: a conversation is written
    when it has a message that is none of them.
    """

    def __init__(self, folder: Path, settings: ExportSettings, earlier: frozenset[str] = frozenset()) -> None:
        self.folder = folder
        self.settings = settings
        self.exported: set[str] = set()
        """Ids of the messages that the files hold, those of `earlier` among them where they are written again."""
        self.allowed: set[str] = set()
        """Ids of all messages that exports may hold now, whether they are new or not."""
        self._earlier = earlier
        self._counts: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()
        self._languages: Counter[str] = Counter()
        self._intents: Counter[str] = Counter()
        self._consents: Counter[str] = Counter()
        self._personal_data: Counter[str] = Counter()
        self._users: set[str] = set()
        self._seen: set[bytes] = set()
        self._places = ExitStack()
        self._files: dict[str, IO[str]] = {}

    def __enter__(self) -> Exporter:
        self.folder.mkdir(parents=True, exist_ok=True)
        if (self.folder / MANIFEST).exists():
            raise UserError(f"{self.folder} holds an export already; choose another folder")
        for name in (CONVERSATIONS, PROMPTS, *([PAIRS] if self.settings.pairs else [])):
            unfinished = self._places.enter_context(whole_file(self.folder / name))
            self._files[name] = self._places.enter_context(open(unfinished, "w", encoding="utf-8"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._places.__exit__(kind, error, traceback)

    def add(self, chat: CollectedChat) -> None:
        """Writes what the chat allows."""
        self._counts["chats_read"] += 1
        refusals = {message.id: chat.refusal(message) for message in chat.messages}
        self._left_out.update(reason for reason in refusals.values() if reason is not None)
        usable = {id for id, reason in refusals.items() if reason is None}
        self.allowed.update(message.id for message in chat.messages if chat.may_be_held(message))
        runs = [run for run in _runs(chat, usable) if any(message.id not in self._earlier for message in run)]
        if not runs:
            return
        clean = Deidentifier()
        clean.learn({"title": chat.title, "messages": [turn.to_dict() for m in chat.messages for turn in m.turn]})
        for run in runs:
            self._write_run(chat, run, clean)
        if self.settings.pairs:
            self._write_pairs(chat, usable, clean)

    def finish(
        self, *, since: str | None = None, held: Iterable[str] = (), tombstones: Iterable[Tombstone] = ()
    ) -> dict[str, Any]:
        """Puts the files in place and writes the manifest, which is returned.

        `since`: the export that this one goes on from. `held`: ids of messages that earlier exports hold; those that
        may not be exported any more are named as withdrawn. `tombstones`: what was deleted so far.
        """
        self._files.clear()
        self._places.close()
        now = datetime.now(UTC)
        manifest = {
            "format": FORMAT,
            "id": f"{now:%Y%m%d-%H%M%S-%f}",
            "created_at": int(now.timestamp() * 1000),
            "moss": __version__,
            "since": since,
            "settings": asdict(self.settings),
            "files": {path.name: _described(path) for path in sorted(self.folder.glob("*.jsonl"))},
            "counts": {**self._counts, "messages": len(self.exported), "users": len(self._users)},
            "left_out": dict(self._left_out),
            "languages": dict(self._languages),
            "intents": dict(self._intents),
            "consent_versions": dict(self._consents),
            "personal_data": dict(sorted(self._personal_data.items())),
            "withdrawn": sorted(hashed(id) for id in set(held) - self.allowed),
            "tombstones": [asdict(tombstone) for tombstone in tombstones],
        }
        write_json(self.folder / MANIFEST, manifest)
        return manifest

    def _write_run(self, chat: CollectedChat, run: list[CollectedMessage], clean: Deidentifier) -> None:
        """One line: a conversation, or prompts that have no reply which may be exported."""
        conversation = Conversation(
            messages=tuple(message for node in run for message in self._trainable(node)),
            tools=chat.tools,
            meta=_meta(chat, run),
        )
        record = self._cleaned(conversation.to_dict(), clean)
        name = CONVERSATIONS if run[-1].author == "assistant" else PROMPTS
        if self._is_new(record):
            self._write(name, Conversation.from_dict(record))
            self._note(chat, run)

    def _write_pairs(self, chat: CollectedChat, usable: set[str], clean: Deidentifier) -> None:
        for comparison in compared(chat, usable):
            question = chat.by_id[comparison.chosen.parent_id or ""]
            context = _since_unusable(chat.path_to(question), usable)
            if all(message.id in self._earlier for message in (comparison.chosen, comparison.rejected)):
                continue
            try:
                pair = PreferencePair(
                    context=Conversation(tuple(m for node in context for m in _bare(node)), chat.tools),
                    chosen=_bare(comparison.chosen),
                    rejected=_bare(comparison.rejected),
                    meta={**_meta(chat, [*context, comparison.chosen, comparison.rejected]), "kind": comparison.kind},
                )
                pair = PreferencePair.from_dict(self._cleaned(pair.to_dict(), clean))
            except UserError:  # the two say the same, perhaps but for a number that is not shown: nothing to prefer
                self._left_out["equal_pairs"] += 1
                continue
            self._write(PAIRS, pair)
            self._note(chat, [comparison.chosen, comparison.rejected])

    def _trainable(self, node: CollectedMessage) -> AssistantTurn:
        """A turn without what was asked of it (a wished quality is no judgement), tagged by its thumb where wanted."""
        rating = node.feedback.rating if node.feedback and self.settings.tags else 0
        *rounds, last = _bare(node)
        tag = TAG_OF_RATING.get(rating) if node.author == "assistant" else None
        return (*rounds, replace(last, quality=tag))

    def _cleaned(self, record: Mapping[str, Any], clean: Deidentifier) -> dict[str, Any]:
        """The record without personal data; its meta says which characters of which text were replaced."""
        before = len(clean.report.texts)
        found = clean.record(record)
        spans = [[f.where, s.type, s.start, s.end] for f in clean.report.texts[before:] for s in f.spans]
        return {**found, "meta": {**found["meta"], "replaced": spans}} if spans else found

    def _is_new(self, record: Mapping[str, Any]) -> bool:
        """Whether no line so far says the same."""
        said = json.dumps([record["messages"], record.get("tools")], ensure_ascii=False, sort_keys=True)
        digest = hashlib.sha256(said.encode()).digest()[:16]
        if digest in self._seen:
            self._left_out["duplicates"] += 1
            return False
        self._seen.add(digest)
        return True

    def _write(self, name: str, value: Conversation | PreferencePair) -> None:
        self._files[name].write(json_line(value))
        self._counts[name.removesuffix(".jsonl")] += 1
        self._personal_data.update(kind for _, kind, *_ in value.meta.get("replaced", ()))

    def _note(self, chat: CollectedChat, nodes: Iterable[CollectedMessage]) -> None:
        self._users.add(chat.user_id)
        for node in nodes:
            if node.id in self.exported:
                continue
            self.exported.add(node.id)
            self._consents[node.consent_version or "unknown"] += 1
            if node.author == "user":
                self._languages[_language(node)] += 1
                self._intents[_intent(node)] += 1


def _runs(chat: CollectedChat, usable: set[str]) -> list[list[CollectedMessage]]:
    """The longest stretches of the chat's paths that may be exported, each beginning with a user's message.

    A question whose reply may not be exported ends a stretch only where nothing else of it is left: it is a prompt.
    """
    found: dict[tuple[str, ...], list[CollectedMessage]] = {}
    for path in chat.paths():
        for is_usable, stretch in groupby(path, key=lambda message: message.id in usable):
            nodes = list(stretch)
            if is_usable and nodes[0].author == "assistant":
                nodes = nodes[1:]
            if not is_usable or not nodes:
                continue
            answered = nodes if nodes[-1].author == "assistant" else nodes[:-1]
            for run in (answered, nodes):
                if run:
                    found[tuple(node.id for node in run)] = run
    return [run for ids, run in found.items() if _stands_alone(chat, ids, found, usable)]


def _stands_alone(
    chat: CollectedChat, ids: tuple[str, ...], runs: Mapping[tuple[str, ...], object], usable: set[str]
) -> bool:
    """Whether no longer stretch says all of this one, and, if it ends with a question, whether that has no reply."""
    if chat.by_id[ids[-1]].author == "user":
        return not any(follower.id in usable for follower in chat.children.get(ids[-1], ()))
    longer = (other for other in runs if len(other) > len(ids) and other[: len(ids)] == ids)
    return not any(chat.by_id[other[-1]].author == "assistant" for other in longer)


def _since_unusable(path: list[CollectedMessage], usable: set[str]) -> list[CollectedMessage]:
    """The end of a path from its last message on that may not be exported, beginning with a user's message."""
    start = max((at + 1 for at, message in enumerate(path) if message.id not in usable), default=0)
    return path[start + (start < len(path) and path[start].author == "assistant") :]


def _bare(node: CollectedMessage) -> AssistantTurn:
    """The turn without the tag that was asked for and without files, which stay on the server."""
    return tuple(_without_files(replace(message, quality=None)) for message in node.turn)


def _without_files(message: Message) -> Message:
    return replace(message, tool_calls=tuple(replace(call, files=()) for call in message.tool_calls))


def _meta(chat: CollectedChat, nodes: Iterable[CollectedMessage]) -> dict[str, Any]:
    """What a line says of itself. People, chats and messages stand in it by their hashes, as tombstones name them."""
    nodes = list(nodes)
    asked = [node for node in nodes if node.author == "user"]
    feedback = [
        {"message": hashed(node.id), **{key: value for key, value in asdict(node.feedback).items() if value}}
        for node in nodes
        if node.feedback
    ]
    found: dict[str, Any] = {
        "source": "collected",
        "language": _language(asked[-1]) if asked else None,
        "intents": [_intent(node) for node in asked],
        "models": sorted({node.model for node in nodes if node.model}),
        "day": f"{datetime.fromtimestamp(nodes[-1].created_at / 1000, UTC):%Y-%m-%d}",
        "consent": sorted({node.consent_version for node in nodes if node.consent_version}),
        "user": hashed(chat.user_id),
        "chat": hashed(chat.id),
        "messages": [hashed(node.id) for node in nodes],
    }
    return found | ({"feedback": feedback} if feedback else {}) | ({"title": chat.title} if chat.title else {})


def _language(node: CollectedMessage) -> str:
    return node.language or language_of(_text(node))


def _intent(node: CollectedMessage) -> str:
    return node.intent or intent_of(_text(node))


def _text(node: CollectedMessage) -> str:
    return "\n".join(message.content or "" for message in node.turn)


def _described(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"sha256": hashlib.sha256(data).hexdigest(), "lines": data.count(b"\n"), "bytes": len(data)}
