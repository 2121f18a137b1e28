/** The interface's own words, in both languages. */

export type Language = "en" | "zh-cn";

const english = {
  part0: "Before you start",
  part1: "Part I · The algorithm",
  part2: "Part II · The API",
  part3: "Part III · Practice",
  ways: "Ways in",
  source: "The source",
  questions: "Readers’ questions",
  go: "From Go: find your line",
  upstream: "Upstream, symbol by symbol",
  channels: "Channels",
  differs: "Where ours differs",
  api: "API reference",
  lesson: "Lesson",
  minutes: "min",
  asked: "A reader asked",
  reads: "Reads",
  assumes: "Assumes",
  suite: "Proof",
  previous: "Previous lesson",
  next: "Next lesson",
  on: "On this page",
} as const;

type Words = Readonly<Record<keyof typeof english, string>>;

const chinese: Words = {
  part0: "开始之前",
  part1: "第一部分 · 算法视角",
  part2: "第二部分 · API 视角",
  part3: "第三部分 · 实践视角",
  ways: "从哪里读起",
  source: "源码",
  questions: "读者提问",
  go: "从 Go 源码进入",
  upstream: "与上游逐个符号对照",
  channels: "通道",
  differs: "与上游的不同",
  api: "API 参考",
  lesson: "第",
  minutes: "分钟",
  asked: "读者问",
  reads: "阅读",
  assumes: "先读",
  suite: "证明",
  previous: "上一课",
  next: "下一课",
  on: "本页内容",
};

export function words(language: string | undefined): Words {
  return language === "zh-cn" ? chinese : english;
}
