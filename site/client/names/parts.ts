/** The parts that cards are made of. */

export function element(tag: string, name = "", text = ""): HTMLElement {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

export function anchor(href: string, text = ""): HTMLAnchorElement {
  const link = document.createElement("a");
  link.href = href;
  if (text) link.textContent = text;
  return link;
}
