"""What PySlowFast does with what it does not expect; seen by running it on made folders."""

from kinetics_builder.ava.checking.report import Fate, Sort
from kinetics_builder.ava.checking.rows import Bad, OddBox

BAD_ROW = {
    Bad.CELLS: Sort(
        fate=Fate.STOPS,
        what="found {found}; PySlowFast takes 7 cells or more for the truth and 8 for predicted "
        "boxes, and ends with an IndexError",
        remedy="leave out blank lines and key frames without a box; `kbuild convert` does",
    ),
    Bad.TIME: Sort(
        fate=Fate.STOPS,
        what="found {found} as time; PySlowFast takes whole seconds and ends with a ValueError",
        remedy="write whole seconds, and leave out a header",
    ),
    Bad.BOX: Sort(
        fate=Fate.STOPS,
        what="found {found} as box; PySlowFast ends with a ValueError",
        remedy="write x1, y1, x2, y2 as shares of the frame",
    ),
    Bad.ACTION: Sort(
        fate=Fate.STOPS,
        what="found {found} as action; PySlowFast takes whole numbers and ends with a ValueError",
        remedy="write the number of a class, or nothing",
    ),
    Bad.SCORE: Sort(
        fate=Fate.STOPS,
        what="found {found} as score; PySlowFast ends with a ValueError",
        remedy="write the detector's score as the eighth cell",
    ),
    Bad.BYTES: Sort(
        fate=Fate.STOPS,
        what="found bytes that are not UTF-8, in {found}",
        remedy="save the file as UTF-8",
    ),
}
OUTSIDE = Sort(
    fate=Fate.STOPS,
    what="second {found} is outside of 902 to 1798: PySlowFast ends with KeyError: {found} at the "
    "first such row",
    remedy="add 900 to the seconds of a short video (`kbuild convert --to pyslowfast-ava` does), "
    "or change AVA_VALID_FRAMES and the 900 of sec_to_frame in its ava_helper.py",
)
BAD_CLASS = Sort(
    fate=Fate.STOPS,
    what="the class {found} is none of 1 to 80: PySlowFast ends with an AssertionError when it "
    "comes to this key frame",
    remedy="number classes from 1 on",
)
NO_ACTION = Sort(
    fate=Fate.LOSES,
    what="the row of the truth has no class: PySlowFast trains on the box as on a person who does "
    "nothing of it",
    remedy="write the number of a class, or leave the row out",
)
UNSEEN = Sort(
    fate=Fate.NOTES,
    what="{other} has no box on this key frame that is taken: nothing will be predicted there, and "
    "the label counts as missed",
    remedy="propose the persons there, if the detector saw any",
)
NOT_IN_TRUTH = Sort(
    fate=Fate.NOTES,
    what="{other} has no label that counts on this key frame: whatever is predicted there is "
    "wrong, as where nobody is",
    remedy="leave its boxes out if nobody was asked about the key frame",
)
NEVER_SEEN = Sort(
    fate=Fate.LOSES,
    what="no key frame of the truth has a box in {other} that is taken: the mAP is 0",
    remedy="give both files the same video ids and seconds, and boxes a score that counts",
)
LOW_SCORE = Sort(
    fate=Fate.NOTES,
    what="the score {found} is below {least}: PySlowFast passes over the box",
    remedy="set AVA.DETECTION_SCORE_THRESH lower (its own configurations say 0.8)",
)
EACH_FOURTH = Sort(
    fate=Fate.NOTES,
    what="validation while training passes over seconds that 4 does not divide",
    remedy="set AVA.FULL_TEST_ON_VAL to True to have all",
)
EXCLUDED = Sort(
    fate=Fate.NOTES,
    what="the key frame is excluded: it counts neither for nor against. Exclusions are read for "
    "the measure alone, so PySlowFast trains on excluded key frames",
    remedy="leave its rows out of the training truth if it is not to be learnt either",
)
EXCLUDED_TRAINED = Sort(
    fate=Fate.NOTES,
    what="the key frame is excluded in {other}, which PySlowFast does not read: it trains on it",
    remedy="leave its rows out of the truth",
)
WRITTEN_OTHERWISE = Sort(
    fate=Fate.MISREADS,
    what="the box {text} stands on this key frame as {found} too: PySlowFast compares texts, so "
    "it trains on two boxes, each without the other's labels",
    remedy="write equal boxes equally",
)
NO_LIST = Sort(
    fate=Fate.STOPS,
    what="there is no such list of images, and PySlowFast opens it first",
    remedy="`kbuild convert --to pyslowfast-ava` writes it; give --media for the images there are",
    is_absence=True,
)
NO_IMAGES = Sort(
    fate=Fate.NOTES,
    what="there is no folder of images here: whether those listed exist was not looked at",
    remedy="give --media FOLDER, the folder with a folder of images for each video",
)
NO_BOXES = Sort(
    fate=Fate.STOPS,
    what="the video {found} is listed, but {other} has no box of it that is taken: PySlowFast "
    "wants as many videos in both and ends with an AssertionError, or with KeyError: {found}",
    remedy="leave the video out of the list, or give it a box (of a score and second that count)",
)
NOT_LISTED = Sort(
    fate=Fate.STOPS,
    what="the video {found} has boxes, but {other} does not list its images: PySlowFast wants as "
    "many videos in both and ends with an AssertionError, or never loads it",
    remedy="list its images, or leave its boxes out",
)
NOTHING = Sort(
    fate=Fate.STOPS,
    what="no box in it is taken, so there is nothing to load",
    remedy="look at what is said about its rows",
)
IMAGE_GONE = Sort(
    fate=Fate.STOPS,
    what="images around second {second} (image {place} of its video) are listed but not there: "
    "PySlowFast ends with a FileNotFoundError when it comes to this key frame",
    remedy="extract them, or list only those that are there",
)
BEYOND_END = Sort(
    fate=Fate.MISREADS,
    what="second {second} is image {place}, and {found} are listed: PySlowFast reads the last "
    "image instead, again and again",
    remedy="extract images at 30 a second, the first one at second 900",
)
PAST_END = Sort(
    fate=Fate.NOTES,
    what="the clip around second {second} reaches past the last of {found} images: PySlowFast "
    "reads the last one again",
    remedy="extract images up to some seconds behind the last key frame",
)
ODD_BOX = {
    OddBox.NAN: Sort(
        fate=Fate.MISREADS,
        what="the box {found} is no place: PySlowFast trains on it all the same",
        remedy="write numbers",
    ),
    OddBox.INVERTED: Sort(
        fate=Fate.MISREADS,
        what="the box {found} is inverted: PySlowFast trains on it all the same",
        remedy="write x1, y1, x2, y2 with x1 < x2 and y1 < y2, not a width and a height",
    ),
    OddBox.EMPTY: Sort(
        fate=Fate.MISREADS,
        what="the box {found} has no area: PySlowFast trains on it all the same",
        remedy="leave it out",
    ),
    OddBox.FAR: Sort(
        fate=Fate.MISREADS,
        what="the box {found} lies outside of the frame, as one in pixels does: PySlowFast cuts it "
        "to the frame, where the person is not",
        remedy="divide x by the frame's width and y by its height",
    ),
    OddBox.OUTSIDE: Sort(
        fate=Fate.NOTES,
        what="the box {found} reaches out of the frame: PySlowFast cuts it",
        remedy="none needed",
    ),
}
