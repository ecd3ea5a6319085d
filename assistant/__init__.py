"""A local voice-and-vision assistant: hears, sees, finds and answers aloud.

Importing this package loads no model library; engines are imported on first use.
"""

__version__ = "0.1.0"
