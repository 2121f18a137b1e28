/**
 * Is a history of reads and writes linearizable? That is: can every operation
 * be given one moment between its call and its return, so that each read sees
 * the write before it?
 *
 * The search is Wing and Gong's with Lowe's memory of what has been tried, key
 * by key. An operation whose outcome nobody knows may take effect at any time
 * after its call, or never.
 */

/** What a client did, and what it was told. */
export interface Operation {
  readonly client: string;
  readonly key: string;
  readonly kind: "write" | "read";
  /** What was written, or what was read; "" is nothing yet. */
  readonly value: string;
  readonly calledMs: number;
  /** `undefined`: the outcome is unknown. */
  readonly returnedMs: number | undefined;
}

/**
 * An order that explains the history, key by key, or the operations of the
 * first key for which there is none.
 */
export function linearize(
  history: readonly Operation[],
): { readonly order: Operation[] } | { readonly impossible: Operation[] } {
  const order: Operation[] = [];
  for (const operations of byKey(history)) {
    const found = linearizeKey(operations);
    if (!found) return { impossible: operations };
    order.push(...found);
  }
  return { order };
}

/**
 * The operations of each key, without those of unknown outcome that nobody has
 * seen: they may never have happened, and would only make the search long.
 */
function byKey(history: readonly Operation[]): Operation[][] {
  const seen = new Set(
    history
      .filter((o) => o.kind === "read" && o.returnedMs !== undefined)
      .map((o) => `${o.key} ${o.value}`),
  );
  const keys = new Map<string, Operation[]>();
  for (const operation of history) {
    const { key, kind, value, returnedMs } = operation;
    const unseen = kind === "read" || !seen.has(`${key} ${value}`);
    if (returnedMs === undefined && unseen) continue;
    const others = keys.get(operation.key);
    if (others) others.push(operation);
    else keys.set(operation.key, [operation]);
  }
  return [...keys.values()];
}

/** A call or a return, in a doubly linked list ordered by time. */
interface Moment {
  readonly id: number;
  readonly operation: Operation;
  /** The return that belongs to this call; undefined for a return. */
  readonly end: Moment | undefined;
  previous: Moment | undefined;
  next: Moment | undefined;
}

function linearizeKey(
  operations: readonly Operation[],
): Operation[] | undefined {
  const head = moments(operations);
  const tried = new Set<string>();
  const taken: { readonly call: Moment; readonly before: string }[] = [];
  let done = 0n;
  let value = "";
  let moment = head.next;
  while (head.next) {
    if (moment?.end) {
      const { operation } = moment;
      const fits = operation.kind === "write" || operation.value === value;
      const state = `${done | (1n << BigInt(moment.id))} ${operation.value}`;
      if (fits && !tried.has(state)) {
        tried.add(state);
        taken.push({ call: moment, before: value });
        done |= 1n << BigInt(moment.id);
        value = operation.value;
        lift(moment);
        moment = head.next;
      } else moment = moment.next;
      continue;
    }
    // A return before its call found a place: take the last choice back. A
    // write of unknown outcome has no return in time, and need not happen.
    if (moment && moment.operation.returnedMs === undefined) break;
    const last = taken.pop();
    if (!last) return undefined;
    done &= ~(1n << BigInt(last.call.id));
    value = last.before;
    unlift(last.call);
    moment = last.call.next;
  }
  return taken.map(({ call }) => call.operation);
}

/** The list of all calls and returns, behind a head that is neither. */
function moments(operations: readonly Operation[]): Moment {
  const all: { readonly at: number; readonly moment: Moment }[] = [];
  operations.forEach((operation, id) => {
    const none = { previous: undefined, next: undefined };
    const end: Moment = { id, operation, end: undefined, ...none };
    const call: Moment = { id, operation, end, ...none };
    const returned = operation.returnedMs ?? Number.POSITIVE_INFINITY;
    all.push({ at: operation.calledMs, moment: call });
    all.push({ at: returned, moment: end });
  });
  all.sort(
    (a, b) => a.at - b.at || Number(!a.moment.end) - Number(!b.moment.end),
  );
  const head = { previous: undefined, next: undefined } as unknown as Moment;
  let last = head;
  for (const { moment } of all) {
    last.next = moment;
    moment.previous = last;
    last = moment;
  }
  return head;
}

/** Takes a call and its return out of the list. */
function lift(call: Moment): void {
  for (const moment of [call, call.end as Moment]) {
    (moment.previous as Moment).next = moment.next;
    if (moment.next) moment.next.previous = moment.previous;
  }
}

/** Puts them back where they were. */
function unlift(call: Moment): void {
  for (const moment of [call.end as Moment, call]) {
    (moment.previous as Moment).next = moment;
    if (moment.next) moment.next.previous = moment;
  }
}

/**
 * A history as a picture in text, a line an operation, time to the right:
 *
 *     a  |--w x=1--|
 *     b       |--r x=1-----|
 */
export function drawHistory(history: readonly Operation[], width = 72): string {
  const start = Math.min(...history.map((o) => o.calledMs));
  const end = Math.max(...history.map((o) => o.returnedMs ?? o.calledMs));
  const column = (ms: number) =>
    Math.round(((ms - start) / Math.max(1, end - start)) * (width - 1));
  return history
    .map((o) => {
      const from = column(o.calledMs);
      const to = o.returnedMs === undefined ? width : column(o.returnedMs);
      const what = `${o.kind === "write" ? "w" : "r"} ${o.key}=${o.value}`;
      const bar = `|--${what}`.padEnd(Math.max(0, to - from), "-");
      const tail = o.returnedMs === undefined ? "..." : "|";
      return `${o.client.padEnd(4)}${" ".repeat(from)}${bar}${tail}`;
    })
    .join("\n");
}
