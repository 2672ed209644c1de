// What the film shows around the picture, played again and again beside it.
"use strict";

const Loop = (() => {
  const video = document.getElementById("loop");
  const note = document.getElementById("loop-note");
  const playsItself = !matchMedia("(prefers-reduced-motion: reduce)").matches;

  const play = () => video.play().catch(() => {});

  const show = (question) => {
    const source = address(`/loops/${question.frame}.mp4`);
    note.hidden = true;
    if (video.getAttribute("src") !== source) video.src = source;
    else video.currentTime = 0;
    if (playsItself) play();
  };

  const toggle = () => { if (video.paused) play(); else video.pause(); };

  video.addEventListener("error", () => { note.hidden = false; });

  return {
    show, toggle,
    clear: () => video.pause(),
    isPaused: () => video.paused,
    listen: (listener) => { for (const name of ["play", "pause"]) video.addEventListener(name, listener); },
  };
})();
