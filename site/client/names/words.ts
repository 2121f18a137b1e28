/** The card's words, in the language of the page. */

import type { PassagesFile } from "../../tools/names/types.ts";

type PassageKind = PassagesFile["passages"][number][2];

const english = {
  definition: "Defined at",
  references: "References",
  explained: "Explained in",
  library: "From TypeScript’s library",
  language: "Part of the language",
  topOfFile: "top of the file",
  failed: "The references could not be loaded. Try again.",
  found: (uses: number, files: number) =>
    `${uses} ${uses === 1 ? "reference" : "references"} in ` +
    `${files} ${files === 1 ? "file" : "files"}`,
  line: (file: string, line: number, where: string) =>
    `${line}, ${where}, ${file}`,
  explainedLine: (line: number) => `Line ${line} is explained in`,
  proof: "its test",
  kind: (kind: PassageKind) => kind as string,
  passage: (kind: PassageKind, start: number, end: number) => {
    return start === end
      ? `${kind} on line ${start}`
      : `${kind} on lines ${start}–${end}`;
  },
};

const chinese: typeof english = {
  definition: "定义于",
  references: "引用",
  explained: "讲解：",
  library: "来自 TypeScript 标准库",
  language: "语言本身的一部分",
  topOfFile: "文件开头",
  failed: "引用未能载入，请再试一次。",
  found: (uses, files) => `${files} 个文件中的 ${uses} 处引用`,
  line: (file, line, where) => `${line}，${where}，${file}`,
  explainedLine: (line) => `第 ${line} 行的讲解`,
  proof: "测试",
  kind: (kind) => ({ excerpt: "摘录", note: "批注", claim: "论断" })[kind],
  passage: (kind, start, end) => {
    const lines = start === end ? `${start}` : `${start}–${end}`;
    return `${chinese.kind(kind)}，第 ${lines} 行`;
  },
};

const isChinese = document.documentElement.lang.startsWith("zh");
export const words = isChinese ? chinese : english;

export function lessonName(title: string, number: number): string {
  return number > 0 ? `${number} · ${title}` : title;
}
