/**
 * A block of code is one stop of the Tab key, however many lines it has; the
 * arrow keys, Home and End move within it. A block that scrolls sideways can
 * be focused and scrolled with the keyboard. Without this, every number is a
 * stop of its own.
 */

const blocks = document.querySelectorAll<HTMLElement>(".sheet, .source");

for (const block of blocks) {
  const numbers = [...block.querySelectorAll<HTMLElement>("a[data-n]")];
  let current = 0;
  numbers.forEach((number, at) => {
    number.tabIndex = at === 0 ? 0 : -1;
  });
  const move = (to: number) => {
    const target = numbers[to];
    if (!target) return;
    const last = numbers[current];
    if (last) last.tabIndex = -1;
    current = to;
    target.tabIndex = 0;
  };
  block.addEventListener("focusin", (event) => {
    const at = numbers.indexOf(event.target as HTMLElement);
    if (at >= 0) move(at);
  });
  block.addEventListener("keydown", (event) => {
    if (!(event.target as Element).matches("a[data-n]")) return;
    const to = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      Home: 0,
      End: numbers.length - 1,
    }[event.key];
    const target = to === undefined ? undefined : numbers[to];
    if (!target) return;
    event.preventDefault();
    target.focus();
  });
}

function markScrollable(): void {
  for (const block of blocks) {
    const scrolls = block.scrollWidth > block.clientWidth + 1;
    if (scrolls) {
      block.tabIndex = 0;
      block.setAttribute("role", "region");
      block.setAttribute("aria-label", block.dataset.label ?? "code");
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) {
        block.removeAttribute(name);
      }
    }
  }
}

markScrollable();
window.addEventListener("resize", markScrollable);

export {};
