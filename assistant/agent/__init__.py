"""The orchestrator: one request becomes one tool call, its answer is spoken and remembered.

`graph` is the way of a turn, `asides` what the agent says of its own accord, `core.Agent` the
conversation that both belong to.
"""

from assistant.agent.core import Agent, Routes

__all__ = ["Agent", "Routes"]
