"""Routing: which tool a request is for, and with which arguments (design, section 5)."""

from assistant.routing.router import Router, prepare

__all__ = ["Router", "prepare"]
