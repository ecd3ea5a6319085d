"""WebRTC's echo canceller (AEC3), through the audio processing module of livekit's package.

Works on frames of 10 ms; nothing is sent anywhere, no server is involved.
"""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from livekit import rtc

from assistant.audio import HEARING_RATE
from assistant.interfaces import EngineContext, Float32

_FRAME = HEARING_RATE // 100  # samples, 10 ms


class WebRtcEcho:
    """An echo canceller. Keeps state: one conversation a process."""

    name: ClassVar[str] = "webrtc"
    delay: ClassVar[int] = _FRAME

    def __init__(self, *, noise_suppression: bool = False) -> None:
        self._module = rtc.AudioProcessingModule(
            echo_cancellation=True,
            noise_suppression=noise_suppression,
            high_pass_filter=True,
            auto_gain_control=False,
        )
        self._microphone = np.zeros(0, np.float32)
        self._reference = np.zeros(0, np.float32)
        # 512 samples are no multiple of 160: one frame is held back from the beginning.
        self._clean = np.zeros(_FRAME, np.float32)

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Options: noise_suppression (off by default; it made no clear difference)."""
        return cls(noise_suppression=bool(context.options.get("noise_suppression", False)))

    def clean(self, microphone: Float32, reference: Float32) -> Float32:
        """The microphone without what was played, as long as given; lags 10 ms behind."""
        self._microphone = np.concatenate([self._microphone, microphone])
        self._reference = np.concatenate([self._reference, reference])
        cleaned = [self._clean]
        while len(self._microphone) >= _FRAME:
            near, self._microphone = self._microphone[:_FRAME], self._microphone[_FRAME:]
            far, self._reference = self._reference[:_FRAME], self._reference[_FRAME:]
            self._module.process_reverse_stream(_frame(far))
            self._module.set_stream_delay_ms(0)
            frame = _frame(near)
            self._module.process_stream(frame)
            cleaned.append(np.frombuffer(frame.data, np.int16).astype(np.float32) / 32768.0)
        joined = np.concatenate(cleaned)
        self._clean = joined[len(microphone) :]
        return joined[: len(microphone)]


def _frame(samples: Float32) -> rtc.AudioFrame:
    """10 ms as the module takes them: 16 bits."""
    steps = np.clip(np.round(samples * 32768.0), -32768, 32767).astype(np.int16)
    return rtc.AudioFrame(bytearray(steps.tobytes()), HEARING_RATE, 1, _FRAME)
