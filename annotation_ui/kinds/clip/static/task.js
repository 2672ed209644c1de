// The question about a clip: what is shown of it, and what an answer to it is. The flow of
// questions is that of every kind. Without this script the page works by forms.
"use strict";

const Task = (() => {
  // Nobody judges a clip in less; so the second half of a double click answers nothing.
  const SETTLE_MS = 250;
  const byId = (id) => document.getElementById(id);
  const main = document.querySelector("main.task");
  const choices = [...main.querySelectorAll("#answers button")];
  const names = JSON.parse(main.dataset.names);
  let shownAt = null;

  const showText = (element, text, target = element) => {
    target.textContent = text || "";
    element.hidden = !text;
  };

  const said = ({ choice, better_name }) => names[choice] + (better_name ? `: ${better_name}` : "");

  const show = (question, near, isEarlier) => {
    shownAt = null;
    byId("label").textContent = question.label;
    showText(byId("description"), question.description);
    showText(byId("example"), question.example, byId("example").querySelector("span"));
    byId("examples").hidden = !question.examples;
    byId("examples").querySelector("a").href = address(question.examples || "");
    for (const button of choices) {
      if (isEarlier && button.value === question.choice) button.setAttribute("aria-pressed", "true");
      else button.removeAttribute("aria-pressed");
    }
    byId("naming").open = false;
    byId("better-name").value = (isEarlier && question.better_name) || "";
    main.querySelector(".ask").scrollTop = 0;
    Object.assign(main.dataset, { clip: question.clip, label: question.label });
    Player.show(question, near);
  };

  const clear = () => {
    shownAt = null;
    Player.clear();
  };

  const noteClip = () => {
    if (shownAt === null && (Player.isReady() || Player.isBroken())) shownAt = performance.now();
    byId("pause").textContent = Player.isPaused() ? gettext("Play") : gettext("Pause");
    byId("speed").textContent = `${Settings.rate()}×`;
    byId("speed").setAttribute("aria-label", gettext("Speed {rate}×", { rate: Settings.rate() }));
  };

  const isAnswerable = (choice) =>
    Work.shown() && shownAt !== null && performance.now() - shownAt >= SETTLE_MS && (!Player.isBroken() || (choice === "bad" && Settings.playsClips()));

  // Take an answer, "yes-all" to "bad", and go on.
  const answer = (choice, betterName = "") => {
    if (!isAnswerable(choice)) return;
    if (Player.isBroken()) { Work.answer({ choice: "unplayable", better_name: "" }, { answer: "unplayable", browser: Player.whyBroken() }); return; }
    const question = Work.shown();
    const better_name = choice.startsWith("yes") ? "" : betterName.trim();
    if (Work.isReview() && choice === question.choice && better_name === (question.better_name || "")) { Work.keep(); return; }
    const seconds = Graded.secondsSince(shownAt);
    Work.answer({ choice, better_name }, { answer: choice, better_name, seconds });
  };

  // Begin with the clip that the page came with.
  const open = () => {
    Player.open(Work.shown(), noteClip);
    Work.open({ show, want: Player.want, clear, said });
  };

  return { answer, open };
})();
