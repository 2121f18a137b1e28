/** What the search says, in both languages: by section, in their order. */

export interface SearchWords {
  readonly sections: readonly string[];
  /** What is said in the place of a section that cannot be had. */
  readonly missing: readonly string[];
  readonly nothing: (query: string) => string;
  /** Said before pages that have all the other words. */
  readonly without: (words: readonly string[]) => string;
}

const english: SearchWords = {
  sections: ["Places", "Pages", "Lines of the source"],
  missing: [
    "The list of places could not be loaded: lines of Go, cases, symbols and log lines are not searched.",
    "The full-text index could not be loaded: the words of the pages are not searched. Reload the page to try again.",
    "The source could not be loaded: its lines are not searched.",
  ],
  nothing: (query) => `Nothing found for ${query}.`,
  without: (words) =>
    `No page has all of these words; without “${words.join("”, “")}”:`,
};

const chinese: SearchWords = {
  sections: ["代码位置", "页面", "源码行"],
  missing: [
    "代码位置的清单没有载入：Go 的行、case、符号和日志文本这次搜不到。",
    "全文索引没有载入：页面里的词语这次搜不到，请刷新页面再试。",
    "源码没有载入：源码行这次搜不到。",
  ],
  nothing: (query) => `没有找到“${query}”。`,
  without: (words) =>
    `没有哪一页包含所有这些词；去掉“${words.join("”“")}”之后：`,
};

export function searchWords(language: string): SearchWords {
  return language.toLowerCase().startsWith("zh") ? chinese : english;
}
