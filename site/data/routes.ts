// Three ways through the lessons, for three amounts of time. Lessons are named
// by number; 0 is "How to read this code". Minutes are added up by the page. No
// route has a lesson before those that it assumes, but for their answers.

/** What "The answer" of a lesson takes: a paragraph. */
export const ANSWER_MINUTES = 1;

export interface Route {
  readonly id: string;
  readonly title: { readonly en: string; readonly zh: string };
  readonly forWhom: { readonly en: string; readonly zh: string };
  readonly stages: readonly Stage[];
}

export interface Stage {
  readonly title: { readonly en: string; readonly zh: string };
  readonly lessons: readonly number[];
  /** Lessons of which only "The answer" is read, after the others. */
  readonly answers?: readonly number[];
  /** What to do beside reading. */
  readonly doing?: { readonly en: string; readonly zh: string };
}

export const routes: readonly Route[] = [
  {
    id: "ninety-minutes",
    title: { en: "Ninety minutes", zh: "九十分钟" },
    forWhom: {
      en: "You have read the paper, opened the Go source and got lost. One entry, from the call of Apply to the client's answer, with the majority on the way.",
      zh: "读过论文，打开 Go 源码却迷了路：跟着一条日志条目，从调用 Apply 走到客户端收到答复，看清多数派是在哪里判定的。",
    },
    stages: [
      {
        title: {
          en: "The tools, and three short answers",
          zh: "工具，以及三个简短的答案",
        },
        lessons: [0],
        answers: [1, 2, 3],
      },
      {
        title: { en: "Who leads", zh: "谁当领导者" },
        lessons: [4, 5],
      },
      {
        title: {
          en: "One entry, sent, repaired, committed",
          zh: "一条日志条目：发送、修复、提交",
        },
        lessons: [6, 7, 8],
      },
      {
        title: { en: "See it", zh: "亲眼看看" },
        lessons: [],
        doing: {
          en: "Run `npm run lesson 8`, then change `this.startIndex` in commitment.ts to 0 and run it again.",
          zh: "运行 `npm run lesson 8`，再把 commitment.ts 里的 `this.startIndex` 改成 0，重新运行一次。",
        },
      },
    ],
  },
  {
    id: "a-week",
    title: { en: "A week of evenings", zh: "一周的晚上" },
    forWhom: {
      en: "You run Consul, Nomad, Vault or a service of your own on a Raft library and want to know what happens behind the API when something goes wrong.",
      zh: "你在用 Consul、Nomad、Vault，或者自己的服务用了 Raft 库，想知道出问题时 API 背后发生了什么。",
    },
    stages: [
      {
        title: { en: "Monday: what a node is", zh: "周一：一个节点是什么" },
        lessons: [0, 1, 2],
      },
      {
        title: {
          en: "Tuesday: who campaigns, and who wins",
          zh: "周二：谁参选，谁当选",
        },
        lessons: [3, 4, 5],
      },
      {
        title: { en: "Wednesday: sending and repair", zh: "周三：发送与修复" },
        lessons: [6, 7],
      },
      {
        title: { en: "Thursday: the majority", zh: "周四：多数派" },
        lessons: [8],
        doing: {
          en: "Do the exercise before you read the answer.",
          zh: "先做练习，再看答案。",
        },
      },
      {
        title: {
          en: "Friday: speed, and staying leader",
          zh: "周五：速度，以及如何一直当领导者",
        },
        lessons: [9, 10],
        doing: {
          en: "Read `/differs/`: every place where v1.1.1 breaks Raft, and what ours does.",
          zh: "读 `/differs/`：v1.1.1 在哪些地方违反了 Raft，这里又是怎么做的。",
        },
      },
    ],
  },
  {
    id: "everything",
    title: { en: "Everything", zh: "全部" },
    forWhom: {
      en: "You are going to change a Raft library, or write one. Every lesson in order with its suite and its exercise, and the source, file by file.",
      zh: "你要改一个 Raft 库，或者自己写一个。按顺序读完每一课，跑它的测试，做它的练习，然后逐个文件读源码。",
    },
    stages: [
      {
        title: { en: "The lessons, in order", zh: "按顺序读课程" },
        lessons: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      },
      {
        title: { en: "The source", zh: "源码" },
        lessons: [],
        doing: {
          en: "Begin at `/source/`, in this order: runtime/, commitment.ts, replication.ts, raft.ts, and sim/. `/rules/` says which line keeps which rule of the paper.",
          zh: "从 `/source/` 开始，依次读 runtime/、commitment.ts、replication.ts、raft.ts，最后是 sim/。`/rules/` 说明论文的每条规则由哪些代码保证。",
        },
      },
      {
        title: { en: "Break it", zh: "动手弄坏它" },
        lessons: [],
        doing: {
          en: "`npm run mutants` makes some 150 deliberate mistakes, one after the other. Make one that is not in the list and see whether a test notices.",
          zh: "`npm run mutants` 会逐个制造一百多处故意的错误。试着写一个列表里没有的，看看测试能不能发现。",
        },
      },
    ],
  },
];
