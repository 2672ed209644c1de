// The clips of one grid. Two may lie on the stage: one is seen and plays, the next waits behind it
// with its first pictures ready, so that a change of grids is a change of what is visible.
"use strict";

const Wall = (() => {
  const GAP = 6;
  const SMALLEST = 150;
  const SHAPE = 3 / 4;
  const TICK_MS = 200;
  const CLOSE_MS = 30;
  const stage = document.getElementById("walls");
  let current = null;
  let isPaused = false;
  let noted = performance.now();

  // How many columns make the tiles largest that are all seen at once; where they would be too
  // small to judge, as many as are large enough, and the rest is scrolled to.
  const columnsFor = (number) => {
    const { clientWidth: width, clientHeight: height } = stage;
    const wide = (columns) => (width - GAP * (columns + 1)) / columns;
    const fits = (columns) => Math.ceil(number / columns) * (wide(columns) * SHAPE + GAP) + GAP <= height;
    let columns = 1;
    while (columns < number && !fits(columns)) columns += 1;
    return wide(columns) >= SMALLEST ? columns : Math.max(1, Math.floor((width - GAP) / (SMALLEST + GAP)));
  };

  const make = (questions, on) => {
    const element = document.createElement("ul");
    element.className = "wall";
    element.dataset.answeredByKeys = "yes";
    element.setAttribute("aria-label", Tile.fill(Tile.texts.wall, questions[0]));
    const tiles = questions.map((question, place) => Tile.make(question, place + 1, questions.length, { change: () => on.change(wall) }));
    const wall = { element, tiles, label: questions[0].label, active: tiles[0] };

    const isToPlay = (tile) =>
      wall === current && tile.isOnScreen && !isPaused && !document.hidden && (Settings.playsItself() || tile === wall.active);

    wall.play = () => {
      for (const tile of tiles) {
        if (!isToPlay(tile)) tile.video.pause();
        else if (tile.video.paused) tile.video.play().catch(() => {});
      }
    };

    const observer = new IntersectionObserver((entries) => {
      for (const entry of entries) tiles.find((tile) => tile.element === entry.target).isOnScreen = entry.intersectionRatio >= 0.5;
      wall.play();
    }, { root: element, threshold: [0, 0.5] });

    wall.fit = () => {
      wall.columns = columnsFor(tiles.length);
      element.style.setProperty("--columns", wall.columns);
    };

    // Make one tile the one that keys speak of.
    wall.activate = (tile, { isFocused = true } = {}) => {
      wall.active.button.tabIndex = -1;
      wall.active.element.classList.remove("is-active");
      wall.active = tile;
      tile.button.tabIndex = 0;
      tile.element.classList.add("is-active");
      if (isFocused) tile.button.focus();
      if (!Settings.playsItself()) wall.play();
      on.change(wall);
    };

    wall.move = (step) => {
      const place = tiles.indexOf(wall.active) + step;
      if (tiles[place]) wall.activate(tiles[place]);
    };

    wall.unseen = () => tiles.filter((tile) => tile.choice === "yes-seen" && !tile.isSeen());
    wall.count = (choice) => tiles.filter((tile) => tile.choice === choice).length;
    wall.numSeen = () => tiles.filter((tile) => tile.isSeen()).length;

    // Let go of the clips, one after another: all at once keep the page busy for a while.
    wall.close = () => {
      observer.disconnect();
      element.hidden = true;
      const closeNext = (place) => {
        if (tiles[place]) tiles[place].close(); else element.remove();
        if (tiles[place]) setTimeout(closeNext, CLOSE_MS, place + 1);
      };
      setTimeout(closeNext, CLOSE_MS, 0);
    };

    for (const tile of tiles) {
      tile.button.addEventListener("click", () => { wall.activate(tile); tile.mark("no"); });
      tile.button.addEventListener("focus", () => { if (tile !== wall.active) wall.activate(tile); });
      tile.video.addEventListener("loadeddata", () => { if (wall === current) wall.play(); else tile.cover(); });
      element.append(tile.element);
      observer.observe(tile.element);
    }
    tiles[0].element.classList.add("is-active");
    element.ariaHidden = "true";
    stage.prepend(element);
    wall.fit();
    return wall;
  };

  // A wall behind the one that is seen is drawn, so that nothing need be drawn when it comes to
  // the front; nobody can reach it before. It does so as those before it fade: an order that
  // changed would be drawn anew. Who can be reached changes behind that: all that lies in a wall
  // would be looked through for it before anything is seen.
  const lay = (front) => {
    let isBefore = front !== null;
    for (const element of stage.querySelectorAll(".wall")) {
      const isFront = front !== null && element === front.element;
      element.classList.toggle("is-current", isFront);
      element.classList.toggle("is-faded", !isBefore);
      if (isFront) isBefore = false;
    }
  };
  const letBeReached = () => {
    for (const element of stage.querySelectorAll(".wall")) {
      element.classList.toggle("is-away", element.classList.contains("is-faded"));
      element.ariaHidden = current !== null && element === current.element ? null : "true";
    }
  };

  // Let one wall be seen, or none. Its clips play a picture later: all that start keep the machine
  // busy for a while.
  const show = (wall) => {
    const before = current;
    current = wall;
    lay(wall);
    afterPaint(() => {
      letBeReached();
      requestAnimationFrame(() => {
        if (before && before !== current) before.play();
        if (current) current.play();
      });
    });
  };

  const setPaused = (is) => {
    isPaused = is;
    if (current) current.play();
  };

  const replay = () => {
    isPaused = false;
    for (const tile of current ? current.tiles : []) tile.video.currentTime = 0;
    if (current) current.play();
  };

  const setRate = (rate) => {
    for (const video of stage.querySelectorAll("video")) video.defaultPlaybackRate = video.playbackRate = rate;
  };

  setInterval(() => {
    const now = performance.now();
    const passed = Math.min(now - noted, 2 * TICK_MS);
    noted = now;
    if (!current || document.hidden || Graded.isOpen()) return;
    for (const tile of current.tiles) tile.note(passed);
  }, TICK_MS);
  document.addEventListener("visibilitychange", () => { if (current) current.play(); });

  return { make, replay, setPaused, setRate, show, isPaused: () => isPaused };
})();
