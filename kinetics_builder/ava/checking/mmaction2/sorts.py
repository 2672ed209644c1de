"""What MMAction2 does with what it does not expect; seen by running it on made folders."""

from kinetics_builder.ava.checking.report import Fate, Sort
from kinetics_builder.ava.checking.rows import Bad, OddBox

BAD_ROW = {
    Bad.CELLS: Sort(
        fate=Fate.STOPS,
        what="found {found}; MMAction2 takes 8 cells or more and ends with an IndexError",
        remedy="leave out blank lines and key frames without a box, and give every box a "
        "person_id; `kbuild convert --to mmaction2-ava` tells of those without",
    ),
    Bad.TIME: Sort(
        fate=Fate.STOPS,
        what="found {found} as time; MMAction2 takes whole seconds and ends with a ValueError",
        remedy="write whole seconds",
    ),
    Bad.BOX: Sort(
        fate=Fate.STOPS,
        what="found {found} as box; MMAction2 ends with an error",
        remedy="write x1, y1, x2, y2 as shares of the frame",
    ),
    Bad.ACTION: Sort(
        fate=Fate.STOPS,
        what="found {found} as action; MMAction2 takes whole numbers and ends with a ValueError",
        remedy="write the number of a class, and leave out a header",
    ),
    Bad.PERSON: Sort(
        fate=Fate.STOPS,
        what="found {found} as person; MMAction2 takes whole numbers and ends with a ValueError",
        remedy="number the persons of each video",
    ),
    Bad.BYTES: Sort(
        fate=Fate.STOPS,
        what="found bytes that are not UTF-8, in {found}",
        remedy="save the file as UTF-8",
    ),
}
OUTSIDE = Sort(
    fate=Fate.MISREADS,
    what="second {second} is outside of 900 to 1800: MMAction2 reads image {place} instead, again "
    "and again, without a word",
    remedy="add 900 to the seconds of a short video (`kbuild convert --to mmaction2-ava` does), "
    "or set timestamp_start and timestamp_end of AVADataset",
)
CLASS_TOO_HIGH = Sort(
    fate=Fate.STOPS,
    what="the class {found} is none of 0 to 80: MMAction2 ends with an IndexError",
    remedy="number classes from 1 to 80, or set num_classes of dataset, head and measure",
)
CLASS_BELOW = Sort(
    fate=Fate.MISREADS,
    what="the class {found} counts from the end: MMAction2 trains class {taken} with it",
    remedy="number classes from 1 on",
)
CLASS_ZERO = Sort(
    fate=Fate.MISREADS,
    what="MMAction2 takes the class 0, but keeps it for what is no class: its head leaves it out "
    "of the loss (background_class), and its measure never sees it predicted",
    remedy="number classes from 1 on",
)
EXCLUDED = Sort(
    fate=Fate.NOTES,
    what="the key frame is excluded: MMAction2 leaves it out",
    remedy="none needed",
)
EXCLUDED_COUNTED = Sort(
    fate=Fate.MISREADS,
    what="the key frame is excluded, so nothing is predicted on it, but the measure counts its "
    "labels among those to be found: even perfect predictions lose",
    remedy="leave its rows out of the truth",
)
NOTHING = Sort(
    fate=Fate.STOPS,
    what="no row in it is left, and MMAction2 ends with a ValueError: need at least one array to "
    "concatenate",
    remedy="look at what is said about its rows and about exclusions",
)
WHOLE_IMAGE = Sort(
    fate=Fate.MISREADS,
    what="the proposals have no key {key}: MMAction2 takes the whole image for the only person "
    "there, which overlaps nobody enough",
    remedy="write keys like {key} (four digits at least) for every key frame with a person: "
    "`kbuild convert --to mmaction2-ava` does",
)
WHOLE_IMAGE_TRAINED = Sort(
    fate=Fate.NOTES,
    what="the proposals have no key {key}: MMAction2 takes the whole image for a person there; "
    "in training the boxes of the truth are used all the same",
    remedy="write keys like {key} for every key frame with a person",
)
NO_KEYS = Sort(
    fate=Fate.MISREADS,
    what="{found}: nothing in it was looked at. MMAction2 takes the whole image for the only "
    "person of each key frame whose key, text like '-5KQ66BBWC4,0902', it does not find",
    remedy="write a dictionary of such texts and arrays: `kbuild convert --to mmaction2-ava` does",
)
NO_ARRAY = Sort(
    fate=Fate.STOPS,
    what="the proposals of {key} are {found}: MMAction2 ends with an error when it comes to it",
    remedy="write numpy arrays of the shape (N, 5): x1, y1, x2, y2, score; none where N is 0",
)
NOT_SHARES = Sort(
    fate=Fate.STOPS,
    what="a proposal of {key} reaches {found}: MMAction2 ends with an AssertionError when it comes "
    "to it, for it takes shares of the frame from 0 to 1",
    remedy="divide x by the frame's width and y by its height, and cut them to [0, 1]",
)
UNUSED_PROPOSALS = Sort(
    fate=Fate.NOTES,
    what="the key {key} is of no key frame in the truth: MMAction2 never looks there, for it "
    "lists key frames by the truth",
    remedy="none needed, if nobody is annotated there",
)
NO_IMAGES = Sort(
    fate=Fate.NOTES,
    what="there is no folder of images here: whether there are enough was not looked at",
    remedy="give --media FOLDER, the folder with a folder of img_00001.jpg and so on a video",
)
IMAGE_GONE = Sort(
    fate=Fate.STOPS,
    what="the clip around second {second} wants images {first} to {last}, and {image} is not "
    "there: MMAction2 ends with a FileNotFoundError when it comes to it",
    remedy="extract img_00001.jpg and so on at 30 a second, the first one at second 900, up to a "
    "second behind the last key frame",
)
ODD_BOX = {
    OddBox.NAN: Sort(
        fate=Fate.STOPS,
        what="the box {found} is no place: MMAction2 ends with an IndexError",
        remedy="write numbers",
    ),
    OddBox.INVERTED: Sort(
        fate=Fate.MISREADS,
        what="the box {found} is inverted: MMAction2 trains on it all the same",
        remedy="write x1, y1, x2, y2 with x1 < x2 and y1 < y2, not a width and a height",
    ),
    OddBox.EMPTY: Sort(
        fate=Fate.MISREADS,
        what="the box {found} has no area: MMAction2 trains on it all the same",
        remedy="leave it out",
    ),
    OddBox.FAR: Sort(
        fate=Fate.MISREADS,
        what="the box {found} lies outside of the frame, as one in pixels does: MMAction2 takes "
        "its corners for shares of the frame and trains on a place without a person",
        remedy="divide x by the frame's width and y by its height",
    ),
    OddBox.OUTSIDE: Sort(
        fate=Fate.NOTES,
        what="the box {found} reaches out of the frame: MMAction2 takes it as it stands",
        remedy="none needed",
    ),
}
