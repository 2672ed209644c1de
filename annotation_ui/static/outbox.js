// Answers on their way. Each lies in this browser's store, under its worker's key, until the
// server says that it is in the database: over a reload, a logout, a server that is down, and
// beside the answers of other workers of the same browser. They go out one after another, the
// oldest first; a tab that sends what another has sent changes nothing.
"use strict";

const Outbox = (() => {
  const PREFIX = "kbuild-answer/";
  const SETTLED = "kbuild-settled";
  const NUM_SETTLED = 64;
  const WAITS_MS = [500, 1000, 2000, 4000, 8000, 15000];
  const TIMEOUT_MS = 15000;
  const token = document.querySelector("meta[name=csrf-token]");
  const memory = new Map();
  let keys = [];
  let on = { change() {}, trouble() {}, settled() {}, sent() {}, holds: () => [] };
  let isSending = false;
  let isDurable = true;
  let wake = () => {};

  const place = (item) => `${PREFIX}${item.key}/${item.slot}/${item.revision}`;

  const stored = () => {
    const found = new Map(memory);
    try {
      for (let index = 0; index < localStorage.length; index += 1) {
        const name = localStorage.key(index);
        if (name.startsWith(PREFIX)) found.set(name, JSON.parse(localStorage.getItem(name)));
      }
    } catch { /* no store in this browser: memory alone */ }
    return [...found.values()].sort((a, b) => a.at - b.at);
  };

  const waitingFor = (some) => stored().filter((item) => some.includes(item.key));
  const waiting = () => waitingFor(keys);

  // Answers of people who are not at work on this page: name -> number.
  const others = () => {
    const counts = new Map();
    for (const item of stored()) {
      if (!keys.includes(item.key)) counts.set(item.name, (counts.get(item.name) || 0) + 1);
    }
    return counts;
  };

  const keep = (item) => {
    try {
      localStorage.setItem(place(item), JSON.stringify(item));
    } catch {
      isDurable = false;
      memory.set(place(item), item);
    }
  };

  const drop = (item) => {
    memory.delete(place(item));
    try { localStorage.removeItem(place(item)); } catch { /* as above */ }
  };

  const settled = () => {
    try { return JSON.parse(localStorage.getItem(SETTLED)) || []; } catch { return []; }
  };

  const rememberSettled = ({ key, slot }) => {
    const last = [...settled(), { key, slot: Number(slot), at: Date.now() }].slice(-NUM_SETTLED);
    try { localStorage.setItem(SETTLED, JSON.stringify(last)); } catch { /* as above */ }
  };

  // Tell, once, whether the page still asks what was settled while it was on its way here: the
  // page before sent the answer when the server had already written this one.
  const isOutdated = (slot) => {
    const late = (one) => keys.includes(one.key) && one.slot === slot && one.at >= performance.timeOrigin;
    if (!settled().some(late)) return false;
    localStorage.removeItem(SETTLED);
    return true;
  };

  const ask = async () => {
    const response = await fetch(address("/session.json"), {
      headers: { Accept: "application/json" }, signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 401) return null;
    if (!response.ok) throw new Error(`status ${response.status}`);
    return response.json();
  };

  // Return null when this browser is (again) in the session of the answers' worker.
  const renew = async (item) => {
    const session = await ask();
    if (session === null) return "logged-out";
    if (!session.keys.includes(item.key)) return "somebody-else";
    token.content = session.csrf_token;
    return null;
  };

  const post = async (path, { fields, name }, more) => {
    const response = await fetch(address(path), {
      method: "POST",
      body: new URLSearchParams({ ...fields, worker: name, go_on: "1", ...more }),
      headers: { Accept: "application/json", "X-CSRFToken": token.content },
      keepalive: true,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, reply: await response.json() };
  };

  const postOne = (item) => post(`/slots/${item.slot}/answer`, item, { revision: item.revision, holds: on.holds().join(",") });

  const postBatch = (items) => post("/answers", { name: items[0].name, fields: { kind: items[0].fields.kind } }, {
    answers: JSON.stringify(items.map(({ slot, revision, fields }) => ({ ...fields, slot, revision }))),
  });

  const settle = (items, { reply, status }) => {
    const results = items[0].batch && reply.results ? reply.results : items.map(() => ({ ...reply, status }));
    for (const item of items) {
      rememberSettled(item);
      drop(item);
    }
    items.forEach((item, place) => on.settled(item, results[place], results[place].status));
    if (items[0].batch) on.sent(items, reply);
  };

  // Send one answer, or those of a batch. Return why to send again, or null when it is settled.
  const attempt = async (items, mayRenew = true) => {
    try {
      const result = await (items[0].batch ? postBatch(items) : postOne(items[0]));
      if (result.status === 401 || result.reply.error === "csrf") {
        const problem = await renew(items[0]);
        return problem === null && mayRenew ? attempt(items, false) : problem || "server";
      }
      if (result.status >= 500 || result.status === 429) return "server";
      settle(items, result);
      return null;
    } catch {
      return "connection";
    }
  };

  // What goes out next: the oldest answer, and those that were given at once with it.
  const nextOut = () => {
    const [first, ...others] = waiting();
    if (!first) return null;
    return first.batch ? [first, ...others.filter((one) => one.batch === first.batch && one.name === first.name)] : [first];
  };

  const pause = (milliseconds) => new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    wake = () => { clearTimeout(timer); resolve(); };
  });

  const flush = async () => {
    wake();
    if (isSending || !keys.length) return;
    isSending = true;
    let tries = 0;
    for (let items = nextOut(); items; items = nextOut()) {
      const problem = await attempt(items);
      on.trouble(problem);
      on.change();
      tries = problem === null ? 0 : tries + 1;
      if (problem !== null) await pause(WAITS_MS[Math.min(tries, WAITS_MS.length) - 1]);
    }
    isSending = false;
  };

  // Keep an answer, and send it when the next clip is seen.
  const put = (item) => putAll([item]);

  // Keep answers that were given at once, to be sent at once where they name one `batch`.
  const putAll = (items) => {
    const now = Date.now();
    items.forEach((item, place) => keep({ ...item, key: keys[0], at: now + place / items.length }));
    on.change();
    afterPaint(flush);
  };

  // Begin to send what lies here of the worker with the first of these keys, and of those who
  // were joined to the worker, whose answers they are now.
  const open = (workersKeys, listener) => {
    keys = workersKeys;
    on = { ...on, ...listener };
    on.change();
    flush();
  };

  for (const name of ["online", "focus", "pagehide"]) window.addEventListener(name, () => flush());
  window.addEventListener("storage", () => on.change());
  setInterval(flush, WAITS_MS.at(-1));

  return { ask, isOutdated, others, open, put, putAll, waiting, waitingFor, isDurable: () => isDurable };
})();
