"""Fine-tuning a picture encoder on pairs of pictures and texts: `assistant tune clip`.

`pairs` reads and parts them, `objective` is InfoNCE and recall, `learners` says which weights
learn, `training` is the loop with early stopping, `saving` writes a checkpoint that the engine
`clip` loads.
"""
