"""English phrases that clear the way, permit, or tell of absence; text normalised first.

Patterns go by families of words, not by sentences, so that rewording does not help.
"""

from __future__ import annotations

import re

# What a person may run into, be hurt by, or be reassured about.
HAZARD = (
    r"(?:obstacles?|obstructions?|obstructing|barriers?|hazards?|hazardous|dangers?|dangerous"
    r"|risks?"
    r"|threats?|traffic|cars?|vehicles?|trucks?|lorr(?:y|ies)|bus(?:es)?|vans?|bikes?|bicycles?"
    r"|cyclists?|motor(?:bikes?|cycles?)|scooters?|trains?|trams?|taxis?|people|persons?"
    r"|pedestrians?|crowds?|steps?|stairs?|staircases?|stairways?|k[ue]rbs?|curbs?|edges?|drops?"
    r"|drop offs?|holes?|potholes?|pits?|gaps?|ditch(?:es)?|ledges?|poles?|posts?|bollards?"
    r"|pillars?"
    r"|columns?|glass|walls?|doors?|fences?|gates?|railings?|rails?|wires?|cables?|cords?"
    r"|furniture|chairs?|tables?|objects?|things?|items?|debris|clutter|rubbish|puddles?|water|ice"
    r"|snow|mud|dogs?|animals?|fires?|smoke|flames?|kni(?:fe|ves)|blades?|spills?|slopes?|ramps?"
    r"|cliffs?|trees?|branch(?:es)?|construction|works?|machinery|weapons?|guns?|intruders?"
    r"|strangers?|traces?|signs? of|moou?ld|mold|allergens?|nuts?|poison|toxins?|bumps?|cracks?"
    r"|blockages?|impediments?|hindrances?|issues?|problems?|concerns?|need to worry|worr(?:y|ies)"
    r"|reason to)"
)
WAY = (
    r"(?:way|path|pathway|footpath|road|roadway|street|route|crossing|crosswalk|junction"
    r"|intersection|side ?walk|pavement|corridor|hall(?:way)?|aisle|passage(?:way)?|doorway"
    r"|entrance|exit|floor|ground|lanes?|coast|tracks?|stair(?:s|case|way|well)|area|space|room"
    r"|route|zone|platform|bridge|driveway|walk ?way|exit|everything|surroundings|front|ahead|left"
    r"|right|line|distance|trail|terrain|surface|steps?|gap|bike lane|ramp|access)"
)
GO = (
    r"(?:go|going(?! to)|cross|crossing|walk|walking|proceed|proceeding|pass|continue"
    r"|continuing|move"
    r"|moving|step|stepping|drive|driving|advance|enter|entering|leave|exit|climb|descend|jump"
    r"|travel|traverse|run|head|keep|navigate|overtake|merge|reverse|turn|get (?:across|through|by"
    r"|past|on|off|in|out|over)|come|start|take (?:it|this|that|them|these|one|two|the|a"
    r"|another|your)"
    r"|eat|eating|drink|drinking|swallow|consume|ingest|taste|bite|use|touch|touching|approach"
    r"|sit|stand|swim|dive|board|cook|serve|put your|pet|ride|make it|follow|venture|stride)"
)
_FINE = (
    r"(?:safe|safely|fine|ok|okay|alright|all right|good|clear|free|possible|allowed|permitted"
    r"|suitable|healthy|secure|cleared|set|welcome|ready|time|best)"
)
_ADVERB = (
    r"(?:\w+ly|now|just|simply|safely|easily|freely|also|then|still|definitely|certainly|probably"
    r"|go ahead and|confidently|comfortably|quite|perfectly|totally|completely|absolutely|all|very"
    r"|really|pretty|entirely|relatively|reasonably|generally|currently|always|here|actually|again"
    r"|likely|apparently|mostly|largely|well|nice and|both|be|that|so)"
)
_BE = r"(?:is|are|be|was|were|looks?|seems?|appears?|remains?|stays?|feels?|being|am|gets?|sounds?)"
_SEE = (
    r"(?:see|spot|detect|notice|find|observe|make out|identify|perceive|recognise|recognize|view"
    r"|have|show|contain|include|feature|visible|seeing|finding|detecting|spotting|noticing|having)"
)

# Nothing that can be judged: what follows is an open question up to the clause's end.
_CLAUSE = (
    r"(?:(?!,|;|\.|:|!| but | so | yet | however | and (?:you|it|the|there|go|cross|walk) ).)*"
)
DOUBT = re.compile(
    r"\b(?:(?:can|could|do|does|did|will|would|am) not|unable to|not able to"
    r"|(?:hard|impossible|difficult|too \w+) to|not sure|unsure|uncertain|not certain|unclear"
    r"|unknown|no idea|no way to|nobody can|who can|not possible to|ask (?:someone|somebody"
    r"|a person)|check|find out|judge|asked|asking|wants? to know|wondering|questions?)"
    r"(?:\s+\w+){0,4}?\s+(?:if|whether)\b"
    + _CLAUSE
    + r"|\b(?:can not|could not|unable to|not able to)"
    r"\s+(?:\w+\s+){0,2}?(?:judge|assess|guarantee|promise|vouch|confirm|tell|know|say)\b" + _CLAUSE
)
# The opposite of a clearance, and notices or abstentions that only look like one.
WARNING = re.compile(
    r"\b(?:not|never|neither)\s+(?:(?:very|really|quite|completely|entirely|fully|totally|always"
    r"|necessarily|all that|so|at all|particularly|yet|be|to be|considered|look|looking|seem|appear"
    r"|feel|a|the|an|as)\s+){0,3}(?:safe|clear|safely|edible|ok|okay|fine|good|free|drinkable|fresh"
    r"|suitable|empty|possible|allowed|passable)\b(?:\s+(?:to|for)\s+\w+)?"
    r"|\b(?:should|must|can|may|do|could|would|need to|had better|ought to|please do|are)"
    rf"\s+(?:not|never)\s+(?:(?:just|ever|try to|yet|even|simply)\s+)?{GO}\b"
    r"|\bbefore you (?:\w+ )?\w+|\bno longer (?:safe|clear|fresh|edible)"
    r"|\b(?:less|hardly|barely|far from|anything but) safe\b|(?<!not )\bunsafe\b|\bto be safe\b"
    r"|\bkeep (?:\w+ )?safe\b|\bplay it safe\b|\bwatch your step"
    r"|\bno (?:entry|parking|smoking|exit|stopping|access|trespassing|dogs allowed|food|u turn"
    r"|left turn|right turn|littering|photography|vision model|picture|photo|internet|text|words?"
    r"|writing|letters?|doubt|longer|more than|camera|sound|speech)\b"
    r"|\bnothing (?:that )?i (?:can|could) (?:name|recogni[sz]e|identify|be sure of|describe"
    r"|make out|tell)"
    r"|\b(?:do|can|could|did) not (?:see|find|detect|read|make out) (?:any |a |the |clear )*"
    r"(?:text|words?|writing|letters?|picture|photo|well|clearly|much|enough|it well)\b"
    r"|\b(?:do|can|could|did) not (?:clearly |reliably )?(?:recogni[sz]e|identify|make out|name)"
    r" (?:anything|it|this)(?= (?:here|in|for|clearly|with)\b|\W*$|[,;.])"
    r"|\bcan not see (?:anything|much)(?: clearly| well| here)?(?=\W*$|[,;.:])"
    r"|\bthere (?:is|are|was|were) (?:not|no) (?:any )?(?:text|words?|writing|letters?|picture"
    r"|photo|speech|sound|doubt)\b"
    r"|\b(?:do|did|can) not (?:see|have) (?:a|any|the) (?:picture|photo|image|file|video)s?\b"
    r"|\bfree (?:wifi|wi fi|coffee|delivery|entry|admission|parking|sample|gift|of charge)\b"
    r"|\bfor free\b"
    r"|\b(?:sky|water|liquid|picture|image|photo|text|glass|weather|skin|voice|soup|writing)"
    r" (?:is|looks) (?:\w+ )?clear\b"
    r"|\b(?:do|does|can|could|did) not (?:see|find|read|detect) (?:a |any |the |such an? )*"
    r"(?:dates?|prices?|(?:phone )?numbers?|times?|address(?:es)?|barcodes?|titles?|names?)"
    r"(?= in (?:the text|what i)|\W*$)"
    r"|\bi (?:see|find|found|read) no (?:such )?(?:text|dates?|prices?|(?:phone )?numbers?|times?"
    r"|address(?:es)?|barcodes?|titles?|names?)(?= in (?:the text|what i)|\W*$)"
    r"|\bdo not (?:recogni[sz]e|identify|name) (?:people|persons|faces|anyone|anybody)\b"
)

# Each family and what it speaks of: "way" to move, "harm" to eat or be hurt by, "absence".
CLEARANCES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        # eating, drinking, medicine
        (
            "harm",
            rf"\b{_FINE}(?: enough)?(?: for \w+(?: \w+)?)? (?:to|for) (?:\w+ )?(?:eat|eating"
            rf"|drink|drinking"
            r"|consume|consumption|swallow|take|taking|cook|use|touch|taste|human|serve"
            r"|you to eat)\b",
        ),
        (
            "harm",
            rf"\b(?:you|one|people|anyone|everyone|kids|children) (?:can|may|could"
            rf"|should be able to|are able to)"
            rf"(?: {_ADVERB})* (?:eat|drink|swallow|consume|taste|cook|take (?:it|this|that"
            rf"|them|one|two)"
            r"|touch|ingest|enjoy (?:it|this|that))\b",
        ),
        (
            "harm",
            r"\b(?:edible|drinkable|potable|harmless|unspoil(?:ed|t)|unexpired|non ?toxic"
            r"|not poisonous"
            r"|not toxic|not spoil(?:ed|t)|not rotten|not expired|not (?:yet )?gone (?:bad"
            r"|off)|not (?:yet )?expired"
            r"|in date|within (?:its )?(?:date|expiry)|has not (?:yet )?(?:expired|spoiled"
            r"|gone)|still (?:good|fresh|ok|okay|fine)"
            r"|fit (?:to|for) (?:eat|drink|human|consumption)|fully cooked|cooked (?:through"
            r"|enough)"
            r"|not past its|not out of date"
            r"|(?:nut|gluten|peanut|lactose|dairy|allergen|sugar|alcohol) free"
            r"|right (?:pill|medicine|medication|dose|tablet|amount)s?"
            r"|correct (?:pill|medicine|medication|dose|tablet|amount)s?)\b"
            rf"|\b{_BE} (?:{_ADVERB} )*fresh\b",
        ),
        # nothing to fear
        (
            "harm",
            r"\b(?:not|no longer|never|hardly|nothing) (?:\w+ )?(?:dangerous|hazardous|risky"
            r"|unsafe|harmful|threatening"
            r"|treacherous|perilous|anything dangerous|to (?:worry|fear|be afraid))\b"
            r"|\b(?:do not|no need to|need not|needn t|without) (?:worry|worrying|fear|be afraid)"
            r"|\b(?:danger|risk|hazard|accident|trouble) free\b|\bout of (?:danger|harm s way)\b"
            r"|\b(?:no|zero|without|free of|free from|little) (?:\w+ )?(?:dangers?|risks?"
            r"|threats?|hazards?|harm)\b"
            r"|\byou (?:will|would|should) (?:be|do) (?:\w+ )?(?:fine|ok|okay|alright"
            r"|all right|safe|good|unharmed)\b"
            r"|\byou (?:are|re) (?:\w+ )?(?:fine|ok|okay|safe|alright|all right|good|clear"
            r"|in the clear|unharmed)\b(?! at| as)"
            r"|\b(?:risk|worry|hazard) free\b|\bno worries\b|\brest assured\b|\bnothing bad\b"
            r"|\bnot hesitate\b|\bno (?:need|reason) (?:not )?to (?:wait|stop|worry|fear"
            r"|hesitate|avoid)\b"
            r"|\byou will not (?:\w+ )?(?:trip|fall|bump|hit|stumble|slip|be (?:hit|hurt"
            r"|struck|harmed)|get (?:hit|hurt)"
            r"|run into|walk into|collide|bang|knock)",
        ),
        # the word itself
        (
            "harm",
            rf"\b(?:{_BE}|you|it|perfectly|quite|very|totally|completely|absolutely|entirely"
            rf"|pretty|seemingly"
            r"|probably|relatively|reasonably|fairly|looks|rather|generally|currently|now|here"
            r"|all|also|and"
            r"|therefore|so|still|as|be|usually|yes|ok|considered|deemed|of course|both|more"
            r"|enough|not only|not just) safe(?:ly|r)?\b"
            r"|\bsafe(?: enough)? (?:to|for|passage|path|route|way|place|spot|distance|here"
            r"|now|crossing|zone"
            r"|area|environment|and|side|space|gap|speed|conditions?|moment|time|direction"
            r"|opportunity|footing)\b"
            r"|\bsafely\b|\bsafe\W*$|^\W*safe\b|\bsafety is (?:not|assured|guaranteed)"
            r"|\bin safety\b"
            r"|\bsafe (?:\w+ )?(?:path|way|route|crossing|to)\b|\b(?:secure|trustworthy"
            r"|reliable) (?:path|footing|way|route)\b",
        ),
        # permission and orders to move
        (
            "way",
            rf"\b(?:you|one|we|people|pedestrians|drivers|i think you|anyone) (?:can|may|could"
            rf"|should|might|are able to|"
            rf"will be able to|should be able to|are free to|are allowed to|have room to"
            rf"|have space to|ought to|"
            rf"are clear to|are good to|are ok to|have time to|have enough \w+ to"
            rf"|have the right of way|need to|must|want to)"
            rf"(?: {_ADVERB})* {GO}\b",
        ),
        (
            "way",
            r"\byou have (?:the right of way|a clear|plenty of (?:room|space|time)"
            r"|enough (?:room|space|time))\b",
        ),
        (
            "way",
            rf"\b{_FINE} (?:enough )?(?:for (?:you|walking|crossing|driving|pedestrians|us"
            rf"|anyone|travel)\b(?: to)?|to (?:\w+ly )?{GO}\b)"
            r"|\b(?:let us|lets) (?:go|cross|walk|move|proceed)\b"
            r"|\b(?:feel free|go ahead|good to go|clear to go|ready to go|free to go|all clear"
            r"|coast is clear|be my guest"
            r"|green light to|the road is yours|here you go now|off you go"
            r"|nothing (?:is )?stopping you|on you go"
            r"|it is your turn to|now is (?:a|the) (?:good|right|perfect|best) (?:time|moment)"
            r"|carry on walking)\b",
        ),
        (
            "way",
            r"(?:^|[,;:.!] )(?:(?:please|now|just|yes|ok|okay|then|so|sure|alright|quickly|slowly"
            r"|carefully|simply) )*"
            r"(?:(?:go|walk|cross|proceed|continue|drive|advance|keep (?:going|walking|moving"
            r"|straight|driving|left|right)|head|march|run)"
            r"(?: (?:straight|ahead|forwards?|on|across|over|now|through|in|inside|to|along"
            r"|down|up|left|right|towards?|past|around|at|the|with|walking|driving|moving"
            r"|going|straight|"
            r"onwards|quickly|slowly|carefully|safely|without|until|out|by|it)\b|\W*$)"
            r"|(?:move|step) (?:straight|ahead|forwards?|on|across|onto|off|over|through|in"
            r"|inside|down|up|along|out)\b"
            r"|turn (?:left|right) (?:here|now|at|onto|into|and)\b|make a (?:left|right)\b"
            r"|take (?:a|the) (?:\w+ )?(?:step|left|right|path|stairs|exit)\b"
            r"|eat (?:it|this|that|the|up)\b|drink (?:it|this|that|the|up)\b|take (?:it|them"
            r"|one|two|this|the) (?:pill|tablet|now|medicine|with)\b)",
        ),
        # the way is ...
        (
            "way",
            rf"\b{WAY}(?: \w+){{0,6}}? {_BE} (?:{_ADVERB} |not (?:at all |in any way )?)*"
            r"(?:clear(?:ed)?|free|empty|unobstructed|unblocked|passable|safe|vacant"
            r"|deserted|unoccupied|accessible|blocked by nothing"
            r"|unimpeded|uncluttered|walkable|navigable|obstacle|barrier|usable|not blocked"
            r"|blocked|quiet|bare|level|yours|good to go"
            r"|obstructed|occupied|cluttered)\b(?! (?:by|with|off))",
        ),
        (
            "way",
            r"\b(?:clear|free|unobstructed|unblocked|empty|deserted|safe|passable|vacant"
            r"|uncluttered|unimpeded|walkable|easy|clean)"
            r" (?:\w+ )?(?:way|path|pathway|footpath|road|roadway|street|route|crossing"
            r"|crosswalk|junction|side ?walk|pavement|corridor|hall(?:way)?"
            r"|aisle|passage(?:way)?|doorway|entrance|exit|floor|ground|lanes?|tracks?"
            r"|stair(?:s|case|way)|area|space|room|run|line|walk ?way|shot|view of the road)\b",
        ),
        (
            "way",
            r"\bopen (?:path|pathway|road|way|route|lane|passage)\b|\b(?:path|road|way"
            r"|route) (?:\w+ )?lies open\b",
        ),
        (
            "way",
            r"\b(?:free|clear|devoid|void|empty|bare) (?:of|from)\b|\b(?:unobstructed"
            r"|unimpeded|unhindered|(?:obstacle|barrier|traffic|car|step|clutter) ?free)\b"
            r"|\b(?:is|it is|looks|seems|appears|are|all|now|totally|completely|perfectly"
            r"|still|everything) (?:\w+ly )?clear(?: (?:ahead|now|for|on|to|in|up|all|enough"
            r"|both|here|and|at|as|behind|left|right)\b|\W*$)"
            r"|\bclear ahead\b|^\W*(?:all |the )?clear(?: (?:ahead|path|to|on|now|in)\b|\W*$)",
        ),
        (
            "way",
            r"\b(?:can|could|may) be (?:\w+ )?(?:crossed|walked|passed|entered|used|traversed"
            r"|eaten|drunk|consumed|driven)\b"
            r"|\b(?:traffic|cars|vehicles|everything|everyone)(?: \w+){0,3} (?:will"
            r"|would) (?:stop|wait|yield|let you)\b"
            r"|\b(?:far|well) enough away (?:to|for you)\b|\b(?:plenty of|enough|ample"
            r"|sufficient) (?:room|space|time)(?: \w+){0,5}? (?:to|for)\b"
            r"|\b(?:crossing|walking|driving|proceeding|going|continuing|moving|eating"
            r"|drinking) (?:\w+ )?(?:is|seems|looks|should be|would be) (?:\w+ )?(?:fine|ok"
            r"|okay|safe|possible|alright|good|allowed|no problem|easy)\b"
            r"|\bno (?:one|body)? ?will (?:hit|stop|hurt) you\b"
            r"|\byou (?:will |would |should )?have no (?:trouble|problems?|difficulty|issues?)\b"
            r"|\bno (?:trouble|problems?|difficulty|issues?) (?:\w+ )?(?:crossing|walking"
            r"|getting|passing|going|moving|with)\b"
            r"|\b(?:impossible|unlikely) to (?:trip|fall|bump|be hit)\b",
        ),
        (
            "way",
            rf"\b(?:way|path|road|route|street|floor|ground|pavement|sidewalk|surface|crossing"
            rf"|stairs|bridge|ice) (?:\w+ ){{0,3}}?{_BE} (?:{_ADVERB} )*"
            r"(?:smooth|even|flat|dry|good|fine|ok|okay|solid|level|straight|stable|firm"
            r"|thick enough)\b"
            r"|\b(?:way|path|pathway|road|street|route|lane|walk ?way|passage|space|area|front"
            r"|side ?walk)"
            rf"(?: \w+){{0,4}}? {_BE} (?:{_ADVERB} )*open\b"
            r"|\bcontinues? (?:\w+ )?(?:flat|straight|level|smooth)\b|\bstraight shot\b"
            r"|\btraffic (?:is|looks|seems) (?:\w+ )?(?:light|low|minimal|thin|calm|gone"
            r"|stopped|sparse)\b"
            rf"|\b(?:few|little|not much|not many|only a few|minimal|sparse) (?:\w+ )?{HAZARD}\b"
            r"|^\W*(?:the )?(?:road|path|way|street|coast|crossing|lane|area|room"
            r"|corridor) (?:is |looks )?(?:clear|free|open|empty|safe)\W*$",
        ),
        (
            "harm",
            r"\b(?:it|that|this|everything|all) (?:should|will|would|must|looks?|seems?|is"
            r"|appears?|might|may)(?: to)?(?: be)? (?:\w+ )?(?:alright|all right|fine|ok|okay"
            r"|well|good|in order)\b"
            r"|\benough (?:for \w+ )?to (?:\w+ )?(?:touch|walk|cross|hold|eat|drink|stand"
            r"|support|carry|step|drive|pass|go|sit)\b"
            r"|\b(?:can|will|could|should) (?:\w+ )?(?:hold|support|carry|bear) (?:you|your)\b"
            r"|\b(?:can|may|could) (?:\w+ )?give (?:it|this|that|them)\b"
            rf"|\b{_BE} (?:{_ADVERB} )*(?:stable|sturdy|secure|friendly|tame|gentle)\b"
            r"|\b(?:smells?|tastes?) (?:\w+ )?(?:fine|good|ok|okay|fresh|nice|normal|delicious)\b"
            r"|\b(?:chicken|meat|eggs?|fish|milk|food|bread|cheese|fruit|rice|pork|beef|pills?"
            r"|medicine|yogh?urt|juice|salad|vegetables?) (?:is|are|looks?"
            r"|seems?) (?:\w+ )?(?:done|fine|ok|okay|alright|good|ready|ripe)\b"
            r"|\bwithin (?:\w+ )?(?:\w+ )?(?:date|expiry|expiration|use by|best before"
            r"|shelf life)\b|\bready to (?:eat|drink|serve)\b"
            r"|^\W*(?:please |now |just )?take (?:one|two|three|four|half|\d+"
            r"|a) (?:\w+ )?(?:pills?|tablets?|capsules?|drops|spoons?\w*|doses?)\b",
        ),
        # nothing to look out for, nothing that hurts
        (
            "harm",
            r"\b(?:no|not|without|never|hardly any) (?:any )?(?:need|reason"
            r"|cause) (?:not )?(?:to|for)"
            r" (?:be careful|caution|look|worry|wait|stop|slow|watch|concern|hesitat\w+|fear)\b"
            r"|\bnot (?:need|have) to (?:be careful|look|worry|wait|stop|slow|watch)\b"
            r"|\byou (?:\w+ )?not (?:\w+ )?(?:going to |gonna |likely to |about to )?(?:trip"
            r"|fall|bump"
            r"|hit|stumble|slip|collide|crash|run into|walk into|step (?:on|in)|get (?:hit|hurt))\b"
            r"|\b(?:not|never) (?:bite|sting|attack|burn|hurt|explode)\b"
            r"|\b(?:pan|pot|stove|oven|iron|kettle|plate|gas|power|electricity|engine|current"
            r"|wire|burner"
            r"|candle|fire|machine|guns?|weapon|blade|knife|saw|soup|tea|coffee) (?:is|are"
            r"|has been|seems?"
            r"|looks?) (?:(?:\w+ )?(?:cool|cold|off|out|dead|unloaded|blunt|extinguished"
            r"|switched off"
            r"|turned off|unplugged)|(?:no longer|not) (?:hot|live|loaded|sharp|running"
            r"|burning|on))\b"
            r"|\b(?:pills?|tablets?|medicines?|medication|dose) (?:is|are|looks?"
            r"|seems?) (?:\w+ )?(?:right"
            r"|correct|fine|yours)\b|\bthe (?:right|correct|proper) ones?\b"
            r"|\b(?:can|may|could) have (?:it|one|some|this|that|them|another)\b",
        ),
        (
            "way",
            r"\byou (?:have|will have|should have) (?:got )?(?:\w+ )?(?:room|space|time|a gap"
            r"|clearance)\b"
            r"|\bwithout (?:interruption|problems?|trouble|difficulty|a break|hindrance|issues?)\b"
            r"|\b(?:far|well away|a long way|clear) (?:away )?from the (?:edge|road|traffic"
            r"|kerb|drop|water"
            r"|tracks?|cars?)\b|\bedge is (?:\w+ )?(?:far|well|a long way)\b"
            r"|^\W*(?:please |now |just |then )?take (?:\w+ )?(?:\w+ )?steps?\b",
        ),
        # absences
        (
            "absence",
            rf"\b(?:no|zero|without(?: any| a)?|not (?:a single|one|any|even (?:a|one))"
            rf"|lack of|absence of|absent of|lacks?|lacking|hardly any|barely any|"
            rf"scarcely any|few if any|never any|nor(?: any)?|neither|not a|none of the|minus"
            rf"|minimal|little|sans|any other)"
            rf" (?:(?!and |or |but |with )\w+ ){{0,3}}?{HAZARD}\b",
        ),
        (
            "absence",
            r"\bthere (?:is|are|was|were|has been|have been|appears? to be|seems? to be"
            r"|will be|exists?) (?:\w+ly )?(?:no|not|zero|nothing|nobody|none|hardly|barely"
            r"|scarcely|never)\b(?! (?:doubt|need to repeat))"
            rf"|\b(?:do|does|can|could|did|have|has|am|is|are) not (?:\w+ly |even "
            rf"|currently )?(?:{_SEE}|seen|spotted|detected|noticed|found) (?:\w+ ){{0,2}}?"
            rf"(?:any|a|an|one|anything|anyone|anybody|another|{HAZARD})\b"
            r"|\b(?:i )?(?:see|sees|saw|spot|spotted|detect|detected|notice|noticed|find|found"
            r"|observe|observed|have|shows?|contains?|includes?|features?) (?:absolutely "
            r"|almost |practically |virtually )?(?:no|nothing|nobody|none|zero)\b"
            r"|\b(?:nothing|nobody|no one|none)(?: else)?(?: \w+){0,2}? (?:is|are|in|on|at"
            r"|near|behind|around|ahead|coming|blocking|blocks?|here|there|before|under"
            r"|to (?:your|the)|between|stands?|lies?|obstructs?|nearby|visible|detected|seen"
            r"|approaching|stopping|moving|appears?|seems?|you)\b"
            r"|^\W*(?:nothing|nobody|no one|none|nope|not a thing|not a soul)\W*$"
            r"|\b(?:absolutely|there s|practically|virtually|almost) nothing\b"
            r"|\bnot a (?:thing|soul|sign|trace)\b"
            rf"|\b{HAZARD} (?:\w+ )?(?:is|are|was|were) (?:\w+ly )?(?:absent|missing|nowhere"
            rf"|gone|not (?:present|visible|there|here|in|on|blocking|near|coming|approaching"
            rf"|close|any|seen|detected|moving))\b"
            rf"|^\W*(?:no|zero) (?:\w+ ){{1,3}}?(?:is|are|in|ahead|visible|present|detected"
            rf"|found|seen|near|nearby|on|around|coming|approaching|here|there|anywhere|at all"
            rf"|whatsoever)\b"
            rf"|^\W*no {HAZARD}\W*$|\bis alone\b|\bnot (?:\w+ )?in (?:your|the) way\b"
            rf"|\bout of (?:your|the) way\b"
            r"|\b(?:does|do|is|are|did|will) not (?:\w+ )?(?:block|obstruct|impede|hinder"
            r"|prevent|stop you)\w*\b"
            r"|\b(?:street|road|room|hallway|corridor|place|path|area|floor|crossing|lane"
            r"|sidewalk|pavement|platform)(?: \w+){0,4} (?:is|looks|seems|appears"
            r"|are) (?:\w+ly )?(?:empty|deserted|quiet|vacant|bare)\b",
        ),
    )
)

# Kept, but followed by "I can't judge the way": true sights that invite to go.
HINT = re.compile(
    r"\b(?:light|signal|lamp|man|figure)(?: \w+){0,3} (?:is|shows?|has turned|turned|turns|are"
    r"|shining|glows?) (?:a )?(?:\w+ )?green\b"
    r"|\bgreen (?:light|man|signal|figure|walk|arrow)\b|\bwalk (?:sign|signal)\b|\b(?:traffic"
    r"|cars?|vehicles?|bus|drivers?)(?: \w+){0,2} (?:has|have|is|are|seems? to have) "
    r"(?:stopped|stopping|waiting|yielding|parked|stationary|far|passed|gone|halted)\b"
    r"|\bpeople (?:are |is )?(?:crossing|walking across)\b|\bthe (?:gate|barrier) is (?:open"
    r"|up|raised)\b"
)

# An answer to a question about the way, or about whether something is there.
YES = re.compile(
    r"^\W*(?:yes|yeah|yep|yup|sure|of course|certainly|absolutely|definitely|correct|right"
    r"|affirmative|indeed|ok|okay|fine|go for it"
    r"|it is|you can|you may|they are|it seems so|it looks so|i think so|probably|most likely"
    r"|likely|true|exactly|please do|by all means|totally|it should be)\b"
)
NO = re.compile(
    r"^\W*(?:no|nope|nah|none|not at all|negative|it is not|there is not|there are not"
    r"|not that i|not any|never|i do not think so|not really|neither)\b"
)
ASKS_CLEARANCE = re.compile(
    r"\b(?:safe|clear|free|empty|ok|okay|fine|alright|all right|good|edible|fresh|passable)\b"
    rf"|\b(?:can|may|could|should|shall) (?:i|we|my \w+|someone|he|she|it) (?:\w+ )?{GO}\b"
    r"|\b(?:way|path|road) (?:\w+ )?open\b"
)
ASKS_PRESENCE = re.compile(
    r"\b(?:is|are|was|were) there\b|\b(?:anything|anyone|anybody|somebody|someone|any)\b"
    r"|\b(?:do|can|could|did) you (?:see|spot|notice|find|detect)\b|\b(?:something|cars?"
    r"|vehicles?) (?:coming|in)\b"
)
ASKS_DANGER = re.compile(
    r"\b(?:dangerous|expired|unsafe|blocked|spoil(?:ed|t)|rotten|obstructed|coming|mould"
    r"|harmful|risky|in (?:my|the) way|off|bad)\b"
)
QUESTION = re.compile(
    r"^\W*(?:(?:you asked|your question|the question)(?: was| is| me)?\W*)?(?:is|are|was|were"
    r"|can|could|should|shall|may|do|does|did|will|would|have|has|what|who|where|which|how|why"
    r"|when|am)\b.*\?\W*$"
)
DEIXIS = re.compile(
    r"\b(?:you|your|yours|it|this|that|these|those|here|now|ahead|front|behind|left|right"
    r"|coming|nearby|near|around|approaching|in the way|the (?:way|path|road|street|crossing"
    r"|coast|floor|corridor|lane|room|light|traffic)|in sight|in view|visible)\b"
)


def normalised(text: str) -> str:
    """Lower case, contractions written out, hyphens as blanks, single spaces."""
    text = text.lower().replace("’", "'").replace("‘", "'")
    for short, long in _CONTRACTIONS:
        text = re.sub(short, long, text)
    text = re.sub(r"(?<=\w)-(?=\w)", " ", text)
    return " ".join(text.replace("'", " ").split())


_CONTRACTIONS = (
    (r"\bcan't\b|\bcannot\b|\bcant\b", "can not"),
    (r"\bwon't\b|\bwont\b", "will not"),
    (r"\bshan't\b", "shall not"),
    (r"\bain't\b|\baint\b", "is not"),
    (r"(\w)n't\b", r"\1 not"),
    (r"\b(is|are|do|does|did|could|should|would|was|were|has|have)nt\b", r"\1 not"),
    (
        r"\b(it|that|there|what|here|he|she|who|where|everything|nothing|nobody|path|way|road"
        r"|coast)'s\b",
        r"\1 is",
    ),
    (r"\b(it|there|that)s\b", r"\1 is"),
    (r"\b(you|they|we)'re\b", r"\1 are"),
    (r"\byoure\b", "you are"),
    (r"\bi'm\b", "i am"),
    (r"\b(you|i|we|they|it|he|she|there)'ll\b", r"\1 will"),
    (r"\b(you|i|we|they)'ve\b", r"\1 have"),
    (r"\b(you|i|we|they)'d\b", r"\1 would"),
    (r"\blet's\b", "let us"),
)
