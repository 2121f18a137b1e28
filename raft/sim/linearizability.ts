/**
 * Is a history of reads and writes linearizable? That is: can every operation
 * be given one moment between its call and its return, so that each read sees
 * the write before it?
 *
 * The search is Wing and Gong's with Lowe's memory of what has been tried, key
 * by key, and it chooses only where there is a choice. A read that fits, and a
 * write that nobody will read, can be taken as soon as they are open: whatever
 * explains the rest without them explains it with them.
 *
 * An operation whose outcome nobody knows may take effect at any time after
 * its call, or never.
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
 * An order that explains the history, key by key; or, for the first key that
 * has none, its operations up to the return that nothing explains.
 */
export function linearize(
  history: readonly Operation[],
): { readonly order: Operation[] } | { readonly impossible: Operation[] } {
  const order: Operation[] = [];
  for (const operations of byKey(history)) {
    const found = linearizeKey(operations);
    if (!found) return { impossible: shortest(operations) };
    order.push(...found);
  }
  return { order };
}

/** The operations of each key, without the reads that nobody was told of. */
function byKey(history: readonly Operation[]): Operation[][] {
  const keys = new Map<string, Operation[]>();
  for (const operation of history) {
    const { key, kind, returnedMs } = operation;
    if (kind === "read" && returnedMs === undefined) continue;
    const others = keys.get(key);
    if (others) others.push(operation);
    else keys.set(key, [operation]);
  }
  return [...keys.values()];
}

/** The operations up to the first return after which there is no order. */
function shortest(operations: readonly Operation[]): Operation[] {
  const returns = operations
    .flatMap(({ returnedMs }) => returnedMs ?? [])
    .sort((a, b) => a - b);
  let [possible, impossible] = [-1, returns.length - 1];
  while (impossible - possible > 1) {
    const middle = (possible + impossible) >> 1;
    const before = until(operations, returns[middle] as number);
    if (linearizeKey(before)) possible = middle;
    else impossible = middle;
  }
  return until(operations, returns[impossible] as number);
}

/** What was known at that moment: later returns are not, and later calls. */
function until(operations: readonly Operation[], ms: number): Operation[] {
  return operations
    .filter(({ kind, calledMs, returnedMs = ms + 1 }) =>
      kind === "write" ? calledMs <= ms : returnedMs <= ms,
    )
    .map((o) => ({
      ...o,
      returnedMs: (o.returnedMs ?? ms + 1) > ms ? undefined : o.returnedMs,
    }))
    .sort((a, b) => a.calledMs - b.calledMs);
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
  const search = new Search(operations);
  return search.explains() ? search.order : undefined;
}

/** One key: what has been taken, in which order, and what remains. */
class Search {
  private readonly head: Moment;
  private readonly taken: { readonly call: Moment; readonly before: string }[] =
    [];
  /** Situations from which the search has come back with nothing. */
  private readonly tried = new Set<string>();
  /** How many reads of each value remain, and how many writes. */
  private readonly reads = new Map<string, number>();
  private readonly writes = new Map<string, number>();
  private value = "";

  constructor(operations: readonly Operation[]) {
    for (const operation of operations) this.count(operation, 1);
    this.head = moments(operations.filter((o) => this.matters(o)));
  }

  get order(): Operation[] {
    return this.taken.map(({ call }) => call.operation);
  }

  /** Whether what remains can be taken, one operation after the other. */
  explains(): boolean {
    let open = this.open();
    for (let sure = this.sure(open); sure; sure = this.sure(open)) {
      this.take(sure);
      open = this.open();
    }
    if (open.every((call) => call.operation.returnedMs === undefined)) {
      return true;
    }
    const { value } = this;
    const wanted = remaining(this.reads, value) > 0;
    if (wanted && remaining(this.writes, value) === 0) return false;
    const situation = `${open.map(({ id }) => id)} ${value}`;
    if (this.tried.has(situation)) return false;
    this.tried.add(situation);
    const mark = this.taken.length;
    for (const call of open) {
      if (call.operation.kind === "read") continue;
      this.take(call);
      if (this.explains()) return true;
      while (this.taken.length > mark) this.takeBack();
    }
    return false;
  }

  /** Not a write that may never have happened and that nobody will read. */
  private matters({ value, returnedMs }: Operation): boolean {
    return returnedMs !== undefined || remaining(this.reads, value) > 0;
  }

  /** What can come next: calls before the first return that remains. */
  private open(): Moment[] {
    const calls: Moment[] = [];
    let moment = this.head.next;
    for (; moment?.end; moment = moment.next) {
      if (this.matters(moment.operation)) calls.push(moment);
    }
    return calls;
  }

  /** An open operation that can be taken without a choice. */
  private sure(open: readonly Moment[]): Moment | undefined {
    const free = remaining(this.reads, this.value) === 0;
    return open.find(({ operation: { kind, value } }) => {
      if (kind === "read") return value === this.value;
      return free && remaining(this.reads, value) === 0;
    });
  }

  private take(call: Moment): void {
    this.taken.push({ call, before: this.value });
    this.value = call.operation.value;
    this.count(call.operation, -1);
    lift(call);
  }

  private takeBack(): void {
    const { call, before } = this.taken.pop() as (typeof this.taken)[number];
    this.value = before;
    this.count(call.operation, 1);
    unlift(call);
  }

  private count({ kind, value }: Operation, by: number): void {
    const counts = kind === "read" ? this.reads : this.writes;
    counts.set(value, remaining(counts, value) + by);
  }
}

function remaining(counts: Map<string, number>, value: string): number {
  return counts.get(value) ?? 0;
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
