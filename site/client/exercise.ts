/**
 * Runs an exercise in the page: the judge, which is raft/ and its simulator,
 * is fetched when somebody first asks for a run.
 */

import type { Verdict } from "../tools/exercises/judge.ts";

for (const form of document.querySelectorAll<HTMLFormElement>(
  "[data-exercise]",
)) {
  const button = form.querySelector("button");
  if (button) button.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answers = Object.fromEntries(
      [...new FormData(form)].map(([name, value]) => [name, String(value)]),
    );
    say(form, "Running …");
    const { judge } = await import("../tools/exercises/judge.ts");
    show(form, judge(form.dataset.script ?? "", answers));
  });
  form.addEventListener("input", () => mark(form, undefined));
}

function show(form: HTMLFormElement, verdict: Verdict): void {
  const { holds, line, problem, trace } = verdict;
  mark(form, line);
  say(
    form,
    holds
      ? "It holds, to the last line."
      : `It does not hold. Line ${line}: ${problem}`,
    holds ? "yes" : "no",
  );
  const details =
    form.parentElement?.querySelector<HTMLElement>("[data-trace]");
  const text = details?.querySelector("pre");
  if (!details || !text) return;
  details.hidden = trace.length === 0;
  text.textContent = trace.join("\n");
}

function say(form: HTMLFormElement, words: string, holds = ""): void {
  const verdict = form.querySelector<HTMLElement>("[data-verdict]");
  if (!verdict) return;
  verdict.textContent = words;
  verdict.dataset.holds = holds;
}

function mark(form: HTMLFormElement, failed: number | undefined): void {
  for (const line of form.querySelectorAll<HTMLElement>("[data-at]")) {
    line.classList.toggle("failed", line.dataset.at === String(failed));
  }
}
