"""The packaged settings."""
