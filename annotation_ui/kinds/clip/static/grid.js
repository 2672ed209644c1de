// The flow of grids: one is looked at, the next lies ready, the one before may be changed. All of
// a grid goes to the outbox at once, and the next one is there.
"use strict";

const Grid = (() => {
  const SETTLE_MS = 250;
  const LIVE_MS = 700;
  const RETRY_MS = 2000;
  const AHEAD_MS = 500; // until the clips that came to the front play: nobody looks at a grid in less
  const WAY = "grid";
  const byId = (id) => document.getElementById(id);
  const main = document.querySelector("main.task");
  const keys = main.dataset.keys.split(" ");
  const kind = main.dataset.kind;
  const worker = document.querySelector(".who .name").textContent;
  const work = JSON.parse(byId("work").textContent);
  const { fill, texts } = Tile;

  let present = null;
  let ahead = null;
  let reviewed = null;
  let before = work.earlier.filter((one, _, all) => one.way === WAY && one.task === all.at(-1).task);
  let shownAt = 0;
  let hasSaved = before.length > 0;
  let isFetching = false;
  let told = {};
  const sent = new Set();

  const shown = () => reviewed || present;

  const counted = (wall) => ({
    seen: wall.numSeen(), total: wall.tiles.length, no: wall.count("no"), unsure: wall.count("unsure"), bad: wall.count("bad"),
  });
  const counts = (values) => fill(values.unsure + values.bad ? texts.counts_more : texts.counts, values);

  let live = 0;
  const note = (wall) => {
    if (wall !== shown()) return;
    const values = counted(wall);
    byId("position").textContent = document.title = fill(texts.seen, values);
    byId("struck").textContent = fill(values.unsure + values.bad ? texts.struck_more : texts.struck, values);
    byId("progress").max = values.total;
    byId("progress").value = values.seen;
    byId("back").hidden = !before.length || wall === reviewed;
    const isStruck = wall.active.choice === "no";
    main.querySelector("[data-mark=no] span").textContent = isStruck ? texts.unstrike : texts.strike;
    for (const button of main.querySelectorAll("[data-mark]")) button.setAttribute("aria-pressed", String(button.dataset.mark === wall.active.choice));
    if (!wall.unseen().length) noteUnseen(0);
    if (live) return;
    live = setTimeout(() => { live = 0; if (shown()) byId("live").textContent = counts(counted(shown())); }, LIVE_MS);
  };

  const noteUnseen = (number) => {
    main.classList.toggle("shows-unseen", number > 0);
    Notes.showText(byId("unseen"), number ? fill(texts.unseen, { number }) : "");
  };

  const hang = (questions) => {
    const asked = questions.filter((one) => one && !sent.has(one.slot));
    return asked.length ? Wall.make(asked, { change: note }) : null;
  };

  const showQuestion = ({ label, description, example, examples }) => {
    if (byId("label").textContent === label) return;
    byId("label").textContent = label;
    Notes.showText(byId("description"), description);
    byId("example").hidden = !example;
    byId("example").querySelector("span").textContent = example || "";
    byId("examples").hidden = !examples;
    byId("examples").querySelector("a").href = address(examples || "");
  };

  const show = () => {
    const wall = shown();
    Wall.show(wall);
    shownAt = performance.now();
    main.classList.toggle("is-waiting", !wall);
    Notes.showText(byId("stage-note"), wall ? "" : texts.fetching);
    if (wall) showQuestion(wall.tiles[0].question);
    afterPaint(() => { if (wall === shown()) describe(wall); });
  };

  // What is said beside the clips, and the focus, come once they are seen.
  const describe = (wall) => {
    byId("review").hidden = !reviewed;
    byId("naming").open = false;
    noteUnseen(0);
    if (!wall) { fetchWork(); return; }
    Object.assign(main.dataset, { slot: wall.tiles[0].question.slot, label: wall.label });
    wall.activate(wall.active, { isFocused: !Graded.isOpen() });
  };

  const isChanged = ({ question, choice, betterName }) => choice !== question.choice || betterName !== (question.better_name || "");

  const said = (tile) => ({
    ...tile.question, choice: tile.choice, better_name: tile.betterName, seen_ms: tile.seenMs,
    revision: tile.question.revision === undefined ? 0 : tile.question.revision + isChanged(tile),
  });

  // Send what is said of all clips, of a grid that was sent before what is new; and go on.
  const send = () => {
    const wall = shown();
    if (!wall || performance.now() - shownAt < SETTLE_MS) return;
    const unseen = wall.unseen();
    if (unseen.length) {
      noteUnseen(unseen.length);
      wall.activate(unseen[0]);
      return;
    }
    const tiles = reviewed ? wall.tiles.filter(isChanged) : wall.tiles;
    const batch = `${Date.now()}/${wall.tiles[0].question.slot}`;
    Outbox.putAll(tiles.map((tile) => {
      const { slot, revision } = said(tile);
      const seconds = (tile.seenMs / 1000).toFixed(2);
      return { slot, revision, name: worker, label: wall.label, batch, fields: { kind, answer: tile.choice, better_name: tile.betterName, seconds, browser: tile.browser() } };
    }));
    before = wall.tiles.map(said);
    for (const tile of wall.tiles) sent.add(tile.question.slot);
    if (reviewed) reviewed = null;
    else [present, ahead] = [ahead, null];
    show();
    afterPaint(wall.close);
  };

  const back = () => {
    if (reviewed || !before.length) return;
    reviewed = Wall.make(before.map((one) => ({ ...one, seen_ms: one.seen_ms || Infinity })), { change: note });
    show();
  };

  const keep = () => {
    if (!reviewed) return;
    const wall = reviewed;
    reviewed = null;
    show();
    afterPaint(wall.close);
  };

  const ask = async (path) => {
    const response = await fetch(address(path), { headers: { Accept: "application/json" } }).catch(() => null);
    return response && response.ok ? response.json() : null;
  };

  // Have the grid after this one ready. What comes in another way is for another page.
  const fetchAhead = async () => {
    if (!present || ahead || isFetching || Outbox.waiting().length) return;
    isFetching = true;
    const beside = present;
    const upcoming = await ask(`/ahead.json?kind=${kind}&slot=${beside.tiles[0].question.slot}`);
    isFetching = false;
    if (upcoming && upcoming.way === WAY && present === beside && !ahead) ahead = hang([upcoming.next, ...upcoming.following]);
    else if (upcoming && !present) take(upcoming);
  };

  // Show what is next where nothing is left to look at.
  const take = (upcoming) => {
    if (present || !upcoming.next || upcoming.way !== WAY) return;
    present = hang([upcoming.next, ...upcoming.following]);
    if (present && !reviewed) show();
  };

  const fetchWork = async () => {
    if (isFetching || present || Outbox.waiting().length) return;
    isFetching = true;
    const upcoming = await ask(`/task.json?kind=${kind}`);
    isFetching = false;
    if (upcoming && upcoming.keys[0] !== keys[0]) { Notes.noteTrouble("somebody-else"); return; }
    if (upcoming) { take(upcoming); if (!present) leave(address(`/task?kind=${kind}`)); else fetchAhead(); return; }
    Notes.showText(byId("stage-note"), texts.no_connection);
    setTimeout(fetchWork, RETRY_MS);
  };

  const leave = (path) => {
    if (shown()) return;
    isFetching = true;
    if (Graded.isOpen()) { Graded.whenClosed(() => leave(path)); return; }
    location.assign(path);
  };

  // What became of one answer; `settledAll` says of all of them together what is to be said.
  const settled = (item, result) => {
    hasSaved = true;
    const answered = before.find((one) => one.slot === item.slot);
    if (result.graded) {
      before = before.filter((one) => one !== answered);
      Graded.show(result.graded.html);
    }
    if (result.outcome === "saved") return;
    if (result.outcome === "conflict" && answered) Object.assign(answered, result.stored);
    else before = before.filter((one) => one !== answered);
    const outcome = texts[result.outcome] ? result.outcome : "refused";
    told[outcome] = { number: (told[outcome]?.number || 0) + 1, message: result.message || "" };
  };

  const settledAll = (items, reply) => {
    const texts_told = Object.entries(told).map(([outcome, values]) => fill(texts[outcome], values));
    if (texts_told.length) Notes.tell(texts_told.join(" "));
    told = {};
    if (shown()) note(shown());
    if (!("next" in reply) || Outbox.waiting().length) return;
    take(reply);
    if (!present && (reply.done || reply.way !== WAY)) leave(address(`/task?kind=${kind}`));
    setTimeout(fetchAhead, AHEAD_MS);
  };

  const noteSaving = () => {
    if (Notes.noteSaving(hasSaved) && !shown()) fetchWork();
  };

  const open = () => {
    document.documentElement.classList.add("js");
    for (const item of Outbox.waitingFor(keys)) sent.add(Number(item.slot));
    present = hang([work.next, ...work.following]);
    show();
    Outbox.open(keys, {
      change: noteSaving,
      trouble: (problem) => { Notes.noteTrouble(problem); noteSaving(); },
      settled,
      sent: settledAll,
    });
    if (present && Outbox.isOutdated(present.tiles[0].question.slot)) { location.reload(); return; }
    fetchAhead();
    main.dataset.ready = "yes";
  };

  let resized = 0;
  window.addEventListener("resize", () => {
    cancelAnimationFrame(resized);
    resized = requestAnimationFrame(() => { for (const wall of [present, ahead, reviewed]) if (wall) wall.fit(); });
  });

  return { back, keep, open, send, shown };
})();
