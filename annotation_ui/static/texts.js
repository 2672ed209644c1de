// What scripts say, in the language of the page: texts that the page brought with it, else as they
// stand in the scripts. `{name}` in a text stands for a value.
"use strict";

const { gettext, ngettext } = (() => {
  const brought = document.getElementById("texts-of-scripts");
  const { texts, plurals } = brought ? JSON.parse(brought.textContent) : { texts: {}, plurals: "" };

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  // Which form goes with a number; what holds for 100 to 199 holds for all larger ones.
  const formOf = (number) => {
    if (!plurals) return number === 1 ? 0 : 1;
    return Number(plurals[number < 200 ? number : 100 + (number % 100)]);
  };

  const say = (text, values = {}) => fill(texts[text]?.[0] || text, values);
  const count = (one, many, number, values = {}) => {
    const forms = texts[one] || [one, many];
    return fill(forms[formOf(number)] || many, { number, ...values });
  };
  return { gettext: say, ngettext: count };
})();
