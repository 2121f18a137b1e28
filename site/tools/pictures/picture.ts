/**
 * A picture of a lesson: drawn at every build from a run of raft/ itself, and
 * the same in words and tables for those who do not look at it.
 *
 * A module `lessons/pictures/NN-name.ts` exports a function that draws one;
 * `<Picture name="NN-name" />` shows it.
 */

export interface Picture {
  /** The caption, and what a screen reader calls the drawing. */
  readonly title: string;
  /** What is to be seen, for somebody who does not see it. */
  readonly words: string;
  /** The drawing: source of a diagram, or a finished SVG; one of the two. */
  readonly mermaid?: string;
  readonly svg?: string;
  /** Everything that the drawing says, as text. */
  readonly tables?: readonly PictureTable[];
}

export interface PictureTable {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
