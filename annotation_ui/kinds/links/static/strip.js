// The pictures of one question, cut out of its stills and laid in rows: made before it is shown,
// so that showing it is putting it on the page.
"use strict";

const Strip = (() => {
  const RETRY_MS = 2000;
  // So many captions are as high as a picture.
  const CAPTION = 5;
  // Pixels of the colour around a picture.
  const FRAME_WIDTH = 3;

  const source = (frame) => address(`/stills/${frame.frame}.jpg`);
  const colour = (number) => `hsl(${(number * 137) % 360} 85% 62%)`;
  const words = (className, text) => Object.assign(document.createElement("div"), { className, textContent: text });

  const at = (element, column, line, wide = 1, tall = 1) => {
    element.style.gridArea = `${line} / ${column} / span ${tall} / span ${wide}`;
    return element;
  };

  // Say something of an element only if it is news: what is said again is looked through again.
  const say = (element, name, value) => { if (element.getAttribute(name) !== value) element.setAttribute(name, value); };

  const make = (question, onReady) => {
    const { frames, boxes } = question;
    const element = words("strip", "");
    const boxOf = new Map(boxes.map((box) => [box.box, box]));
    const timeOf = (id) => boxOf.get(id).place;
    const beforeTimes = new Set(frames.filter((frame) => frame.is_before).map((frame) => frame.at));
    const stills = [];
    const pictures = new Map();
    const missing = new Set(frames.keys());
    let isGone = false;
    let size = null;
    let laid = null;
    let layout = null;
    let sheets = null;

    const crops = new Map(boxes.map((box) => {
      const crop = words("crop", "");
      crop.dataset.box = box.box;
      crop.setAttribute("role", "gridcell");
      crop.setAttribute("aria-selected", "false");
      return [box.box, crop];
    }));

    // Cut a picture out of its still, as large as it is seen.
    const cutOut = (box) => {
      const picture = Object.assign(document.createElement("canvas"), size);
      pictures.set(box.box, picture);
      const image = stills[box.place];
      const [left, top, wide, tall] = box.crop;
      const scale = image.naturalWidth / frames[box.place].width;
      const shown = Math.max(size.width / wide, size.height / tall);
      const context = picture.getContext("2d", { willReadFrequently: true });
      context.fillRect(0, 0, size.width, size.height);
      context.imageSmoothingQuality = "medium";
      const [x, y] = [(size.width - wide * shown) / 2, (size.height - tall * shown) / 2];
      context.drawImage(image, left * scale, top * scale, wide * scale, tall * scale, x, y, wide * shown, tall * shown);
      if (frames[box.place].is_before && beforeTimes.size > 1) writeMoment(context, frames[box.place].at);
    };

    const writeMoment = (context, text) => {
      const tall = size.height / CAPTION;
      Object.assign(context, { font: `600 ${0.8 * tall}px system-ui, sans-serif`, textAlign: "center", textBaseline: "middle", fillStyle: "rgb(0 0 0 / 65%)" });
      context.fillRect(0, size.height - tall, size.width, tall);
      context.fillStyle = "#fff";
      context.fillText(text, size.width / 2, size.height - tall / 2);
    };

    // Cut out what is seen at a key frame, and put it where it is seen.
    const cutAllOut = (place) => {
      if (size === null || missing.has(place)) return;
      for (const box of boxes) {
        if (box.place !== place) continue;
        cutOut(box);
        if (sheets) sheets.put(box.box, pictures.get(box.box), FRAME_WIDTH);
      }
    };

    // Wait for the stills: whoever has not seen them can say nothing.
    const fetchStill = (frame, place) => {
      const image = new Image();
      Object.assign(image, { alt: "", decoding: "sync" });
      image.onload = () => {
        if (isGone || !missing.delete(place)) return;
        cutAllOut(place);
        onReady();
      };
      image.onerror = () => setTimeout(() => { if (!isGone) image.src = source(frame); }, RETRY_MS);
      image.src = source(frame);
      stills.push(image);
    };

    const resize = ({ crop, scale }) => {
      const [width, height] = [crop, (crop * 4) / 3].map((side) => Math.round((side - 2 * FRAME_WIDTH) * scale));
      if (size !== null && size.width === width && size.height === height) return;
      size = { width, height };
      sheets = null;
      frames.forEach((_, place) => cutAllOut(place));
    };

    const moment = (index) => {
      const frame = frames[index];
      const above = words("when", frame.at);
      if (frame.passed) above.append(words("passed", gettext("{seconds} s later", { seconds: frame.passed })));
      if (frame.is_cut) above.append(words("passed", gettext("cut")));
      above.classList.toggle("is-cut", frame.is_cut);
      return above;
    };

    const before = () => {
      const above = words("when is-before", beforeTimes.size === 1 ? [...beforeTimes][0] : "");
      above.append(words("passed", gettext("seen before")));
      return above;
    };

    // The moments above a band, what stands behind a stack, and the line of a cut.
    const around = (band) => {
      const { column, line, width, lead, lines } = band;
      if (band.isStack) return [at(words("beside", ""), column, line, width, lines.length + 1), at(before(), column, line, width)];
      const heads = band.frames.map((index, place) => at(moment(index), column + 1 + 2 * (lead + place), line, 2));
      if (lead) heads.unshift(at(before(), column + 1, line, 2 * lead));
      if (band.isCut) heads.push(at(words("cut", ""), column, line, 1, lines.length + 1));
      return heads;
    };

    // Heights that are known: then nothing has to be measured for its row.
    const heights = () => Array.from({ length: layout.numLines }, (_, index) => (layout.heads.has(index + 1) ? "var(--head)" : "var(--tall)"));

    const lineOf = (row) => {
      const line = words("person", "");
      line.setAttribute("role", "row");
      const numbers = layout.numbers.filter((one) => one.row === row).map(({ column, line: down }, index) => {
        const name = at(words("whose", row.number), column, down);
        name.setAttribute(...(index ? ["aria-hidden", "true"] : ["role", "rowheader"]));
        name.style.color = colour(row.number);
        return name;
      });
      const pictures = row.boxes.map((id) => {
        const crop = crops.get(id);
        const { column, line: down } = layout.pictures.get(id);
        crop.setAttribute("aria-label", gettext("Person {number} at {moment}", { number: row.number, moment: frames[timeOf(id)].at }));
        crop.style.borderColor = colour(row.number);
        return at(crop, column, down, 2);
      });
      line.append(...numbers, ...pictures);
      return line;
    };

    // Lay the rows where there is room, see `Strips`.
    const place = (rows, sizes) => {
      const now = JSON.stringify([rows, sizes]);
      if (now === laid) return;
      laid = now;
      resize(sizes);
      layout = Bands.lay(frames, rows, timeOf, sizes.numColumns);
      sheets = Sheets.make(sizes, layout);
      for (const [id, picture] of pictures) sheets.put(id, picture, FRAME_WIDTH);
      element.style.gridTemplateColumns = `repeat(${layout.numColumns}, var(--unit))`;
      element.style.gridTemplateRows = heights().join(" ");
      element.replaceChildren(...sheets.elements, ...layout.bands.flatMap(around), ...rows.map(lineOf));
    };

    // Show what is chosen, and what waits for another choice. One stop of the Tab key a row: the
    // chosen picture, or the row's first.
    const mark = (rows, chosen, pending) => {
      for (const row of rows) {
        const stop = row.boxes.includes(chosen) ? chosen : row.boxes[0];
        for (const id of row.boxes) {
          const crop = crops.get(id);
          crop.classList.toggle("is-chosen", id === chosen);
          crop.classList.toggle("is-pending", id === pending);
          say(crop, "aria-selected", String(id === chosen));
          say(crop, "tabindex", id === stop ? "0" : "-1");
        }
      }
    };

    frames.forEach(fetchStill);
    return {
      boxOf, crops, element, frames, mark, place, timeOf,
      drop: () => { isGone = true; },
      isFor: (other) => other.boxes === boxes,
      isReady: () => !missing.size,
      picturePlaces: () => layout.pictures,
      still: (index) => stills[index],
    };
  };

  return { colour, make };
})();
