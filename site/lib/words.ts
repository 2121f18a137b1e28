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
  routes: "Three routes",
  rules: "Rule, code, test",
  coverage: "What is explained",
  limits: "What this is not",
  api: "API reference",
  inEnglish: "(in English)",
  lesson: "Lesson",
  minutes: "min",
  asked: "A reader asked",
  reads: "Reads",
  assumes: "Assumes",
  suite: "Proof",
  previous: "Previous lesson",
  next: "Next lesson",
  on: "On this page",
  read: "I have read this lesson",
  readHelp:
    "Kept in this browser and nowhere else. The list of lessons shows what you have read, and what has changed since.",
  notKept:
    "This browser keeps nothing for this site, so the mark lasts until you leave the page. Everything else works.",
  isRead: "read",
  hasChanged: "changed since you read it",
  keyboard: "Keyboard: ",
  keys: "Keys",
  or: "or",
  singleKeys: "single keys are on",
  choiceNotKept:
    "Your browser keeps nothing for this site: this holds until you leave the page.",
  changedHere:
    "The code that this lesson explains has changed since you read it.",
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
  routes: "三条路线",
  rules: "规则、代码、测试",
  coverage: "讲解覆盖了哪些行",
  limits: "本站的局限",
  api: "API 参考",
  inEnglish: "(英文)",
  lesson: "第",
  minutes: "分钟",
  asked: "读者问",
  reads: "阅读",
  assumes: "先读",
  suite: "证明",
  previous: "上一课",
  next: "下一课",
  on: "本页内容",
  read: "这一课我读完了",
  readHelp:
    "只保存在这个浏览器里。课程列表会标出读过的课，以及读过之后代码有改动的课。",
  notKept:
    "这个浏览器不为本站保存数据，标记只在离开本页之前有效，其他功能不受影响。",
  isRead: "已读",
  hasChanged: "读过之后有改动",
  keyboard: "键盘：",
  keys: "键盘操作",
  or: "或",
  singleKeys: "启用单键操作",
  choiceNotKept:
    "你的浏览器不为本站保存任何内容：这里的选择只在离开本页之前有效。",
  changedHere: "你读过之后，这一课讲解的代码有了改动。",
};

export function words(language: string | undefined): Words {
  return language === "zh-cn" ? chinese : english;
}

/** What a key does, and where. */
const keys = [
  [["/", "Ctrl K"], "search", "搜索"],
  [["←", "→"], "previous and next lesson", "上一课、下一课"],
  [
    ["n", "p"],
    "next and previous note; its lines light up",
    "下一条、上一条批注，对应的代码行会亮起",
  ],
  [
    ["↑", "↓"],
    "in code: the line above, the line below",
    "在代码中：上一行、下一行",
  ],
  [
    ["Enter"],
    "on a line’s number: that line in its file",
    "在行号上：跳到源文件中的这一行",
  ],
  [
    ["→"],
    "on a line’s number: to its names; the arrows go from name to name",
    "在行号上：进入这一行的名称，再用方向键在名称之间移动",
  ],
  [
    ["Enter"],
    "on a name: its type, its definition, its references",
    "在名称上：查看它的类型、定义和引用",
  ],
  [
    ["d", "r"],
    "on a name: its definition; its references",
    "在名称上：跳到定义；列出引用",
  ],
  [
    ["Enter", "r"],
    "on a mark, the dot beside a line of the source: what explains the line",
    "在源码行旁的圆点上：查看讲解这一行的内容",
  ],
  [["Esc"], "put the light out, close", "熄灭高亮，关闭窗口"],
] as const;

/** Keys, and what they do, in the page's language. */
export function keysIn(
  language: string | undefined,
): (readonly [keys: readonly string[], what: string])[] {
  return keys.map(([own, english, chinese]) => [
    own,
    language === "zh-cn" ? chinese : english,
  ]);
}
