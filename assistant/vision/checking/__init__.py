"""Checks what a vision model says against what can be measured about the picture.

`output.sentences` takes a model's raw answer apart, `evidence.Evidence` holds the measurements,
`claims` finds what a clause claims, and `verdict.check` keeps, hedges or drops each sentence.
"""

from assistant.vision.checking.evidence import Evidence
from assistant.vision.checking.verdict import Checked, check

__all__ = ["Checked", "Evidence", "check"]
