/** Opens the fold that something stands in, if it stands in one. */
export function unfold(inside: Element): void {
  const fold = inside.closest<HTMLDetailsElement>(".code-fold");
  if (fold) fold.open = true;
}
