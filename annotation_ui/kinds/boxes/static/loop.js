// The film around the picture, played again and again beside it.
"use strict";

const Loop = (() => {
  const video = document.getElementById("loop");
  const playsItself = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  let start = 0;
  let end = 0;

  const rewind = () => { video.currentTime = start; };
  const play = () => video.play().catch(() => {});

  const show = (question) => {
    [start, end] = [question.start, question.end];
    const source = `/films/${question.film}`;
    if (!video.src.endsWith(source)) video.src = source;
    else rewind();
    if (playsItself) play();
  };

  const toggle = () => { if (video.paused) play(); else video.pause(); };

  video.addEventListener("loadedmetadata", rewind);
  video.addEventListener("timeupdate", () => { if (video.currentTime >= end || video.currentTime < start - 0.5) rewind(); });
  video.addEventListener("ended", () => { rewind(); play(); });

  return {
    show, toggle,
    clear: () => video.pause(),
    isPaused: () => video.paused,
    listen: (listener) => { for (const name of ["play", "pause"]) video.addEventListener(name, listener); },
  };
})();
