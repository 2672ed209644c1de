// Keys, buttons and settings of the question. Keys go by their place on the keyboard, so that
// they are the same in every layout and alphabet.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  const main = document.querySelector("main.task");
  const answers = byId("answers");
  const naming = byId("naming");
  const betterName = byId("better-name");
  const dialog = byId("keys");
  let usesSingleKeys = Settings.remembered("single-keys", true);

  const openNaming = () => { naming.open = true; betterName.focus(); };
  const closeNaming = () => { naming.open = false; main.querySelector("h1").focus({ preventScroll: true }); };
  const showKeys = () => dialog.showModal();
  const sayNo = () => Task.answer("no", betterName.value);

  const single = {
    Digit1: () => Task.answer("yes-all"),
    Digit2: () => Task.answer("yes-partly"),
    Digit3: () => Task.answer("no"),
    Digit4: () => Task.answer("unsure"),
    Digit5: () => Task.answer("bad"),
    KeyT: openNaming,
    KeyR: Player.replay,
  };
  for (const digit of "12345") single[`Numpad${digit}`] = single[`Digit${digit}`];

  const plain = {
    Space: Player.toggle,
    Backspace: Work.back,
    ArrowLeft: Work.back,
    ArrowRight: Work.forward,
    ArrowUp: () => Player.stepRate(1),
    ArrowDown: () => Player.stepRate(-1),
    Escape: () => { if (naming.open) closeNaming(); else Work.keep(); },
  };

  // Keyboards on a screen send no place: then the character stands for it.
  const placeOf = ({ code, key }) => {
    if (code) return code;
    return /^[0-9]$/.test(key) ? `Digit${key}` : key.length === 1 ? `Key${key.toUpperCase()}` : key;
  };

  const actionOf = (event) => {
    const place = placeOf(event);
    if (plain[place]) return plain[place];
    if (!usesSingleKeys) return null;
    return event.key === "?" ? showKeys : single[place];
  };

  // Keys that a control under the focus needs for itself.
  const isTaken = (event) => {
    const control = event.target.closest("button, a, summary, input");
    if (!control) return false;
    if (control === betterName) return event.code !== "Escape";
    return event.code === "Space" || event.code === "Enter" || event.code === "NumpadEnter";
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing || dialog.open || Graded.isOpen()) return;
    const action = isTaken(event) ? null : actionOf(event);
    if (!action) return;
    event.preventDefault();
    action();
  });

  answers.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter) Task.answer(event.submitter.value);
  });
  byId("named").addEventListener("submit", (event) => { event.preventDefault(); sayNo(); });
  naming.addEventListener("toggle", () => { if (naming.open) betterName.focus(); });
  byId("pause").addEventListener("click", Player.toggle);
  byId("replay").addEventListener("click", Player.replay);
  byId("speed").addEventListener("click", Player.cycleRate);
  byId("show-keys").addEventListener("click", showKeys);
  document.querySelector(".stage").addEventListener("click", (event) => { if (event.target.tagName === "VIDEO") Player.toggle(); });

  const setting = (id, value, change) => {
    byId(id).checked = value;
    byId(id).addEventListener("change", () => change(byId(id).checked));
  };
  const useSingleKeys = (is) => {
    usesSingleKeys = is;
    Settings.remember("single-keys", is);
    document.documentElement.classList.toggle("no-single-keys", !is);
  };
  setting("single-keys", usesSingleKeys, useSingleKeys);
  setting("self-playing", Settings.playsItself(), Settings.setPlaysItself);
  useSingleKeys(usesSingleKeys);
  Task.open();
})();
