// On pages without a question: send answers that were left in this browser, and say what is left.
"use strict";

(async () => {
  const note = document.getElementById("kept");

  const show = () => {
    const left = [...Outbox.others()];
    const mine = Outbox.waiting().length;
    const texts = left.map(([name, number]) => gettext("{number} of {name}, sent when {name} logs in here", { number, name }));
    if (mine) texts.unshift(gettext("{number} of yours, being sent", { number: mine }));
    note.textContent = gettext("Answers kept in this browser that are not saved yet: {list}.", { list: texts.join("; ") });
    note.hidden = !texts.length;
  };

  show();
  if (note.hidden) return;
  const session = await Outbox.ask().catch(() => null);
  if (session !== null) Outbox.open(session.keys, { change: show });
})();
