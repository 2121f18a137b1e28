/** What is said around a place that was found, in both languages. */

export interface PlaceWords {
  /** Of the pages in this language: "" or "zh-cn/". */
  readonly prefix: string;
  readonly source: string;
  readonly channels: string;
  readonly gone: string;
  readonly ofTwo: (english: string, chinese: string) => string;
  readonly lesson: (number: number, title: string) => string;
  readonly from: (place: string) => string;
  readonly speaksOf: (place: string) => string;
  readonly logged: (name: string) => string;
  readonly carries: (type: string) => string;
  readonly asked: (question: string) => string;
  readonly proved: (test: string) => string;
  readonly didYouMean: (name: string) => string;
  readonly ifYouMean: (line: number, file: string) => string;
  readonly foreign: (file: string, version: string) => string;
  readonly noFile: (file: string) => string;
  readonly allFiles: (files: string) => string;
  readonly fewerLines: (file: string, lines: number) => string;
  readonly noLine: (line: number) => string;
}

const english: PlaceWords = {
  prefix: "",
  source: "the source",
  channels: "channels",
  gone: "no counterpart here yet; v1.1.1’s own lines",
  ofTwo: (english) => english,
  lesson: (number, title) => `Lesson ${number}: ${title}`,
  from: (place) => `from ${place}`,
  speaksOf: (place) => `speaks of ${place}`,
  logged: (name) => `logged by ${name}`,
  carries: (type) => `carries ${type}`,
  asked: (question) => `Readers asked: ${question}`,
  proved: (test) => `proved by: ${test}`,
  didYouMean: (name) => `did you mean ${name}?`,
  ifYouMean: (line, file) => `if you mean line ${line} of ${file}`,
  foreign: (file, version) => `${file} as it is at v1.1.1, not at ${version}`,
  noFile: (file) => `${file} is no file of the library at v1.1.1`,
  allFiles: (files) => `Its files are ${files}.`,
  fewerLines: (file, lines) => `${file} has ${lines} lines`,
  noLine: (line) => `there is no line ${line}`,
};

const chinese: PlaceWords = {
  prefix: "zh-cn/",
  source: "源码",
  channels: "通道",
  gone: "这里还没有对应的代码，链接是 v1.1.1 原来的行",
  ofTwo: (_, chinese) => chinese,
  lesson: (number, title) => `第 ${number} 课：${title}`,
  from: (place) => `来自 ${place}`,
  speaksOf: (place) => `讲到 ${place}`,
  logged: (name) => `由 ${name} 写进日志`,
  carries: (type) => `传递 ${type}`,
  asked: (question) => `读者问：${question}`,
  proved: (test) => `由测试证明：${test}`,
  didYouMean: (name) => `是不是要找 ${name}？`,
  ifYouMean: (line, file) => `如果指的是 ${file} 第 ${line} 行`,
  foreign: (file, version) => `这里的 ${file} 是 v1.1.1，不是 ${version}`,
  noFile: (file) => `v1.1.1 的库里没有 ${file} 这个文件`,
  allFiles: (files) => `它的文件有：${files}。`,
  fewerLines: (file, lines) => `${file} 共 ${lines} 行`,
  noLine: (line) => `没有第 ${line} 行`,
};

export function placeWords(language: string): PlaceWords {
  return language.toLowerCase().startsWith("zh") ? chinese : english;
}
