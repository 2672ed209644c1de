// One clip of a grid: it plays while it is on the screen, is marked, and knows for how long it
// was seen.
"use strict";

const Tile = (() => {
  const SEEN_MS = 1000;
  const RETRY_MS = 2000;
  const template = document.getElementById("tile");
  const texts = JSON.parse(document.getElementById("texts").textContent);

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // Make the tile of a question; `on.change` is called when what is said of it changes.
  const make = (question, place, total, on) => {
    const element = template.content.firstElementChild.cloneNode(true);
    const button = element.querySelector("button");
    const video = element.querySelector("video");
    const cover = document.createElement("canvas");
    const tile = {
      question, element, button, video,
      choice: question.choice || "yes-seen", betterName: question.better_name || "",
      seenMs: question.seen_ms || 0, isOnScreen: false, isBroken: false, timeBefore: -1,
    };

    const state = () => {
      if (tile.isBroken || tile.choice === "unplayable") return "broken";
      return tile.choice === "no" && tile.betterName ? "named" : tile.choice;
    };

    const describe = () => {
      const values = { place, total, name: tile.betterName };
      button.setAttribute("aria-label", fill(texts.tiles[state()], values));
      button.setAttribute("aria-pressed", String(tile.choice === "no"));
      element.querySelector(".mark").textContent = fill(texts.marks[state()], values);
      element.dataset.choice = tile.choice;
      element.classList.toggle("is-seen", tile.isSeen());
    };

    tile.browser = () => (tile.isBroken ? `${video.error ? video.error.message : ""} ${navigator.userAgent}`.trim() : "");
    tile.isSeen = () => tile.isBroken || tile.seenMs >= SEEN_MS;
    tile.isReady = () => tile.isBroken || video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;

    // Say something of the clip; said again, it is taken back. What does not play is left to others.
    tile.mark = (choice, betterName = "") => {
      if (tile.isBroken) return;
      const isSame = tile.choice === choice && tile.betterName === betterName;
      tile.choice = isSame ? "yes-seen" : choice;
      tile.betterName = isSame ? "" : betterName;
      describe();
      on.change();
    };

    // Count the time since the last call if the clip has moved on, before somebody's eyes.
    tile.note = (milliseconds) => {
      const isMoving = video.currentTime !== tile.timeBefore && !video.paused;
      tile.timeBefore = video.currentTime;
      if (!isMoving || !tile.isOnScreen || !tile.isReady()) return;
      const wasSeen = tile.isSeen();
      tile.seenMs += milliseconds;
      if (tile.isSeen() === wasSeen) return;
      describe();
      on.change();
    };

    // A clip that does not come is not a clip that does not play: ask the server which it is.
    const explain = async () => {
      const response = await fetch(video.src, { method: "HEAD" }).catch(() => null);
      if (!element.isConnected) return;
      if (!response || !response.ok) { setTimeout(() => { if (element.isConnected) video.load(); }, RETRY_MS); return; }
      if (!Settings.playsClips()) { Notes.tell(texts.no_h264); return; }
      Object.assign(tile, { isBroken: true, choice: "unplayable", betterName: "" });
      describe();
      on.change();
    };

    // Lay the first picture over the place of a clip that waits: the screen shows a picture sooner
    // than a video. Most browsers know no picture before it is asked for; there the clip itself waits.
    tile.cover = () => {
      if (!tile.isReady() || tile.isBroken || tile.isCovered()) return;
      const shrunk = Math.min(1, (button.clientWidth * devicePixelRatio) / video.videoWidth);
      Object.assign(cover, { width: Math.ceil(video.videoWidth * shrunk), height: Math.ceil(video.videoHeight * shrunk) });
      cover.getContext("2d").drawImage(video, 0, 0, cover.width, cover.height);
      button.prepend(cover);
      element.classList.add("is-covered");
    };
    tile.isCovered = () => element.classList.contains("is-covered");
    tile.uncover = () => element.classList.remove("is-covered");

    tile.close = () => {
      cover.width = 0;
      video.removeAttribute("src");
      video.load();
      element.remove();
    };

    video.muted = video.loop = video.playsInline = true;
    video.disablePictureInPicture = true;
    video.preload = "auto";
    video.defaultPlaybackRate = video.playbackRate = Settings.rate();
    for (const name of ["playing", "seeking", "error"]) video.addEventListener(name, tile.uncover);
    video.addEventListener("error", explain);
    video.src = address(`/clips/${question.clip}.mp4`);
    describe();
    return tile;
  };

  return { fill, make, texts };
})();
