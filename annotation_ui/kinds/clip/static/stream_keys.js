// Keys and swipes of a stream: each way that an arrow points is an answer.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  const main = document.querySelector("main.task");
  const naming = byId("naming");
  const betterName = byId("better-name");
  const names = JSON.parse(main.dataset.names);
  const WAYS = { right: "yes-all", up: "yes-partly", left: "no", down: "unsure" };

  const say = (choice) => () => Task.answer(choice);
  const openNaming = () => { naming.open = true; betterName.focus(); };
  const closeNaming = () => { naming.open = false; main.querySelector("h1").focus({ preventScroll: true }); };

  const follow = (way) => Notes.showText(byId("swiped"), way && names[WAYS[way]]);

  const plain = {
    ArrowRight: say(WAYS.right),
    ArrowUp: say(WAYS.up),
    ArrowLeft: say(WAYS.left),
    ArrowDown: say(WAYS.down),
    Space: Player.toggle,
    Backspace: Work.back,
    Escape: () => { if (naming.open) closeNaming(); else Work.keep(); },
  };
  const single = {
    Digit1: say(WAYS.right),
    Digit2: say(WAYS.up),
    Digit3: say(WAYS.left),
    Digit4: say(WAYS.down),
    Digit5: say("bad"),
    KeyT: openNaming,
    KeyZ: Work.back,
    KeyR: Player.replay,
    KeyS: Player.cycleRate,
  };

  byId("answers").addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter) Task.answer(event.submitter.value);
  });
  byId("named").addEventListener("submit", (event) => { event.preventDefault(); Task.answer("no", betterName.value); });
  naming.addEventListener("toggle", () => { if (naming.open) betterName.focus(); });
  byId("pause").addEventListener("click", Player.toggle);
  byId("speed").addEventListener("click", Player.cycleRate);
  byId("self-playing").checked = Settings.playsItself();
  byId("self-playing").addEventListener("change", (event) => Settings.setPlaysItself(event.target.checked));
  Swipes.open(document.querySelector(".stage"), {
    ...Object.fromEntries(Object.entries(WAYS).map(([way, choice]) => [way, say(choice)])),
    hold: say("bad"), both: Work.back, follow,
  });
  Keyboard.open({ single, plain });
  Task.open();
})();
