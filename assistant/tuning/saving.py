"""A tuned encoder as a checkpoint folder that the engine `clip` loads."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant.embedding.checkpoint import TUNED, Checkpoint
from assistant.errors import InputError
from assistant.weights.manifest import manifest

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_BESIDE = (
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
    "preprocessor_config.json", "processor_config.json",
)  # fmt: skip


def target(models: Path, name: str) -> Path:
    """The folder of a tuned encoder of that name; one that `tune` made before is replaced.

    Raises:
        InputError: a name that is none, that published weights have, or that is taken.
    """
    if not _NAME.fullmatch(name) or name in manifest():
        raise InputError(f"{name!r} cannot name a tuned encoder", fix="give another --name")
    folder = models / name
    if folder.exists() and not (folder / TUNED).is_file():
        raise InputError(f"{folder} is there and was not made by tune", fix="give another --name")
    return folder


def save(model: Any, checkpoint: Checkpoint, folder: Path, report: Mapping[str, Any]) -> None:
    """Write a checkpoint; the folder is whole or as it was.

    Raises:
        InputError: it cannot be written.
    """
    made: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
        made.chmod(0o755)
        model.save_pretrained(made)
        for name in _BESIDE:
            if (checkpoint.folder / name).is_file():
                shutil.copyfile(checkpoint.folder / name, made / name)
        text = json.dumps(report, ensure_ascii=False, indent=1)
        (made / TUNED).write_text(text, encoding="utf-8")
        if folder.exists():
            before = made.with_name(f"{made.name}-before")
            folder.replace(before)
            made.replace(folder)
            shutil.rmtree(before, ignore_errors=True)
        else:
            made.replace(folder)
    except OSError as error:
        raise InputError(f"cannot write {folder}: {error}", fix="free some disk space") from error
    finally:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)
