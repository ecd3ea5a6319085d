"""Pictures and texts as vectors of one space: what the engines `clip` and `open-clip` share.

`checkpoint` tells what a folder holds, `pixels` and `tokens` prepare inputs without torch,
`towers` computes with torch, `onnx_towers` and `onnx_sessions` with ONNX Runtime, `english` turns
Chinese queries into English for encoders that read nothing else.
"""
