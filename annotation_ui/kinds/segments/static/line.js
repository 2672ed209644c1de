// The line of a video's time with its marks: seen, dragged, and gone through by keys.
"use strict";

const Line = (() => {
  const byId = (id) => document.getElementById(id);
  const film = byId("film");
  const line = byId("line");
  const list = byId("marks");
  const now = byId("position-now");
  const strip = byId("strip");
  // As the server cuts strips: nothing is seen better below a quarter of a second a still.
  const SHORTEST_STRIP = 2;
  const TRIES = 6;
  let question = null;
  let drag = null;
  let zoom = 0; // the line shows a part of the video, one of 2 ** zoom
  let from = 0; // where that begins, in seconds
  const elements = new Map();

  const last = () => (Number.isFinite(film.duration) && film.duration ? Math.min(film.duration, question.duration) : question.duration);
  const frame = () => 1 / (question.rate || 25);
  const span = () => last() / 2 ** zoom;
  const most = () => Math.max(0, Math.floor(Math.log2(question.duration / SHORTEST_STRIP)));
  const isSeen = (start, end) => end >= from - 1e-6 && start <= from + span() + 1e-6;
  const share = (seconds) => `${100 * (seconds - from) / span()}%`;
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(2).padStart(5, "0")}`;

  const seek = (seconds) => {
    film.pause();
    film.currentTime = Math.min(Math.max(seconds, 0), last());
    note();
  };

  const note = () => {
    if (!question) return;
    const at = Math.min(film.currentTime, last());
    if (!drag && zoom && !isSeen(at, at)) { from = begins(at); redraw(); }
    now.style.left = share(at);
    now.setAttribute("aria-valuemax", last().toFixed(2));
    now.setAttribute("aria-valuenow", film.currentTime.toFixed(2));
    now.setAttribute("aria-valuetext", clock(film.currentTime));
    const open = list.querySelector(".is-open");
    if (open) place(open, Marks.begun(), Math.max(film.currentTime, Marks.begun()));
  };

  const place = (element, start, end) => {
    element.classList.toggle("is-away", !isSeen(start, end));
    element.style.left = share(start);
    element.style.width = `${100 * Math.max(0, end - start) / span()}%`;
  };

  // The part that has a moment in its middle, as far as the video goes on both sides.
  const begins = (seconds) => Math.min(Math.max(0, seconds - span() / 2), last() - span());

  const zoomBy = (by) => {
    if (!question) return;
    zoom = Math.min(Math.max(0, zoom + by), most());
    from = begins(film.currentTime);
    draw();
  };

  // Stills come in strips, each of a share of the video; a server that is busy is asked again.
  const picture = (level, number) => {
    const image = document.createElement("img");
    const source = address(`/videos/${question.video}/strip/${level}/${number}.jpg`);
    let tries = 0;
    image.alt = "";
    image.draggable = false;
    image.addEventListener("error", () => {
      tries += 1;
      if (tries < TRIES && image.isConnected) setTimeout(() => { image.src = `${source}?again=${tries}`; }, 1500 * tries);
      else image.remove();
    });
    image.src = source;
    return image;
  };

  const drawStrip = () => {
    const length = question.duration / 2 ** zoom;
    const first = Math.floor(from / length);
    const wanted = new Set();
    for (let number = first; number * length < from + span() && number < 2 ** zoom; number += 1) {
      const key = `${question.video}/${zoom}/${number}`;
      wanted.add(key);
      let image = [...strip.children].find((one) => one.dataset.key === key);
      if (!image) {
        image = picture(zoom, number);
        image.dataset.key = key;
        strip.append(image);
      }
      image.style.left = share(number * length);
      image.style.width = `${100 * length / span()}%`;
    }
    for (const image of [...strip.children]) if (!wanted.has(image.dataset.key)) image.remove();
    for (const [id, isOff] of [["closer", zoom >= most()], ["wider", zoom === 0]]) byId(id).disabled = isOff;
  };

  const makeEnd = (mark, side) => {
    const end = document.createElement("div");
    end.className = "end";
    end.tabIndex = 0;
    end.dataset.side = side;
    end.setAttribute("role", "slider");
    end.setAttribute("aria-valuemin", "0");
    end.addEventListener("focus", () => { Marks.choose(mark); seek(mark[side]); });
    end.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      event.stopPropagation();
      end.focus();
      Marks.remember();
      drag = { mark, side, id: event.pointerId };
      line.setPointerCapture(event.pointerId);
    });
    return end;
  };

  const make = (mark) => {
    const element = document.createElement("div");
    element.className = "mark";
    element.setAttribute("role", "group");
    element.append(makeEnd(mark, 0), makeEnd(mark, 1));
    elements.set(mark, element);
    return element;
  };

  const tell = (mark, index, total) => {
    const element = elements.get(mark) || make(mark);
    const names = { number: index + 1, total };
    element.classList.toggle("is-chosen", mark === Marks.chosen());
    element.setAttribute("aria-label", gettext("Mark {number} of {total}", names));
    place(element, ...mark);
    for (const end of element.children) {
      const side = Number(end.dataset.side);
      end.setAttribute("aria-label", side ? gettext("End of mark {number}", names) : gettext("Start of mark {number}", names));
      end.setAttribute("aria-valuemax", last().toFixed(2));
      end.setAttribute("aria-valuenow", mark[side].toFixed(2));
      end.setAttribute("aria-valuetext", clock(mark[side]));
    }
    return element;
  };

  // Elements stay where they are: one that is focused keeps the focus.
  const draw = () => {
    if (!question) return;
    redraw();
    note();
  };

  const redraw = () => {
    const marks = Marks.all();
    for (const [mark, element] of elements) if (!marks.includes(mark)) { element.remove(); elements.delete(mark); }
    const wanted = marks.map((mark, index) => tell(mark, index, marks.length));
    wanted.forEach((element, index) => { if (list.children[index] !== element) list.insertBefore(element, list.children[index] || null); });
    const open = list.querySelector(".is-open");
    if (open) open.remove();
    if (Marks.begun() !== null) list.append(Object.assign(document.createElement("div"), { className: "mark is-open" }));
    drawStrip();
  };

  const timeAt = (event) => {
    const { left, width } = line.getBoundingClientRect();
    return from + (Math.min(Math.max(event.clientX - left, 0), width) / width) * span();
  };

  const follow = (event) => {
    if (!drag || event.pointerId !== drag.id) return;
    if (drag.mark) seek(Marks.move(drag.mark, drag.side, timeAt(event), last(), false));
    else seek(timeAt(event));
  };

  line.addEventListener("pointerdown", (event) => {
    if (!question) return;
    event.preventDefault();
    line.setPointerCapture(event.pointerId);
    drag = { id: event.pointerId };
    follow(event);
  });
  line.addEventListener("pointermove", follow);
  for (const name of ["pointerup", "pointercancel"]) line.addEventListener(name, () => { drag = null; });

  // Go by pictures or seconds; on the end of a mark, that moves.
  const step = (direction, isLong) => {
    const by = direction * (isLong ? 1 : frame());
    const end = document.activeElement.closest && document.activeElement.closest(".mark .end");
    const mark = end && [...elements].find(([, element]) => element === end.parentElement)?.[0];
    if (mark) { const side = Number(end.dataset.side); seek(Marks.move(mark, side, mark[side] + by, last())); } else seek(film.currentTime + by);
  };

  // A wheel with Ctrl, as a pinch on a touchpad is one, too.
  line.addEventListener("wheel", (event) => {
    if (!event.ctrlKey || !question) return;
    event.preventDefault();
    zoomBy(event.deltaY < 0 ? 1 : -1);
  }, { passive: false });

  const show = (one) => { question = one; [zoom, from] = [0, 0]; };
  const clear = () => { question = null; list.replaceChildren(); strip.replaceChildren(); elements.clear(); };

  return { show, clear, draw, note, step, zoomBy, isDragging: () => drag !== null, clock };
})();
