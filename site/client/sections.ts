/**
 * Where the reader is in a lesson: the link at the side whose section is being
 * read is marked, and a choice from the menu of a narrow screen closes it.
 */

import { onceAFrame } from "./frame.ts";

const pane = document.getElementById("starlight__sidebar");
const links = [
  ...(pane?.querySelectorAll<HTMLAnchorElement>("a[data-section]") ?? []),
];
const headings = links.map(({ hash }) =>
  document.getElementById(decodeURIComponent(hash.slice(1))),
);

/** A section is being read once its heading has passed the upper third. */
function mark(): void {
  const line = window.innerHeight / 3;
  const at = headings.findLastIndex(
    (heading) => heading && heading.getBoundingClientRect().top < line,
  );
  links.forEach((link, i) => {
    if (i === at) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
  });
}

if (links.length > 0) {
  const soon = onceAFrame(mark);
  mark();
  window.addEventListener("scroll", soon, { passive: true });
  window.addEventListener("resize", soon);
}
for (const link of links) {
  link.addEventListener("click", () => {
    if (pane?.matches(":popover-open")) pane.hidePopover();
  });
}
