/**
 * Which lessons have been read: kept in this browser, by lesson, with the
 * digest of the code it explained on that day. A lesson whose code is another
 * one by now says so, here and in the list of lessons.
 *
 * Where a browser keeps nothing, the marks last as long as the page, and the
 * page says so.
 */

const STORE = "lessons-read";

type Read = Record<string, string>;

const form = document.querySelector<HTMLElement>("[data-progress]");
const box = form?.querySelector<HTMLInputElement>("input");
const words = document.querySelector<HTMLElement>("[data-words]");
const { name = "", code = "" } = form?.dataset ?? {};
/** False where the page has only a Map to remember by, see Head.astro. */
let kept = document.documentElement.dataset.keeps !== "nothing";
let read: Read = {};
read = load();

function load(): Read {
  try {
    return JSON.parse(localStorage.getItem(STORE) ?? "{}") as Read;
  } catch {
    kept = false;
    return read;
  }
}

function store(): void {
  try {
    localStorage.setItem(STORE, JSON.stringify(read));
  } catch {
    kept = false;
  }
}

function show(): void {
  for (const link of document.querySelectorAll<HTMLElement>("[data-lesson]")) {
    const then = read[link.dataset.lesson ?? ""];
    const now = link.dataset.code;
    const state = then === undefined ? "" : then === now ? "read" : "changed";
    if (state === (link.dataset.state ?? "")) continue;
    link.querySelector(".progress-word")?.remove();
    delete link.dataset.state;
    if (state === "") continue;
    link.dataset.state = state;
    const word = document.createElement("span");
    word.className = "progress-word";
    word.textContent = ` ${words?.dataset[state] ?? state}`;
    // On the first page beside the minutes, where there is room for it.
    (link.querySelector(".lesson-minutes") ?? link).append(word);
  }
  if (!form || !box) return;
  const then = read[name];
  box.checked = then !== undefined;
  const say = (part: string, shown: boolean) => {
    const line = form.querySelector<HTMLElement>(`[data-say=${part}]`);
    if (line) line.hidden = !shown;
  };
  say("changed", then !== undefined && then !== code);
  say("help", kept);
  say("not-kept", !kept);
}

if (form && box) {
  form.hidden = false;
  box.addEventListener("change", () => {
    read = { ...load() };
    if (box.checked) read[name] = code;
    else delete read[name];
    store();
    show();
  });
}
addEventListener("storage", ({ key }) => {
  if (key !== STORE) return;
  read = load();
  show();
});
show();
