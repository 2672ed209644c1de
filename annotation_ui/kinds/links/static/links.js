// The question about links: what is shown of it, and what the keys and buttons do.
"use strict";

(() => {
  // Nobody looks at a strip in less; so the second half of a double click says nothing.
  const SETTLE_MS = 250;
  const byId = (id) => document.getElementById(id);
  let shownAt = null;
  let before = "";

  const words = (number) => ngettext("{number} person", "{number} people", number);
  const sorted = (tracks) => JSON.stringify(tracks.map((track) => [...track].sort((a, b) => a - b)).sort((a, b) => a[0] - b[0]));

  const ASKS = {
    join: (values) => gettext("Person {number} at {at} is also … choose another picture of the same person (Esc leaves it).", values),
    give: (values) => gettext("Person {number} at {at} belongs to … choose a picture of that row (Esc leaves it).", values),
  };

  const tell = (reason = "") => {
    const pending = Strips.pending();
    byId("note").textContent = reason || (pending ? ASKS[pending.name](pending) : "");
  };

  const note = () => {
    if (shownAt === null && Strips.isReady()) shownAt = performance.now();
    const isChanged = sorted(Strips.said()) !== before;
    byId("count").textContent = isChanged ? gettext("Done: {people}", { people: words(Strips.said().length) }) : gettext("All right");
    for (const id of ["cut", "join", "give", "alone"]) byId(id).disabled = !Strips.isChosen();
    byId("undo").disabled = !Strips.canUndo();
    const pending = Strips.pending();
    for (const id of ["join", "give"]) byId(id).setAttribute("aria-pressed", String(pending !== null && pending.name === id));
    tell();
  };

  const view = {
    said: (given) => given.said,
    show(question, near, isEarlier) {
      shownAt = null;
      before = sorted(question.tracks);
      Strips.show(question, isEarlier ? question.answer : question.tracks);
      view.want(question, near);
    },
    want(question, near) { afterPaint(() => Strips.want([question, ...near])); },
    clear() { shownAt = null; Strips.clear(); },
  };

  const change = (name) => () => tell(Strips.change(name));
  const undo = () => { Strips.undo(); tell(); };

  const done = () => {
    if (Strips.pending()) { tell(Strips.finish()); return; }
    if (!Work.shown() || shownAt === null || performance.now() - shownAt < SETTLE_MS) return;
    const tracks = Strips.said();
    if (Work.isReview() && sorted(tracks) === sorted(Work.shown().answer)) { Work.keep(); return; }
    const seconds = Graded.secondsSince(shownAt);
    Work.answer({ answer: tracks, said: words(tracks.length) }, { tracks: JSON.stringify(tracks), seconds });
  };

  const leave = () => { if (!Strips.cancel()) Work.keep(); };

  Strips.listen(note, () => tell(Strips.finish()));
  for (const id of ["cut", "join", "give", "alone"]) byId(id).addEventListener("click", change(id));
  byId("undo").addEventListener("click", undo);
  byId("done").addEventListener("click", done);
  Keyboard.open({
    single: { KeyB: change("cut"), KeyJ: change("join"), KeyG: change("give"), KeyN: change("alone"), KeyZ: undo },
    plain: {
      ArrowLeft: () => Strips.step(-1, 0), ArrowRight: () => Strips.step(1, 0),
      ArrowUp: () => Strips.step(0, -1), ArrowDown: () => Strips.step(0, 1),
      Enter: done, NumpadEnter: done, Backspace: Work.back, Escape: leave,
    },
  });
  Work.open(view);
})();
