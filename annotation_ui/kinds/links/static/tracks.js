// What may be done to rows of boxes. Pure: rows go in, new rows or a reason come out.
// A row is { number, boxes }: numbers of boxes in the order of time, never two of one picture.
"use strict";

const Tracks = (() => {
  const rowOf = (rows, box) => rows.find((row) => row.boxes.includes(box));
  const fresh = (rows) => Math.max(0, ...rows.map((row) => row.number)) + 1;
  const replaced = (rows, row, ...others) => rows.flatMap((one) => (one === row ? others : [one])).filter((one) => one.boxes.length);
  const why = (reason) => ({ rows: null, reason });
  const now = (rows) => ({ rows, reason: null });

  // From this box on it is somebody else.
  const cut = (rows, box) => {
    const row = rowOf(rows, box);
    const at = row.boxes.indexOf(box);
    if (at === 0) return why(gettext("The row begins with this picture: choose the first that is somebody else."));
    const rest = { number: fresh(rows), boxes: row.boxes.slice(at) };
    return now(replaced(rows, row, { ...row, boxes: row.boxes.slice(0, at) }, rest));
  };

  // This box alone is somebody else.
  const alone = (rows, box) => {
    const row = rowOf(rows, box);
    if (row.boxes.length === 1) return why(gettext("It is alone already."));
    const rest = { ...row, boxes: row.boxes.filter((one) => one !== box) };
    return now(replaced(rows, row, rest, { number: fresh(rows), boxes: [box] }));
  };

  // Two boxes are one person. Rows that have a picture in common change places between the two.
  const join = (rows, one, other, timeOf) => {
    const [early, late] = timeOf(one) <= timeOf(other) ? [one, other] : [other, one];
    const [first, second] = [rowOf(rows, early), rowOf(rows, late)];
    if (first === second) return why(gettext("They are in one row already."));
    if (timeOf(early) === timeOf(late)) return why(gettext("Both are of one picture: they cannot be one person."));
    const inOrder = (boxes) => [...boxes].sort((a, b) => timeOf(a) - timeOf(b));
    const meet = (some, others) => some.some((a) => others.some((b) => timeOf(a) === timeOf(b)));
    const without = rows.filter((row) => row !== second);
    if (!meet(first.boxes, second.boxes)) {
      return now(replaced(without, first, { ...first, boxes: inOrder([...first.boxes, ...second.boxes]) }));
    }
    const head = first.boxes.filter((box) => timeOf(box) <= timeOf(early));
    const tail = first.boxes.filter((box) => timeOf(box) > timeOf(early));
    const begin = second.boxes.filter((box) => timeOf(box) < timeOf(late));
    const end = second.boxes.filter((box) => timeOf(box) >= timeOf(late));
    const joined = { ...first, boxes: [...head, ...end] };
    const rests = meet(begin, tail)
      ? [{ ...second, boxes: begin }, { number: fresh(rows), boxes: tail }]
      : [{ ...second, boxes: inOrder([...begin, ...tail]) }];
    const places = rows.flatMap((row) => (row === first ? [joined] : row === second ? rests : [row]));
    return now(places.filter((row) => row.boxes.length));
  };

  // This one box is the person of another's row; a box of the same picture comes back for it.
  const give = (rows, box, other, timeOf) => {
    const [from, to] = [rowOf(rows, box), rowOf(rows, other)];
    if (from === to) return why(gettext("It is in this row already."));
    const back = to.boxes.find((one) => timeOf(one) === timeOf(box));
    const inOrder = (boxes) => boxes.sort((a, b) => timeOf(a) - timeOf(b));
    const given = inOrder([...to.boxes.filter((one) => one !== back), box]);
    const left = inOrder([...from.boxes.filter((one) => one !== box), ...(back === undefined ? [] : [back])]);
    const places = rows.map((row) => (row === from ? { ...from, boxes: left } : row === to ? { ...to, boxes: given } : row));
    return now(places.filter((row) => row.boxes.length));
  };

  return { alone, cut, give, join, rowOf };
})();
