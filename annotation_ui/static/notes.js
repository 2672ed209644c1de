// What the page says of answers on their way: how many are not saved yet, and what is in the way.
"use strict";

const Notes = (() => {
  const byId = (id) => document.getElementById(id);
  const TOLD_MS = 8000;
  const TROUBLE = {
    connection: gettext("No connection. Your answers are kept in this browser and sent when it is back."),
    server: gettext("The server has trouble. Your answers are kept in this browser and sent again."),
    "logged-out": gettext("You are logged out. Your answers are kept in this browser: come in again, and they are sent."),
    "somebody-else": gettext("Somebody else is logged in in this browser now. Your answers are kept: come in again, and they are sent."),
  };
  let trouble = null;
  let told = 0;

  const showText = (element, text) => {
    element.textContent = text || "";
    element.hidden = !text;
  };

  const tell = (text) => {
    clearTimeout(told);
    showText(byId("trouble"), text);
    told = setTimeout(() => { byId("trouble").hidden = true; noteTrouble(trouble); }, TOLD_MS);
  };

  const noteTrouble = (problem) => {
    if (problem === null && trouble !== null) byId("trouble").hidden = true;
    trouble = problem;
    if (problem === null) return;
    clearTimeout(told);
    const isOut = problem === "logged-out" || problem === "somebody-else";
    showText(byId("trouble"), TROUBLE[problem]);
    const { wayIn } = document.documentElement.dataset; // none for whom a paid panel has sent
    if (isOut && wayIn) byId("trouble").append(" ", Object.assign(document.createElement("a"), { href: wayIn, textContent: gettext("Log in") }));
    if (!Outbox.isDurable()) byId("trouble").append(" ", gettext("This browser keeps nothing over a reload: leave this page open."));
  };

  // Say how many answers wait; return whether none does. `hasSaved`: whether any was saved before.
  const noteSaving = (hasSaved) => {
    const number = Outbox.waiting().length;
    const saved = byId("saved");
    saved.classList.toggle("is-saved", !number);
    if (number) saved.textContent = trouble ? gettext("{number} not saved yet", { number }) : gettext("Saving {number}", { number });
    else saved.textContent = hasSaved ? gettext("Saved") : "";
    if (!number) noteTrouble(null);
    return !number;
  };

  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  window.addEventListener("beforeunload", (event) => { if (trouble && Outbox.waiting().length) event.preventDefault(); });
  byId("log-out").addEventListener("submit", (event) => {
    const number = Outbox.waiting().length;
    const text = ngettext(
      "{number} of your answers is not saved yet. It stays in this browser and is sent when you come in here again. Leave now?",
      "{number} of your answers are not saved yet. They stay in this browser and are sent when you come in here again. Leave now?",
      number,
    );
    if (number && !confirm(text)) event.preventDefault();
  });

  return { noteSaving, noteTrouble, showText, tell };
})();
