// One proposed action over one person: yes, no or unsure, by key or button.
"use strict";

(() => {
  // Nobody judges a person in less; so the second half of a double click answers nothing.
  const SETTLE_MS = 250;
  const byId = (id) => document.getElementById(id);
  const buttons = [...document.querySelectorAll("#answers button")];
  const names = new Map(buttons.map((button) => [button.value, button.querySelector("span").textContent]));
  let shownAt = null;

  const noteScene = () => {
    if (shownAt === null && Scene.isReady()) shownAt = performance.now();
    byId("pause").textContent = Scene.isPaused() ? gettext("Play") : gettext("Pause");
  };

  const show = (question, near, isEarlier) => {
    byId("label").textContent = question.label;
    byId("definition").textContent = question.definition;
    document.querySelector(".ask").scrollTop = 0;
    for (const button of buttons) {
      if (isEarlier && button.value === question.answer) button.setAttribute("aria-pressed", "true");
      else button.removeAttribute("aria-pressed");
    }
    shownAt = null;
    Scene.show(question, near);
  };

  const say = (answer) => {
    const question = Work.shown();
    if (!question || shownAt === null || performance.now() - shownAt < SETTLE_MS) return;
    if (Work.isReview() && answer === question.answer) { Work.keep(); return; }
    const seconds = Graded.secondsSince(shownAt);
    shownAt = null;
    Work.answer({ answer }, { answer, seconds });
  };

  byId("answers").addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter) say(event.submitter.value);
  });
  Scene.open(noteScene);
  Keyboard.open({
    single: { Digit1: () => say("yes"), Digit2: () => say("no"), Digit3: () => say("unsure"), KeyR: Scene.replay },
    plain: { Space: Scene.toggle, Backspace: Work.back, ArrowLeft: Work.back, ArrowRight: Work.forward, Escape: Work.keep },
  });
  Work.open({ show, want: Scene.want, clear: () => { shownAt = null; Scene.clear(); }, said: (given) => names.get(given.answer) });
})();
