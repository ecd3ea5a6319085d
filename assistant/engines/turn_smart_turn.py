"""Smart Turn v3.2: whether a speaker has finished, by the melody of the last 8 s.

The model (https://github.com/pipecat-ai/smart-turn, BSD-2-Clause) takes Whisper's log-mel
spectrogram, 80 x 800, of 8 s at 16 kHz: shorter sound is padded with silence before it, and the
waveform brought to zero mean and unit variance, as in pipecat's `local_smart_turn_v3.py`.
"""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
import onnxruntime
from faster_whisper.feature_extractor import FeatureExtractor

from assistant.audio import HEARING_RATE, Audio
from assistant.interfaces import EngineContext

_SAMPLES = 8 * HEARING_RATE
_EPSILON = 1e-7  # added to the variance, as transformers' WhisperFeatureExtractor does


class SmartTurn:
    """A turn detector; about 0.1 s a call on one core. Cannot be stopped in between."""

    name: ClassVar[str] = "smart-turn"

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._features = FeatureExtractor(feature_size=80)

    @classmethod
    def load(cls, context: EngineContext) -> Self:
        """Load the 8.7 MB model. Options: threads (default 1, since the transcriber works too)."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = context.options.get("threads", 1)
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        path = context.weights() / "smart-turn-v3.2-cpu.onnx"
        return cls(
            onnxruntime.InferenceSession(
                str(path), sess_options=options, providers=["CPUExecutionProvider"]
            )
        )

    def probability(self, audio: Audio) -> float:
        """Probability in [0, 1] that the turn has ended, from the last 8 s of audio."""
        sound = audio.resampled(HEARING_RATE).samples[-_SAMPLES:].astype(np.float32)
        sound = np.pad(sound, (_SAMPLES - len(sound), 0))
        sound = (sound - sound.mean()) / np.sqrt(sound.var() + _EPSILON)
        features = self._features(sound, padding=0)[:, :800].astype(np.float32)
        output = self._session.run(None, {"input_features": features[None]})[0]
        return float(np.ravel(output)[0])
