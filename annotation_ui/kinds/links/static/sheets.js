// What lies behind the rows of a strip: its pictures, drawn on few sheets. A browser makes a layer
// of every canvas, so one for each picture would cost more than all of their drawing.
"use strict";

const Sheets = (() => {
  const LINES_A_SHEET = 6;

  // Where columns and lines of the grid begin, in pixels of the style sheet.
  const placesOf = ({ crop, gap, edge, head, between }, heads, numLines) => {
    const tops = [];
    let top = edge;
    for (let line = 1; line <= numLines; line += 1) {
      tops[line] = top;
      top += (heads.has(line) ? head : (crop * 4) / 3) + between;
    }
    tops[numLines + 1] = top;
    return { left: (column) => edge + ((column - 1) * (crop + gap)) / 2, top: (line) => tops[line] };
  };

  // Make sheets for a grid of so many lines, some of which are `heads`.
  const make = (sizes, layout) => {
    const { heads, numLines, numColumns, pictures } = layout;
    const { scale } = sizes;
    const { left, top } = placesOf(sizes, heads, numLines);
    const sheets = [];
    for (let line = 1; line <= numLines; line += LINES_A_SHEET) {
      const sheet = Object.assign(document.createElement("canvas"), { className: "sheet" });
      const [begin, end] = [top(line), top(Math.min(line + LINES_A_SHEET, numLines + 1))];
      const [wide, tall] = [Math.ceil(left(numColumns + 1) * scale), Math.ceil((end - begin) * scale)];
      Object.assign(sheet, { width: wide, height: tall });
      Object.assign(sheet.style, { top: `${begin}px`, width: `${wide / scale}px`, height: `${tall / scale}px` });
      sheets.push({ element: sheet, begin, context: sheet.getContext("2d", { willReadFrequently: true }) });
    }
    // Put a picture where a box is: it fills what is inside of the frame around it.
    const put = (box, picture, frameWidth) => {
      const { column, line } = pictures.get(box);
      const { begin, context } = sheets[Math.floor((line - 1) / LINES_A_SHEET)];
      context.drawImage(picture, Math.round((left(column) + frameWidth) * scale), Math.round((top(line) + frameWidth - begin) * scale));
    };
    return { elements: sheets.map((sheet) => sheet.element), put };
  };

  return { make };
})();
