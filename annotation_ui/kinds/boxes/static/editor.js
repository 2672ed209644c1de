// The boxes on the picture: drawn, moved, resized and dropped by mouse, finger or keys.
// Corners are shares of the picture's width and height.
"use strict";

const Editor = (() => {
  const SMALLEST = 0.01;
  const STEP = 0.005;
  const LONG_STEP = 0.025;
  const CORNERS = ["left top", "right top", "left bottom", "right bottom"];
  const EDGE = { left: 0, top: 1, right: 2, bottom: 3 };
  const frame = document.getElementById("frame");
  const picture = frame.parentElement;
  const still = document.getElementById("still");
  let boxes = [];
  let chosen = null;
  let undone = [];
  let drag = null;
  let onChange = () => {};

  const limit = (value, least, most) => Math.min(Math.max(value, least), most);
  const rounded = (corners) => corners.map((value) => Math.round(value * 1e6) / 1e6);

  const place = (box) => {
    const [x1, y1, x2, y2] = box.corners;
    const share = (value) => `${100 * value}%`;
    Object.assign(box.element.style, { left: share(x1), top: share(y1), width: share(x2 - x1), height: share(y2 - y1) });
  };

  const make = (corners, number = null) => {
    const element = document.createElement("div");
    element.className = number === null ? "box is-new" : "box";
    element.tabIndex = 0;
    element.setAttribute("role", "group");
    element.setAttribute("aria-roledescription", gettext("box"));
    for (const edges of CORNERS) {
      const handle = document.createElement("span");
      handle.className = "handle";
      handle.dataset.edges = edges;
      element.append(handle);
    }
    const box = { corners, number, element };
    element.addEventListener("focus", () => choose(box));
    place(box);
    return box;
  };

  const tell = () => {
    boxes.forEach((box, index) => box.element.setAttribute("aria-label", gettext("Person {number} of {total}", { number: index + 1, total: boxes.length })));
    onChange();
  };

  const choose = (box) => {
    if (chosen) chosen.element.classList.remove("is-chosen");
    chosen = box;
    if (box) box.element.classList.add("is-chosen");
    onChange();
  };

  const said = () => boxes.map((box) => [...box.corners, box.number]);
  const remember = () => { undone.push(said()); };

  const fill = (listed) => {
    for (const box of boxes) box.element.remove();
    boxes = listed.map(([x1, y1, x2, y2, number]) => make([x1, y1, x2, y2], number));
    frame.append(...boxes.map((box) => box.element));
    choose(null);
    tell();
  };

  const show = (listed) => { undone = []; drag = null; fill(listed); };
  const undo = () => { if (undone.length) fill(undone.pop()); };

  const put = (corners) => {
    const box = make(rounded(corners));
    boxes.push(box);
    frame.append(box.element);
    tell();
    return box;
  };

  const add = () => {
    remember();
    put([0.4, 0.3, 0.6, 0.7]).element.focus({ preventScroll: true });
  };

  const drop = () => {
    if (!chosen) return;
    remember();
    const index = boxes.indexOf(chosen);
    chosen.element.remove();
    boxes = boxes.filter((box) => box !== chosen);
    chosen = null;
    tell();
    const next = boxes[Math.min(index, boxes.length - 1)];
    if (next) next.element.focus({ preventScroll: true });
  };

  const moved = ([x1, y1, x2, y2], dx, dy) => {
    const right = limit(dx, -x1, 1 - x2);
    const down = limit(dy, -y1, 1 - y2);
    return [x1 + right, y1 + down, x2 + right, y2 + down];
  };

  // Corners with some edges moved; an edge that passes its opposite takes its place.
  const resized = (corners, edges, dx, dy) => {
    const found = [...corners];
    for (const edge of edges) {
      const at = EDGE[edge];
      found[at] = limit(found[at] + (at % 2 ? dy : dx), 0, 1);
    }
    const [x1, y1, x2, y2] = found;
    return [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
  };

  const isBox = ([x1, y1, x2, y2]) => x2 - x1 >= SMALLEST && y2 - y1 >= SMALLEST;

  const change = (box, corners) => {
    if (!isBox(corners)) return;
    box.corners = rounded(corners);
    place(box);
  };

  // Move the chosen box by one step of the arrow keys, or its right and lower edge.
  const nudge = (x, y, { isLong, isResizing }) => {
    if (!chosen) return;
    remember();
    const step = isLong ? LONG_STEP : STEP;
    const edges = [x && "right", y && "bottom"].filter(Boolean);
    change(chosen, isResizing ? resized(chosen.corners, edges, x * step, y * step) : moved(chosen.corners, x * step, y * step));
    tell();
  };

  const at = (event) => {
    const { left, top, width, height } = frame.getBoundingClientRect();
    return [limit((event.clientX - left) / width, 0, 1), limit((event.clientY - top) / height, 0, 1)];
  };

  const begin = (event) => {
    if (drag || event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    const element = event.target.closest(".box");
    const [x, y] = at(event);
    const before = said();
    const edges = event.target.dataset.edges;
    const box = element ? boxes.find((one) => one.element === element) : null;
    drag = { x, y, before, box, start: box && box.corners, edges: edges ? edges.split(" ") : null };
    if (box) box.element.focus({ preventScroll: true });
    else if (document.activeElement) document.activeElement.blur();
    if (!box) choose(null);
    frame.setPointerCapture(event.pointerId);
  };

  const follow = (event) => {
    if (!drag) return;
    const [x, y] = at(event);
    const { x: x0, y: y0 } = drag;
    if (!drag.start) {
      const corners = [Math.min(x, x0), Math.min(y, y0), Math.max(x, x0), Math.max(y, y0)];
      if (!drag.box && isBox(corners)) { drag.box = put(corners); choose(drag.box); }
      if (drag.box) change(drag.box, corners);
    } else if (drag.edges) change(drag.box, resized(drag.start, drag.edges, x - x0, y - y0));
    else change(drag.box, moved(drag.start, x - x0, y - y0));
  };

  const end = () => {
    if (!drag) return;
    const { before, box } = drag;
    drag = null;
    if (JSON.stringify(before) !== JSON.stringify(said())) undone.push(before);
    if (box) box.element.focus({ preventScroll: true });
    tell();
  };

  // As large as it can be with the picture's own proportions.
  const fit = () => {
    const ratio = still.width && still.height ? Number(still.getAttribute("width")) / Number(still.getAttribute("height")) : 4 / 3;
    const width = Math.min(picture.clientWidth, picture.clientHeight * ratio);
    Object.assign(frame.style, { width: `${width}px`, height: `${width / ratio}px` });
  };

  frame.addEventListener("pointerdown", begin);
  frame.addEventListener("pointermove", follow);
  for (const name of ["pointerup", "pointercancel"]) frame.addEventListener(name, end);
  frame.addEventListener("focusout", () => setTimeout(() => {
    if (!drag && !document.activeElement.closest(".box, .tools")) choose(null);
  }));
  new ResizeObserver(fit).observe(picture);

  return {
    add, drop, fit, nudge, said, show, undo,
    canUndo: () => undone.length > 0,
    isChosen: () => chosen !== null,
    isDragging: () => drag !== null,
    listen: (listener) => { onChange = listener; },
  };
})();
