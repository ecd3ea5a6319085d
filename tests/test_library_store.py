"""The store and the indexer of a photo library, on real files with a cheap encoder."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import DiskFull, EngineError, InputError, SettingsError
from assistant.interfaces import Cancel
from assistant.library import homes
from assistant.library.records import CONTENT
from assistant.library.store import PhotoStore
from tests.small_library import COLOURS, ColourEncoder, index, run, write

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of six pictures, one of them below."""
    root = tmp_path / "photos"
    for number, (name, colour) in enumerate(COLOURS.items()):
        below = "trip" if name == "yellow" else "."
        write(root / below / f"{name}.png", colour, seed=number)
    return root


def counts(folder: Path, encoder: ColourEncoder | None = None) -> tuple[int, int, int, int]:
    """Added, unchanged, removed, failed of a run."""
    done = index(folder, encoder)
    return done.added, done.unchanged, done.removed, len(done.failed)


def names(folder: Path) -> list[str]:
    """The files that the library knows, below its folder."""
    store = PhotoStore(folder)
    try:
        rows = store.rows("SELECT folder, name FROM files ORDER BY folder, name")
        return [os.fsdecode(os.path.join(*row)) for row in rows]
    finally:
        store.close()


def test_unchanged_files_are_not_read_again(folder: Path) -> None:
    assert counts(folder) == (6, 0, 0, 0)
    again = ColourEncoder()
    assert counts(folder, again) == (0, 6, 0, 0)
    assert again.seen == 0


def test_an_unchanged_file_costs_one_stat(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index(folder)
    opened = []
    monkeypatch.setattr(Path, "read_bytes", lambda self: opened.append(self))
    assert counts(folder) == (0, 6, 0, 0)
    assert opened == []


def test_a_changed_file_is_read_again(folder: Path) -> None:
    index(folder)
    write(folder / "red.png", COLOURS["blue"], seed=99, side=40)
    assert counts(folder) == (1, 5, 0, 0)
    store = PhotoStore(folder)
    assert store.rows("SELECT count(*) FROM contents") == [(6,)]  # the old content has gone
    store.close()


def test_renamed_files_keep_their_vectors(folder: Path) -> None:
    index(folder)
    (folder / "red.png").rename(folder / "rouge.png")
    (folder / "trip").rename(folder / "journey")
    encoder = ColourEncoder()
    assert counts(folder, encoder) == (0, 6, 0, 0)
    assert encoder.seen == 0
    assert "rouge.png" in names(folder)
    assert "journey/yellow.png" in names(folder)
    assert "red.png" not in names(folder)


def test_removed_files_vanish(folder: Path) -> None:
    index(folder)
    (folder / "red.png").unlink()
    (folder / "trip" / "yellow.png").unlink()
    (folder / "trip").rmdir()
    assert counts(folder) == (0, 4, 2, 0)
    store = PhotoStore(folder)
    for table in ("files", "contents", "vectors", "words"):
        assert store.rows(f"SELECT count(*) FROM {table}") == [(4,)], table
    store.close()


def test_copies_share_one_content(folder: Path) -> None:
    index(folder)
    (folder / "copy.png").write_bytes((folder / "red.png").read_bytes())
    encoder = ColourEncoder()
    assert counts(folder, encoder) == (1, 6, 0, 0)
    assert encoder.seen == 0
    (folder / "red.png").unlink()
    assert counts(folder, encoder) == (0, 6, 1, 0)


def test_bad_files_are_listed_and_left_alone_until_they_change(folder: Path) -> None:
    whole = (folder / "red.png").read_bytes()
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "text.jpg").write_text("no picture")
    (folder / "gone.jpg").symlink_to(folder / "nowhere.jpg")
    done = index(folder)
    reasons = {failure.file.name: failure.error for failure in done.failed}
    assert reasons.keys() == {"empty.jpg", "cut.png", "text.jpg", "gone.jpg"}
    assert "zero bytes" in reasons["empty.jpg"]
    assert "damaged" in reasons["cut.png"]
    encoder = ColourEncoder()
    assert counts(folder, encoder) == (0, 6, 0, 4)  # listed again
    (folder / "cut.png").write_bytes(whole)
    assert counts(folder, encoder) == (1, 6, 0, 3)


def test_bad_files_are_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "text.jpg").write_text("no picture")
    index(folder)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail(f"{self} was read"))
    assert counts(folder) == (0, 6, 0, 1)


def test_another_encoder_encodes_anew(folder: Path) -> None:
    index(folder)
    other = ColourEncoder("other colours")
    assert counts(folder, other) == (6, 0, 0, 0)
    assert other.seen == 6
    store = PhotoStore(folder)
    ids, matrix = store.vectors(store.encoder("other colours"), CONTENT)
    assert len(ids) == len(matrix) == 6
    assert store.rows("SELECT count(*) FROM vectors") == [(6,)]  # none of the first are left
    store.close()


def test_odd_names_and_links(folder: Path) -> None:
    odd = ["a\nb.png", "😀 photo.png", "quote'\".png", os.fsdecode(b"bad \xff\xfe bytes.png")]
    for number, name in enumerate(odd):
        write(folder / name, (100, 100, 10 * number), seed=number)
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "trip" / "up").symlink_to(folder / "trip", target_is_directory=True)
    os.mkfifo(folder / "pipe.jpg")
    (folder / ".hidden.png").write_bytes((folder / "red.png").read_bytes())
    assert counts(folder) == (10, 0, 0, 0)
    assert set(odd) <= set(names(folder))
    assert counts(folder) == (0, 10, 0, 0)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_folder_keeps_what_was_known(folder: Path) -> None:
    index(folder)
    (folder / "trip").chmod(0)
    try:
        done = index(folder)
    finally:
        (folder / "trip").chmod(0o755)
    assert (done.added, done.removed) == (0, 0)
    assert [failure.file.name for failure in done.failed] == ["trip"]


def test_a_folder_that_cannot_be_listed_keeps_what_was_known(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(folder)
    scandir = os.scandir

    def refusing(path):  # type: ignore[no-untyped-def]
        if os.fsencode(path).endswith(b"trip"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("os.scandir", refusing)
    done = index(folder)
    assert (done.added, done.removed) == (0, 0)
    assert [failure.file.name for failure in done.failed] == ["trip"]
    assert "trip/yellow.png" in names(folder)


def test_a_missing_folder_is_no_empty_one(folder: Path) -> None:
    index(folder)
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(InputError):
        index(folder)
    assert len(names(folder)) == 6


def test_a_file_that_changes_while_it_is_read_waits_for_the_next_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Path.read_bytes

    def growing(self: Path) -> bytes:
        content = read(self)
        if self.name == "red.png":
            with self.open("ab") as file:
                file.write(b"more")
        return content

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", growing)
        assert counts(folder) == (5, 0, 0, 0)
    assert counts(folder) == (1, 5, 0, 0)


@pytest.mark.parametrize(
    "error", [EngineError("I don't like blue"), ZeroDivisionError("a line of no height")]
)
def test_an_engine_that_fails_on_one_picture_loses_one(folder: Path, error: Exception) -> None:
    class Choosy(ColourEncoder):
        def images(self, pictures):  # type: ignore[no-untyped-def]
            if any(picture.source.endswith("blue.png") for picture in pictures):
                raise error
            return super().images(pictures)

    done = index(folder, Choosy())
    assert [failure.file.name for failure in done.failed] == ["blue.png"]
    assert done.added == 5


def test_an_engine_that_fails_on_all_ends_the_run(folder: Path) -> None:
    class Broken(ColourEncoder):
        def images(self, pictures):  # type: ignore[no-untyped-def]
            raise EngineError("out of order")

    with pytest.raises(EngineError, match="out of order"):
        index(folder, Broken())
    assert counts(folder)[:2] == (6 - 2, 0)  # the two that it had failed on are not tried again


def test_a_full_disk_keeps_what_was_written(folder: Path) -> None:
    index(folder)
    for number in range(300):
        write(folder / f"more{number}.png", (number % 256, 60, 60), seed=1000 + number)
    store = PhotoStore(folder)
    pages = store.rows("PRAGMA page_count")[0][0]
    store.rows(f"PRAGMA max_page_count = {pages + 4}")
    from assistant.jobs import Jobs
    from assistant.library.indexing import Indexer
    from assistant.library.seeing import Encoding

    jobs = Jobs()
    with pytest.raises(DiskFull), jobs.claim("photos", "full") as job:
        list(Indexer(store, Encoding(encoder=ColourEncoder()), job).run())
    store.close()
    jobs.close()
    added, unchanged, _, failed = counts(folder)
    assert (added + unchanged, failed) == (306, 0)
    assert unchanged >= 6


def test_a_library_from_a_future_version_is_refused(folder: Path) -> None:
    index(folder)
    path = homes.place_of(folder) / "library.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(SettingsError, match="newer version"):
        PhotoStore(folder)


def test_two_indexers_on_one_library_do_not_fight(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    for number in range(400):
        write(root / f"{number:04}.png", (number % 256, number // 2, 77), seed=number)
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.small_library", str(root)],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    ends = [process.communicate(timeout=120)[0].splitlines()[-1] for process in started]
    assert [process.returncode for process in started] == [0, 0]
    assert sorted(ends) == [
        '{"added": 0, "unchanged": 400, "removed": 0, "failed": 0}',
        '{"added": 400, "unchanged": 0, "removed": 0, "failed": 0}',
    ]


def test_cancelling_keeps_what_was_read(tmp_path: Path) -> None:
    from assistant.errors import Cancelled
    from assistant.jobs import Jobs
    from assistant.library.indexing import Indexer
    from assistant.library.seeing import Encoding

    root = tmp_path / "photos"
    for number in range(200):
        write(root / f"{number:04}.png", (number, 10, 10), seed=number)
    cancel, jobs, store = Cancel(), Jobs(), PhotoStore(root)

    def work() -> None:
        with jobs.claim("photos", str(root), cancel=cancel) as job:
            for event in Indexer(store, Encoding(encoder=ColourEncoder()), job).run():
                if getattr(event, "stage", "") == "read" and event.done > 0:
                    cancel.set()

    with pytest.raises(Cancelled):
        work()
    store.close()
    assert jobs.all()[0].state == "stopped"
    added, unchanged, _, _ = counts(root)
    assert unchanged >= 64
    assert added + unchanged == 200


def test_searching_goes_on_while_the_indexer_works(folder: Path) -> None:
    """A reader in another thread sees whole batches, and is never kept waiting for long."""
    for number in range(300):
        write(folder / f"more{number}.png", (number % 256, 60, 60), seed=1000 + number)
    reader = PhotoStore(folder)
    seen: list[tuple[int, int]] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            ids, matrix = reader.vectors(1, CONTENT)
            seen.append((len(ids), len(matrix)))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        list(run(folder, ColourEncoder()))
    finally:
        done.set()
        thread.join()
    assert all(ids == rows for ids, rows in seen)
    assert [ids for ids, _ in seen] == sorted(ids for ids, _ in seen)
    assert np.isclose(
        np.linalg.norm(reader.vectors(1, CONTENT)[1].astype(float), axis=1), 1, atol=1e-2
    ).all()
    reader.close()
