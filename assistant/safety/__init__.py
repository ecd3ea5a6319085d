"""What may be spoken: rules of speech about a scene, and of replies without a tool.

`SpeechFilter` applies them to every sentence of a turn, whatever engine made it (design,
section 7). They err on the side of silence about danger: a description may lose a clause,
a clearance never passes.
"""

from assistant.safety.clearance import clearance_in
from assistant.safety.sentences import streamed_clauses, streamed_sentences
from assistant.safety.speech import SpeechFilter

__all__ = ["SpeechFilter", "clearance_in", "streamed_clauses", "streamed_sentences"]
