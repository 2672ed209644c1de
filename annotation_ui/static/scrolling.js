// Words that do not fit their place are scrolled by keys: then, and then alone, Tab stops at them.
"use strict";

for (const place of document.querySelectorAll(".ask")) {
  const note = () => { place.tabIndex = place.scrollHeight > place.clientHeight ? 0 : -1; };
  const watch = new ResizeObserver(note);
  for (const element of [place, ...place.children]) watch.observe(element);
}
