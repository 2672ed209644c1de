// Keys of a question. Keys go by their place on the keyboard, so that they are the same in every
// layout and alphabet; letters and digits can be switched off.
"use strict";

const Keyboard = (() => {
  const NAME = "kbuild-single-keys";
  const byId = (id) => document.getElementById(id);
  const dialog = byId("keys");
  let usesSingleKeys = true;
  try { usesSingleKeys = JSON.parse(localStorage.getItem(NAME)) ?? true; } catch { /* not kept */ }

  const isGrading = () => typeof Graded !== "undefined" && Graded.isOpen(); // where there is practice

  // Keyboards on a screen send no place: then the character stands for it.
  const placeOf = ({ code, key }) => {
    if (code) return code.replace(/^Numpad(?=\d$)/, "Digit");
    return /^[0-9]$/.test(key) ? `Digit${key}` : key.length === 1 ? `Key${key.toUpperCase()}` : key;
  };

  // Keys that a control under the focus needs for itself, but for those that answers are about.
  const isTaken = (event) => {
    const control = event.target.closest("button, a, summary, input, select");
    if (!control || control.closest("[data-answered-by-keys]")) return false;
    if (control.matches("select, input:not([type=checkbox])")) return event.code !== "Escape";
    return event.code === "Space" || event.code === "Enter" || event.code === "NumpadEnter";
  };

  // Listen: `single` are letters and digits, `plain` all other keys, each place -> what it does.
  const open = ({ single, plain }) => {
    document.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing || dialog.open || isGrading()) return;
      if (isTaken(event)) return;
      const place = placeOf(event);
      const action = plain[place] || (usesSingleKeys && (event.key === "?" ? () => dialog.showModal() : single[place]));
      if (!action) return;
      event.preventDefault();
      action();
    });
    byId("show-keys").addEventListener("click", () => dialog.showModal());
    byId("single-keys").checked = usesSingleKeys;
    byId("single-keys").addEventListener("change", (event) => use(event.target.checked));
    use(usesSingleKeys);
  };

  const use = (is) => {
    usesSingleKeys = is;
    try { localStorage.setItem(NAME, JSON.stringify(is)); } catch { /* not kept */ }
    document.documentElement.classList.toggle("no-single-keys", !is);
  };

  return { open };
})();
