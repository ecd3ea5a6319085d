"""`configs/weights.yaml`: the weights sets, their files, and the sources of each file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from assistant.errors import SettingsError, WeightsMissing
from assistant.settings import SourceKind, Strict, configs, read_yaml

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
OtherFile = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$")
]


class Part(Strict):
    """One member of one pinned package: a piece of a file, or all of it."""

    package: str
    version: str
    member: str

    @property
    def requirement(self) -> str:
        """The package as pip names it."""
        return f"{self.package}=={self.version}"


class PackedFile(Strict):
    """A file that is packed into one or more packages of an index or of npm."""

    size: Annotated[int, Field(gt=0)]  # bytes
    sha256: Sha256
    part: str  # "PACKAGE==VERSION:MEMBER", "PACKAGE@VERSION:MEMBER" for npm
    count: Annotated[int, Field(gt=0)] = 1  # {n} in `part` goes from 1 to it

    def parts(self) -> tuple[Part, ...]:
        """The pieces, in joining order."""
        return tuple(_part(self.part.format(n=n)) for n in range(1, self.count + 1))


class PackedSource(Strict):
    """All files of a set, from a package index or from npm."""

    kind: Literal["index", "npm"]
    files: dict[FileName, PackedFile]

    @property
    def label(self) -> str:
        """What a person calls this source."""
        return self.kind

    def parts(self) -> tuple[Part, ...]:
        """Every member that is needed, each once."""
        return tuple(dict.fromkeys(p for file in self.files.values() for p in file.parts()))


class HubSource(Strict):
    """All files of a set, from a model repository; `files` maps a name to its path there."""

    kind: Literal["hub"]
    repo: str
    revision: str = "main"
    sha256: Literal["from-hub"]
    files: dict[FileName, str]

    @property
    def label(self) -> str:
        """What a person calls this source."""
        return f"hub {self.repo}"


AnySource = PackedSource | HubSource
Source = Annotated[AnySource, Field(discriminator="kind")]


class Derived(Strict):
    """A file that is made on this machine from a fetched one."""

    source: FileName | OtherFile  # "SET/FILE" where it is made from another set's file
    by: str  # "module:function" called with (source, target)

    @property
    def other(self) -> str | None:
        """The other set whose file it is made from, or None."""
        name, slash, _ = self.source.partition("/")
        return name if slash else None


class WeightsSet(Strict):
    """One model: what it is, whose it is, and where its files come from.

    A set without sources is made on this machine, on demand, from the files of other sets.
    """

    title: str
    purpose: str
    licence: str
    origin: str
    sources: tuple[Source, ...] = ()
    derived: dict[FileName, Derived] = Field(default_factory=dict)
    needs: tuple[str, ...] = ()  # other sets without which this one is of no use
    fallback: str | None = None  # the set that serves where this one cannot be fetched

    @model_validator(mode="after")
    def _derived_from_fetched(self) -> Self:
        if not self.sources and not self.derived:
            raise ValueError("it has neither sources nor derived files")
        for name, derived in self.derived.items():
            own = derived.other is None
            if own and not (self.sources and all(derived.source in s.files for s in self.sources)):
                raise ValueError(f"{name} is derived from {derived.source}, which is not fetched")
        return self

    @property
    def made_from(self) -> tuple[str, ...]:
        """Other sets that must be here before this one can be made."""
        return tuple(dict.fromkeys(d.other for d in self.derived.values() if d.other))

    def ordered(self, kinds: tuple[SourceKind, ...]) -> tuple[AnySource, ...]:
        """The sources of these kinds, in the kinds' order."""
        return tuple(s for kind in kinds for s in self.sources if s.kind == kind)

    @property
    def size(self) -> int | None:
        """Bytes to fetch from the first source with pinned sizes; None when none has."""
        for source in self.sources:
            if isinstance(source, PackedSource):
                return sum(file.size for file in source.files.values())
        return None

    def file_names(self) -> set[str]:
        """Every name that any source or derivation may write."""
        return set(self.derived).union(*(source.files for source in self.sources))


Manifest = Mapping[str, WeightsSet]


@cache
def manifest(path: Path | None = None) -> Manifest:
    """The weights sets by name, from the packaged file unless another is given.

    Raises:
        SettingsError: it holds a key or value that is not allowed.
    """
    path = path or configs() / "weights.yaml"
    content: Mapping[str, Any] = read_yaml(path)
    try:
        sets = TypeAdapter(dict[FileName, WeightsSet]).validate_python(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise SettingsError(f"{path}: {where}: {first['msg']}", fix=f"correct {path}") from error
    for name, wanted in sets.items():
        for other in (*wanted.needs, *wanted.made_from, *filter(None, [wanted.fallback])):
            if other not in sets:
                raise SettingsError(f"{path}: {name} names {other}", fix=f"correct {path}")
    return sets


def weights_set(name: str, sets: Manifest) -> WeightsSet:
    """The set of that name.

    Raises:
        WeightsMissing: there is none.
    """
    if name not in sets:
        raise WeightsMissing(f"there are no weights {name!r}", fix="assistant models list")
    return sets[name]


def _part(text: str) -> Part:
    package, _, member = text.partition(":")
    name, separator, version = package.rpartition("==")
    if not separator:
        name, _, version = package.rpartition("@")
    return Part(package=name, version=version, member=member)
