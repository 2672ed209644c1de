// A path through a tree of questions: what is asked now, and where answers have led.
"use strict";

const Path = (() => {
  // Where a path leads: { question } to ask, or its end: { element }, { unsure } or { none }.
  const follow = (tree, steps) => {
    let question = tree.first;
    for (const [key, said] of steps) {
      if (said === "unsure") return { unsure: tree.nodes[key].text };
      if (said === "bad") return { bad: true };
      const [leads, name] = tree.nodes[key][said];
      if (leads === "class") return { element: name };
      if (leads === "none") return { none: true };
      question = name;
    }
    return { question };
  };

  // The end of a path in words; `bad` is how a bad clip is called.
  const words = (tree, steps, bad) => {
    const end = follow(tree, steps);
    if (end.element) return end.element;
    if (end.bad) return bad;
    return end.unsure ? gettext("unsure: {question}", { question: end.unsure }) : gettext("none of these");
  };

  const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  return { follow, isSame, words };
})();
