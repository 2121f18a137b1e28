/**
 * select: wait for the first of several channels.
 *
 * The cases are the fields of an object, so that the answer names its case
 * and the compiler knows the value that comes with it:
 *
 *     const event = yield* select({ rpc: r.rpcCh, shutdown: r.shutdownCh });
 *     switch (event.case) { case "rpc": … event.value is an RPC … }
 *
 * Several ready cases: the seeded random picks one, all alike. An `undefined`
 * case is Go's nil channel: switched off.
 */

import type { Channel, Source } from "./channel.ts";
import type { Op, RunningTask } from "./task.ts";
import { finished, PARKED, Wait } from "./wait.ts";

/** A case that sends. */
export class SendCase<T> {
  readonly channel: Channel<T>;
  readonly value: T;

  constructor(channel: Channel<T>, value: T) {
    this.channel = channel;
    this.value = value;
  }
}

/** The case `channel <- value` of a select. */
export function sending<T>(channel: Channel<T>, value: T): SendCase<T> {
  return new SendCase(channel, value);
}

// biome-ignore lint/suspicious/noExplicitAny: any element type will do here.
type Case = Source<any> | SendCase<any> | undefined;
export type Cases = Readonly<Record<string, Case>>;

/** The case that was chosen, and what was received. */
export type Chosen<C extends Cases> = {
  [K in keyof C & string]: {
    readonly case: K;
    readonly value: C[K] extends Source<infer T> | undefined ? T : undefined;
  };
}[keyof C & string];

/** Waits for one case. With every case `undefined` it waits for ever. */
export function select<const C extends Cases>(cases: C): Op<Chosen<C>> {
  return new Select(cases).called();
}

/** select with an empty `default`: `undefined` when no case is ready. */
export function trySelect<const C extends Cases>(
  cases: C,
  pick: (below: number) => number,
): Chosen<C> | undefined {
  const ready = readyCase(cases, pick);
  return ready === undefined ? undefined : proceed(cases, ready);
}

class Select<C extends Cases> extends Wait<Chosen<C>> {
  private readonly cases: C;

  constructor(cases: C) {
    super("select");
    this.cases = cases;
  }

  protected begin(task: RunningTask): IteratorResult<void, Chosen<C>> {
    const { random } = task.scheduler;
    const ready = readyCase(this.cases, (below) => random.int(below));
    if (ready !== undefined) return finished(proceed(this.cases, ready));
    for (const label in this.cases) {
      const entry = this.cases[label] as Case;
      if (entry instanceof SendCase) {
        task.waitIn(entry.channel.senders, label, entry.value);
      } else if (entry) {
        task.waitIn(entry.receivers, label);
      }
    }
    return PARKED;
  }

  protected woken(task: RunningTask): Chosen<C> {
    return { case: task.wokenBy, value: task.wokenWith } as Chosen<C>;
  }
}

/** A ready case, drawn so that each of them is equally likely. */
function readyCase(
  cases: Cases,
  pick: (below: number) => number,
): string | undefined {
  let chosen: string | undefined;
  let others: string[] | undefined;
  for (const label in cases) {
    if (!isReady(cases[label])) continue;
    if (chosen === undefined) chosen = label;
    else if (others) others.push(label);
    else others = [chosen, label];
  }
  return others ? others[pick(others.length)] : chosen;
}

function isReady(entry: Case): boolean {
  if (entry === undefined) return false;
  if (entry instanceof SendCase) return entry.channel.canSend();
  return entry.canReceive();
}

function proceed<C extends Cases>(cases: C, label: string): Chosen<C> {
  const entry = cases[label] as Exclude<Case, undefined>;
  if (entry instanceof SendCase) {
    entry.channel.put(entry.value);
    return { case: label, value: undefined } as Chosen<C>;
  }
  return { case: label, value: entry.take() } as Chosen<C>;
}
