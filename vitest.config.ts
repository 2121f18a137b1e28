import { defineConfig } from "vitest/config";
import { mutantOf, mutants } from "./test/mutants/plugin.ts";

const mutant = mutantOf(process.env.MUTANT);

export default defineConfig({
  plugins: [mutants(mutant)],
  test: {
    environment: "node",
    include: ["test/**/*.test.ts"],
    // The cache knows the files and not the mutant: it would hide it.
    fsModuleCache: mutant === undefined,
  },
});
