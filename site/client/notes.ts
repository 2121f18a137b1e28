/**
 * A note and its lines light up together, whichever of them is pointed at or
 * has the focus. Escape puts the light out. n and p walk from note to note.
 */

const figures = document.querySelectorAll<HTMLElement>("[data-excerpt]");

function light(figure: HTMLElement, numbers: readonly string[]): void {
  for (const lit of document.querySelectorAll(".excerpt .lit")) {
    lit.classList.remove("lit");
  }
  for (const number of numbers) {
    figure
      .querySelectorAll(`[data-notes~="${number}"], [data-note="${number}"]`)
      .forEach((one) => {
        one.classList.add("lit");
      });
  }
}

/** Which notes an element belongs to: itself, or the line around it. */
function notesAt(target: EventTarget | null): string[] {
  const element = target instanceof Element ? target : null;
  const note = element?.closest<HTMLElement>("[data-note]");
  if (note) return [note.dataset.note ?? ""];
  const line = element?.closest<HTMLElement>("[data-notes]");
  return line?.dataset.notes?.split(" ") ?? [];
}

for (const figure of figures) {
  for (const event of ["pointerover", "focusin"]) {
    figure.addEventListener(event, ({ target }) => {
      light(figure, notesAt(target));
    });
  }
  for (const event of ["pointerleave", "focusout"]) {
    figure.addEventListener(event, () => light(figure, []));
  }
}

/** The note that the address names: in sight with its lines, both lit. */
function go(): void {
  const target = document.getElementById(location.hash.slice(1));
  const figure = target?.closest<HTMLElement>("[data-excerpt]");
  const note = target?.closest<HTMLElement>("[data-note]");
  if (!target || !figure || !note) return;
  light(figure, [note.dataset.note ?? ""]);
  const line = figure.querySelector(".line.lit");
  (line ?? note).scrollIntoView({ block: "center" });
}

window.addEventListener("hashchange", go);
// The browser's own jump comes first.
if (document.readyState === "complete") go();
else window.addEventListener("load", () => requestAnimationFrame(go));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const figure of figures) light(figure, []);
});
