"""Charts, from geometry and OCR alone: type, axes, main message, numbers."""

from assistant.vision.charts.looking import find
from assistant.vision.charts.model import Axis, Chart, Point, Series

__all__ = ["Axis", "Chart", "Point", "Series", "find"]
