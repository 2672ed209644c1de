// On pages without a question: send answers that were left in this browser, and say what is left.
"use strict";

(async () => {
  const note = document.getElementById("kept");

  const show = () => {
    const left = [...Outbox.others()];
    const mine = Outbox.waiting().length;
    const texts = left.map(([name, number]) => `${number} of ${name}, sent when ${name} logs in here`);
    if (mine) texts.unshift(`${mine} of yours, being sent`);
    note.textContent = `Answers kept in this browser that are not saved yet: ${texts.join("; ")}.`;
    note.hidden = !texts.length;
  };

  show();
  if (note.hidden) return;
  const session = await Outbox.ask().catch(() => null);
  if (session !== null) Outbox.open(session.keys, { change: show });
})();
