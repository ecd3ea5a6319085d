"""Understanding videos: shots, keyframes, words, what happens when, and questions about it."""
