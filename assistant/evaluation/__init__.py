"""Scores of the assistant on folders with ground truth."""
