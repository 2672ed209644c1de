// The times that are marked: begun, ended, moved, dropped, undone. Times are seconds; nothing here
// is seen.
"use strict";

const Marks = (() => {
  const SHORTEST = 0.04;
  let marks = [];
  let begun = null; // where a mark begins that has no end yet
  let chosen = null;
  let undone = [];
  let onChange = () => {};

  const rounded = (seconds) => Math.round(seconds * 1000) / 1000;
  const state = () => ({ marks: marks.map((one) => [...one]), begun, chosen: marks.indexOf(chosen) });
  const remember = () => undone.push(state());
  const sort = () => marks.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const changed = () => { sort(); onChange(); };

  const show = (list) => {
    marks = list.map((one) => [...one]);
    [begun, chosen, undone] = [null, null, []];
    onChange();
  };

  const begin = (seconds) => {
    remember();
    begun = rounded(seconds);
    chosen = null;
    onChange();
  };

  // End what was begun; else the chosen mark, or the last that begins before.
  const end = (seconds) => {
    const at = rounded(seconds);
    if (begun !== null) {
      if (at - begun < SHORTEST) return false;
      remember();
      chosen = [begun, at];
      marks.push(chosen);
      begun = null;
    } else {
      const mark = chosen || [...marks].reverse().find((one) => one[0] < at);
      if (!mark || at - mark[0] < SHORTEST) return false;
      remember();
      chosen = mark;
      mark[1] = at;
    }
    changed();
    return true;
  };

  // Move one end (0 or 1) of a mark; a drag is one step of undo.
  const move = (mark, side, seconds, last, isOneStep = true) => {
    if (isOneStep) remember();
    const least = side ? mark[0] + SHORTEST : 0;
    const most = side ? last : mark[1] - SHORTEST;
    mark[side] = rounded(Math.min(Math.max(seconds, least), most));
    chosen = mark;
    onChange();
    return mark[side];
  };

  const choose = (mark) => {
    if (chosen === mark) return;
    chosen = mark;
    onChange();
  };

  const drop = () => {
    if (!chosen && begun === null) return;
    remember();
    if (chosen) marks = marks.filter((one) => one !== chosen);
    else begun = null;
    chosen = null;
    onChange();
  };

  const undo = () => {
    const before = undone.pop();
    if (!before) return;
    marks = before.marks;
    begun = before.begun;
    chosen = marks[before.chosen] || null;
    onChange();
  };

  const said = () => [...marks].sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((one) => [...one]);

  return {
    show, begin, end, move, choose, drop, undo, said, remember, sort,
    all: () => marks, begun: () => begun, chosen: () => chosen,
    canUndo: () => undone.length > 0, listen: (heard) => { onChange = heard; },
  };
})();
