// One lesson's suite, a claim a line:
//
//     npm run lesson 3
//
// Green or red, the claim, and the place in raft/ that it speaks of; under a
// red claim, why. Without a number: which lessons have a suite.

import { stripVTControlCharacters, styleText } from "node:util";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import { startVitest } from "vitest/node";
import { type LessonSuite, lessonSuites, ROOT } from "./claims.ts";

function list(): number {
  for (const { number, claims } of lessonSuites()) {
    console.log(`lesson ${Number(number)}: ${claims.length} claims`);
  }
  console.log("\nnpm run lesson <number> proves one of them");
  return 0;
}

async function prove(number: string): Promise<number> {
  let suite: LessonSuite | undefined;
  try {
    [suite] = lessonSuites(number);
  } catch (error) {
    console.error((error as Error).message);
    return 1;
  }
  if (!suite) return 1;
  const vitest = await startVitest([suite.file], {
    root: ROOT,
    watch: false,
    reporters: [claimReporter(suite)],
  });
  await vitest.close();
  return Number(process.exitCode ?? 0);
}

function claimReporter({ claims }: LessonSuite): Reporter {
  const width = Math.max(...claims.map(({ name }) => name.length));
  return {
    onTestCaseResult(test) {
      const { state } = test.result();
      const place = claims.find(({ name }) => name === test.name)?.place ?? "";
      const [mark, colour] = marks[state];
      const line = `${mark} ${test.name.padEnd(width)}`;
      console.log(`${paint(colour, line)}  ${paint("dim", place)}`);
      for (const reason of reasons(test)) console.log(reason);
    },
    onTestRunEnd(modules, unhandled) {
      const broken = modules.flatMap((module) => module.errors());
      for (const { message } of [...broken, ...unhandled]) {
        console.log(paint("red", message));
      }
      console.log(`\n${summary(modules)}`);
    },
  };
}

const marks = {
  passed: ["✓", "green"],
  failed: ["✗", "red"],
  skipped: ["–", "yellow"],
  pending: ["?", "yellow"],
} as const;

function reasons(test: TestCase): string[] {
  const errors = test.result().errors ?? [];
  return errors.map((error) => {
    const said = error.diff
      ? `${error.message}\n${plain(error.diff)}`
      : error.message;
    return said.replace(/^/gm, "    ");
  });
}

function summary(modules: readonly TestModule[]): string {
  const tests = modules.flatMap((one) => [...one.children.allTests()]);
  const count = (state: string) =>
    tests.filter((test) => test.result().state === state).length;
  const passed = count("passed");
  const failed = tests.length - passed;
  return paint(
    failed === 0 && passed > 0 ? "green" : "red",
    `${passed} of ${tests.length} claims hold`,
  );
}

type Colour = "green" | "red" | "yellow" | "dim";

/** Colours on a terminal; elsewhere the text alone. */
function paint(colour: Colour, text: string): string {
  if (!process.stdout.isTTY) return text;
  return styleText(colour, text);
}

/** Vitest colours its diffs for itself. */
function plain(text: string): string {
  return process.stdout.isTTY ? text : stripVTControlCharacters(text);
}

const [number] = process.argv.slice(2);
process.exitCode = number === undefined ? list() : await prove(number);
