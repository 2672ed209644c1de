"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const film = at("film"), over = at("over"), frame = at("frame"), tracks = at("tracks");
  const moments = data.moments;
  const LOOKS = {
    truth: { paint: "#d20000", text: "#ffffff", isBelow: true, thickness: 2 },
    detections: { paint: "#00be00", text: "#000000", isBelow: false, thickness: 1 },
  };
  const sides = Object.keys(LOOKS).filter((side) => side in data.sides);
  const NEAR = 0.002; // A moment is sought this little behind itself: its picture is then shown.
  const SMALL = 500; // A picture of fewer pixels across has a caption's first line alone.
  const chosen = { threshold: data.threshold, action: "", person: "", sides: new Set(sides) };

  for (const side of sides) {
    const list = data.sides[side];
    list.forEach((one, place) => {
      one.side = side;
      one.then = one.next === null ? null : list[one.next];
      if (one.then) one.then.before = list[place];
    });
  }

  // What is shown of a sighting: its actions, or null.
  const passes = (side, score) => side === "truth" || score === null || score >= chosen.threshold;
  function said(one) {
    if (!chosen.sides.has(one.side)) return null;
    if (chosen.person !== "" && keyOf(one) !== chosen.person) return null;
    if (!one.said.length) {
      return chosen.action === "" && passes(one.side, one.score) ? [] : null;
    }
    const found = one.said.filter(([name, score]) =>
      passes(one.side, score) && (chosen.action === "" || name === Number(chosen.action)));
    return found.length ? found : null;
  }
  const keyOf = (one) => `${one.side} ${one.person === null ? "" : one.person}`;
  const whoOf = (one) => one.person === null ? one.side : `person ${one.person}, ${one.side}`;
  const scored = (name, score) => name + (score === null ? "" : ` ${score.toFixed(2)}`);
  const textOf = ([name, score]) => scored(data.names[name], score);
  const shortOf = ([name, score]) => scored(data.captions[name], score);

  // Time: of the rows. The film begins at data.start.
  function now() {
    const time = data.start + film.currentTime;
    const near = moments[placeAt(time)];
    return near !== undefined && Math.abs(time - near) <= NEAR ? near : time;
  }
  function placeAt(time) { // The last key frame at or before a time, or -1.
    let low = 0, high = moments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (moments[middle] <= time + NEAR) low = middle + 1; else high = middle;
    }
    return low - 1;
  }
  function nearest(time) {
    const place = Math.max(0, placeAt(time));
    const next = Math.min(place + 1, moments.length - 1);
    return Math.abs(moments[next] - time) < Math.abs(moments[place] - time) ? next : place;
  }
  function go(place) {
    film.pause();
    const target = moments[Math.min(Math.max(place, 0), moments.length - 1)];
    film.currentTime = Math.max(0, target - data.start + NEAR / 2);
    show();
  }
  function step(by, onlyShown) {
    const time = now();
    let place = placeAt(time);
    if (by < 0 && place >= 0 && time - moments[place] > NEAR) place += 1;
    place += by;
    if (onlyShown) {
      while (moments[place] !== undefined && !shownAt(moments[place]).length) place += by;
      if (moments[place] === undefined) return;
    }
    go(place);
  }

  // Who is seen at a time, and where: as kinetics_builder/ava/sightings.py says.
  function seen(time) {
    const found = [];
    for (const side of sides) {
      const list = data.sides[side];
      const longest = data.step * 1.02 + data.hold;
      let place = list.findIndex((one) => one.time >= time - longest);
      for (; place >= 0 && place < list.length && list[place].time <= time + data.hold; place++) {
        const one = list[place], actions = said(one);
        if (!actions) continue;
        const then = one.then && said(one.then) ? one.then : null;
        const half = Math.max(data.hold / 2, NEAR);
        const begin = one.time - (one.before && said(one.before) ? 0 : half);
        if (time < begin || (then ? time >= then.time : time > one.time + half)) continue;
        const share = then ? Math.max(0, (time - one.time) / (then.time - one.time)) : 0;
        const box = one.box.map((from, n) => then ? from + share * (then.box[n] - from) : from);
        found.push({ one, box, actions: share < 0.5 ? actions : said(then) });
      }
    }
    return found;
  }
  const shownAt = (moment) =>
    sides.flatMap((side) => data.sides[side].filter((one) => Math.abs(one.time - moment) < 1e-6))
      .map((one) => [one, said(one)]).filter(([, actions]) => actions);

  // The picture.
  function draw() {
    const size = frame.getBoundingClientRect(), ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (over.width !== width || over.height !== height) [over.width, over.height] = [width, height];
    const pen = over.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, size.width, size.height);
    const persons = seen(now());
    const areas = persons.map(({ box }) => ({
      left: box[0] * size.width, top: box[1] * size.height,
      right: box[2] * size.width, bottom: box[3] * size.height,
    }));
    persons.forEach(({ one }, n) => {
      const look = LOOKS[one.side], thick = 2 * look.thickness, area = areas[n];
      pen.strokeStyle = look.paint;
      pen.lineWidth = thick;
      pen.strokeRect(area.left + thick / 2, area.top + thick / 2,
        area.right - area.left - thick, area.bottom - area.top - thick);
    });
    const taken = [];
    persons.forEach(({ one, actions }, n) => {
      const lines = actions.length ? actions.map(shortOf) : [whoOf(one)];
      if (size.width < SMALL && lines.length > 1) {
        lines.splice(0, lines.length, `${lines[0]} + ${lines.length - 1}`);
      }
      taken.push(caption(pen, size, areas[n], lines, LOOKS[one.side], taken));
    });
  }
  function caption(pen, size, area, lines, look, taken) {
    const letters = size.width < SMALL ? 11 : 13, line = Math.round(letters * 1.35);
    pen.font = `600 ${letters}px system-ui, sans-serif`;
    const width = Math.min(size.width, Math.max(...lines.map((l) => pen.measureText(l).width)) + 8);
    const height = line * lines.length;
    const inside = (left, top) => {
      const x = Math.max(0, Math.min(left, size.width - width));
      const y = Math.max(0, Math.min(top, size.height - height));
      return { left: x, top: y, right: x + width, bottom: y + height };
    };
    const hidden = (a) => taken.reduce((sum, b) => sum +
      Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
      Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)), 0);
    const first = look.isBelow ? area.bottom : area.top - height;
    const tops = [first, look.isBelow ? area.bottom - height : area.top];
    for (let n = 1; n < 12; n++) tops.push(first + (look.isBelow ? -n : n) * line);
    const places = tops.flatMap((top) => [inside(area.left, top), inside(area.right - width, top)]);
    const place = places.find((one) => !hidden(one)) ||
      places.reduce((best, one) => hidden(one) < hidden(best) ? one : best);
    pen.fillStyle = look.paint;
    pen.fillRect(place.left, place.top, width, height);
    pen.fillStyle = look.text;
    pen.textBaseline = "middle";
    lines.forEach((text, n) =>
      pen.fillText(text, place.left + 4, place.top + (n + 0.5) * line, width - 8));
    return place;
  }

  // What stands beside it.
  let listed = "";
  function list() {
    const place = nearest(now());
    const persons = shownAt(moments[place]);
    const state = `${place} ${JSON.stringify(persons.map(([one, actions]) => [keyOf(one), actions]))}`;
    if (state === listed) return;
    listed = state;
    at("place").textContent = `${seconds(moments[place])} s: key frame ${place + 1} of ${moments.length}`;
    at("people").replaceChildren(...persons.map(([one, actions]) => {
      const item = document.createElement("li");
      item.className = `${one.side}-ink`;
      const who = document.createElement("b");
      who.textContent = whoOf(one);
      item.append(who, actions.length ? actions.map(textOf).join(", ") : scoreOf(one));
      return item;
    }));
    if (!persons.length) at("people").textContent = "Nobody is shown here.";
  }
  const scoreOf = (one) => one.score === null ? "no action" : `score ${one.score.toFixed(2)}`;
  const seconds = (time) => String(Math.round(time * 1000) / 1000);

  // The time line.
  const head = document.createElement("div");
  head.id = "head";
  let scale = 1;
  function lengthSeconds() {
    return film.duration || moments[moments.length - 1] - data.start + data.step;
  }
  function xOf(time) { return (time - data.start) * scale; }
  function row(kind, name) {
    const line = document.createElement("div"), label = document.createElement("span");
    const lane = document.createElement("div");
    line.className = `row ${kind}`;
    label.textContent = label.title = name;
    lane.className = "lane";
    lane.style.width = `${lengthSeconds() * scale}px`;
    line.append(label, lane);
    tracks.append(line);
    return lane;
  }
  function bar(lane, side, from, to, title) {
    const one = document.createElement("i");
    one.className = side;
    one.style.left = `${xOf(from)}px`;
    one.style.width = `${Math.max(0, xOf(to) - xOf(from))}px`;
    one.title = title;
    lane.append(one);
  }
  function groups() { // Rows of the time line: each person's actions, and when they are done.
    const found = new Map();
    for (const one of sides.flatMap((side) => data.sides[side])) {
      const actions = said(one);
      if (!actions) continue;
      const key = keyOf(one);
      if (!found.has(key)) found.set(key, { one, actions: new Map(), times: [] });
      const group = found.get(key);
      group.times.push(one.time);
      for (const [name] of actions) {
        if (!group.actions.has(name)) group.actions.set(name, []);
        group.actions.get(name).push(one.time);
      }
    }
    return [...found.values()];
  }
  function runs(times) { // From the first key frame of each run to the last one.
    const made = [];
    for (const time of times) {
      const last = made[made.length - 1];
      const isNext = last && placeAt(time) - placeAt(last[1]) <= 1 &&
        time - last[1] <= data.step * 1.02;
      if (isNext) last[1] = time; else made.push([time, time]);
    }
    return made;
  }
  function lay() {
    const wide = at("scroll").clientWidth - (window.innerWidth > 820 ? 190 : 120) - 4;
    scale = Math.max(wide, moments.length * 16) / lengthSeconds();
    tracks.replaceChildren(head);
    const ticks = row("ticks", "key frames");
    let free = -100;
    moments.forEach((moment) => {
      bar(ticks, "", moment, moment, `${seconds(moment)} s`);
      if (xOf(moment) - free < 46) return;
      free = xOf(moment);
      const told = document.createElement("b");
      told.textContent = seconds(moment);
      told.style.left = `${free}px`;
      ticks.append(told);
    });
    for (const group of groups()) {
      const { side } = group.one;
      const lane = row("who", group.one.person === null ? `${side}, not linked` : whoOf(group.one));
      for (const [from, to] of runs(group.times)) {
        bar(lane, side, from, to, `${seconds(from)} to ${seconds(to)} s`);
      }
      for (const [name, times] of [...group.actions].sort((a, b) => a[0] - b[0])) {
        const lane = row("", data.names[name]);
        for (const [from, to] of runs(times)) {
          bar(lane, side, from, to, `${data.names[name]}: ${seconds(from)} to ${seconds(to)} s`);
        }
      }
    }
  }
  function follow() {
    const offset = tracks.querySelector(".lane").offsetLeft, x = offset + xOf(now());
    head.style.left = `${x}px`;
    head.style.height = `${tracks.scrollHeight}px`;
    const view = at("scroll");
    if (x < view.scrollLeft + offset || x > view.scrollLeft + view.clientWidth - 20) {
      view.scrollLeft = x - offset - view.clientWidth / 3;
    }
  }

  function show() { draw(); list(); follow(); }
  function choose() { lay(); listed = ""; show(); }
  function fit() {
    const ratio = (film.videoWidth || 16) / (film.videoHeight || 9);
    frame.style.aspectRatio = String(ratio);
    frame.style.width = `min(100%, ${Math.round(window.innerHeight * 0.54 * ratio)}px)`;
    choose();
  }
  function play() { if (film.paused) film.play(); else film.pause(); }

  // What can be chosen.
  const option = (select, value, text) => select.append(new Option(text, value));
  data.names.map((name, n) => [name, n]).sort((a, b) => a[0].localeCompare(b[0]))
    .forEach(([name, n]) => option(at("action"), n, name));
  const persons = new Map(sides.flatMap((side) => data.sides[side])
    .filter((one) => one.person !== null).map((one) => [keyOf(one), whoOf(one)]));
  [...persons].sort((a, b) => a[1].localeCompare(b[1], undefined, { numeric: true }))
    .forEach(([key, text]) => option(at("person"), key, text));
  for (const side of Object.keys(LOOKS)) {
    document.querySelector(`label.${side}`).hidden = sides.length < 2;
    document.querySelector(`label.${side}`).style.display = sides.length < 2 ? "none" : "";
    at(`show-${side}`).addEventListener("change", (event) => {
      if (event.target.checked) chosen.sides.add(side); else chosen.sides.delete(side);
      choose();
    });
  }
  at("ask-threshold").style.display = sides.includes("detections") ? "" : "none";
  at("threshold").value = data.threshold;
  at("least").textContent = Number(data.threshold).toFixed(2);
  at("threshold").addEventListener("input", (event) => {
    chosen.threshold = Number(event.target.value);
    at("least").textContent = chosen.threshold.toFixed(2);
    choose();
  });
  at("action").addEventListener("change", (event) => { chosen.action = event.target.value; choose(); });
  at("person").addEventListener("change", (event) => { chosen.person = event.target.value; choose(); });
  at("speed").addEventListener("change", (event) => { film.playbackRate = Number(event.target.value); });
  at("before").addEventListener("click", () => step(-1));
  at("after").addEventListener("click", () => step(1));
  at("play").addEventListener("click", play);
  tracks.addEventListener("click", (event) => {
    const lane = event.target.closest(".lane");
    if (!lane) return;
    const x = event.clientX - lane.getBoundingClientRect().left;
    go(nearest(data.start + x / scale));
  });
  document.addEventListener("keydown", (event) => {
    const isField = event.target.matches("select, input");
    if (event.ctrlKey || event.metaKey || event.altKey || isField) return;
    const acts = {
      ArrowLeft: () => step(-1, event.shiftKey), ArrowRight: () => step(1, event.shiftKey),
      Home: () => go(0), End: () => go(moments.length - 1),
    };
    if (!event.target.matches("button")) acts[" "] = play;
    if (!(event.key in acts)) return;
    event.preventDefault();
    acts[event.key]();
  });

  film.addEventListener("loadedmetadata", () => { fit(); go(0); });
  film.addEventListener("error", () => {
    at("trouble").hidden = false;
    at("trouble").textContent =
      `This browser does not play ${decodeURIComponent(film.getAttribute("src"))}: it must lie beside this page.`;
  });
  for (const name of ["seeked", "timeupdate"]) film.addEventListener(name, show);
  film.addEventListener("pause", () => { at("play").textContent = "Play"; show(); });
  film.addEventListener("play", () => {
    at("play").textContent = "Pause";
    const turn = () => { show(); if (!film.paused) requestAnimationFrame(turn); };
    turn();
  });
  window.addEventListener("resize", fit);
  fit();
})();
