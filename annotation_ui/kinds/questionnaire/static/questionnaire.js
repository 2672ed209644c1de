// A tree of questions about a clip: one after another by key or button, the answers so far beside
// them, and the whole path sent at its end. The flow of clips is that of every kind.
"use strict";

(() => {
  // Nobody judges a clip in less; so the second half of a double click answers nothing.
  const SETTLE_MS = 250;
  const byId = (id) => document.getElementById(id);
  const main = document.querySelector("main.task");
  const heading = main.querySelector("h1");
  const names = JSON.parse(main.dataset.names);
  const trail = byId("trail");
  let steps = [];
  let last = "";
  let shownAt = null; // when the clip was first seen
  let askedAt = 0;

  const node = () => Work.shown().tree.nodes[Path.follow(Work.shown().tree, steps).question];
  const said = ({ tree, path }) => Path.words(tree, path, names.bad);

  const stepShown = ([key, answer], place) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = `button ${answer === "yes" || answer === "no" ? answer : ""}`;
    button.textContent = `${Work.shown().tree.nodes[key].text} ${names[answer]}`;
    button.addEventListener("click", () => { steps = steps.slice(0, place); ask(); });
    item.append(button);
    return item;
  };

  // Show the question that the path has come to.
  const ask = () => {
    const { text, examples } = node();
    heading.textContent = text;
    byId("examples").hidden = !examples.length;
    byId("examples").querySelector("span").textContent = examples.join("; ");
    trail.querySelector("ol").replaceChildren(...steps.map(stepShown));
    trail.hidden = !steps.length;
    trail.scrollTop = trail.scrollHeight;
    byId("back").hidden = !steps.length && !Work.earlier().length;
    main.querySelector(".ask").scrollTop = 0;
    main.dataset.question = Path.follow(Work.shown().tree, steps).question;
    askedAt = performance.now();
    heading.focus({ preventScroll: true });
  };

  const show = (question, near) => {
    shownAt = null;
    steps = [];
    byId("reached").textContent = last;
    last = "";
    ask();
    Player.show(question, near);
  };

  const clear = () => { shownAt = null; Player.clear(); };

  const noteClip = () => {
    if (shownAt === null && (Player.isReady() || Player.isBroken())) shownAt = askedAt = performance.now();
    byId("pause").textContent = Player.isPaused() ? gettext("Play") : gettext("Pause");
    byId("speed").textContent = `${Settings.rate()}×`;
    byId("speed").setAttribute("aria-label", gettext("Speed {rate}×", { rate: Settings.rate() }));
  };

  const finish = () => {
    const question = Work.shown();
    if (Work.isReview() && Path.isSame(steps, question.path)) { Work.keep(); return; }
    const path = steps;
    const seconds = Graded.secondsSince(shownAt);
    last = gettext("The clip before: {end}", { end: said({ tree: question.tree, path }) });
    shownAt = null;
    Work.answer({ path }, { path: JSON.stringify(path), seconds });
  };

  const say = (answer) => {
    const question = Work.shown();
    if (!question || shownAt === null || performance.now() - askedAt < SETTLE_MS) return;
    if (Player.isBroken()) {
      if (answer === "bad" && Settings.playsClips()) Work.answer({ path: [[question.tree.first, "bad"]] }, { answer: "unplayable", browser: Player.whyBroken() });
      return;
    }
    byId("reached").textContent = "";
    steps = [...steps, [Path.follow(question.tree, steps).question, answer]];
    if (Path.follow(question.tree, steps).question) ask();
    else finish();
  };

  // Back to the question before; from the first, to the clip before.
  const back = () => {
    if (!steps.length) { Work.back(); return; }
    steps = steps.slice(0, -1);
    ask();
  };

  byId("answers").addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter) say(event.submitter.value);
  });
  // Before the link's own listener, which goes to the clip before at once.
  byId("back").addEventListener("click", (event) => {
    if (!steps.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    back();
  }, { capture: true });
  byId("pause").addEventListener("click", Player.toggle);
  byId("replay").addEventListener("click", Player.replay);
  byId("speed").addEventListener("click", Player.cycleRate);
  main.querySelector(".stage").addEventListener("click", (event) => { if (event.target.tagName === "VIDEO") Player.toggle(); });
  const answers = { yes: ["Digit1", "KeyY"], no: ["Digit2", "KeyN"], unsure: ["Digit3", "KeyU"], bad: ["Digit4", "KeyB"] };
  const single = { KeyR: Player.replay };
  for (const [answer, places] of Object.entries(answers)) for (const place of places) single[place] = () => say(answer);
  Keyboard.open({
    single,
    plain: {
      Space: Player.toggle, Backspace: back, ArrowLeft: back, ArrowRight: Work.forward, Escape: Work.keep,
      ArrowUp: () => Player.stepRate(1), ArrowDown: () => Player.stepRate(-1),
    },
  });
  Player.open(Work.shown(), noteClip);
  Work.open({ show, want: Player.want, clear, said });
})();
