"""Microphone, loudspeaker and camera, and their file-backed twins. Reads no settings."""

from assistant.devices.camera import Camera, play, sharpness
from assistant.devices.sound import BLOCK, RENDER_RATE, Block, Render, Sound
from assistant.devices.twins import FileSound
from assistant.devices.watching import ConversationCamera

__all__ = [
    "BLOCK",
    "RENDER_RATE",
    "Block",
    "Camera",
    "ConversationCamera",
    "FileSound",
    "Render",
    "Sound",
    "play",
    "sharpness",
]
