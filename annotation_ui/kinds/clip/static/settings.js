// What a browser remembers of how somebody likes clips to play.
"use strict";

const Settings = (() => {
  const RATES = [1, 1.5, 2, 3];
  const remembered = (name, otherwise) => {
    try { return JSON.parse(localStorage.getItem(`kbuild-${name}`)) ?? otherwise; } catch { return otherwise; }
  };
  const remember = (name, value) => {
    try { localStorage.setItem(`kbuild-${name}`, JSON.stringify(value)); } catch { /* not kept */ }
  };

  const known = remembered("speed", 1);
  let rate = RATES.includes(known) ? known : 1;
  let playsItself = remembered("plays-itself", !matchMedia("(prefers-reduced-motion: reduce)").matches);

  // Make playing faster or slower by a step; return the rate that it has now.
  const step = (by) => {
    rate = RATES[Math.min(Math.max(RATES.indexOf(rate) + by, 0), RATES.length - 1)];
    remember("speed", rate);
    return rate;
  };

  const setPlaysItself = (is) => {
    playsItself = is;
    remember("plays-itself", is);
  };

  // Clips are H.264 in MP4, which some builds of browsers leave out.
  const playsClips = () => document.createElement("video").canPlayType('video/mp4; codecs="avc1.42E01E"') !== "";

  return {
    playsClips, remember, remembered, setPlaysItself, step,
    cycle: () => step(rate === RATES.at(-1) ? -RATES.length : 1),
    playsItself: () => playsItself,
    rate: () => rate,
  };
})();
