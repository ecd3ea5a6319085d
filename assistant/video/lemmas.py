"""Irregular forms of English verbs, so that "who built it" finds "build", "kept" "keep"."""

from __future__ import annotations

from typing import Final

_FORMS: Final = """
be is are was were been being; bear bore borne; beat beaten; become became; begin began begun;
bend bent; bite bit bitten; blow blew blown; break broke broken; bring brought; build built;
burn burnt; buy bought; catch caught; choose chose chosen; come came; cut; deal dealt; dig dug;
draw drew drawn; drink drank drunk; drive drove driven; eat ate eaten; fall fell fallen; feed fed;
feel felt; fight fought; find; fly flew flown; forget forgot forgotten; freeze froze frozen;
get got gotten; give gave given; go went gone; grow grew grown; hang hung; hear heard; hide hid
hidden; hold held; keep kept; know knew known; lay laid; lead led; learn learnt; leave left;
lend lent; lose lost; make made; mean meant; meet met; pay paid; ride rode ridden; ring rang rung;
rise rose risen; run ran; see saw seen; sell sold; send sent; shake shook shaken; shine shone;
shoot shot; show shown; sing sang sung; sink sank sunk; sit sat; sleep slept; speak spoke spoken;
spend spent; stand stood; steal stole stolen; swim swam swum; swing swung; take took taken;
teach taught; tell told; think thought; throw threw thrown; understand understood; wake woke woken;
wear wore worn; weave wove woven; win won; write wrote written
"""
_LEMMAS: Final = {form: forms.split()[0] for forms in _FORMS.split(";") for form in forms.split()}


def lemma(word: str) -> str:
    """The infinitive of an irregular form; any other word as it is."""
    return _LEMMAS.get(word, word)
