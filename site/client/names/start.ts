/**
 * Names in code: what has to be there before anyone asks about one. The rest
 * is loaded at the first touch of a block of code, and then told what happened
 * meanwhile.
 */

type Reader = typeof import("./reader.ts");

const blocks = document.querySelectorAll<HTMLElement>("[data-names]");
let reader: Promise<Reader> | undefined;

/** When it cannot be loaded now, the next touch tries again. */
function tell(say: (reader: Reader) => void, otherwise?: () => void): void {
  reader ??= import("./reader.ts");
  reader.then(say, () => {
    reader = undefined;
    otherwise?.();
  });
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

const CHOICE = "a.mark[data-choice]";

/** What was clicked, or Enter pressed on, if not for another tab. */
function choiceOf(event: MouseEvent): HTMLAnchorElement | null {
  const { target, metaKey, ctrlKey, shiftKey, altKey } = event;
  if (metaKey || ctrlKey || shiftKey || altKey) return null;
  return (target as Element).closest<HTMLAnchorElement>(CHOICE);
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
  for (const mark of block.querySelectorAll(CHOICE)) {
    mark.setAttribute("aria-haspopup", "dialog");
  }
  block.addEventListener("pointerover", (event) => {
    tell(({ point }) => point(event, isStill));
  });
  block.addEventListener("pointerup", (event) => tell(({ tap }) => tap(event)));
  block.addEventListener("pointerleave", () => tell(({ leave }) => leave()));
  block.addEventListener("focusin", (event) => {
    tell(({ arrive }) => arrive(event));
  });
  block.addEventListener("click", (event) => {
    const mark = choiceOf(event);
    if (!mark) return;
    event.preventDefault();
    tell(
      ({ choose }) => choose(event),
      () => location.assign(mark.href),
    );
  });
  block.addEventListener("keydown", (event) => {
    if (!isForNames(event)) return;
    event.preventDefault();
    // The arrows lead to other lessons everywhere else.
    event.stopPropagation();
    tell(({ press }) => press(event));
  });
}
