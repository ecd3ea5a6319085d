"""The agent's tools, one file per subject; `assistant.tools` is this folder."""
