"""The assistant at work: a conversation in, the events of the answer out, with tools in between."""

from __future__ import annotations

from .agent import Agent, Answering
from .answer import UNPARSEABLE

__all__ = ["UNPARSEABLE", "Agent", "Answering"]
