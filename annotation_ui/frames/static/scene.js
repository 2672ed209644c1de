// A person at a key frame: the still with the box, and beside it the seconds around, again and
// again. The next ones wait behind with still and film ready, so that a change is only a change
// of what is visible.
"use strict";

const Scene = (() => {
  const RETRY_MS = 2000;
  const SVG = "http://www.w3.org/2000/svg";
  const stage = document.querySelector(".stage");
  const note = document.getElementById("stage-note");
  const scenes = new Map();
  let current = null;
  let onChange = () => {};
  let isPlaying = !matchMedia("(prefers-reduced-motion: reduce)").matches;

  const svg = (name, attributes) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };

  const draw = (question) => {
    const { width, height, box: [x1, y1, x2, y2] } = question;
    const still = svg("svg", { class: "still", viewBox: `0 0 ${width} ${height}`, role: "img" });
    still.setAttribute("aria-label", gettext("The still, with a box around the person"));
    const image = svg("image", { width, height });
    const corners = { x: x1 * width, y: y1 * height, width: (x2 - x1) * width, height: (y2 - y1) * height };
    still.append(image, svg("rect", { class: "under", ...corners }), svg("rect", { class: "box", ...corners }));
    return [still, image];
  };

  const film = (question) => {
    const video = document.createElement("video");
    Object.assign(video, { muted: true, loop: true, playsInline: true, preload: "auto", disablePictureInPicture: true });
    video.setAttribute("aria-label", gettext("The seconds around the still, without sound"));
    video.src = address(`/loops/${question.frame}.mp4`);
    video.addEventListener("error", () => { video.dataset.broken = "yes"; if (current && current.video === video) explain(); });
    for (const name of ["loadeddata", "playing", "pause"]) video.addEventListener(name, () => onChange());
    return video;
  };

  const explain = () => {
    const isBroken = current.video.dataset.broken === "yes";
    note.textContent = isBroken ? gettext("What is shown around the still does not play: judge by the still, or say that you cannot.") : "";
    note.hidden = !isBroken;
  };

  const make = (question) => {
    const [still, image] = draw(question);
    const one = { question, still, image, video: film(question), isSeen: false };
    const load = () => image.setAttribute("href", address(`/stills/${question.frame}.jpg`));
    image.addEventListener("load", () => { one.isSeen = true; onChange(); });
    image.addEventListener("error", () => setTimeout(() => { if (still.isConnected) load(); }, RETRY_MS));
    load();
    stage.prepend(still, one.video);
    scenes.set(question.slot, one);
    return one;
  };

  const want = (question, near) => {
    afterPaint(() => {
      const wanted = new Map([question, ...near].map((one) => [one.slot, one]));
      for (const [slot, one] of scenes) {
        if (wanted.has(slot)) continue;
        scenes.delete(slot);
        one.video.removeAttribute("src");
        one.video.load();
        one.video.remove();
        one.still.remove();
      }
      for (const [slot, one] of wanted) if (!scenes.has(slot)) make(one);
    });
  };

  const hide = () => {
    if (!current) return;
    current.video.pause();
    for (const part of [current.still, current.video]) part.classList.remove("is-current");
  };

  const show = (question, near) => {
    stage.querySelector(".first")?.remove();
    hide();
    current = scenes.get(question.slot) || make(question);
    for (const part of [current.still, current.video]) part.classList.add("is-current");
    explain();
    replay();
    want(question, near);
    onChange();
  };

  const clear = () => {
    hide();
    current = null;
    note.textContent = gettext("Fetching what comes next …");
    note.hidden = false;
  };

  const isReady = () => current !== null && current.isSeen;
  const isPaused = () => !isPlaying;
  const play = () => { if (isPlaying) current.video.play().catch(() => {}); };
  const replay = () => { current.video.currentTime = 0; play(); };
  const toggle = () => {
    if (!current) return;
    isPlaying = !isPlaying;
    if (isPlaying) play();
    else current.video.pause();
    onChange();
  };

  const open = (listener) => {
    onChange = listener;
    document.getElementById("pause").addEventListener("click", toggle);
    document.getElementById("replay").addEventListener("click", () => { isPlaying = true; replay(); });
    stage.addEventListener("click", (event) => { if (event.target.closest("video")) toggle(); });
  };

  return { clear, isPaused, isReady, open, replay, show, toggle, want };
})();
