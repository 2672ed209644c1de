// The rows of pictures and the whole picture beside them: shown, chosen in, changed and taken back.
"use strict";

const Strips = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const grid = document.getElementById("strips");
  const area = grid.parentElement;
  const look = document.getElementById("look");
  const kept = new Map();
  let strip = null;
  let rows = [];
  let undone = [];
  let chosen = null;
  let pending = null;
  let sizes = null;
  let isScrolled = false;
  let onChange = () => {};

  const rowsOf = (tracks) => tracks.map((track, index) => ({ number: index + 1, boxes: track }));
  const frameOf = (id) => strip.frames[strip.timeOf(id)];

  // Sizes in pixels of the style sheet, how many pixels of the screen each is, and how many
  // columns there is room for.
  const measure = () => {
    const style = getComputedStyle(area);
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const names = ["crop", "gap", "edge", "head", "between"];
    const sizes = Object.fromEntries(names.map((name) => [name, parseFloat(style.getPropertyValue(`--${name}`)) * rem]));
    const numColumns = Math.floor((area.clientWidth - 2 * sizes.edge + sizes.gap) / ((sizes.crop + sizes.gap) / 2));
    return { ...sizes, scale: window.devicePixelRatio, numColumns };
  };

  const lay = (one, its) => one.place(its, (sizes ??= measure()));

  const stripOf = (question) => {
    const known = kept.get(question.slot);
    if (known && known.isFor(question)) return known;
    if (known) known.drop();
    const made = Strip.make(question, () => { if (made === strip) onChange(); });
    kept.set(question.slot, made);
    return made;
  };

  // Have the strips of these questions ready, made one after another, and no others.
  let making = 0;
  const want = (questions) => {
    clearTimeout(making);
    const slots = new Set(questions.map((one) => one.slot));
    for (const [slot, one] of kept) if (!slots.has(slot) && one !== strip) { one.drop(); kept.delete(slot); }
    const left = questions.filter((one) => !kept.has(one.slot));
    const makeNext = () => {
      const next = left.shift();
      if (!next) return;
      lay(stripOf(next), rowsOf(next.answer || next.tracks));
      making = setTimeout(makeNext);
    };
    makeNext();
  };

  const draw = () => { lay(strip, rows); mark(); };

  const mark = () => {
    strip.mark(rows, chosen, pending && pending.box);
    showWhole();
    onChange();
  };

  const svg = (name, attributes) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };

  const outline = (id, row, frame) => {
    const [x1, y1, x2, y2] = strip.boxOf.get(id).corners;
    const corners = { x: x1 * frame.width, y: y1 * frame.height, width: (x2 - x1) * frame.width, height: (y2 - y1) * frame.height };
    const size = frame.height / 14;
    const number = svg("text", { x: corners.x + size / 5, y: corners.y + size, "font-size": size, fill: Strip.colour(row.number) });
    number.textContent = row.number;
    const box = svg("rect", { class: id === chosen ? "box is-chosen" : "box", ...corners, stroke: Strip.colour(row.number) });
    return [svg("rect", { class: "under", ...corners }), box, number];
  };

  const showWhole = () => {
    const index = chosen === null ? strip.frames.findIndex((frame) => !frame.is_before) : strip.timeOf(chosen);
    const frame = strip.frames[index];
    const over = svg("svg", { viewBox: `0 0 ${frame.width} ${frame.height}` });
    for (const row of rows) {
      const id = row.boxes.find((one) => strip.timeOf(one) === index);
      if (id !== undefined) over.append(...outline(id, row, frame));
    }
    look.replaceChildren(strip.still(index), over);
    look.setAttribute("aria-label", gettext("The whole picture at {moment}", { moment: frame.at }));
  };

  const choose = (id, { isFocused = true } = {}) => {
    chosen = id;
    mark();
    const element = strip.crops.get(id);
    if (isFocused) element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  const show = (question, tracks) => {
    strip = stripOf(question);
    rows = rowsOf(tracks);
    undone = [];
    chosen = pending = null;
    draw();
    if (isScrolled) area.scrollTo(0, 0);
    isScrolled = false;
    grid.replaceChildren(strip.element);
  };

  const clear = () => { strip = pending = null; rows = []; grid.replaceChildren(); look.replaceChildren(); want([]); };

  // Take what became of the rows, or say why nothing did.
  const take = ({ rows: found, reason }) => {
    pending = null;
    if (found === null) { mark(); return reason; }
    undone.push({ rows, chosen });
    rows = found;
    draw();
    if (chosen !== null) choose(chosen);
    return "";
  };

  const change = (name) => {
    if (!strip || chosen === null) return gettext("Choose a picture first.");
    if (name === "cut" || name === "alone") return take(Tracks[name](rows, chosen));
    if (pending === null || pending.name !== name) {
      pending = { name, box: chosen };
      mark();
      return "";
    }
    if (pending.box === chosen) { pending = null; mark(); return ""; }
    return finish();
  };

  const finish = () => {
    const { name, box } = pending;
    const other = chosen;
    if (name === "give") chosen = box;
    return take(Tracks[name](rows, box, other, strip.timeOf));
  };

  const undo = () => {
    if (!undone.length) return;
    ({ rows, chosen } = undone.pop());
    pending = null;
    draw();
    if (chosen !== null) choose(chosen);
  };

  // The nearest picture of the line above or below; to the sides the next one of the row, and
  // behind its last the next one of the line.
  const nextTo = (x, y) => {
    const places = strip.picturePlaces();
    const here = places.get(chosen);
    const row = Tracks.rowOf(rows, chosen);
    const own = x && row.boxes[row.boxes.indexOf(chosen) + x];
    if (own) return own;
    const away = ([, there]) => (x ? (there.column - here.column) * x : 1000 * (there.line - here.line) * y + Math.abs(there.column - here.column));
    const ahead = [...places].filter(([, there]) => (x ? there.line === here.line && (there.column - here.column) * x > 0 : (there.line - here.line) * y > 0));
    return ahead.length ? ahead.reduce((best, one) => (away(one) < away(best) ? one : best))[0] : undefined;
  };

  const step = (x, y) => {
    if (!strip || !rows.length) return;
    const next = chosen === null ? rows[0].boxes[0] : nextTo(x, y);
    if (next !== undefined) choose(next);
  };

  const pick = (event) => {
    const element = event.target.closest(".crop");
    if (!element) return;
    choose(Number(element.dataset.box));
    if (pending !== null && pending.box !== chosen) grid.dispatchEvent(new CustomEvent("picked"));
  };

  grid.addEventListener("click", pick);
  grid.addEventListener("focusin", (event) => {
    const element = event.target.closest(".crop");
    if (element && Number(element.dataset.box) !== chosen) choose(Number(element.dataset.box), { isFocused: false });
  });
  area.addEventListener("scroll", () => { isScrolled = area.scrollTop > 0 || area.scrollLeft > 0; });
  new ResizeObserver(() => {
    sizes = measure();
    if (strip) lay(strip, rows);
  }).observe(area);

  return {
    change, clear, finish, show, step, undo, want,
    canUndo: () => undone.length > 0,
    cancel: () => { const was = pending !== null; pending = null; if (was) mark(); return was; },
    isChosen: () => chosen !== null,
    isReady: () => strip !== null && strip.isReady(),
    listen: (listener, picked) => { onChange = listener; grid.addEventListener("picked", picked); },
    pending: () => pending && { ...pending, number: Tracks.rowOf(rows, pending.box).number, at: frameOf(pending.box).at },
    said: () => rows.map((row) => row.boxes),
  };
})();
