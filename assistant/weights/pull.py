"""Fetching weights: plan, refuse what does not fit on the disk, try each source in turn.

A pull that was killed goes on with the parts that it had finished.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.errors import AssistantError, WeightsCorrupt, WeightsError
from assistant.settings import SourceKind
from assistant.weights.attempt import (
    HashDiffers,
    Pace,
    SourceFailed,
    TooSlow,
    disk_full,
    folder_size,
    full_disk_translated,
    readable,
)
from assistant.weights.delivery import Delivery, Show
from assistant.weights.hub import Hub
from assistant.weights.manifest import AnySource, HubSource, PackedSource, WeightsSet
from assistant.weights.store import Store

DEFAULT_ORDER: tuple[SourceKind, ...] = ("folder", "hub", "index", "npm")


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What a set still lacks, seen from the source that will be tried first."""

    name: str
    source: AnySource | None  # None where no source is allowed or reachable
    size: int | None  # bytes to fetch; None while only the hub knows


@dataclass(frozen=True, kw_only=True)
class Pulled:
    """What became of one set."""

    name: str
    source: str  # where its files came from; "here" when nothing was lacking
    size: int  # bytes that were fetched
    error: AssistantError | None = None


@dataclass
class Pull:
    """One run of `models pull` on one folder."""

    store: Store
    order: Sequence[SourceKind] = DEFAULT_ORDER
    folder: Path | None = None  # for the source `folder`
    pace: Pace = field(default_factory=Pace)
    show: Show = field(default_factory=Show)
    hub: Hub = field(default_factory=Hub)
    _said_closed: bool = False

    def plan(self, names: Iterable[str]) -> list[Planned]:
        """What has to be fetched for these sets and those that they need. Asks only a hub.

        Raises:
            WeightsMissing: there is no set of such a name.
        """
        rows = []
        for name in self._with_needs(names):
            wanted = self.store.wanted(name)
            if self._whole(name, wanted):
                continue
            source = next(self._candidates(wanted), None)
            size = None if source is None else self._delivery(name).size_lacking(source)
            rows.append(Planned(name=name, source=source, size=size))
        return rows

    def run(self, names: Iterable[str]) -> list[Pulled]:
        """Bring these sets and those that they need, one after the other.

        One that fails does not keep the others back; its row carries the error.

        Raises:
            WeightsMissing: there is no set of such a name.
            DiskFull: what is lacking does not fit, found out before the first byte.
        """
        names = self._with_needs(names)
        with full_disk_translated(self.store.root), self._alone():
            self.store = Store(self.store.root, self.store.sets)  # another pull may have worked
            for abandoned in self._staging.glob("*/tmp-*"):
                shutil.rmtree(abandoned, ignore_errors=True)
            self._refuse_small_disk(self.plan(names))
            return [self._pull(name) for name in names]

    @property
    def _staging(self) -> Path:
        return self.store.root / ".staging"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two pulls never work in one folder; the second waits for the first."""
        self.store.root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.store.root / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            self.show.say("Another pull is at work in this folder; waiting for it to end.")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _with_needs(self, names: Iterable[str]) -> list[str]:
        wanted: dict[str, None] = {}
        for name in names:
            if self.store.own(name):
                continue
            described = self.store.wanted(name)
            wanted |= dict.fromkeys([*described.made_from, name, *described.needs])
        return list(wanted)

    def _delivery(self, name: str) -> Delivery:
        return Delivery(name=name, store=self.store, hub=self.hub, show=self.show)

    def _whole(self, name: str, wanted: WeightsSet) -> bool:
        """Whether there is nothing to fetch for a set."""
        return not wanted.sources or any(
            not self.store.lacking(name, source) for source in wanted.sources
        )

    def _candidates(self, wanted: WeightsSet) -> Iterator[AnySource]:
        """The sources to try, in order; the hub is probed when its turn comes."""
        order = tuple(kind for kind in self.order if kind != "folder")
        for source in wanted.ordered(order):
            if not isinstance(source, HubSource) or self.hub.closed is None:
                yield source
            elif not self._said_closed:
                self.show.say(
                    f"{self.hub.closed[:1].upper()}{self.hub.closed[1:]}; it is left out."
                )
                self._said_closed = True

    def _refuse_small_disk(self, planned: list[Planned]) -> None:
        """Whole files, and the most that staging holds besides: one file's parts and wheels."""
        overhead = 0
        for row in planned:
            if isinstance(row.source, PackedSource):
                files = row.source.files.values()
                joined = max((f.size for f in files if f.count > 1), default=0)
                wheels = 3 * max(f.size // f.count for f in files)
                overhead = max(overhead, joined + wheels)
        needed = sum(row.size or 0 for row in planned) + overhead - folder_size(self._staging)
        if planned and shutil.disk_usage(self.store.root).free < needed:
            raise disk_full(self.store.root, needed)

    def _pull(self, name: str) -> Pulled:
        wanted = self.store.wanted(name)
        try:
            source, size = self._fetch(name, wanted)
            for file, derived in wanted.derived.items():
                self._delivery(name).derive(file, derived)
        except AssistantError as error:
            if wanted.fallback is None:
                return Pulled(name=name, source="", size=0, error=error)
            self.show.say(f"{error}; {wanted.fallback} takes the place of {name}.")
            instead = self._pull(wanted.fallback)
            if instead.error is None:
                return instead
            return Pulled(name=name, source="", size=0, error=error)
        finally:
            self.show.end(name)
        return Pulled(name=name, source=source, size=size)

    def _fetch(self, name: str, wanted: WeightsSet) -> tuple[str, int]:
        """Have all files of one source in place: where they came from, bytes fetched."""
        if self._whole(name, wanted):
            return "here", 0
        delivery, failures = self._delivery(name), list[SourceFailed]()
        if "folder" in self.order and self.folder is not None:
            for source in wanted.sources:
                size = delivery.copy(source, self.folder)
                if size is not None:
                    return f"folder {self.folder}", size
            failures.append(SourceFailed(f"{self.folder} does not hold its files"))
        slow: list[AnySource] = []
        for source in self._candidates(wanted):
            try:
                return source.label, delivery.bring(source, self.pace)
            except SourceFailed as error:
                self.show.say(f"{name}: {source.label}: {error}.")
                failures.append(error)
                slow += [source] if isinstance(error, TooSlow) else []
        for source in slow:
            try:
                return source.label, delivery.bring(source, None)
            except SourceFailed as error:
                failures.append(error)
        raise self._failed(name, wanted, failures)

    def _failed(self, name: str, wanted: WeightsSet, failures: list[SourceFailed]) -> WeightsError:
        reasons = [str(error) for error in failures]
        asks_hub = any(isinstance(s, HubSource) for s in wanted.ordered(tuple(self.order)))
        if asks_hub and self.hub.closed is not None:
            reasons.append(self.hub.closed)
        corrupt = any(isinstance(error, HashDiffers) for error in failures)
        return (WeightsCorrupt if corrupt else WeightsError)(
            f"{name} cannot be fetched: {'; '.join(reasons) or 'no source is allowed'}",
            fix=f"check the network, then assistant models pull {name}",
        )


def total(planned: Iterable[Planned]) -> str:
    """The bytes of a plan in words: "1.5 GB", or "at least 1.5 GB"."""
    rows = list(planned)
    size = readable(sum(row.size or 0 for row in rows))
    return f"at least {size}" if any(row.size is None for row in rows) else size
