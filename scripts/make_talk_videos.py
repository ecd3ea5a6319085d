"""Make the scripted talks into videos with their truth beside them, for looking at.

    python scripts/make_talk_videos.py MEDIA OUT [--set dev|frozen]

MEDIA is a folder with `photos/` and `video/` (the development media). `assistant eval video`
makes the same files by itself.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from assistant.cli.output import open_engines
from assistant.evaluation.video_making import made
from assistant.evaluation.video_talks import talks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("media", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--set", choices=("dev", "frozen"), default="dev")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    engines = open_engines("embedded")
    try:
        for talk in talks(given.set):
            video = made(talk, given.media, engines)
            for file in (video.file, video.file.with_suffix(".json")):
                shutil.copyfile(file, given.out / f"{talk.name}{file.suffix}")
            print(f"{given.out / talk.name}.mp4: {video.duration:.1f} s", flush=True)
    finally:
        engines.close()


if __name__ == "__main__":
    main()
