"""The only store of conversations and preferences: one SQLite file in the data folder."""

from __future__ import annotations

from assistant.memory.conversations import Conversation
from assistant.memory.preferences import Preferences
from assistant.memory.store import VERSION, Memory

__all__ = ["VERSION", "Conversation", "Memory", "Preferences"]
