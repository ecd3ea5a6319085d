"""What may be spoken: rules of speech about a scene, and of replies without a tool.

`SpeechFilter` applies them to every sentence of a turn, whatever engine made it (design,
section 7). They err on the side of silence about danger: a description may lose a clause,
a clearance never passes.
"""

from assistant.safety.sentences import streamed_sentences

__all__ = ["streamed_sentences"]
