// Work that may wait until what was just changed has been painted.
"use strict";

// A page in the background paints nothing: there the work is done a little later all the same.
const afterPaint = (work) => {
  const LATEST_MS = 100;
  let isDone = false;
  const once = () => {
    if (isDone) return;
    isDone = true;
    work();
  };
  requestAnimationFrame(() => setTimeout(once));
  setTimeout(once, LATEST_MS);
};
