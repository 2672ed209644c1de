// The question when something happens: what is shown of it, and what the keys and buttons do.
"use strict";

(() => {
  // Nobody looks at a video in less; so the second half of a double click says nothing.
  const SETTLE_MS = 250;
  const byId = (id) => document.getElementById(id);
  const film = byId("film");
  let shownAt = null;

  const words = (number) => (number ? ngettext("{number} time", "{number} times", number) : gettext("It never happens"));

  const note = () => {
    Line.draw();
    byId("count").textContent = words(Marks.all().length);
    byId("drop").disabled = !Marks.chosen() && Marks.begun() === null;
    byId("undo").disabled = !Marks.canUndo();
    const begun = Marks.begun();
    byId("note").textContent = begun === null ? "" : gettext("It begins at {moment}: say where it ends.", { moment: Line.clock(begun) });
  };

  const notePlaying = () => { byId("pause").textContent = film.paused ? gettext("Play") : gettext("Pause"); };
  const shownNow = () => { if (shownAt === null) shownAt = performance.now(); Line.draw(); };

  const view = {
    said: (question) => question.said,
    show(question, near, isEarlier) {
      shownAt = null;
      byId("label").textContent = question.label;
      byId("description").textContent = question.description || "";
      byId("description").hidden = !question.description;
      byId("film-note").hidden = true;
      const source = address(`/videos/${question.video}`);
      if (film.getAttribute("src") !== source) film.src = source;
      if (film.readyState >= 1) { film.currentTime = 0; shownNow(); }
      Line.show(question);
      Marks.show(isEarlier ? question.answer : []);
    },
    want() {},
    clear() { film.pause(); Line.clear(); },
  };

  const isAnswerable = () => Work.shown() && !Line.isDragging() && shownAt !== null && performance.now() - shownAt >= SETTLE_MS;

  const send = (marks, unsure) => {
    if (!isAnswerable()) return;
    const shown = Work.shown();
    const isSame = JSON.stringify(marks) === JSON.stringify(shown.answer) && unsure === shown.unsure;
    if (Work.isReview() && isSame) { Work.keep(); return; }
    const seconds = Graded.secondsSince(shownAt);
    const said = unsure ? gettext("unsure") : marks.length ? words(marks.length) : gettext("never");
    film.pause();
    Work.answer({ answer: marks, unsure, said }, { marks: JSON.stringify(marks), seconds, ...(unsure ? { unsure: "1" } : {}) });
  };

  const done = () => {
    if (Marks.begun() !== null) { byId("end").focus(); return; }
    send(Marks.said(), false);
  };
  const unsure = () => send([], true);
  const begin = () => Marks.begin(film.currentTime);
  const end = () => { if (!Marks.end(film.currentTime)) byId("note").textContent = gettext("Say first where it begins, then go on to where it ends."); };
  const closer = () => Line.zoomBy(1);
  const wider = () => Line.zoomBy(-1);
  const toggle = () => { if (film.paused) film.play().catch(() => {}); else film.pause(); };

  document.addEventListener("keydown", (event) => {
    const arrow = { ArrowLeft: -1, ArrowRight: 1 }[event.code];
    if (!arrow || event.ctrlKey || event.metaKey || event.altKey || byId("keys").open || Graded.isOpen() || !Work.shown()) return;
    event.preventDefault();
    Line.step(arrow, event.shiftKey);
  });
  Keyboard.open({
    single: { KeyI: begin, BracketLeft: begin, KeyO: end, BracketRight: end, KeyZ: Marks.undo, KeyU: unsure, KeyX: Marks.drop, Equal: closer, NumpadAdd: closer, Minus: wider, NumpadSubtract: wider },
    plain: { Space: toggle, Enter: done, NumpadEnter: done, Delete: Marks.drop, Backspace: Work.back, Escape: Work.keep },
  });
  const buttons = { begin, end, drop: Marks.drop, undo: Marks.undo, unsure, done, pause: toggle, closer, wider };
  for (const [id, action] of Object.entries(buttons)) byId(id).addEventListener("click", action);
  film.addEventListener("loadeddata", shownNow);
  film.addEventListener("error", () => { if (film.getAttribute("src")) { byId("film-note").hidden = false; shownNow(); } });
  for (const name of ["timeupdate", "seeked"]) film.addEventListener(name, Line.note);
  for (const name of ["play", "pause", "ended"]) film.addEventListener(name, notePlaying);
  Marks.listen(note);
  Work.open(view);
})();
