"""English words that follow no rule, as far as names of actions need them."""


def _table(text: str) -> dict[str, tuple[str, ...]]:
    """Read "a/b/c d/e" as {"a": ("b", "c"), "d": ("e",)}."""
    rows = (entry.split("/") for entry in text.split())
    return {first: tuple(rest) for first, *rest in rows}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PLURALS = {
    one: many[0]
    for one, many in _table("""
        axe/axes bus/buses cache/caches cactus/cacti calf/calves cargo/cargoes child/children
        domino/dominoes down/downs dwarf/dwarves echo/echoes elf/elves fireman/firemen
        fisherman/fishermen foot/feet goose/geese half/halves headache/headaches hero/heroes
        hoof/hooves iris/irises
        knife/knives leaf/leaves lens/lenses life/lives loaf/loaves man/men mango/mangoes
        moustache/moustaches mouse/mice mustache/mustaches off/offs out/outs ox/oxen person/people
        policeman/policemen potato/potatoes quiz/quizzes scarf/scarves self/selves
        shelf/shelves snowman/snowmen tomato/tomatoes tooth/teeth tornado/tornadoes tv/tvs up/ups
        volcano/volcanoes wife/wives wolf/wolves woman/women
    """).items()
}
"""Singular -> plural."""

SINGULARS_IN_IE = _words("""
    birdie brownie calorie collie cookie cutie foodie goalie hoodie movie newbie pie pixie
    selfie smoothie tie walkie zombie zumbie
""")
"""Nouns whose plural in -ies has the singular -ie, not -y."""

NO_PLURAL = _words("""
    always as barefoot bass bus chess chi christmas clothes cross deer does dress fish gas
    glass grass gymnastics has his is its news pants plus scissors sheep something sports tai
    theirs this us was yes
""")
"""Words that look like plurals, or have none."""

VERBS = _table("""
    be/was/were/been bend/bent bite/bit/bitten blow/blew/blown bookbind/bookbound
    break/broke/broken bring/brought build/built burst/burst buy/bought cast/cast catch/caught
    cheerlead/cheerled choose/chose/chosen cut/cut deal/dealt
    dig/dug dive/dived/dove do/did/done draw/drew/drawn drink/drank/drunk drive/drove/driven
    eat/ate/eaten fall/fell/fallen feed/fed fight/fought find/found fly/flew/flown
    get/got/gotten give/gave/given go/went/gone grind/ground grow/grew/grown hang/hung
    hide/hid/hidden hit/hit hold/held hurt/hurt keep/kept kneel/knelt knit/knitted lay/laid
    lead/led leap/leapt leave/left let/let lie/lay/lain light/lit lose/lost make/made meet/met
    put/put read/read ride/rode/ridden ring/rang/rung run/ran say/said sell/sold send/sent
    set/set sew/sewed/sewn shake/shook/shaken shave/shaved/shaven shear/sheared/shorn
    shine/shone shoot/shot show/showed/shown shut/shut sing/sang/sung sit/sat sleep/slept
    slide/slid sling/slung smell/smelt speak/spoke/spoken spin/spun split/split spread/spread
    stand/stood steal/stole/stolen stick/stuck sting/stung strike/struck string/strung
    sweep/swept swim/swam/swum swing/swung take/took/taken teach/taught tear/tore/torn
    tell/told think/thought throw/threw/thrown wake/woke/woken wear/wore/worn
    weave/wove/woven wind/wound
    wring/wrung write/wrote/written
""")
"""Infinitive -> past forms."""

BASES = {
    gerund: base[0]
    for gerund, base in _table("""
        adding/add arranging/arrange backing/back bathing/bathe being/be bobsledding/bobsled
        breathing/breathe canoeing/canoe challenging/challenge changing/change
        controlling/control dyeing/dye dying/die egging/egg focusing/focus
        geocaching/geocache headbutting/headbutt hoeing/hoe kitesurfing/kitesurf lunging/lunge
        lying/lie pasting/paste patrolling/patrol pirouetting/pirouette plunging/plunge
        putting/put shoeing/shoe sponging/sponge tasting/taste tiptoeing/tiptoe tying/tie
        untying/untie vying/vie wasting/waste yodeling/yodel
    """).items()
}
"""Verbs in -ing -> infinitive, where the rules of `inflect` fail."""

GERUNDS = {base: gerund for gerund, base in BASES.items()}

NOUNS_IN_ING = _words("""
    anything bling bring ceiling cling clothing ding earring evening everything fling king
    lightning morning nothing ping pudding ring shilling sing sling something spring sting
    string swing thing wedding wing zing
""")
"""Words in -ing that are no form of a verb without it."""
