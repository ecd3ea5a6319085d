"""Silero VAD through ONNX Runtime: the speech probability of every 32 ms.

The model (https://github.com/snakers4/silero-vad, v5 and later) takes 512 new samples at
16 kHz, the 64 samples before them, and a recurrent state.
"""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
import onnxruntime

from assistant.audio import HEARING_RATE, Audio
from assistant.interfaces import EngineContext, Float32

FRAME = 512  # samples, 32 ms at 16 kHz
_CONTEXT = 64  # samples before the frame that the model sees as well


class Silero:
    """A voice detector. Keeps no state between calls, so threads may share it."""

    name: ClassVar[str] = "silero"

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load the 2 MB model; about 0.05 s."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the frames are too small to share out
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        path = context.weights() / "silero_vad.onnx"
        return cls(
            onnxruntime.InferenceSession(
                str(path), sess_options=options, providers=["CPUExecutionProvider"]
            )
        )

    def stream(self) -> SileroStream:
        """A detector for sound that arrives frame by frame; same numbers as `probabilities`."""
        return SileroStream(self._session)

    def probabilities(self, audio: Audio) -> Float32:
        """Speech probability of each 32 ms frame, [ceil(n / 512)] in [0, 1]; about 0.1 ms each."""
        samples = audio.resampled(HEARING_RATE).samples
        count = -(-len(samples) // FRAME)
        padded = np.zeros(count * FRAME, np.float32)
        padded[: len(samples)] = samples
        stream = self.stream()
        return np.array([stream.next(f) for f in padded.reshape(count, FRAME)], np.float32)


class SileroStream:
    """The detector at work on one endless sound."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._state = np.zeros((2, 1, 128), np.float32)
        self._rate = np.array(HEARING_RATE, np.int64)
        self._window = np.zeros((1, _CONTEXT + FRAME), np.float32)

    def next(self, frame: Float32) -> float:
        """Speech probability of the next 512 samples at 16 kHz, in [0, 1]; about 0.1 ms."""
        self._window[0, :_CONTEXT] = self._window[0, -_CONTEXT:]
        self._window[0, _CONTEXT:] = frame
        output, self._state = self._session.run(
            None, {"input": self._window, "state": self._state, "sr": self._rate}
        )
        return float(output[0, 0])
