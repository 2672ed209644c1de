// Swipes over an element: `on` has left, right, up, down, hold (one finger stays) and both (a tap
// with two); `on.follow` hears where a swipe is going while it goes, and null when it is over.
"use strict";

const Swipes = (() => {
  const LEAST_PX = 48;
  const HOLD_MS = 600;
  const STILL_PX = 10;

  const open = (element, on) => {
    const fingers = new Map();
    let most = 0;
    let hold = 0;
    let isOver = true;

    const wayOf = (start, { clientX, clientY }) => {
      const [across, down] = [clientX - start.clientX, clientY - start.clientY];
      if (Math.max(Math.abs(across), Math.abs(down)) < LEAST_PX) return null;
      if (Math.abs(across) > Math.abs(down)) return across > 0 ? "right" : "left";
      return down > 0 ? "down" : "up";
    };

    const end = () => {
      clearTimeout(hold);
      isOver = true;
      on.follow(null);
    };

    element.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" || event.target.closest("a, button")) return;
      fingers.set(event.pointerId, event);
      most = Math.max(most, fingers.size);
      isOver = false;
      clearTimeout(hold);
      if (fingers.size === 1) hold = setTimeout(() => { end(); on.hold(); }, HOLD_MS);
    });

    element.addEventListener("pointermove", (event) => {
      const start = fingers.get(event.pointerId);
      if (!start || isOver) return;
      if (Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > STILL_PX) clearTimeout(hold);
      if (most === 1) on.follow(wayOf(start, event));
    });

    element.addEventListener("pointerup", (event) => {
      const start = fingers.get(event.pointerId);
      if (!fingers.delete(event.pointerId) || fingers.size) return;
      const [number, wasOver] = [most, isOver];
      most = 0;
      end();
      if (wasOver) return;
      const way = wayOf(start, event);
      if (number === 1 && way) on[way]();
      if (number === 2 && !way) on.both();
    });

    element.addEventListener("pointercancel", (event) => {
      fingers.delete(event.pointerId);
      if (!fingers.size) most = 0;
      end();
    });
    element.addEventListener("contextmenu", (event) => event.preventDefault());
  };

  return { open };
})();
