// The names of classes are offered while somebody types what a clip shows instead.
"use strict";

(() => {
  const input = document.getElementById("better-name");
  const list = document.getElementById("class-names");

  const fetchNames = async () => {
    const response = await fetch(address("/class-names.json"), { headers: { Accept: "application/json" } }).catch(() => null);
    if (!response || !response.ok) { input.addEventListener("focus", fetchNames, { once: true }); return; }
    list.replaceChildren(...(await response.json()).names.map((value) => Object.assign(document.createElement("option"), { value })));
  };

  input.addEventListener("focus", fetchNames, { once: true });
})();
