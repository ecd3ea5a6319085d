"""Which profile this machine uses, and why."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.settings import Profile, load_profile, profile_name


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A profile and the reason why it was taken, in one sentence."""

    profile: Profile
    reason: str


def choose(name: str | None = None) -> Choice:
    """The profile asked for (argument, then ASSISTANT_PROFILE), else what suits this machine.

    Raises:
        SettingsError: there is no such profile.
    """
    asked = profile_name(name)
    if asked != "auto":
        return Choice(profile=load_profile(asked), reason="it was asked for")
    return Choice(profile=load_profile("embedded"), reason="it runs on any machine")
