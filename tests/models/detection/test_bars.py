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
    bold = {tick.get_text()[6:8] for tick in ticks if tick.get_fontweight() == "bold"}
    orange = {
        tick.get_text()[6:8] for tick in ticks if to_hex(tick.get_color()) == to_hex("darkorange")
    }
    in_all, in_proportion = greatest_gains(after, before)
    assert bold == {name[6:] for name in in_all} == {"06", "07", "08", "09", "10"}
    assert orange == {name[6:] for name in in_proportion} and "01" in orange
    assert "06" in bold & orange, "what is both is marked as both"
    assert "bold" in figure.axes[0].get_title(loc="left")
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert heights == [before[name] for name in names] + [after[name] for name in names]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["first", "second"]


def test_long_names_stay_inside_the_picture() -> None:
    path = "/home/somebody/with/a/long/path/of/runs"
    names = [f"i3d_better_det ({path}/v{number})" for number in (1, 2)]
    figure = bars_figure(Bars(names[0], AFTER, EXAMPLES), (names[1], BEFORE))
    figure.canvas.draw()
    box = figure.legends[0].get_window_extent()
    assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert [text[-3:] for text in texts] == ["v2)", "v1)"]


def test_equal_values_give_equal_bytes(tmp_path) -> None:
    for name in ("a.png", "b.png"):
        draw_bars(tmp_path / name, Bars("one", AFTER, EXAMPLES), ("other", BEFORE))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
