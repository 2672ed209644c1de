// Answers on their way. Each lies in this browser's store, under its worker's key, until the
// server says that it is in the database: over a reload, a logout, a server that is down, and
// beside the answers of other workers of the same browser. They go out one after another, the
// oldest first; a tab that sends what another has sent changes nothing.
"use strict";

const Outbox = (() => {
  const PREFIX = "kbuild-answer/";
  const SETTLED = "kbuild-settled";
  const NUM_SETTLED = 20;
  const WAITS_MS = [500, 1000, 2000, 4000, 8000, 15000];
  const TIMEOUT_MS = 15000;
  const token = document.querySelector("meta[name=csrf-token]");
  const memory = new Map();
  let keys = [];
  let on = { change() {}, trouble() {}, settled() {}, holds: () => [] };
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

  const waiting = () => stored().filter((item) => keys.includes(item.key));

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

  const post = async (item) => {
    const response = await fetch(address(`/slots/${item.slot}/answer`), {
      method: "POST",
      body: new URLSearchParams({ ...item.fields, worker: item.name, revision: item.revision, go_on: "1", holds: on.holds().join(",") }),
      headers: { Accept: "application/json", "X-CSRFToken": token.content },
      keepalive: true,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, reply: await response.json() };
  };

  // Send one answer. Return why it must be sent again, or null when it is settled.
  const attempt = async (item, mayRenew = true) => {
    try {
      const result = await post(item);
      if (result.status === 401 || result.reply.error === "csrf") {
        const problem = await renew(item);
        return problem === null && mayRenew ? attempt(item, false) : problem || "server";
      }
      if (result.status >= 500 || result.status === 429) return "server";
      rememberSettled(item);
      drop(item);
      on.settled(item, result.reply, result.status);
      return null;
    } catch {
      return "connection";
    }
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
    for (let item = waiting()[0]; item; item = waiting()[0]) {
      const problem = await attempt(item);
      on.trouble(problem);
      on.change();
      tries = problem === null ? 0 : tries + 1;
      if (problem !== null) await pause(WAITS_MS[Math.min(tries, WAITS_MS.length) - 1]);
    }
    isSending = false;
  };

  // Keep an answer, and send it when the next clip is seen.
  const put = (item) => {
    keep({ ...item, key: keys[0], at: Date.now() });
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

  return { ask, isOutdated, others, open, put, waiting, isDurable: () => isDurable };
})();
