// A practice answer beside the truth: shown over the question that came after it. What was begun
// there stays, and the time that this takes is not counted as theirs.
"use strict";

const Graded = (() => {
  // A key that was meant for the question does not close what nobody has seen yet.
  const SETTLE_MS = 400;
  const dialog = document.getElementById("graded");
  const content = dialog.querySelector("div");
  const waiting = [];
  const stretches = [];
  let openedAt = 0;
  let after = [];

  const isOpen = () => dialog.open;

  const showNext = () => {
    content.innerHTML = waiting.shift();
    content.scrollTop = 0;
    openedAt = performance.now();
    dialog.showModal();
    dialog.querySelector("button").focus({ preventScroll: true });
  };

  const show = (html) => {
    waiting.push(html);
    if (!isOpen()) showNext();
  };

  // Run once nothing is shown any more.
  const whenClosed = (work) => { if (isOpen()) after.push(work); else work(); };

  // How long a question was seen since then, in seconds.
  const secondsSince = (time) => {
    const hidden = stretches.reduce((sum, [from, to]) => sum + Math.max(0, to - Math.max(from, time)), 0);
    return ((performance.now() - time - hidden) / 1000).toFixed(2);
  };

  const close = () => { if (performance.now() - openedAt >= SETTLE_MS) dialog.close(); };

  dialog.addEventListener("submit", (event) => { event.preventDefault(); close(); });
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
  dialog.addEventListener("close", () => {
    stretches.push([openedAt, performance.now()]);
    content.replaceChildren();
    if (waiting.length) { showNext(); return; }
    const works = after;
    after = [];
    for (const work of works) work();
  });

  return { isOpen, secondsSince, show, whenClosed };
})();
