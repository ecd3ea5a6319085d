"""The live session: microphone, turn taking, transcriber, agent, synthesizer, loudspeaker.

`core.Session.step` decides everything, once for every 32 ms of sound. `workers.Threads` is the
one place with concurrency. `running.converse` joins a session to devices.
"""
