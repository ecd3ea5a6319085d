"""Every error that a caller may meet.

    AssistantError
    ├── InputError          a file, picture or sound cannot be used; other inputs go on
    │   └── CameraError     a camera gives no picture; `fault` names the reason
    ├── SettingsError       a profile, an option or an environment variable is wrong
    ├── EngineError         an engine failed while working
    │   ├── EngineMissing   its packages or a system program are not installed
    │   └── DeadlineExceeded  it took longer than `Options.deadline_s`
    ├── WeightsError        weights are missing, altered or cannot be fetched
    │   ├── WeightsMissing  not on this machine; `assistant models pull` fetches them
    │   ├── WeightsCorrupt  size or SHA-256 differs from the pinned one
    │   └── DiskFull        too little free space
    ├── ToolError           a tool cannot do what was asked, said in words that can be spoken
    └── Cancelled           the caller cancelled; not a failure

Each message says what happened, `fix` says what to do about it. Backends' own
exceptions are translated at the border (`raise EngineError(...) from error`),
so callers never learn which library is behind an interface.
"""


class AssistantError(Exception):
    """Base of all errors; `str(error)` is what happened, `fix` what to do."""

    def __init__(self, what: str, *, fix: str = "") -> None:
        super().__init__(what)
        self.fix = fix


class InputError(AssistantError):
    """An input cannot be used."""


class CameraError(InputError):
    """A camera gives no picture; `fault` is busy, forbidden, missing or stopped."""

    def __init__(self, what: str, *, fix: str, fault: str) -> None:
        super().__init__(what, fix=fix)
        self.fault = fault


class SettingsError(AssistantError):
    """A profile, an option or an environment variable is wrong."""


class EngineError(AssistantError):
    """An engine failed while working."""


class EngineMissing(EngineError):
    """An engine's packages or system programs are not installed."""


class DeadlineExceeded(EngineError):
    """An engine took longer than it was allowed."""


class WeightsError(AssistantError):
    """Weights are missing, altered or cannot be fetched."""


class WeightsMissing(WeightsError):
    """Weights are not on this machine yet."""


class WeightsCorrupt(WeightsError):
    """A file's size or SHA-256 differs from the pinned one."""


class DiskFull(WeightsError):
    """The disk has too little free space for what is to be written."""


class ToolError(AssistantError):
    """A tool cannot do what was asked; the message can be spoken."""


class Cancelled(AssistantError):
    """The caller cancelled the work."""

    def __init__(self) -> None:
        super().__init__("cancelled")
