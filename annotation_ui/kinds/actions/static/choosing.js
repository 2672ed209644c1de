// A field in which an action is typed: what fits is listed with its meaning while it is typed.
"use strict";

const Choosing = (() => {
  const MOST = 8;
  const SORTS = { pose: gettext("a pose"), object: gettext("with an object"), person: gettext("with a person") };
  const actions = JSON.parse(document.getElementById("actions").textContent);
  const plain = (text) => text.trim().replace(/\s+/g, " ").toLowerCase();

  // How well an action fits a text: 0 its name begins so, 1 a word of it, 2 within, 3 its meaning.
  const rank = (action, text) => {
    const name = plain(action.name);
    if (name.startsWith(text)) return 0;
    if (name.split(/[\s/(,]+/).some((word) => word.startsWith(text))) return 1;
    if (name.includes(text)) return 2;
    return plain(action.definition).includes(text) ? 3 : null;
  };

  const ranked = (among, text) => among
    .map((action) => [rank(action, plain(text)), action])
    .filter(([place]) => place !== null)
    .sort((one, other) => one[0] - other[0])
    .slice(0, MOST).map(([, action]) => action);

  // What fits a field; where nothing does, what fits a field of another sort.
  const fitting = (type, text, taken) => {
    const free = actions.filter((action) => !taken.includes(plain(action.name)));
    const own = ranked(free.filter((action) => action.type === type), text);
    return own.length ? own : ranked(free, text);
  };

  const find = (type, text) => actions.find((action) => action.type === type && plain(action.name) === plain(text));

  // Make a field of an input: `taken` are names that other fields hold, `done` takes an action.
  const make = (input, taken, done) => {
    const list = document.getElementById(`${input.id}-options`);
    const type = input.dataset.type;
    let options = [];
    let marked = 0;
    input.removeAttribute("list");
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id })) input.setAttribute(name, value);

    const close = () => {
      options = [];
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };

    const mark = (place) => {
      marked = (place + options.length) % options.length;
      [...list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === marked)));
      input.setAttribute("aria-activedescendant", list.children[marked].id);
      list.children[marked].scrollIntoView({ block: "nearest" });
    };

    const open = () => {
      options = fitting(type, input.value, taken(input).map(plain));
      if (!options.length) { close(); return; }
      list.replaceChildren(...options.map((action, index) => {
        const item = document.createElement("li");
        Object.assign(item, { id: `${list.id}-${index}`, textContent: action.name });
        item.setAttribute("role", "option");
        if (action.type !== type) item.textContent += ` (${SORTS[action.type]})`;
        if (action.definition) item.append(Object.assign(document.createElement("small"), { textContent: action.definition }));
        item.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(index); });
        return item;
      }));
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      mark(0);
    };

    const choose = (place) => {
      const action = options[place];
      close();
      done(input, action);
    };

    input.addEventListener("input", () => { if (input.value.trim()) open(); else close(); });
    input.addEventListener("blur", close);
    input.addEventListener("click", () => { if (list.hidden) open(); });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const isOpen = !list.hidden;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) { if (isOpen) mark(marked + step); else open(); }
      else if (event.key === "Enter" && isOpen) choose(marked);
      else if (event.key === "Tab" && isOpen && input.value.trim() && !find(type, input.value)) choose(marked);
      else if (event.key === "Escape" && isOpen) close();
      else return;
      event.preventDefault();
    });
    return { close, isKnown: () => !input.value.trim() || Boolean(find(type, input.value)) };
  };

  return { make };
})();
