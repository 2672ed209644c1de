// The owner's page moves by itself: every few seconds the numbers are fetched anew.
"use strict";

const PAUSE = 4000;
const main = document.getElementById("main");

function isInUse() {
  const held = document.activeElement;
  const isWritten = [...main.querySelectorAll("input[name=why]")].some((reason) => reason.value);
  return document.hidden || isWritten || (held && held.closest && held.closest("#main form")) || !getSelection().isCollapsed;
}

function scrolled() {
  return new Map([...main.querySelectorAll(".scroll[aria-label]")].map(
    (region) => [region.getAttribute("aria-label"), [region.scrollLeft, region === document.activeElement]]));
}

function show(html) {
  const before = scrolled();
  main.innerHTML = html;
  for (const region of main.querySelectorAll(".scroll[aria-label]")) {
    const [left, hadFocus] = before.get(region.getAttribute("aria-label")) || [0, false];
    region.scrollLeft = left;
    if (hadFocus) region.focus({ preventScroll: true });
  }
}

async function move() {
  try {
    if (!isInUse()) {
      const reply = await fetch(main.dataset.progress, { cache: "no-store", redirect: "manual" });
      if (reply.type === "opaqueredirect") return void location.reload();
      if (reply.ok && !isInUse()) show(await reply.text());
    }
  } catch {
    // The server is away: the numbers stay as they are, and the next try may find it.
  }
  setTimeout(move, PAUSE);
}

setTimeout(move, PAUSE);
