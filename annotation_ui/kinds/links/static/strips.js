// The rows of crops and the whole picture beside them: shown, chosen in, changed and taken back.
"use strict";

const Strips = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const RETRY_MS = 2000;
  const grid = document.getElementById("strips");
  const look = document.getElementById("look");
  let question = null;
  let boxes = new Map();
  let rows = [];
  let undone = [];
  let chosen = null;
  let pending = null;
  let missing = new Set();
  let onChange = () => {};

  const svg = (name, attributes) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const source = (frame) => `/stills/${frame.frame}.jpg`;
  const frameOf = (id) => question.frames[boxes.get(id).place];
  const timeOf = (id) => boxes.get(id).place;
  const colour = (number) => `hsl(${(number * 137) % 360} 85% 62%)`;
  const cellOf = (id) => grid.querySelector(`[data-box="${id}"]`);

  // Wait for the pictures: whoever has not seen them can say nothing.
  const fetchAll = () => {
    missing = new Set(question.frames.map(source));
    const mine = question;
    for (const path of missing) {
      const image = new Image();
      let isLate = false;
      image.onload = () => {
        if (question !== mine || !missing.delete(path)) return;
        if (isLate) draw();
        else onChange();
      };
      image.onerror = () => { isLate = true; setTimeout(() => { if (question === mine) image.src = path; }, RETRY_MS); };
      image.src = path;
    }
  };

  const cell = (id, row) => {
    const box = boxes.get(id);
    const frame = frameOf(id);
    const element = document.createElement("div");
    element.className = "crop";
    element.dataset.box = id;
    element.setAttribute("role", "gridcell");
    element.setAttribute("aria-label", `Person ${row.number} at ${frame.at}`);
    element.tabIndex = -1;
    element.style.borderColor = colour(row.number);
    const picture = svg("svg", { viewBox: box.crop.join(" "), "aria-hidden": "true" });
    picture.append(svg("image", { href: source(frame), width: frame.width, height: frame.height }));
    element.append(picture);
    return element;
  };

  const place = (element, column, line) => {
    Object.assign(element.style, { gridColumn: column, gridRow: line });
    return element;
  };

  const text = (className, words) => Object.assign(document.createElement("div"), { className, textContent: words });

  const head = () => question.frames.map((frame, index) => {
    const above = text("when", frame.at);
    if (frame.is_cut) above.classList.add("is-cut");
    if (frame.passed) above.append(text("passed", `${frame.passed} s later`));
    if (frame.is_cut) above.append(text("passed", "cut"));
    if (frame.is_before) above.append(text("passed", "seen before"));
    above.classList.toggle("is-before", frame.is_before);
    return place(above, index + 2, 1);
  });

  const cuts = () => question.frames.flatMap((frame, index) => (frame.is_cut ? [place(text("cut", ""), index + 2, `2 / span ${rows.length}`)] : []));

  const draw = () => {
    grid.style.gridTemplateColumns = `auto repeat(${question.frames.length}, var(--crop))`;
    const lines = rows.map((row, index) => {
      const line = document.createElement("div");
      line.className = "person";
      line.setAttribute("role", "row");
      const name = place(text("whose", row.number), 1, index + 2);
      name.setAttribute("role", "rowheader");
      name.style.color = colour(row.number);
      line.append(name, ...row.boxes.map((id) => place(cell(id, row), timeOf(id) + 2, index + 2)));
      return line;
    });
    grid.replaceChildren(...head(), ...cuts(), ...lines);
    mark();
  };

  const mark = () => {
    for (const element of grid.querySelectorAll(".crop")) {
      const id = Number(element.dataset.box);
      element.classList.toggle("is-chosen", id === chosen);
      element.classList.toggle("is-pending", pending !== null && id === pending.box);
      element.setAttribute("aria-selected", String(id === chosen));
    }
    // One stop of the Tab key a row: the chosen picture, or the row's first.
    for (const row of rows) {
      const stop = row.boxes.includes(chosen) ? chosen : row.boxes[0];
      for (const id of row.boxes) cellOf(id).tabIndex = id === stop ? 0 : -1;
    }
    showWhole();
    onChange();
  };

  const showWhole = () => {
    const frame = chosen === null ? question.frames[0] : frameOf(chosen);
    const whole = svg("svg", { viewBox: `0 0 ${frame.width} ${frame.height}` });
    whole.append(svg("image", { href: source(frame), width: frame.width, height: frame.height }));
    for (const row of rows) {
      const id = row.boxes.find((one) => frameOf(one) === frame);
      if (id === undefined) continue;
      const [x1, y1, x2, y2] = boxes.get(id).corners;
      const corners = { x: x1 * frame.width, y: y1 * frame.height, width: (x2 - x1) * frame.width, height: (y2 - y1) * frame.height };
      const outline = svg("rect", { class: id === chosen ? "box is-chosen" : "box", ...corners, stroke: colour(row.number) });
      const size = frame.height / 14;
      const number = svg("text", { x: corners.x + size / 5, y: corners.y + size, "font-size": size, fill: colour(row.number) });
      number.textContent = row.number;
      whole.append(svg("rect", { class: "under", ...corners }), outline, number);
    }
    look.replaceChildren(whole);
    look.setAttribute("aria-label", `The whole picture at ${frame.at}`);
  };

  const choose = (id, { isFocused = true } = {}) => {
    chosen = id;
    mark();
    const element = cellOf(id);
    if (isFocused) element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  const show = (one, tracks) => {
    question = one;
    boxes = new Map(one.boxes.map((box) => [box.box, box]));
    rows = tracks.map((track, index) => ({ number: index + 1, boxes: track }));
    undone = [];
    chosen = pending = null;
    fetchAll();
    draw();
    grid.parentElement.scrollTo(0, 0);
  };

  const clear = () => { question = null; pending = null; rows = []; grid.replaceChildren(); look.replaceChildren(); };

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
    if (!question || chosen === null) return "Choose a picture first.";
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
    return take(Tracks[name](rows, box, other, timeOf));
  };

  const undo = () => {
    if (!undone.length) return;
    ({ rows, chosen } = undone.pop());
    pending = null;
    draw();
    if (chosen !== null) choose(chosen);
  };

  // The nearest picture of the next row, or the next one of this.
  const step = (x, y) => {
    if (!question || !rows.length) return;
    if (chosen === null) { choose(rows[0].boxes[0]); return; }
    const row = Tracks.rowOf(rows, chosen);
    if (x) {
      const next = row.boxes[row.boxes.indexOf(chosen) + x];
      if (next !== undefined) choose(next);
      return;
    }
    const next = rows[rows.indexOf(row) + y];
    if (!next) return;
    const away = (id) => Math.abs(timeOf(id) - timeOf(chosen));
    choose(next.boxes.reduce((best, id) => (away(id) < away(best) ? id : best)));
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

  return {
    change, clear, finish, show, step, undo,
    canUndo: () => undone.length > 0,
    cancel: () => { const was = pending !== null; pending = null; if (was) mark(); return was; },
    isChosen: () => chosen !== null,
    isReady: () => question !== null && !missing.size,
    listen: (listener, picked) => { onChange = listener; grid.addEventListener("picked", picked); },
    pending: () => pending && { ...pending, number: Tracks.rowOf(rows, pending.box).number, at: frameOf(pending.box).at },
    said: () => rows.map((row) => row.boxes),
  };
})();
