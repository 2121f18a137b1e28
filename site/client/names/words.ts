/** The card's words, in the language of the page. */

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
};

const isChinese = document.documentElement.lang.startsWith("zh");
export const words = isChinese ? chinese : english;
