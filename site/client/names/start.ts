/**
 * Names in code: what has to be there before anyone asks about one. The rest
 * is loaded at the first touch of a block of code, and then told what happened
 * meanwhile.
 */

type Reader = typeof import("./reader.ts");

const blocks = document.querySelectorAll<HTMLElement>("[data-names]");
let reader: Promise<Reader> | undefined;

function tell(say: (reader: Reader) => void): void {
  reader ??= import("./reader.ts");
  void reader.then(say);
}

const WITHIN = /^(Arrow(Left|Right|Up|Down)|Home|End|Enter)$/;

/**
 * On a name the arrows, Enter, d and r; on a line's number and on its mark the
 * right arrow; on a mark also r.
 */
function isForNames(event: KeyboardEvent): boolean {
  const target = event.target as Element;
  if (event.metaKey || event.ctrlKey || event.altKey) return false;
  if (!target.matches("a.id")) {
    if (event.key === "ArrowRight") return target.matches(".line > a");
    return event.key === "r" && target.matches("a.mark") && singleKeys();
  }
  return WITHIN.test(event.key) || (/^[dr]$/.test(event.key) && singleKeys());
}

function singleKeys(): boolean {
  try {
    return localStorage.getItem("single-keys") !== "off";
  } catch {
    return true;
  }
}

/** A click on a mark, or Enter, that does not ask for another tab. */
function isChoice(event: MouseEvent): boolean {
  const { target, metaKey, ctrlKey, shiftKey, altKey } = event;
  if (metaKey || ctrlKey || shiftKey || altKey) return false;
  return (target as Element).matches("a.mark[data-choice]");
}

/** How long after scrolling a name under the mouse is not meant. */
const REST = 300;
let scrolledAt = -REST;
/**
 * The mouse has not moved since the page was scrolled or opened: what came to
 * lie under it was not pointed at.
 */
let still = true;

document.addEventListener(
  "scroll",
  () => {
    scrolledAt = performance.now();
    still = true;
  },
  { capture: true, passive: true },
);
document.addEventListener("pointermove", (event) => {
  const { target, movementX, movementY } = event;
  if (!still || (movementX === 0 && movementY === 0)) return;
  if (performance.now() - scrolledAt < REST) return;
  still = false;
  const block = (target as Element).closest("[data-names]");
  if (block) tell(({ point }) => point(event, isStill));
});

function isStill(): boolean {
  return still;
}

for (const block of blocks) {
  block.addEventListener("pointerover", (event) => {
    tell(({ point }) => point(event, isStill));
  });
  block.addEventListener("pointerup", (event) => tell(({ tap }) => tap(event)));
  block.addEventListener("pointerleave", () => tell(({ leave }) => leave()));
  block.addEventListener("focusin", (event) => {
    tell(({ arrive }) => arrive(event));
  });
  block.addEventListener("click", (event) => {
    if (!isChoice(event)) return;
    event.preventDefault();
    tell(({ choose }) => choose(event));
  });
  block.addEventListener("keydown", (event) => {
    if (!isForNames(event)) return;
    event.preventDefault();
    // The arrows lead to other lessons everywhere else.
    event.stopPropagation();
    tell(({ press }) => press(event));
  });
}
