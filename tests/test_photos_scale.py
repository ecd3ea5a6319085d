"""The benchmark of the library's index, small: what it says must be so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.bench import photos_scale
from assistant.bench.clusters import Clusters, nearest


def test_made_vectors_have_clusters_and_known_neighbours() -> None:
    clusters = Clusters.make(12_000, dimension=64)
    vectors = np.concatenate([chunk for _, chunk in clusters.chunks()])
    assert vectors.shape == (12_000, 64)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    again = np.concatenate([chunk for _, chunk in Clusters.make(12_000, dimension=64).chunks()])
    assert np.array_equal(vectors, again)
    cosines = vectors[:300] @ vectors.T
    same = clusters.event_of[:300, None] == clusters.event_of
    assert 0.7 < cosines[same].mean() < 0.9
    assert 0.3 < cosines[~same].mean() < 0.5

    queries = clusters.queries(8)
    few = np.zeros(12_000, np.bool_)
    few[[3, 10_500]] = True
    unfiltered, filtered = nearest(clusters, queries, [None, few], 5)
    exact = np.argsort(-(queries @ vectors.T), axis=1)[:, :5]
    assert np.array_equal(np.sort(unfiltered), np.sort(exact))
    assert {tuple(sorted(row)) for row in filtered.tolist()} == {(-1, -1, -1, 3, 10_500)}


def test_the_index_is_measured_under_every_filter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos_scale, "_apart", lambda work, *values: work(*values))
    monkeypatch.setattr(photos_scale, "KINDS", {})
    monkeypatch.setattr("assistant.library.vectors.CODES_A_CANDIDATE", 2)
    rows = list(photos_scale.scaled(tmp_path, 2000, asked=20))
    assert len(rows) == 6 * 2  # filters; ten results and a thousand
    assert {row.results for row in rows} == {10, 1000}
    for row in rows:
        assert row.stages["disk MB"] > 1, row.name
        assert row.stages["build s"] > 0
        assert row.stages["recall@10"] >= 0.98, row.name
        assert row.stages["mapped MB"] < 100, row.name
    filled = (tmp_path / "library.sqlite").stat().st_mtime_ns
    again = next(photos_scale.scaled(tmp_path, 2000, asked=20))
    assert again.stages["build s"] == rows[0].stages["build s"]
    assert (tmp_path / "library.sqlite").stat().st_mtime_ns == filled


def test_keys_of_a_graph_are_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """USearch walks over all keys for each one by its place: hours, with a million."""
    from usearch.index import IndexedKeys

    read = IndexedKeys.__getitem__

    def at_once(keys: IndexedKeys, which: Any) -> Any:
        assert isinstance(which, slice)
        return read(keys, which)

    monkeypatch.setattr(IndexedKeys, "__getitem__", at_once)
    photos_scale.fill(tmp_path, Clusters.make(200, dimension=16))
    assert photos_scale._arranged(tmp_path)["build s"] > 0


@pytest.mark.slow
def test_faiss_is_measured_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # on a busy machine its threads wait for each other
    small = {"PQ": "IVF{lists},PQ64np", "OPQ": "OPQ16_64,IVF{lists},PQ16np"}
    monkeypatch.setattr(photos_scale, "KINDS", small)
    rows = list(photos_scale.scaled(tmp_path, 2000, asked=20))
    for kind in small:
        measured = [row for row in rows if f"FAISS {kind}," in row.name]
        assert len(measured) == 6 * 2
        assert all(row.stages["recall@10"] > 0.8 for row in measured)
