"""Engines, one file per model family. They never import each other."""
