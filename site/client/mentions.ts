/**
 * A name in the prose and its lines in the excerpts: pointing at the name, or
 * coming to it with the keyboard, lights them. Which lines they are is loaded
 * at the first such question.
 */

const mentions = document.querySelectorAll<HTMLAnchorElement>("main a.name");

function tell(
  say: (lights: typeof import("./names/mentions.ts")) => void,
): void {
  void import("./names/mentions.ts").then(say);
}

for (const mention of mentions) {
  for (const event of ["pointerenter", "focus"]) {
    mention.addEventListener(event, () => {
      tell(({ light }) => light(mention));
    });
  }
  for (const event of ["pointerleave", "blur"]) {
    mention.addEventListener(event, () => tell(({ darken }) => darken()));
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || mentions.length === 0) return;
  tell(({ darken }) => darken());
});
