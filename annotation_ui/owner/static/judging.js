// Clips before the owner: those in sight play, keys decide, and a card is shown anew once it is
// written. Without this script the forms do the same, a page at a time.
"use strict";

const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
const cards = () => [...document.querySelectorAll(".disputed")];
const current = () => document.activeElement?.closest(".disputed") || null;

const inSight = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) target.pause();
    else if (!isStill) target.play().catch(() => { /* the browser wants a click first */ });
  }
}, { threshold: 0.5 });

const watch = (card) => inSight.observe(card.querySelector("video"));

function go(step) {
  const all = cards();
  const here = all.indexOf(current());
  const next = here < 0 ? all[step > 0 ? 0 : all.length - 1] : all[here + step];
  if (!next) return;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest", behavior: isStill ? "auto" : "smooth" });
}

function chosen() {
  if (!current()) go(1);
  return current();
}

// The reason is typed after the key: Enter sends the button that was meant.
function arm(verdict) {
  const card = chosen();
  const button = card?.querySelector(`.rule [value=${verdict}]`);
  if (!button) return;
  const reason = card.querySelector("[name=reason]");
  if (reason.type === "hidden") return button.click(); // an audit asks for none
  for (const other of card.querySelectorAll(".rule .button")) other.setAttribute("aria-pressed", other === button);
  reason.dataset.verdict = verdict;
  reason.focus();
}

function disarm(card) {
  const reason = card.querySelector("[name=reason]");
  delete reason.dataset.verdict;
  for (const button of card.querySelectorAll(".rule .button")) button.removeAttribute("aria-pressed");
}

function tell(card, text, isDone = false) {
  const note = card.querySelector(".told-of");
  note.textContent = text;
  note.classList.toggle("bad", !isDone);
  note.hidden = false;
}

async function send(form, button) {
  const card = form.closest(".disputed");
  if (card.ariaBusy === "true") return; // pressed again before the reply
  card.ariaBusy = "true";
  const fields = new FormData(form);
  fields.set(button.name, button.value);
  try {
    const reply = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "application/json" } });
    const said = reply.headers.get("Content-Type")?.startsWith("application/json") ? await reply.json() : {};
    if (reply.redirected) return void location.reload();
    if (!reply.ok) return tell(card, said.message || "This was not taken. Load the page again.");
    if (said.told) return tell(card, said.told, true);
    show(card, said.card, button.name === "verdict");
  } catch {
    tell(card, "No connection. Nothing was decided: try again.");
  } finally {
    card.ariaBusy = "false";
  }
}

// Whoever has gone on to another clip meanwhile stays there.
function show(card, html, isDecided) {
  const fresh = document.createRange().createContextualFragment(html).querySelector(".disputed");
  const [before, video] = [card.querySelector("video"), fresh.querySelector("video")];
  const [hadFocus, typing] = [card === current(), document.activeElement.name === "reason"];
  video.replaceWith(before); // it plays on
  const reason = card.querySelector("[name=reason]");
  card.replaceWith(fresh);
  if (!isStill) before.play().catch(() => {});
  if (hadFocus) fresh.focus({ preventScroll: true });
  if (hadFocus && isDecided) go(1);
  if (isDecided) return;
  fresh.querySelector("[name=reason]").value = reason.value;
  if (hadFocus && typing && reason.dataset.verdict) arm(reason.dataset.verdict);
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest(".disputed form");
  if (!form) return;
  event.preventDefault();
  send(form, event.submitter);
});

document.addEventListener("keydown", (event) => {
  const reason = event.target;
  if (reason.name !== "reason" || event.isComposing) return;
  const card = current();
  if (event.key === "Escape") {
    event.preventDefault();
    disarm(card);
    card.focus();
  } else if (event.key === "Enter") {
    event.preventDefault(); // else whatever button comes first would be sent
    const { verdict } = reason.dataset;
    if (verdict) card.querySelector(`.rule [value=${verdict}]`).click();
    else tell(card, "Accept or reject? Press a button, or Esc and then a key.");
  }
});

function press(selector) {
  chosen()?.querySelector(selector)?.click();
}

function pause() {
  const video = chosen()?.querySelector("video");
  if (video) video.paused ? video.play() : video.pause();
}

cards().forEach(watch);
Keyboard.open({
  single: {
    KeyY: () => arm("accepted"),
    KeyN: () => arm("rejected"),
    KeyU: () => arm("open"),
    KeyG: () => press(".choose [name=answer][value=yes]"),
    KeyH: () => press(".choose [name=answer][value=no]"),
    KeyE: () => press(".choose [name=which][value=accepted]"),
    KeyX: () => press(".choose [name=which][value=refused]"),
  },
  plain: { ArrowLeft: () => go(-1), ArrowRight: () => go(1), Space: pause },
});
