// The names of classes are offered while somebody types what a clip shows instead; the other
// parts of a class that was split are there to be chosen.
"use strict";

(() => {
  const input = document.getElementById("better-name");
  const list = document.getElementById("class-names");

  const fetchNames = async () => {
    const response = await fetch(address("/class-names.json"), { headers: { Accept: "application/json" } }).catch(() => null);
    if (!response || !response.ok) { input.addEventListener("focus", fetchNames, { once: true }); return; }
    list.replaceChildren(...(await response.json()).names.map((value) => Object.assign(document.createElement("option"), { value })));
  };

  const parts = document.getElementById("parts");
  const naming = document.getElementById("naming");
  const question = () => (typeof Grid === "undefined" ? Work.shown() : Grid.shown() && Grid.shown().active.question);

  const choose = (event) => {
    input.value = event.target.textContent;
    input.form.requestSubmit();
  };

  const offerParts = () => {
    const names = (naming.open && question() && question().parts) || [];
    parts.hidden = !names.length;
    parts.replaceChildren(...names.map((textContent) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent });
      button.addEventListener("click", choose);
      return button;
    }));
  };

  input.addEventListener("focus", fetchNames, { once: true });
  naming.addEventListener("toggle", offerParts);
})();
