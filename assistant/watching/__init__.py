"""Live narration: frames in, sentences out.

`narrator` decides what is said and when, on the clock of its inputs alone; `attention` which
frames are worth looking at; `sight` looks, with the engines of a profile; `live` joins them to
frames and a voice. Each mode is a module of its own: surroundings, reading, finding, aiming.
"""
