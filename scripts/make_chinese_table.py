"""Write Chinese words for kinds of things, into assistant/vision/data/chinese_kinds.tsv.

    python scripts/make_chinese_table.py --cow FOLDER [--wordnet /usr/share/wordnet]

Needs WordNet 3.0 (Debian's wordnet-base) and the Chinese Open Wordnet (Shan Wang and Francis Bond,
"Building the Chinese Open Wordnet", ALR 2013): FOLDER holds its `wn-data-cmn.tab` and `LICENSE`,
as in `wns/cow` of the Open Multilingual Wordnet's data.

Each line is a synset that `wordnet.tsv` keeps and the Chinese words of hyponyms that have no line
there (tulips, below flowers), where a name that can be spoken stands at or above it. The kept
synsets' own words are written by hand, in `chinese.tsv`; words that stand there, or in
`names.tsv`, are left out here.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from pathlib import Path

from make_wordnet_table import DATA, VISIBLE, ancestors, nearest, senses, spoken, synsets

LAST_SENSE = 2  # an English word of the synset means it in its first or second sense
WORD = re.compile(r"[\u4e00-\u9fff]{2,6}")
NO_WORD = re.compile(r"一种|[的之或和与类属科目]")  # in descriptions rather than words


def chinese(path: Path) -> dict[str, set[str]]:
    """Word -> offsets of the nouns that it means."""
    found = defaultdict(set)
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            key, _, word = line.split("\t")
            if key.endswith("-n"):
                found[word.replace("+", "")].add(key[:8])
    return found


def written() -> set[str]:
    """Words that other tables have."""
    own = set()
    for name, column in (("chinese.tsv", 2), ("names.tsv", 3)):
        for line in (DATA / name).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                own |= set(line.split("\t")[column].split())
    return own


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cow", type=Path, required=True)
    parser.add_argument("--wordnet", type=Path, default=Path("/usr/share/wordnet"))
    arguments = parser.parse_args()

    nouns = synsets(arguments.wordnet / "data.noun")
    sense = senses(arguments.wordnet / "index.noun")
    common = {o for key, o in sense.items() if int(key.rsplit(".", 1)[1]) <= LAST_SENSE}
    named = set(spoken(sense))
    tree = (DATA / "wordnet.tsv").read_text(encoding="utf-8").splitlines()
    kept = {line.split("\t")[0][1:] for line in tree}
    own = written()
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for word, meanings in chinese(arguments.cow / "wn-data-cmn.tab").items():
        seen = {o for o in meanings if o in nouns and nouns[o].file in VISIBLE}
        if word in own or not WORD.fullmatch(word) or NO_WORD.search(word):
            continue
        if 2 * len(seen) <= len(meanings) or any(o in kept for o in meanings):
            continue
        for offset in seen & common:
            for above in nearest(offset, kept, nouns):
                if not named.isdisjoint(ancestors(above, nouns)):
                    kinds[above].add(word)
    lines = [f"n{above}\t{' '.join(sorted(words))}" for above, words in sorted(kinds.items())]
    (DATA / "chinese_kinds.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    licence = (arguments.cow / "LICENSE").read_text(encoding="utf-8")
    (DATA / "LICENSE-cow.txt").write_text(licence, encoding="utf-8")
    print(f"{len(lines)} synsets, {len(set().union(*kinds.values()))} words")


if __name__ == "__main__":
    main()
