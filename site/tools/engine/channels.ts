// The channels of raft/: who makes each of them, who sends, who receives, who
// closes. Computed from the program, so that no page can be wrong about it.
//
// A channel is a value: it is made in one place and held in several. So this
// follows each `new Channel(…)` through the fields, variables, parameters and
// results that it flows into, until nothing new is learned. What is done with
// any holder is done with every channel that it may hold. A task that is
// handed its channel acts for itself; a helper, such as asyncNotifyCh, acts for
// whoever calls it.
//
// The runtime and the simulated world are left out: they know no channel of
// Raft by name.

import path from "node:path";
import ts from "typescript";
import { kept } from "../kept.ts";
import { readDoc } from "./doc.ts";
import { Problem } from "./fault.ts";
import { nearest } from "./nearest.ts";
import { checkerOf } from "./program.ts";
import { lineAt } from "./text.ts";
import type {
  ChannelCard,
  ChannelMaker,
  ChannelUse,
  SourceFile,
  SourceIndex,
  SourceSymbol,
} from "./types.ts";

export function channels(index: SourceIndex): ChannelCard[] {
  const found = known.get(index) ?? keptCards(index);
  known.set(index, found);
  return found;
}

const SEER = ["channels.ts", "doc.ts", "index.ts", "program.ts", "text.ts"];

/** Their symbols are kept by address: they belong to one index. */
function keptCards(index: SourceIndex): ChannelCard[] {
  const { root, files, symbols } = index;
  const cards = kept(root, {
    name: "channels",
    texts: new Map([...files].map(([file, { text }]) => [file, text])),
    by: SEER.map((file) => path.join(import.meta.dirname, file)),
    make: () =>
      new ChannelFlow(index)
        .cards()
        .map((card) => ({ ...card, symbol: card.symbol.id })),
  });
  return cards.map((card) => ({
    ...card,
    symbol: symbols.get(card.symbol) as SourceSymbol,
  }));
}

/** The channel of this name or address, aliases included. */
export function findChannel(
  index: SourceIndex,
  wanted: string,
): ChannelCard | Problem {
  const cards = channels(index);
  const named = cards.filter(
    ({ name, id, aliases }) =>
      name === wanted ||
      [id, ...aliases].some((one) => one === wanted || last(one) === wanted),
  );
  const [only] = named;
  if (only && named.length === 1) return only;
  const ids = named.map(({ id }) => id);
  return only
    ? new Problem(
        "unknown-channel",
        `${wanted} names ${ids.length} channels; give the address of one`,
        ids,
      )
    : new Problem(
        "unknown-channel",
        `raft/ has no channel named ${wanted}`,
        nearest(
          wanted,
          cards.flatMap(({ id, aliases }) => [id, ...aliases].map(last)),
        ),
      );
}

/** The bare name: what follows the last separator of an address. */
function last(id: string): string {
  return id.split(/[#./]/).at(-1) as string;
}

const known = new WeakMap<SourceIndex, ChannelCard[]>();

const OUTSIDE = /^(runtime|sim)\//;

type Act = "send" | "receive" | "close";

const ACTS: Readonly<Record<string, Act>> = {
  send: "send",
  trySend: "send",
  receive: "receive",
  tryReceive: "receive",
  close: "close",
};

/** What may hold a channel: a field, a variable, a parameter, a result. */
type Holder = ts.Symbol;
/** Where a channel is made. */
type Site = ts.NewExpression;

type Call = ts.CallExpression | ts.NewExpression;

interface Done {
  readonly act: Act;
  readonly with: ts.Expression;
  readonly at: ts.Node;
}

class ChannelFlow {
  private readonly checker: ts.TypeChecker;
  private readonly files: readonly SourceFile[];
  /** holder ← what flows into it */
  private readonly flows = new Map<Holder, Set<Holder | Site>>();
  private readonly holds = new Map<Holder, Set<Site>>();
  private done: readonly Done[] = [];
  private readonly calls = new Map<ts.Node, Call[]>();
  private readonly declared: ts.NamedDeclaration[] = [];

  constructor(index: SourceIndex) {
    this.checker = checkerOf(index.program);
    this.files = [...index.files.values()];
    for (const file of this.files) {
      const declared = this.declared.length;
      this.visit(file.node);
      if (OUTSIDE.test(file.path)) this.declared.length = declared;
    }
    this.settle();
    this.done = this.actors(this.done);
  }

  // ------------------------------------------------- one walk of the tree

  private visit(node: ts.Node): void {
    this.noteDeclaration(node);
    this.noteFlow(node);
    this.noteUse(node);
    ts.forEachChild(node, (child) => this.visit(child));
  }

  private noteDeclaration(node: ts.Node): void {
    const field =
      ts.isPropertyDeclaration(node) ||
      ts.isPropertySignature(node) ||
      ts.isVariableDeclaration(node);
    if (field && this.isChannel(node.name)) this.declared.push(node);
  }

  private noteFlow(node: ts.Node): void {
    if (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node)) {
      if (node.initializer)
        this.flow(this.symbolOf(node.name), node.initializer);
    } else if (ts.isBindingElement(node)) {
      this.noteBindingElement(node);
    } else if (isAssignment(node)) {
      this.flow(this.holderOf(node.left), node.right);
    } else if (ts.isPropertyAssignment(node)) {
      this.flow(this.fieldOfLiteral(node), node.initializer);
    } else if (ts.isShorthandPropertyAssignment(node)) {
      const value = this.checker.getShorthandAssignmentValueSymbol(node);
      this.link(this.fieldOfLiteral(node), value);
    } else if (ts.isReturnStatement(node) && node.expression) {
      this.flow(this.functionAround(node), node.expression);
    } else if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) {
      this.flow(this.symbolOf(node), node.body);
    } else if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      this.noteArguments(node);
    } else if (ts.isClassDeclaration(node)) {
      this.noteImplemented(node);
    }
  }

  private noteArguments(call: Call): void {
    // Asked first, for it costs much less than the signature of every call.
    if (!call.arguments?.some((argument) => this.isHeld(argument))) return;
    const callee = this.checker.getResolvedSignature(call)?.declaration;
    if (!callee || ts.isJSDocSignature(callee)) return;
    this.calls.set(callee, [...(this.calls.get(callee) ?? []), call]);
    const { parameters } = callee;
    call.arguments.forEach((argument, i) => {
      const parameter = parameters[i];
      if (parameter && this.isHeld(argument)) {
        this.flow(this.symbolOf(parameter.name), argument);
      }
    });
  }

  /** `const { commitCh } = r.leaderState` */
  private noteBindingElement(node: ts.BindingElement): void {
    if (!this.isChannel(node.name)) return;
    const from = this.checker.getTypeAtLocation(node.parent);
    const name = (node.propertyName ?? node.name).getText();
    this.link(this.symbolOf(node.name), from.getProperty(name));
  }

  /** What a class gives is what its interface gives. */
  private noteImplemented(node: ts.ClassDeclaration): void {
    const bases = (node.heritageClauses ?? [])
      .flatMap((clause) => [...clause.types])
      .map((type) => this.checker.getTypeAtLocation(type));
    for (const member of node.members) {
      const own = member.name && this.symbolOf(member.name);
      if (!own) continue;
      for (const base of bases) this.link(base.getProperty(own.name), own);
    }
  }

  private noteUse(node: ts.Node): void {
    if (!ts.isCallExpression(node)) return;
    const callee = node.expression;
    if (ts.isPropertyAccessExpression(callee)) {
      const act = ACTS[callee.name.text];
      if (act && this.isChannel(callee.expression)) {
        this.note({ act, with: callee.expression, at: node });
      }
    } else if (ts.isIdentifier(callee)) {
      this.noteSelect(callee.text, node);
    }
  }

  private noteSelect(callee: string, node: ts.CallExpression): void {
    const [first] = node.arguments;
    if (!first) return;
    if (callee === "sending") {
      this.note({ act: "send", with: first, at: node });
    }
    if (callee !== "select" && callee !== "trySelect") return;
    for (const property of this.casesOf(first)) {
      const value = ts.isPropertyAssignment(property)
        ? property.initializer
        : property.name;
      if (value && ts.isExpression(value) && this.isChannel(value)) {
        this.note({ act: "receive", with: value, at: value });
      }
    }
  }

  private note(done: Done): void {
    this.done = [...this.done, done];
  }

  private casesOf(
    cases: ts.Expression,
  ): readonly ts.ObjectLiteralElementLike[] {
    if (ts.isObjectLiteralExpression(cases)) return cases.properties;
    if (!ts.isIdentifier(cases)) return [];
    const declaration = this.symbolOf(cases)?.valueDeclaration;
    return declaration &&
      ts.isVariableDeclaration(declaration) &&
      declaration.initializer
      ? this.casesOf(declaration.initializer)
      : [];
  }

  // ------------------------------------------------------- what flows

  private flow(into: Holder | undefined, value: ts.Expression): void {
    for (const from of this.sources(value)) this.link(into, from);
  }

  private link(
    into: Holder | undefined,
    from: Holder | Site | undefined,
  ): void {
    if (!into || !from || into === from) return;
    const known = this.flows.get(into) ?? new Set();
    this.flows.set(into, known.add(from));
  }

  /** Everything whose channel this expression may be. */
  private sources(value: ts.Expression): (Holder | Site)[] {
    if (ts.isNewExpression(value)) {
      return this.isChannel(value) ? [value] : [];
    }
    if (ts.isConditionalExpression(value)) {
      return [
        ...this.sources(value.whenTrue),
        ...this.sources(value.whenFalse),
      ];
    }
    if (isEither(value)) {
      return [...this.sources(value.left), ...this.sources(value.right)];
    }
    if (isWrapped(value)) return this.sources(value.expression);
    if (ts.isYieldExpression(value)) {
      return value.expression ? this.sources(value.expression) : [];
    }
    const holder = ts.isCallExpression(value)
      ? this.holderOf(value.expression)
      : this.holderOf(value);
    return holder ? [holder] : [];
  }

  private holderOf(node: ts.Expression): Holder | undefined {
    if (isWrapped(node)) return this.holderOf(node.expression);
    if (ts.isIdentifier(node)) return this.symbolOf(node);
    if (ts.isPropertyAccessExpression(node)) return this.symbolOf(node.name);
    return undefined;
  }

  private fieldOfLiteral(
    node: ts.PropertyAssignment | ts.ShorthandPropertyAssignment,
  ): Holder | undefined {
    const type = this.checker.getContextualType(node.parent);
    return type?.getProperty(node.name.getText()) ?? this.symbolOf(node.name);
  }

  private functionAround(node: ts.Node): Holder | undefined {
    const around = ts.findAncestor(node, ts.isFunctionLike);
    return around && this.symbolOf(around.name ?? around);
  }

  private symbolOf(node: ts.Node): Holder | undefined {
    const symbol =
      this.checker.getSymbolAtLocation(node) ??
      (node as ts.Node & { symbol?: ts.Symbol }).symbol;
    if (!symbol) return undefined;
    return symbol.flags & ts.SymbolFlags.Alias
      ? this.checker.getAliasedSymbol(symbol)
      : symbol;
  }

  /** Hands every channel on until no holder learns of a new one. */
  private settle(): void {
    for (let learned = true; learned; ) {
      learned = false;
      for (const [into, sources] of this.flows) {
        const held = this.holds.get(into) ?? new Set();
        const before = held.size;
        for (const source of sources) {
          for (const site of this.sitesOf(source)) held.add(site);
        }
        this.holds.set(into, held);
        learned ||= held.size > before;
      }
    }
  }

  private sitesOf(source: Holder | Site): Iterable<Site> {
    if ("kind" in source) return [source];
    return this.holds.get(source) ?? [];
  }

  /** What a plain function does with a parameter, its callers do. */
  private actors(done: readonly Done[]): Done[] {
    return done.flatMap((one) => {
      const parameter = this.parameterOf(one.with);
      const callee = parameter?.parent;
      if (!callee || this.actsForItself(callee, parameter)) {
        return OUTSIDE.test(this.fileOf(one.at).path) ? [] : [one];
      }
      const place = callee.parameters.indexOf(parameter);
      const calls = this.calls.get(callee) ?? [];
      return this.actors(
        calls.flatMap((call): Done[] => {
          const argument = call.arguments?.[place];
          return argument ? [{ act: one.act, with: argument, at: call }] : [];
        }),
      );
    });
  }

  /** A task that is handed one channel, and not now this, now that one. */
  private actsForItself(
    callee: ts.Node,
    parameter: ts.ParameterDeclaration,
  ): boolean {
    const holder = this.symbolOf(parameter.name);
    const held = holder && this.holds.get(holder);
    return isTask(callee) && (held?.size ?? 0) <= 1;
  }

  private parameterOf(
    node: ts.Expression,
  ): ts.ParameterDeclaration | undefined {
    const declared = this.holderOf(node)?.valueDeclaration;
    return declared && ts.isParameter(declared) ? declared : undefined;
  }

  // ------------------------------------------------------------ cards

  /** One card for each group of fields and variables that hold the same. */
  cards(): ChannelCard[] {
    const groups = Map.groupBy(this.declared, (node) => this.groupOf(node));
    return [...groups.values()]
      .map((group) => this.card([...group].sort((a, b) => this.rank(a, b))))
      .sort((a, b) => a.id.localeCompare(b.id));
  }

  private groupOf(node: ts.NamedDeclaration): string {
    const sites = [...this.sitesHeld(node)];
    if (sites.length === 0) return `${this.idOf(node)} is given from outside`;
    return sites
      .map((site) => placeKey(site))
      .sort()
      .join(" ");
  }

  /** The field that is given a new channel comes first; a local name last. */
  private rank(a: ts.NamedDeclaration, b: ts.NamedDeclaration): number {
    const weight = (node: ts.NamedDeclaration) => {
      const holder = node.name && this.symbolOf(node.name);
      const direct = [...((holder && this.flows.get(holder)) ?? [])].some(
        (source) => "kind" in source,
      );
      return (ts.isVariableDeclaration(node) ? 2 : 0) + (direct ? 0 : 1);
    };
    return weight(a) - weight(b) || this.idOf(a).localeCompare(this.idOf(b));
  }

  private card(group: readonly ts.NamedDeclaration[]): ChannelCard {
    const [main, ...others] = group as [ts.NamedDeclaration];
    const sites = this.sitesHeld(main);
    const holder = main.name && this.symbolOf(main.name);
    const uses = (act: Act) =>
      unique(
        this.done
          .filter((one) => one.act === act)
          .filter((one) => this.isUseOf(one.with, sites, holder))
          .map((one) => this.useAt(one.at)),
      );
    const second = group
      .map((node) => secondSignal(node))
      .find((said) => said !== undefined);
    return {
      id: this.idOf(main),
      name: main.name?.getText() ?? "",
      aliases: others.map((other) => this.idOf(other)),
      carries: this.carries(main),
      symbol: this.symbolAround(main),
      makers: [...sites].map((site) => this.makerAt(site)),
      senders: uses("send"),
      receivers: uses("receive"),
      closers: uses("close"),
      ...(second === undefined ? {} : { secondSignal: second }),
    };
  }

  private isUseOf(
    used: ts.Expression,
    sites: ReadonlySet<Site>,
    holder: Holder | undefined,
  ): boolean {
    return this.sources(used).some(
      (source) =>
        source === holder ||
        [...this.sitesOf(source)].some((site) => sites.has(site)),
    );
  }

  private sitesHeld(node: ts.NamedDeclaration): ReadonlySet<Site> {
    const holder = node.name && this.symbolOf(node.name);
    return (holder && this.holds.get(holder)) ?? new Set();
  }

  private makerAt(site: Site): ChannelMaker {
    const callee = this.checker.getResolvedSignature(site)?.declaration;
    const parameters = callee?.parameters ?? [];
    const place = parameters.findIndex(
      (one) => one.name?.getText() === "capacity",
    );
    const parameter = parameters[place] as ts.ParameterDeclaration | undefined;
    const capacity =
      site.arguments?.[place]?.getText() ?? parameter?.initializer?.getText();
    return {
      ...this.useAt(site),
      code: site.getText(),
      ...(capacity === undefined ? {} : { capacity }),
    };
  }

  private useAt(node: ts.Node): ChannelUse {
    const { file, id } = this.symbolAround(node);
    const text = node.getSourceFile().text;
    return { in: id, file, line: lineAt(text, node.getStart()) };
  }

  /** The address of a field; "raft.ts#electSelf/respCh" for a local name. */
  private idOf(node: ts.NamedDeclaration): string {
    const symbol = this.symbolAround(node);
    const name = node.name?.getText() ?? "";
    return symbol.name.split(".").at(-1) === name
      ? symbol.id
      : `${symbol.id}/${name}`;
  }

  /** The innermost symbol that the node stands in. */
  private symbolAround(node: ts.Node): SourceSymbol {
    const file = this.fileOf(node);
    const at = node.getStart();
    const around = file.symbols.filter(
      ({ span }) => span.start <= at && at < span.end,
    );
    const [inner] = around.sort((a, b) => width(a) - width(b));
    return inner ?? (file.symbols[0] as SourceSymbol);
  }

  private fileOf(node: ts.Node): SourceFile {
    const tree = node.getSourceFile();
    return this.files.find((one) => one.node === tree) as SourceFile;
  }

  private isHeld(value: ts.Expression): boolean {
    return !isPlain(value) && this.isChannel(value);
  }

  private isChannel(node: ts.Node): boolean {
    return this.channelType(node) !== undefined;
  }

  private carries(node: ts.NamedDeclaration): string {
    const type = this.channelType(node.name ?? node);
    const [element] = this.checker.getTypeArguments(type as ts.TypeReference);
    return element ? this.checker.typeToString(element) : "";
  }

  private channelType(node: ts.Node): ts.Type | undefined {
    const type = this.checker.getTypeAtLocation(node);
    const types = type.isUnion() ? type.types : [type];
    return types.find((one) => one.symbol?.name === "Channel");
  }
}

// -------------------------------------------------------------- helpers

function isAssignment(node: ts.Node): node is ts.BinaryExpression {
  if (!ts.isBinaryExpression(node)) return false;
  const { EqualsToken, QuestionQuestionEqualsToken } = ts.SyntaxKind;
  const { kind } = node.operatorToken;
  return kind === EqualsToken || kind === QuestionQuestionEqualsToken;
}

function isEither(node: ts.Node): node is ts.BinaryExpression {
  if (!ts.isBinaryExpression(node)) return false;
  const { QuestionQuestionToken, BarBarToken } = ts.SyntaxKind;
  const { kind } = node.operatorToken;
  return kind === QuestionQuestionToken || kind === BarBarToken;
}

function isWrapped(
  node: ts.Node,
): node is
  | ts.ParenthesizedExpression
  | ts.AsExpression
  | ts.NonNullExpression
  | ts.SatisfiesExpression {
  return (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isSatisfiesExpression(node)
  );
}

/** An expression that is no channel, whatever its type. */
function isPlain(value: ts.Expression): boolean {
  return (
    ts.isLiteralExpression(value) ||
    ts.isTemplateExpression(value) ||
    ts.isObjectLiteralExpression(value) ||
    ts.isArrayLiteralExpression(value) ||
    ts.isFunctionExpression(value) ||
    ts.isArrowFunction(value)
  );
}

function isTask(node: ts.Node): boolean {
  return (
    (ts.isFunctionDeclaration(node) ||
      ts.isFunctionExpression(node) ||
      ts.isMethodDeclaration(node)) &&
    node.asteriskToken !== undefined
  );
}

function secondSignal(node: ts.Node): string | undefined {
  const documented = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  const docs = ts.getJSDocCommentsAndTags(documented).filter(ts.isJSDoc);
  return docs
    .map((doc) => readDoc(doc.getText()).tags.secondSignal)
    .find((said) => said !== undefined);
}

function unique(uses: readonly ChannelUse[]): ChannelUse[] {
  const first = new Map<string, ChannelUse>();
  for (const use of uses) {
    if (!first.has(use.in)) first.set(use.in, use);
  }
  return [...first.values()];
}

function placeKey(node: ts.Node): string {
  return `${node.getSourceFile().fileName}:${node.getStart()}`;
}

function width({ span }: SourceSymbol): number {
  return span.end - span.start;
}
