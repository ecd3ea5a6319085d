"""Text that the models read."""
