// A claim of a lesson, as a test: the sentence it proves, the code it speaks
// of, and the break that must turn it, and it alone, red.
//
// Its arguments but the last are literals, because the site reads them from
// the syntax tree. It uses no Node API and no mocks: lesson suites also run in
// the page, where `vitest` is a small stand-in.

import { test } from "vitest";

export interface ClaimAbout {
  /** The address of the code that makes it true: "raft.ts#electSelf". */
  readonly at: string;
  /** A change of one symbol that makes it false; `from` stands there once. */
  readonly break: {
    readonly in: string;
    readonly from: string;
    readonly to: string;
  };
}

type Proof = () => void | Promise<void>;

export function claim(name: string, _about: ClaimAbout, proof: Proof): void {
  test(name, proof);
}

/** For work in progress: a lesson that leans on a skipped claim is refused. */
claim.skip = (name: string, _about: ClaimAbout, proof: Proof): void => {
  test.skip(name, proof);
};

/** For work in progress: a lesson that leans on such a claim is refused. */
claim.only = (name: string, _about: ClaimAbout, proof: Proof): void => {
  test(name, proof);
};
