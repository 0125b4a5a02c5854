/** Signs of life on the page: a moved pointer, a key, a touch, a look at the tab. */

const SIGNS = ["pointerdown", "keydown", "wheel", "touchstart", "focus"];
const GENTLY = {capture: true, passive: true};

/** Call `sign` at each of them. */
export function watchSigns({page, view, sign}) {
  SIGNS.forEach((type) => view.addEventListener(type, sign, GENTLY));
  page.addEventListener("visibilitychange", () => page.hidden || sign());
  let place = "";
  const moved = ({screenX, screenY}) => {
    const before = place;
    place = `${screenX} ${screenY}`;
    if (place !== before && before !== "") {
      sign();
    }
  };
  view.addEventListener("pointermove", moved, GENTLY); // Comes also when the page moves under a pointer that rests.
}
