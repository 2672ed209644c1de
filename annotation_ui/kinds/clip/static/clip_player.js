// The clips on the stage: one is seen, the next ones wait behind it with their first picture
// ready, so that a change of clips is a change of what is visible and nothing else.
"use strict";

const Player = (() => {
  const RETRY_MS = 2000;
  const stage = document.querySelector(".stage");
  const note = document.getElementById("stage-note");
  const slots = new Map();
  let wanted = [];
  let current = stage.querySelector("video");
  let onChange = () => {};

  const prepare = (video) => {
    video.muted = video.loop = video.playsInline = true;
    video.controls = video.autoplay = false;
    video.disablePictureInPicture = true;
    video.preload = "auto";
    video.defaultPlaybackRate = video.playbackRate = Settings.rate();
    video.setAttribute("muted", "");
    video.setAttribute("aria-label", gettext("The clip, without sound"));
    for (const name of ["loadeddata", "playing", "pause"]) video.addEventListener(name, () => changed(video));
    video.addEventListener("error", () => explain(video));
    return video;
  };

  const changed = (video) => {
    if (video !== current) return;
    if (isReady()) say("");
    onChange();
  };

  const say = (text) => {
    note.textContent = text;
    note.hidden = !text;
  };

  // Whether there is a picture to judge, or a file that this browser cannot play.
  const isReady = () => current.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
  const isBroken = () => current.dataset.broken === "yes";
  const whyBroken = () => `${current.error ? current.error.message : ""} ${navigator.userAgent}`.trim();

  // A clip that does not come is not a clip that does not play: ask the server which it is.
  const explain = async (video) => {
    const response = await fetch(video.src, { method: "HEAD" }).catch(() => null);
    if (response && response.ok) video.dataset.broken = "yes";
    else setTimeout(() => { if (video.isConnected) video.load(); }, RETRY_MS);
    if (video !== current) return;
    if (!Settings.playsClips()) say(gettext("This browser plays no H.264, which all clips are: go on in another one."));
    else if (isBroken()) say(gettext("This clip does not play here: “Bad clip” leaves it to others, and tells the owner."));
    else say(response ? gettext("This clip is not for you now. Are you logged in?") : gettext("No connection: the clip comes when it is back."));
    onChange();
  };

  const play = () => current.play().catch(() => onChange());
  const isPaused = () => current.paused;
  const toggle = () => { if (current.paused) play(); else current.pause(); };
  const replay = () => { current.currentTime = 0; play(); };

  const add = (question) => {
    const video = prepare(document.createElement("video"));
    video.src = address(`/clips/${question.clip}.mp4`);
    stage.prepend(video);
    slots.set(question.slot, video);
  };

  // Show one question's clip, and have those of `ahead` ready.
  const show = (question, ahead) => {
    want(question, ahead);
    if (!slots.has(question.slot)) add(question);
    const before = current;
    current = slots.get(question.slot);
    before.classList.remove("is-current");
    current.classList.add("is-current");
    if (before !== current) before.pause();
    say(isReady() ? "" : gettext("Fetching the clip …"));
    if (isBroken()) explain(current);
    if (current.currentTime > 0) current.currentTime = 0;
    if (Settings.playsItself()) play();
    else current.pause();
    onChange();
  };

  // Have this clip and those of `ahead` ready, and no others.
  const want = (question, ahead) => {
    wanted = [question, ...ahead];
    afterPaint(tidy);
  };

  const tidy = () => {
    const kept = new Set(wanted.map((one) => one.slot));
    for (const [slot, video] of slots) {
      if (kept.has(slot)) continue;
      slots.delete(slot);
      video.removeAttribute("src");
      video.load();
      video.remove();
    }
    for (const question of wanted) if (!slots.has(question.slot)) add(question);
  };

  // Take over the clip that the page came with.
  const open = (question, listener) => {
    slots.set(question.slot, prepare(current));
    onChange = listener;
    if (current.error) explain(current);
    if (Settings.playsItself()) play();
    else current.pause();
    onChange();
  };

  const setRate = (rate) => {
    for (const video of slots.values()) video.defaultPlaybackRate = video.playbackRate = rate;
    onChange();
  };

  const clear = () => {
    current.classList.remove("is-current");
    current.pause();
    say(gettext("Fetching the next clips …"));
  };

  return {
    clear, isBroken, isPaused, isReady, open, replay, show, toggle, want,
    whyBroken,
    cycleRate: () => setRate(Settings.cycle()),
    stepRate: (by) => setRate(Settings.step(by)),
  };
})();
