// The question about boxes: what is shown of it, and what the keys and buttons do.
"use strict";

(() => {
  // Nobody looks at a picture in less; so the second half of a double click says nothing.
  const SETTLE_MS = 250;
  const byId = (id) => document.getElementById(id);
  const still = byId("still");
  const dialog = byId("keys");
  const ready = new Map();
  let shownAt = null;

  const words = (number) => (number ? ngettext("{number} person", "{number} people", number) : gettext("Nobody"));

  const fetchStill = (question) => {
    if (ready.has(question.slot)) return;
    const image = new Image();
    image.src = address(`/stills/${question.frame}.jpg`);
    ready.set(question.slot, image);
  };

  const note = () => {
    byId("count").textContent = words(Editor.said().length);
    byId("drop").disabled = !Editor.isChosen();
    byId("undo").disabled = !Editor.canUndo();
  };

  const shownNow = () => { if (shownAt === null) shownAt = performance.now(); };

  const view = {
    said: (question) => question.said,
    show(question, near, isEarlier) {
      shownAt = null;
      still.setAttribute("width", question.width);
      still.setAttribute("height", question.height);
      const source = address(`/stills/${question.frame}.jpg`);
      if (still.getAttribute("src") !== source) still.src = source;
      if (still.complete && still.naturalWidth) shownNow();
      Editor.fit();
      Editor.show(isEarlier ? question.answer : question.boxes);
      Loop.show(question);
      afterPaint(() => view.want(question, near));
    },
    want(question, near) {
      const questions = [question, ...near];
      const kept = new Set(questions.map((one) => one.slot));
      for (const slot of ready.keys()) if (!kept.has(slot)) ready.delete(slot);
      questions.forEach(fetchStill);
    },
    clear() { Editor.show([]); Loop.clear(); },
  };

  const done = () => {
    if (!Work.shown() || shownAt === null || performance.now() - shownAt < SETTLE_MS || Editor.isDragging()) return;
    const boxes = Editor.said();
    const seconds = Graded.secondsSince(shownAt);
    const text = words(boxes.length).toLowerCase();
    if (Work.isReview() && JSON.stringify(boxes) === JSON.stringify(Work.shown().answer)) { Work.keep(); return; }
    Work.answer({ answer: boxes, said: text }, { boxes: JSON.stringify(boxes), seconds });
  };

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  const actionOf = (event) => {
    const arrow = ARROWS[event.code];
    if (arrow && Editor.isChosen()) return () => Editor.nudge(...arrow, { isLong: event.shiftKey, isResizing: event.altKey });
    if (event.altKey) return null;
    if (event.key === "?") return () => dialog.showModal();
    return {
      KeyN: Editor.add, KeyZ: Editor.undo, Delete: Editor.drop, KeyX: Editor.drop, Enter: done, NumpadEnter: done,
      Backspace: Work.back, Escape: Work.keep, Space: Loop.toggle,
    }[event.code] || null;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.isComposing || dialog.open || Graded.isOpen()) return;
    const onControl = event.target.closest("button, a, input");
    if (onControl && ["Space", "Enter", "NumpadEnter"].includes(event.code)) return;
    if (event.repeat && !ARROWS[event.code]) return;
    const action = actionOf(event);
    if (!action) return;
    event.preventDefault();
    action();
  });

  const keepFocus = (event) => event.preventDefault();
  for (const id of ["add", "drop", "undo"]) byId(id).addEventListener("pointerdown", keepFocus);
  byId("add").addEventListener("click", Editor.add);
  byId("drop").addEventListener("click", Editor.drop);
  byId("undo").addEventListener("click", Editor.undo);
  byId("done").addEventListener("click", done);
  byId("pause").addEventListener("click", Loop.toggle);
  byId("show-keys").addEventListener("click", () => dialog.showModal());
  still.addEventListener("load", shownNow);
  Loop.listen(() => { byId("pause").textContent = Loop.isPaused() ? gettext("Play") : gettext("Pause"); });
  Editor.listen(note);
  Work.open(view);
})();
