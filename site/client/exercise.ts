/**
 * Runs an exercise in the page: the judge, which is raft/ and its simulator,
 * is fetched when somebody first asks for a run.
 */

import { traceText } from "../lib/scenario.ts";
import type { Verdict } from "../tools/exercises/judge.ts";
import { verdictWords } from "../tools/exercises/words.ts";

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
  // What was said, was said of other answers.
  form.addEventListener("input", () => {
    mark(form, [], []);
    say(form, "");
  });
}

function show(form: HTMLFormElement, verdict: Verdict): void {
  const { holds, wrong, right, trace } = verdict;
  mark(form, wrong, right);
  say(form, verdictWords(verdict), holds ? "yes" : "no");
  const around = form.parentElement;
  const answer = around?.querySelector<HTMLDetailsElement>("[data-answer]");
  // Now that it holds: why it does.
  if (answer && holds) answer.open = true;
  const details = around?.querySelector<HTMLElement>("[data-trace]");
  const text = details?.querySelector("pre");
  if (!details || !text) return;
  details.hidden = trace.length === 0;
  text.textContent = traceText(trace);
}

function say(form: HTMLFormElement, words: string, holds = ""): void {
  const verdict = form.querySelector<HTMLElement>("[data-verdict]");
  if (!verdict) return;
  verdict.textContent = words;
  verdict.dataset.holds = holds;
}

function mark(
  form: HTMLFormElement,
  wrong: readonly number[],
  right: readonly number[],
): void {
  for (const line of form.querySelectorAll<HTMLElement>("[data-at]")) {
    const at = Number(line.dataset.at);
    line.classList.toggle("failed", wrong.includes(at));
    line.classList.toggle("held", right.includes(at));
  }
}
