// Where the pictures of a strip lie. Pure: key frames and rows go in, places on a grid come out.
// Time runs to the right. Each shot is a band of its own; one that is too long goes on in the next
// band, as words do in the next line, and bands stand beside each other where there is room. Within
// a band people who are not seen at the same time share a line. So what is seen is people.
//
// A picture is two columns of the grid wide, the number before a person's first one column.
"use strict";

const Bands = (() => {
  const LEAST_STACK = 2;

  // Bands of key frames: each begins at a cut, or where the one before it is full. `lead` pictures
  // of those who were seen before stand in the first.
  const cutIntoBands = (frames, most, lead) => {
    const shots = [];
    frames.forEach((frame, index) => {
      if (frame.is_before) return;
      if (!shots.length || frame.is_cut) shots.push([]);
      shots.at(-1).push(index);
    });
    return shots.flatMap((shot, number) => {
      const ahead = number ? 0 : lead;
      const first = Math.max(1, most - ahead);
      const bands = [{ lead: ahead, frames: shot.slice(0, first), isCut: frames[shot[0]].is_cut }];
      for (let at = first; at < shot.length; at += most) bands.push({ lead: 0, frames: shot.slice(at, at + most), isCut: false });
      return bands;
    });
  };

  // What a row has in a band, from the left: [box, place]. Whom a row has seen before stand last
  // in the lead.
  const runIn = (band, row, timeOf, frames) => {
    const earlier = band.lead ? row.boxes.filter((box) => frames[timeOf(box)].is_before) : [];
    const before = earlier.map((box, index) => [box, band.lead - earlier.length + index]);
    const now = row.boxes.map((box) => [box, band.frames.indexOf(timeOf(box)) + band.lead]);
    return [...before, ...now.filter(([, place]) => place >= band.lead)];
  };

  // Lines of runs: two share one if a place lies free between them.
  const inLines = (runs) => {
    const lines = [];
    for (const run of runs) {
      const [from, to] = [run.pictures[0][1], run.pictures.at(-1)[1]];
      const isFree = (other) => to + 1 < other.from || other.to + 1 < from;
      let line = lines.find((one) => one.every(isFree));
      if (!line) lines.push((line = []));
      line.push({ ...run, from, to });
    }
    return lines;
  };

  const bandOf = (band, rows, timeOf, frames) => {
    const runs = rows.map((row) => ({ row, pictures: runIn(band, row, timeOf, frames) }));
    const lines = inLines(runs.filter((run) => run.pictures.length));
    return { ...band, lines, width: 1 + 2 * (band.lead + band.frames.length) };
  };

  // Those who were seen before and are joined to nobody: a stack as high as the band that stands
  // beside it, or as wide as there is room where none can.
  const stackOf = (rows, beside, numColumns) => {
    const width = 1 + 2 * Math.max(...rows.map((row) => row.boxes.length));
    const height = Math.max(LEAST_STACK, beside.lines.length);
    const isBeside = width * Math.ceil(rows.length / height) + 1 + beside.width <= numColumns;
    const wide = Math.max(1, Math.floor(numColumns / width));
    const tall = Math.min(rows.length, isBeside ? height : Math.ceil(rows.length / wide));
    const lines = Array.from({ length: tall }, (_, line) => rows.filter((__, at) => at % tall === line).map((row, place) => ({
      row, pictures: row.boxes.map((box, index) => [box, (place * width) / 2 + index]),
    })));
    return { isStack: true, lead: 0, frames: [], lines, width: width * Math.ceil(rows.length / tall) };
  };

  // Shelves of bands, each as far to the left as it goes.
  const onShelves = (bands, numColumns) => {
    let [column, line, height] = [1, 1, 0];
    return bands.map((band) => {
      const isFull = column > 1 && column + band.width > numColumns + 1;
      if (isFull) [column, line, height] = [1, line + height + 1, 0];
      const placed = { ...band, column, line };
      column += band.width + 1;
      height = Math.max(height, band.lines.length);
      return placed;
    });
  };

  // Return the bands with where each begins, every picture's place, and every number's.
  const lay = (frames, rows, timeOf, numColumns) => {
    const isBefore = (box) => frames[timeOf(box)].is_before;
    const loose = rows.filter((row) => row.boxes.every(isBefore));
    const tied = rows.filter((row) => !loose.includes(row));
    const lead = Math.max(0, ...tied.map((row) => row.boxes.filter(isBefore).length));
    const most = Math.max(lead + 1, Math.floor((numColumns - 1) / 2));
    const bands = cutIntoBands(frames, most, lead).map((band) => bandOf(band, tied, timeOf, frames));
    if (loose.length) bands.unshift(stackOf(loose, bands[0], numColumns));
    const placed = onShelves(bands, numColumns);
    const pictures = new Map();
    const numbers = [];
    for (const band of placed) {
      band.lines.forEach((runs, index) => {
        const line = band.line + 1 + index;
        for (const run of runs) {
          numbers.push({ row: run.row, column: band.column + 2 * run.pictures[0][1], line });
          for (const [box, place] of run.pictures) pictures.set(box, { column: band.column + 1 + 2 * place, line });
        }
      });
    }
    return {
      bands: placed, pictures, numbers,
      heads: new Set(placed.map((band) => band.line)),
      numLines: Math.max(...placed.map((band) => band.line + band.lines.length)),
      numColumns: Math.max(...placed.map((band) => band.column + band.width - 1)),
    };
  };

  return { lay };
})();
