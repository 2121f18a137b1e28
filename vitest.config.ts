import { defineConfig } from "vitest/config";
import { mutantOf, mutants } from "./test/mutants/plugin.ts";

export default defineConfig({
  plugins: [mutants(mutantOf(process.env.MUTANT))],
  test: {
    environment: "node",
    include: ["test/**/*.test.ts"],
  },
});
