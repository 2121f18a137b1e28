/**
 * What every transport does between two servers, `here` and `there`. Each end
 * can send to the other; `gone` is an address that nobody has.
 */
import { expect } from "vitest";
import type {
  AppendEntriesRequest,
  AppendEntriesResponse,
  RequestVoteRequest,
  RequestVoteResponse,
  TimeoutNowRequest,
  TimeoutNowResponse,
} from "../../../raft/commands.ts";
import { ErrPipelineShutdown } from "../../../raft/errors.ts";
import { LogType } from "../../../raft/log.ts";
import {
  type AppendPipeline,
  type RPC,
  respond,
  type Transport,
} from "../../../raft/ports.ts";
import { Channel } from "../../../raft/runtime/channel.ts";
import { go, type Runtime, sleep } from "../../../raft/runtime/runtime.ts";
import type { Task } from "../../../raft/runtime/task.ts";
import { type Clause, contract, type MakeSubject } from "./subject.ts";

/** Two ends that reach one another, and an address that nobody has. */
export interface Ends {
  readonly runtime: Runtime;
  readonly here: Transport;
  readonly there: Transport;
  readonly gone: string;
}

export function transportContract(name: string, make: MakeSubject<Ends>): void {
  contract(`${name} keeps the contract of a transport:`, clauses, make);
}

const rpcHeader = { protocolVersion: 3 };

export const append: AppendEntriesRequest = {
  kind: "AppendEntriesRequest",
  rpcHeader,
  term: 10,
  leader: new TextEncoder().encode("cartman"),
  prevLogEntry: 100,
  prevLogTerm: 4,
  entries: [
    { index: 101, term: 4, type: LogType.Noop, data: new Uint8Array() },
    { index: 102, term: 4, type: LogType.Command, data: Uint8Array.of(0, 255) },
  ],
  leaderCommitIndex: 90,
};

export const appended: AppendEntriesResponse = {
  kind: "AppendEntriesResponse",
  rpcHeader,
  term: 4,
  lastLog: 90,
  success: true,
  noRetryBackoff: false,
};

export const vote: RequestVoteRequest = {
  kind: "RequestVoteRequest",
  rpcHeader,
  term: 20,
  candidate: new TextEncoder().encode("butters"),
  lastLogIndex: 100,
  lastLogTerm: 19,
  leadershipTransfer: true,
};

export const voted: RequestVoteResponse = {
  kind: "RequestVoteResponse",
  rpcHeader,
  term: 100,
  granted: false,
};

const timeoutNow: TimeoutNowRequest = { kind: "TimeoutNowRequest", rpcHeader };
const takenOver: TimeoutNowResponse = { kind: "TimeoutNowResponse", rpcHeader };

/** Serves requests at one end, on a task of its own, for ever. */
export function serve(
  runtime: Runtime,
  transport: Transport,
  act: (rpc: RPC) => void,
): void {
  function* serving(): Task<void> {
    for (;;) act(yield* transport.Consumer().receive());
  }
  go(runtime, "serve", serving());
}

const clauses: readonly Clause<Ends>[] = [
  {
    clause: "an address comes back equal after encoding and decoding",
    *prove({ here }) {
      const encoded = here.EncodePeer("id", here.LocalAddr());
      expect(here.DecodePeer(encoded)).toBe(here.LocalAddr());
    },
  },
  {
    clause: "the two ends have addresses of their own",
    *prove({ here, there }) {
      expect(here.LocalAddr()).not.toBe(there.LocalAddr());
    },
  },
  {
    clause: "AppendEntries and its answer cross it unchanged",
    *prove({ runtime, here, there }) {
      const seen: unknown[] = [];
      serve(runtime, there, (rpc) => {
        seen.push(rpc.command);
        respond(rpc, appended);
      });
      const to = there.LocalAddr();
      expect(yield* here.AppendEntries("id", to, append)).toEqual(appended);
      expect(seen).toEqual([append]);
    },
  },
  {
    clause: "RequestVote and its answer cross it unchanged",
    *prove({ runtime, here, there }) {
      const seen: unknown[] = [];
      serve(runtime, there, (rpc) => {
        seen.push(rpc.command);
        respond(rpc, voted);
      });
      const to = there.LocalAddr();
      expect(yield* here.RequestVote("id", to, vote)).toEqual(voted);
      expect(seen).toEqual([vote]);
    },
  },
  {
    clause: "TimeoutNow and its answer cross it unchanged",
    *prove({ runtime, here, there }) {
      const seen: unknown[] = [];
      serve(runtime, there, (rpc) => {
        seen.push(rpc.command);
        respond(rpc, takenOver);
      });
      const to = there.LocalAddr();
      expect(yield* here.TimeoutNow("id", to, timeoutNow)).toEqual(takenOver);
      expect(seen).toEqual([timeoutNow]);
    },
  },
  {
    clause: "both directions are open at the same time",
    *prove({ runtime, here, there }) {
      for (const end of [here, there]) {
        serve(runtime, end, (rpc) => respond(rpc, appended));
      }
      const back = there.AppendEntries("id", here.LocalAddr(), append);
      const forth = here.AppendEntries("id", there.LocalAddr(), append);
      expect(yield* back).toEqual(appended);
      expect(yield* forth).toEqual(appended);
    },
  },
  {
    clause: "calls at the same time get each their own answer",
    *prove({ runtime, here, there }) {
      serve(runtime, there, (rpc) => {
        const { term } = rpc.command as AppendEntriesRequest;
        respond(rpc, { ...appended, term });
      });
      const answers = new Channel<unknown>("answers", 5);
      function* call(term: number): Task<void> {
        const request = { ...append, term };
        const to = there.LocalAddr();
        const answer = yield* here.AppendEntries("id", to, request);
        yield* answers.send([term, (answer as AppendEntriesResponse).term]);
      }
      for (let term = 1; term <= 5; term++) go(runtime, "call", call(term));
      for (let left = 5; left > 0; left--) {
        const [asked, answered] = (yield* answers.receive()) as number[];
        expect(answered).toBe(asked);
      }
    },
  },
  {
    clause: "a request that is answered with an error fails",
    *prove({ runtime, here, there }) {
      serve(runtime, there, (rpc) =>
        respond(rpc, undefined, new Error("not today")),
      );
      const answer = yield* here.RequestVote("id", there.LocalAddr(), vote);
      expect(answer).toBeInstanceOf(Error);
    },
  },
  {
    clause: "a request to an address that nobody has fails",
    *prove({ here, gone }) {
      const answer = yield* here.AppendEntries("id", gone, append);
      expect(answer).toBeInstanceOf(Error);
    },
  },
  {
    clause: "a request that nobody answers fails in the end",
    *prove({ runtime, here, there }) {
      serve(runtime, there, () => {});
      const to = there.LocalAddr();
      const answer = yield* here.AppendEntries("id", to, append);
      expect(answer).toBeInstanceOf(Error);
    },
  },
  {
    clause: "an answer that comes too late blocks nobody and meets nobody",
    *prove({ runtime, here, there }) {
      const kept: RPC[] = [];
      serve(runtime, there, (rpc) => {
        if (kept.length > 0) respond(rpc, appended);
        kept.push(rpc);
      });
      const to = there.LocalAddr();
      const first = yield* here.AppendEntries("id", to, append);
      expect(first).toBeInstanceOf(Error);
      respond(kept[0] as RPC, { ...appended, term: 99 });
      expect(yield* here.AppendEntries("id", to, append)).toEqual(appended);
    },
  },
  {
    clause: "only the first answer to a request counts",
    *prove({ runtime, here, there }) {
      serve(runtime, there, (rpc) => {
        respond(rpc, appended);
        respond(rpc, { ...appended, term: 99 });
      });
      const to = there.LocalAddr();
      expect(yield* here.AppendEntries("id", to, append)).toEqual(appended);
    },
  },
  {
    clause: "a pipeline hands out the answers in the order of the requests",
    *prove({ runtime, here, there }) {
      const seen: number[] = [];
      serve(runtime, there, (rpc) => {
        const { term } = rpc.command as AppendEntriesRequest;
        seen.push(term);
        respond(rpc, { ...appended, term });
      });
      const pipeline = yield* pipelineTo(here, there);
      const answers: unknown[] = [];
      function* read(): Task<void> {
        for (;;) {
          const { request, result } = yield* pipeline.Consumer().receive();
          answers.push([request.term, (result as typeof appended).term]);
        }
      }
      go(runtime, "read", read());
      const terms = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
      for (const term of terms) {
        expect(
          yield* pipeline.AppendEntries({ ...append, term }),
        ).toBeUndefined();
      }
      yield* sleep(runtime, 40);
      expect(seen).toEqual(terms);
      expect(answers).toEqual(terms.map((term) => [term, term]));
      pipeline.Close();
    },
  },
  {
    clause:
      "a pipelined request that nobody answers has an error as its answer",
    *prove({ runtime, here, there }) {
      serve(runtime, there, () => {});
      const pipeline = yield* pipelineTo(here, there);
      yield* pipeline.AppendEntries(append);
      const { request, result } = yield* pipeline.Consumer().receive();
      expect(request).toBe(append);
      expect(result).toBeInstanceOf(Error);
    },
  },
  {
    clause:
      "a pipeline that is closed takes no request; it may be closed twice",
    *prove({ here, there }) {
      const pipeline = yield* pipelineTo(here, there);
      pipeline.Close();
      pipeline.Close();
      const refusal = yield* pipeline.AppendEntries(append);
      expect(refusal).toBe(ErrPipelineShutdown);
    },
  },
];

function* pipelineTo(here: Transport, there: Transport): Task<AppendPipeline> {
  const opened = yield* here.AppendEntriesPipeline("id", there.LocalAddr());
  if (opened instanceof Error) throw opened;
  return opened;
}
