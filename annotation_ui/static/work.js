// The work at any kind of question: what is shown, what was said before, what comes next. An
// answer goes to the outbox and the next question is there at once. A kind says how a question
// is shown and how an answer is told in words: `Work.open(view)`, where view has
//   show(question, near, isEarlier)  show it, and have the files of those in `near` ready;
//   want(question, near)             only have them ready;
//   clear()                          nothing is left to show;
//   said(given)                      what was said, in words.
// Without this script the page works by forms.
"use strict";

const Work = (() => {
  const NUM_EARLIER = 10;
  const NUM_AHEAD = 3;
  const byId = (id) => document.getElementById(id);
  const main = document.querySelector("main.task");
  const keys = main.dataset.keys.split(" ");
  const kind = main.dataset.kind;
  const worker = document.querySelector(".who .name").textContent;
  const work = JSON.parse(byId("work").textContent);

  let view = null;
  let present = work.next;
  let queue = work.following;
  let earlier = work.earlier;
  let reviewed = null;
  let isFetching = false;
  let hasSaved = false;

  const shown = () => reviewed || present;

  const showPosition = (question) => {
    byId("position").textContent = document.title = gettext("{number} of {total}", { number: question.position, total: question.total });
    byId("progress").value = question.position - 1;
    byId("progress").max = question.total;
    Object.assign(main.dataset, { position: question.position, total: question.total });
  };

  // Whose files lie ready: what comes, what is left when looking back, and the answer before.
  const near = () => {
    const before = earlier[(reviewed ? earlier.indexOf(reviewed) : earlier.length) - 1];
    return [reviewed && present, ...queue.slice(0, NUM_AHEAD), before].filter(Boolean);
  };

  const show = () => {
    const question = shown();
    main.classList.toggle("is-waiting", !question);
    byId("back").hidden = !earlier.length;
    if (!question) { view.clear(); fetchWork(); return; }
    const isEarlier = question === reviewed;
    byId("review").hidden = !isEarlier;
    byId("said").textContent = isEarlier ? view.said(question) : "";
    if (!isEarlier) showPosition(question);
    main.dataset.slot = question.slot;
    view.show(question, near(), isEarlier);
    main.querySelector("h1").focus({ preventScroll: true });
  };

  // Take an answer and go on: `given` is what it says, `fields` are those of the form.
  const answer = (given, fields) => {
    const question = shown();
    const revision = reviewed ? reviewed.revision + 1 : 0;
    earlier = earlier.filter((one) => one !== reviewed);
    earlier.push({ ...question, ...given, revision });
    earlier = earlier.slice(-NUM_EARLIER);
    if (!reviewed) present = queue.shift() || null;
    reviewed = null;
    Outbox.put({ slot: question.slot, revision, name: worker, label: question.label, fields: { kind, ...fields } });
    show();
  };

  const back = () => {
    const index = reviewed ? earlier.indexOf(reviewed) : earlier.length;
    if (index <= 0) return;
    reviewed = earlier[index - 1];
    show();
  };

  const forward = () => {
    if (!reviewed) return;
    reviewed = earlier[earlier.indexOf(reviewed) + 1] || null;
    show();
  };

  const keep = () => {
    if (!reviewed) return;
    reviewed = null;
    show();
  };

  // The questions that lie here: the server need not tell them again.
  const holds = () => [present, ...queue].filter(Boolean).map((one) => one.slot);

  // What is shown in another way is for another page.
  const isElsewhere = (upcoming) => Boolean(upcoming.next) && upcoming.way !== work.way;

  const renumbered = (question, { position, total }) => question && Object.assign(question, { position, total });

  // Take what the server says is next; what was answered meanwhile is on its way there.
  const plan = (upcoming) => {
    const known = new Set([...earlier, ...Outbox.waiting()].map((one) => Number(one.slot)));
    if (present) known.add(present.slot);
    const held = new Map(queue.map((one) => [one.slot, one]));
    const listed = [upcoming.next, ...upcoming.following].filter((one) => one && !known.has(one.slot));
    queue = listed.map((one) => (one.is_held ? renumbered(held.get(one.slot), one) : one)).filter(Boolean);
    if (!present) present = queue.shift() || null;
    if (!shown()) return;
    if (main.classList.contains("is-waiting")) show();
    else view.want(shown(), near());
  };

  // The truth about an answer is shown: it can be changed no more.
  const showGraded = (answered, graded) => {
    const wasReviewed = answered !== undefined && answered === reviewed;
    earlier = earlier.filter((one) => one !== answered);
    byId("back").hidden = !earlier.length;
    if (wasReviewed) keep();
    Graded.show(graded.html);
  };

  const settled = (item, reply, status) => {
    const answered = earlier.find((one) => one.slot === item.slot);
    hasSaved = true;
    if (reply.graded) showGraded(answered, reply.graded);
    if (reply.outcome === "conflict") {
      Notes.tell([
        gettext("“{label}”: your answer “{said}” was there and stays.", { label: item.label, said: view.said(reply.stored) }),
        ...(reply.graded ? [] : [gettext("Go back to change it.")]),
      ].join(" "));
      if (answered) Object.assign(answered, reply.stored);
    } else if (reply.outcome === "closed") {
      Notes.tell(gettext("“{label}” was decided by others before; your answer was not needed.", item));
      earlier = earlier.filter((one) => one !== answered || one === reviewed);
    } else if (reply.outcome !== "saved") {
      Notes.tell(gettext("Your answer to “{label}” was refused ({status}): {reason}", {
        label: item.label, status, reason: reply.message || gettext("no reason given"),
      }));
    }
    // Of another kind's answer, left in this browser, the next questions are for another page.
    if (!("next" in reply) || item.fields.kind !== kind) return;
    if (isElsewhere(reply)) { if (!Outbox.waiting().length) leave(address(`/task?kind=${kind}`)); return; }
    plan(reply);
    if (reply.done && !Outbox.waiting().length) leave(reply.done);
  };

  // Ask for questions where none is left: everything was sent, or another tab sent it.
  const fetchWork = async () => {
    if (isFetching || Outbox.waiting().length) return;
    isFetching = true;
    const response = await fetch(address(`/task.json?kind=${kind}`), { headers: { Accept: "application/json" } }).catch(() => null);
    const upcoming = response && response.ok ? await response.json() : null;
    isFetching = false;
    if (upcoming && upcoming.keys[0] !== keys[0]) { Notes.noteTrouble("somebody-else"); return; }
    if (upcoming === null) setTimeout(() => { if (!shown()) fetchWork(); }, 2000);
    else if (upcoming.next && !isElsewhere(upcoming)) plan(upcoming);
    else leave(address(`/task?kind=${kind}`));
  };

  const leave = (path) => {
    if (shown()) return;
    isFetching = true;
    if (Graded.isOpen()) { Graded.whenClosed(() => leave(path)); return; }
    location.assign(path);
  };

  const noteSaving = () => {
    if (Notes.noteSaving(hasSaved || earlier.length > 0) && !shown()) fetchWork();
  };

  const open = (kindsView) => {
    view = kindsView;
    document.documentElement.classList.add("js");
    show();
    Outbox.open(keys, {
      change: noteSaving,
      trouble: (problem) => { Notes.noteTrouble(problem); noteSaving(); },
      settled,
      holds,
    });
    // What this browser still keeps was answered before: it is not asked again.
    const unsent = new Set(Outbox.waiting().map((item) => Number(item.slot)));
    queue = queue.filter((one) => !unsent.has(one.slot));
    if (unsent.has(present.slot)) {
      present = queue.shift() || null;
      show();
    } else if (Outbox.isOutdated(present.slot)) {
      location.reload();
      return;
    }
    main.dataset.ready = "yes";
  };

  byId("back").addEventListener("click", (event) => { event.preventDefault(); back(); });
  byId("keep").addEventListener("click", (event) => { event.preventDefault(); keep(); });

  return { answer, back, forward, keep, open, earlier: () => earlier, shown, isReview: () => reviewed !== null };
})();
