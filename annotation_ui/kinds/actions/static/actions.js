// What a person does: one pose, up to three interactions with objects and with persons.
"use strict";

(() => {
  const SETTLE_MS = 250;
  const SAME_WITHIN_SECONDS = 3;
  const byId = (id) => document.getElementById(id);
  const form = byId("named-actions");
  const inputs = [...form.querySelectorAll("input[data-type]")];
  const other = byId("other");
  const fault = byId("fault");
  const same = byId("same");
  const flags = new Map([...byId("flags").querySelectorAll("button")].map((button) => [button.value, button]));
  let shownAt = null;
  let before = null;

  const noteScene = () => {
    if (shownAt === null && Scene.isReady()) shownAt = performance.now();
    byId("pause").textContent = Scene.isPaused() ? gettext("Play") : gettext("Pause");
  };

  const complain = (text) => {
    fault.textContent = text;
    fault.hidden = !text;
  };

  const fill = (given) => {
    for (const input of inputs) input.value = (given.fields || {})[input.name] || "";
    other.value = given.other || "";
    complain("");
  };

  const clockOf = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

  // The worker's own answer about this person at the last moment before.
  const findBefore = (question) => {
    const mine = Work.earlier().filter((one) =>
      question.person !== null && one.person === question.person && one.film === question.film && !one.flag
      && one.at < question.at && question.at - one.at <= SAME_WITHIN_SECONDS);
    return mine.reduce((last, one) => (last && last.at > one.at ? last : one), null);
  };

  const words = (given) => {
    if (given.flag) return flags.get(given.flag).querySelector("span").textContent;
    const names = inputs.map((input) => (given.fields || {})[input.name]).filter(Boolean);
    return [...names, ...(given.other ? [gettext("other: {text}", { text: given.other })] : [])].join(", ");
  };

  const show = (question, near, isEarlier) => {
    for (const field of fields.values()) field.close();
    byId("label").textContent = question.label;
    fill(isEarlier ? question : {});
    for (const [value, button] of flags) {
      if (isEarlier && value === question.flag) button.setAttribute("aria-pressed", "true");
      else button.removeAttribute("aria-pressed");
    }
    before = isEarlier ? null : findBefore(question);
    same.hidden = !before;
    if (before) same.querySelector("span").textContent = gettext("As at {moment}: {actions}", { moment: clockOf(before.at), actions: words(before) });
    document.querySelector(".replies").scrollTop = 0;
    shownAt = null;
    Scene.show(question, near);
    afterPaint(focus);
  };

  // A keyboard on a screen would cover the page: it comes when a field is touched.
  const focus = () => { if (!matchMedia("(pointer: coarse)").matches) inputs[0].focus({ preventScroll: true }); };

  const isReady = () => Work.shown() && shownAt !== null && performance.now() - shownAt >= SETTLE_MS;

  const give = (given, sent) => {
    const question = Work.shown();
    if (Work.isReview() && words(given) === words(question)) { Work.keep(); return; }
    const seconds = Graded.secondsSince(shownAt);
    shownAt = null;
    Work.answer(given, { ...sent, seconds });
  };

  const save = () => {
    if (!isReady()) return;
    const unknown = inputs.find((input) => !fields.get(input).isKnown());
    if (unknown) { complain(gettext("“{text}” is not in the list.", { text: unknown.value })); unknown.focus(); return; }
    if (!inputs[0].value.trim()) { complain(gettext("Name a pose first: a person always has one.")); inputs[0].focus(); return; }
    const typed = Object.fromEntries(inputs.filter((input) => input.value.trim()).map((input) => [input.name, input.value.trim()]));
    const text = other.value.trim();
    give({ fields: typed, flag: null, other: text || null }, { ...typed, other: text });
  };

  const flag = (value) => { if (isReady()) give({ fields: {}, flag: value, other: null }, { flag: value }); };

  const copy = () => {
    if (!before) return;
    fill(before);
    focus();
  };

  // Put an action into its field, which is another one if it is of another sort, and go on.
  const take = (input, action) => {
    const isOwn = input.dataset.type === action.type;
    const field = isOwn ? input : inputs.find((one) => one.dataset.type === action.type && !one.value.trim());
    if (!field) { complain(gettext("There is no free field for “{action}”.", { action: action.name })); return; }
    if (!isOwn) input.value = "";
    field.value = action.name;
    complain("");
    const next = inputs.find((one) => inputs.indexOf(one) > inputs.indexOf(field) && !one.value.trim());
    (isOwn ? next || other : input).focus();
  };

  const taken = (input) => inputs.filter((one) => one !== input).map((one) => one.value);
  const fields = new Map(inputs.map((input) => [input, Choosing.make(input, taken, take)]));

  const inEmpty = {
    "=": copy,
    "-": () => flag("blocked"),
    "!": () => flag("wrong_box"),
    "?": () => byId("show-keys").click(),
    " ": Scene.toggle,
    ArrowLeft: Work.back,
    ArrowRight: Work.forward,
    Escape: Work.keep,
  };
  form.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!event.target.matches("input") || event.target.value || event.target === other || event.repeat) return;
    const action = inEmpty[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); save(); });
  byId("flags").addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter) flag(event.submitter.value);
  });
  same.addEventListener("click", copy);

  Scene.open(noteScene);
  Keyboard.open({
    single: { Equal: copy, KeyR: Scene.replay },
    plain: { Space: Scene.toggle, ArrowLeft: Work.back, ArrowRight: Work.forward, Escape: Work.keep },
  });
  Work.open({ show, want: Scene.want, clear: () => { shownAt = null; Scene.clear(); }, said: words });
})();
