import { defineConfig } from "vitest/config";
import { mutantOf, mutants } from "./test/mutants/plugin.ts";

const mutant = mutantOf(process.env.MUTANT);

export default defineConfig({
  plugins: [mutants(mutant)],
  test: {
    // A guard against hanging, not a measure: nothing here waits for a clock.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    environment: "node",
    include: ["test/**/*.test.ts"],
    // The cache knows the files and not the mutant: it would hide it.
    fsModuleCache: mutant === undefined,
  },
});
