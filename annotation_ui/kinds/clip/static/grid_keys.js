// Keys, buttons and settings of a grid.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  const main = document.querySelector("main.task");
  const naming = byId("naming");
  const betterName = byId("better-name");
  const { texts } = Tile;

  const active = () => Grid.shown() && Grid.shown().active;
  const onWall = (what) => () => { if (Grid.shown()) what(Grid.shown()); };
  const mark = (choice) => onWall((wall) => { wall.active.mark(choice); });
  const openNaming = onWall((wall) => { betterName.value = wall.active.betterName; naming.open = true; betterName.focus(); });
  const closeNaming = () => { naming.open = false; if (active()) active().button.focus(); };

  const togglePause = () => {
    Wall.setPaused(!Wall.isPaused());
    byId("pause").textContent = Wall.isPaused() ? texts.play : texts.pause;
  };
  const replay = () => {
    Wall.replay();
    byId("pause").textContent = texts.pause;
  };
  const noteRate = (rate) => {
    Wall.setRate(rate);
    byId("speed").textContent = `${rate}×`;
  };

  const plain = {
    ArrowLeft: onWall((wall) => wall.move(-1)),
    ArrowRight: onWall((wall) => wall.move(1)),
    ArrowUp: onWall((wall) => wall.move(-wall.columns)),
    ArrowDown: onWall((wall) => wall.move(wall.columns)),
    Home: onWall((wall) => wall.activate(wall.tiles[0])),
    End: onWall((wall) => wall.activate(wall.tiles.at(-1))),
    Space: mark("no"),
    Enter: Grid.send,
    NumpadEnter: Grid.send,
    Backspace: Grid.back,
    Escape: () => { if (naming.open) closeNaming(); else Grid.keep(); },
  };
  const single = {
    KeyU: mark("unsure"),
    KeyB: mark("bad"),
    KeyT: openNaming,
    KeyP: togglePause,
    KeyR: replay,
    KeyS: () => noteRate(Settings.cycle()),
  };

  // Some browsers press a button when the space bar is let go, though its key was taken.
  document.addEventListener("keyup", (event) => { if (event.code === "Space" && event.target.closest(".tile")) event.preventDefault(); });

  byId("named").addEventListener("submit", (event) => {
    event.preventDefault();
    const name = betterName.value.trim();
    const tile = active();
    naming.open = false;
    if (!tile) return;
    tile.button.focus();
    if (tile.choice !== "no" || tile.betterName !== name) tile.mark("no", name);
  });
  naming.addEventListener("toggle", () => { if (naming.open) openNaming(); });
  for (const button of main.querySelectorAll("[data-mark]")) button.addEventListener("click", mark(button.dataset.mark));
  byId("send").addEventListener("click", Grid.send);
  byId("pause").addEventListener("click", togglePause);
  byId("replay").addEventListener("click", replay);
  byId("speed").addEventListener("click", () => noteRate(Settings.cycle()));
  byId("back").addEventListener("click", (event) => { event.preventDefault(); Grid.back(); });
  byId("keep").addEventListener("click", (event) => { event.preventDefault(); Grid.keep(); });
  byId("self-playing").checked = Settings.playsItself();
  byId("self-playing").addEventListener("change", (event) => {
    Settings.setPlaysItself(event.target.checked);
    if (Grid.shown()) Grid.shown().play();
  });
  noteRate(Settings.rate());
  Keyboard.open({ single, plain });
  document.addEventListener("DOMContentLoaded", Grid.open);
})();
