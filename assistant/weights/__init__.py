"""The weights on this machine: found offline, fetched only by `assistant models pull`."""

from assistant.weights.store import Store

__all__ = ["Store"]
