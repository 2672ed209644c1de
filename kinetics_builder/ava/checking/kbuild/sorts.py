"""What `kbuild` itself does with what it does not use, or ends at."""

from kinetics_builder.ava.checking.report import Fate, Sort

NOT_INCLUDED = Sort(
    fate=Fate.NOTES,
    what="{other} leaves the key frame out: it is neither learnt from nor measured",
    remedy="none needed",
)
UNCONFIRMED = Sort(
    fate=Fate.NOTES,
    what="nobody has confirmed the label: a file stated it",
    remedy="none needed; say so where you tell of what is learnt or measured here",
)
NOT_LISTED = Sort(
    fate=Fate.NOTES,
    what="the class {found} is not in {other}: it is not learnt",
    remedy="add the class to the list if it is to be",
)
BAD_LIST = Sort(
    fate=Fate.STOPS,
    what="{message}",
    remedy="write it again with `kbuild convert`",
)
NO_LIST = Sort(
    fate=Fate.STOPS,
    what="there is no list of actions, and training and measuring end with an error without it",
    remedy="put the list of all actions there, under this name",
    is_absence=True,
)
TWO_TRUTHS = Sort(
    fate=Fate.STOPS,
    what="{other} is there as well, and training ends with an error where rows of films and of "
    "clips are both there",
    remedy="put each into a folder of its own, or the rows of both into one file",
)
NO_TRAIN = Sort(
    fate=Fate.NOTES,
    what="there is nothing to train with here; `kbuild evaluate` needs no more",
    remedy="put the rows to train with beside these before you train",
)
NO_FILM = Sort(
    fate=Fate.LOSES,
    what="no film here shows {video} at {seconds:g} s: the key frame is left out, and told of",
    remedy="put the film into videos/, or say in videos.csv where it is and when it begins",
)
NO_FILMS = Sort(
    fate=Fate.STOPS,
    what="there are no films, and training ends with an error; so does the measure of a network",
    remedy="put them into videos/, or pictures into frames/, or say in videos.csv where they are",
    is_absence=True,
)
NO_BOX = Sort(
    fate=Fate.STOPS,
    what="no key frame that is left has a box: there is nothing to learn from",
    remedy="look at what is said about its rows",
)
NO_LABEL = Sort(
    fate=Fate.STOPS,
    what="nobody does any action of {other}: training ends with an error",
    remedy="give the list that belongs to these rows",
)
NO_PROPOSAL = Sort(
    fate=Fate.STOPS,
    what="no proposal of the score {least:g} or more is at any of the key frames that are "
    "measured, and `kbuild evaluate` ends with an error",
    remedy="call videos and seconds as the rows do; give --min-score if the detector's scores are "
    "lower, or --boxes truth",
)
NOT_PROPOSED = Sort(
    fate=Fate.NOTES,
    what="nobody is proposed with a score of {least:g} or more where the rows have persons: they "
    "count as missed",
    remedy="none needed",
)
