"""The picture of classes: their order, and whose gains are marked."""

import math

from matplotlib.colors import to_hex

from pipelines.measuring.ava.bars import Bars, bars_figure, draw_bars, greatest_gains

BEFORE = {"stand": 0.60, "sit": 0.50, "talk": 0.40, "sing": 0.10, "swim": 0.004, "fly": math.nan}
AFTER = {"stand": 0.61, "sit": 0.70, "talk": 0.30, "sing": 0.25, "swim": 0.10, "fly": math.nan}
EXAMPLES = {"stand": 900, "sit": 500, "talk": 700, "sing": 7, "swim": 7, "fly": 0}


def test_the_commonest_class_comes_first_and_one_without_truth_not_at_all() -> None:
    bars = Bars("slowfast", AFTER, EXAMPLES)
    assert bars.in_order() == ["stand", "talk", "sit", "sing", "swim"]


def test_gains_are_greatest_in_all_or_in_proportion_to_what_was_there() -> None:
    in_all, in_proportion = greatest_gains(AFTER, BEFORE, 2)
    assert in_all == ["sit", "sing"]
    assert in_proportion == ["sing", "sit"]
    assert greatest_gains(BEFORE, BEFORE) == ([], [])
    assert greatest_gains(AFTER, {}) == ([], [])


def test_the_greatest_gains_are_named_in_bold() -> None:
    names = [f"class {number:02d}" for number in range(12)]
    before = {name: 0.02 + 0.05 * number for number, name in enumerate(names)}
    gains = [0.0, 0.02, 0.0, 0.0, 0.0, 0.0, 0.30, 0.25, 0.20, 0.15, 0.10, -0.2]
    after = {name: before[name] + gain for name, gain in zip(names, gains, strict=True)}
    examples = {name: 100 - number for number, name in enumerate(names)}
    figure = bars_figure(Bars("second", after, examples), ("first", before))
    ticks = figure.axes[0].get_xticklabels()
    assert [tick.get_text() for tick in ticks[:2]] == ["class 00 (100)", "class 01 (99)"]
    bold = {
        tick.get_text()[:8]: to_hex(tick.get_color())
        for tick in ticks
        if tick.get_fontweight() == "bold"
    }
    black, orange = to_hex("black"), to_hex("darkorange")
    assert bold == {f"class {n:02d}": black for n in (6, 7, 8, 9, 10)} | {"class 01": orange}
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert heights == [before[name] for name in names] + [after[name] for name in names]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["first", "second"]


def test_equal_values_give_equal_bytes(tmp_path) -> None:
    for name in ("a.png", "b.png"):
        draw_bars(tmp_path / name, Bars("one", AFTER, EXAMPLES), ("other", BEFORE))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
