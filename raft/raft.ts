/**
 * The main task of a server: `run` and the three loops it lives in, follower,
 * candidate and leader, with the handlers of the messages that reach them.
 *
 * This task alone changes the term, the role and the configuration. Every
 * loop is a select over channels; every case of a select that is longer than a
 * few lines is a function whose name begins with the loop's.
 *
 * Absent until later lessons: membership changes, snapshots, leadership
 * transfer.
 *
 * Modelled on HashiCorp Raft v1.1.1, raft.go. MPL-2.0, see NOTICE.md.
 */

import { BootstrapCluster } from "./bootstrap.ts";
import type {
  AppendEntriesRequest,
  AppendEntriesResponse,
  RequestVoteRequest,
  RequestVoteResponse,
} from "./commands.ts";
import { Commitment } from "./commitment.ts";
import {
  type Configuration,
  decodeConfiguration,
  hasVote,
  type Server,
  type ServerID,
  voters,
} from "./configuration.ts";
import {
  ErrCantBootstrap,
  ErrLeadershipLost,
  ErrNotLeader,
  ErrNotVoter,
  ErrRaftShutdown,
  isNotFound,
} from "./errors.ts";
import { answerWithShutdown } from "./fsm.ts";
import {
  DeferError,
  type Future,
  type LogFuture,
  noopFuture,
  type VerifyFuture,
} from "./future.ts";
import { checkRPCHeader, getRPCHeader } from "./header.ts";
import { type Log, LogType, logTypeName } from "./log.ts";
import { type RPC, respond } from "./ports.ts";
import {
  type FollowerReplication,
  getLeader,
  goFunc,
  type LeaderState,
  measureSince,
  observe,
  type RaftStruct,
  setLastContact,
  setLeader,
  setState,
} from "./raft_struct.ts";
import { replicate } from "./replication.ts";
import { Channel } from "./runtime/channel.ts";
import { after, go } from "./runtime/runtime.ts";
import { select, sending } from "./runtime/select.ts";
import type { Task } from "./runtime/task.ts";
import { keyCurrentTerm, keyLastVoteCand, keyLastVoteTerm } from "./stable.ts";
import {
  getCommitIndex,
  getCurrentTerm,
  getLastApplied,
  getLastEntry,
  getLastIndex,
  getLastLog,
  getLastSnapshot,
  getState,
  setCommitIndex,
  setLastApplied,
  setLastLog,
} from "./state.ts";
import {
  asyncNotifyCh,
  equalBytes,
  overrideNotifyBool,
  randomTimeout,
} from "./util.ts";

/** The lease is not checked more often. Go: minCheckInterval, raft.go */
const minCheckIntervalMs = 10;

/**
 * The main task. Calls the loop of the role that the server has, for ever: a
 * loop returns when the role may have changed.
 *
 * Go: (*Raft).run, raft.go · Paper: §5.1, Figure 4 · Task: run
 */
export function* run(r: RaftStruct): Task<void> {
  for (;;) {
    if (r.shutdownCh.closed) {
      setLeader(r, "");
      return;
    }
    switch (getState(r)) {
      case "Follower":
        yield* runFollower(r);
        break;
      case "Candidate":
        yield* runCandidate(r);
        break;
      case "Leader":
        yield* runLeader(r);
        break;
    }
  }
}

/**
 * Answers the leader and the candidates, and watches the time since it last
 * heard from a leader. The timer is not wound up again by each message: when
 * it rings, the loop looks at how long ago the last contact was.
 *
 * Go: (*Raft).runFollower, raft.go · Paper: §5.2 · Task: run
 * Paper differs: there each message starts the timer anew; here it runs on and
 * looks back when it rings, so a silence is noticed after one to almost three
 * heartbeat timeouts.
 */
export function* runFollower(r: RaftStruct): Task<void> {
  let didWarn = false;
  r.logger.info("entering Follower state", { leader: getLeader(r) });
  r.metrics.incrCounter("raft.state.follower", 1);
  const { heartbeatTimeoutMs } = r.conf;
  const newTimer = () =>
    randomTimeout(r.runtime, heartbeatTimeoutMs, "heartbeatTimer");
  let heartbeatTimer = newTimer();

  while (getState(r) === "Follower") {
    const event = yield* select({
      rpc: r.rpcCh,
      apply: r.applyCh,
      verify: r.verifyCh,
      bootstrap: r.bootstrapCh,
      heartbeatTimeout: heartbeatTimer,
      shutdown: r.shutdownCh,
    });
    switch (event.case) {
      case "rpc":
        yield* processRPC(r, event.value);
        break;
      case "apply":
      case "verify":
        event.value.respond(ErrNotLeader);
        break;
      case "bootstrap":
        event.value.respond(yield* liveBootstrap(r, event.value.configuration));
        break;
      case "heartbeatTimeout": {
        heartbeatTimer = newTimer();
        if (sinceLastContact(r) < heartbeatTimeoutMs) break;

        const lastLeader = getLeader(r);
        setLeader(r, "");
        const reason = reasonNotToCampaign(r);
        if (reason === undefined) {
          r.logger.warn("Heartbeat timeout reached, starting election", {
            lastLeader,
          });
          r.metrics.incrCounter("raft.transition.heartbeat_timeout", 1);
          setState(r, "Candidate");
          return;
        }
        if (!didWarn) r.logger.warn(`${reason}, aborting election`);
        didWarn = true;
        break;
      }
      case "shutdown":
        return;
      default:
        event satisfies never;
    }
  }
}

/** Milliseconds of silence. Go: none, a difference in runFollower. */
function sinceLastContact(r: RaftStruct): number {
  const { lastContactMs } = r;
  if (lastContactMs === undefined) return Number.POSITIVE_INFINITY;
  return r.runtime.clock.now() - lastContactMs;
}

/**
 * Why a follower that hears no leader must not campaign, if it must not. An
 * unsettled configuration may be rolled back, so it is a reason only for a
 * server without a vote in it.
 *
 * Go: (*Raft).runFollower, raft.go · Paper: §6 · Task: run
 */
export function reasonNotToCampaign(r: RaftStruct): string | undefined {
  const { latest, latestIndex, committedIndex } = r.configurations;
  if (latestIndex === 0) {
    return "no known peers";
  }
  if (latestIndex === committedIndex && !hasVote(latest, r.localID)) {
    return "not part of stable configuration";
  }
  if (!r.behaviour.campaignsUnsettled(r)) {
    return "not a voter in the latest configuration";
  }
  return undefined;
}

/**
 * Bootstraps a server that is running. The next heartbeat timeout finds a
 * configuration and campaigns.
 *
 * Go: (*Raft).liveBootstrap, raft.go · Task: run
 * Differs: refuses a configuration in which it has no vote; v1.1.1 then waits
 * for ever (upstream #492).
 */
export function* liveBootstrap(
  r: RaftStruct,
  configuration: Configuration,
): Task<Error | undefined> {
  if (!hasVote(configuration, r.localID)) return ErrNotVoter;
  const error = yield* BootstrapCluster(
    r.conf,
    r.logs,
    r.stable,
    r.snapshots,
    configuration,
  );
  if (error) return error;

  const entry = yield* r.logs.GetLog(1);
  if (entry instanceof Error) throw entry;
  yield* setCurrentTerm(r, 1);
  setLastLog(r, entry);
  processConfigurationLogEntry(r, entry);
  return undefined;
}

/**
 * One candidacy, in one term: asks everybody, then counts what comes back.
 * Whoever wins leads; whoever meets a newer term or a leader follows; whoever
 * gets neither in time returns, still a candidate, and `run` calls again.
 *
 * Go: (*Raft).runCandidate, raft.go · Paper: §5.2 · Task: run
 */
export function* runCandidate(r: RaftStruct): Task<void> {
  r.logger.info("entering Candidate state", { term: getCurrentTerm(r) + 1 });
  r.metrics.incrCounter("raft.state.candidate", 1);
  try {
    const voteCh = yield* electSelf(r);
    const electionTimer = randomTimeout(
      r.runtime,
      r.conf.electionTimeoutMs,
      "electionTimer",
    );
    let grantedVotes = 0;
    const votesNeeded = quorumSize(r);
    r.logger.debug("votes needed", { votesNeeded });

    while (getState(r) === "Candidate") {
      const event = yield* select({
        rpc: r.rpcCh,
        vote: voteCh,
        apply: r.applyCh,
        verify: r.verifyCh,
        bootstrap: r.bootstrapCh,
        electionTimeout: electionTimer,
        shutdown: r.shutdownCh,
      });
      switch (event.case) {
        case "rpc":
          yield* processRPC(r, event.value);
          break;
        case "vote": {
          const vote = event.value;
          if (vote.term > getCurrentTerm(r)) {
            r.logger.debug("newer term discovered, fallback to follower");
            setState(r, "Follower");
            yield* setCurrentTerm(r, vote.term);
            return;
          }
          if (vote.granted) {
            grantedVotes++;
            r.logger.debug("vote granted", {
              from: vote.voterID,
              term: vote.term,
              tally: grantedVotes,
            });
          }
          if (grantedVotes >= votesNeeded) {
            r.logger.info("election won", { tally: grantedVotes });
            setState(r, "Leader");
            setLeader(r, r.localAddr);
            return;
          }
          break;
        }
        case "apply":
        case "verify":
          event.value.respond(ErrNotLeader);
          break;
        case "bootstrap":
          event.value.respond(ErrCantBootstrap);
          break;
        case "electionTimeout":
          r.logger.warn("Election timeout reached, restarting election");
          return;
        case "shutdown":
          return;
        default:
          event satisfies never;
      }
    }
  } finally {
    r.candidateFromLeadershipTransfer = false;
  }
}

/** What a leader begins its term with. Go: (*Raft).setupLeaderState, raft.go */
function setupLeaderState(r: RaftStruct): LeaderState {
  const commitCh = new Channel<void>("commitCh", 1);
  return {
    commitCh,
    commitment: new Commitment(
      commitCh,
      r.configurations.latest,
      getLastIndex(r) + 1,
    ),
    inflight: [],
    replState: new Map(),
    notify: new Set(),
    shared: undefined,
    stepDown: new Channel<void>("stepDown", 1),
  };
}

/**
 * A leader's term from the first act to the last: start replication, append
 * an entry that says nothing, lead, and in the end tell everybody who waits.
 *
 * Go: (*Raft).runLeader, raft.go · Paper: §5.2, §8 · Task: run
 */
export function* runLeader(r: RaftStruct): Task<void> {
  r.logger.info("entering Leader state", { term: getCurrentTerm(r) });
  r.metrics.incrCounter("raft.state.leader", 1);
  notifyLeadership(r, true);
  const leaderState = setupLeaderState(r);
  r.leaderState = leaderState;
  try {
    startStopReplication(r, leaderState);
    yield* dispatchLogs(r, leaderState, [noopFuture()]);
    yield* leaderLoop(r, leaderState);
  } finally {
    setLastContact(r);
    for (const s of leaderState.replState.values()) s.stopCh.close();
    for (const future of leaderState.inflight) {
      future.respond(ErrLeadershipLost);
    }
    for (const question of leaderState.notify) {
      question.respond(ErrLeadershipLost);
    }
    r.leaderState = undefined;
    if (getLeader(r) === r.localAddr) setLeader(r, "");
    notifyLeadership(r, false);
  }
}

function notifyLeadership(r: RaftStruct, leads: boolean): void {
  overrideNotifyBool(r.leaderCh, leads);
  if (r.conf.notifyCh) overrideNotifyBool(r.conf.notifyCh, leads);
}

/**
 * Makes the set of `replicate` tasks equal to the latest configuration: starts
 * those that are missing, stops those of servers that have left. Returns at
 * once; the tasks do the work.
 *
 * Go: (*Raft).startStopReplication, raft.go · Paper: §5.3 · Task: run
 * Differs: a server whose address has changed is sent to at the new one; in
 * v1.1.1 at the old one for as long as this leader leads (upstream #419).
 */
export function startStopReplication(
  r: RaftStruct,
  leaderState: LeaderState,
): void {
  const { replState } = leaderState;
  const lastIndex = getLastIndex(r);
  const others = r.configurations.latest.servers.filter(
    (server) => server.id !== r.localID,
  );
  for (const server of others) {
    const running = replState.get(server.id);
    if (running) {
      running.peer = server;
      continue;
    }
    r.logger.info("added peer, starting replication", { peer: server.id });
    const s = newFollowerReplication(r, leaderState, server, lastIndex + 1);
    replState.set(server.id, s);
    goFunc(r, `replicate ${server.id}`, replicate(r, s));
    asyncNotifyCh(s.triggerCh);
    observe(r, { kind: "Peer", peer: server, removed: false });
  }

  for (const [id, s] of replState) {
    if (others.some((server) => server.id === id)) continue;
    r.logger.info("removed peer, stopping replication", {
      peer: id,
      lastIndex,
    });
    s.stopCh.trySend(lastIndex);
    s.stopCh.close();
    replState.delete(id);
    observe(r, { kind: "Peer", peer: s.peer, removed: true });
  }
}

function newFollowerReplication(
  r: RaftStruct,
  { commitment, stepDown }: LeaderState,
  peer: Server,
  nextIndex: number,
): FollowerReplication {
  return {
    peer,
    commitment,
    currentTerm: getCurrentTerm(r),
    nextIndex,
    lastContactMs: r.runtime.clock.now(),
    failures: 0,
    notify: new Map(),
    requestsSent: 0,
    allowPipeline: false,
    stopCh: new Channel<number>("stopCh", 1, 0),
    triggerCh: new Channel<void>("triggerCh", 1),
    triggerDeferErrorCh: new Channel<DeferError>("triggerDeferErrorCh", 1),
    notifyCh: new Channel<void>("notifyCh", 1),
    stepDown,
  };
}

/**
 * Leads until something ends it: takes new entries, learns what is committed,
 * answers the other servers.
 *
 * Go: (*Raft).leaderLoop, raft.go · Paper: §5.3 · Task: run
 */
export function* leaderLoop(
  r: RaftStruct,
  leaderState: LeaderState,
): Task<void> {
  let stepDown = false;
  const { leaderLeaseTimeoutMs } = r.conf;
  let lease = after(r.runtime, leaderLeaseTimeoutMs, "lease");
  while (getState(r) === "Leader") {
    const event = yield* select({
      rpc: r.rpcCh,
      stepDown: leaderState.stepDown,
      commit: leaderState.commitCh,
      verify: r.verifyCh,
      apply: r.applyCh,
      bootstrap: r.bootstrapCh,
      lease,
      shutdown: r.shutdownCh,
    });
    switch (event.case) {
      case "rpc":
        yield* processRPC(r, event.value);
        break;
      case "stepDown":
        setState(r, "Follower");
        break;
      case "commit":
        if (yield* leaderLoopCommit(r, leaderState)) stepDown = true;
        break;
      case "apply":
        yield* leaderLoopApply(r, leaderState, event.value, stepDown);
        break;
      case "verify":
        leaderLoopVerify(r, leaderState, event.value);
        break;
      case "lease": {
        const silenceMs = checkLeaderLease(r, leaderState);
        const leftMs = leaderLeaseTimeoutMs - silenceMs;
        lease = after(r.runtime, Math.max(minCheckIntervalMs, leftMs), "lease");
        break;
      }
      case "bootstrap":
        event.value.respond(ErrCantBootstrap);
        break;
      case "shutdown":
        return;
      default:
        event satisfies never;
    }
  }
}

/**
 * The commit index has grown: publish it, hand the committed entries to the
 * state machine's task, and leave if the cluster has removed this server.
 * True says: it has.
 *
 * Go: (*Raft).leaderLoop, raft.go · Paper: §5.3 · Task: run
 */
export function* leaderLoopCommit(
  r: RaftStruct,
  leaderState: LeaderState,
): Task<boolean> {
  const { commitment, inflight } = leaderState;
  const { configurations } = r;
  const oldCommitIndex = getCommitIndex(r);
  const commitIndex = commitment.getCommitIndex();
  setCommitIndex(r, commitIndex);

  let removed = false;
  if (
    configurations.latestIndex > oldCommitIndex &&
    configurations.latestIndex <= commitIndex
  ) {
    settleConfiguration(r);
    removed = !hasVote(configurations.committed, r.localID);
  }

  const start = r.runtime.clock.now();
  let numProcessed = 0;
  for (
    let future = inflight[0];
    future && future.Index() <= commitIndex;
    future = inflight[0]
  ) {
    measureSince(r, "raft.commitTime", future.dispatch);
    yield* processLogs(r, future.Index(), future);
    inflight.shift();
    numProcessed++;
  }
  measureSince(r, "raft.fsm.enqueue", start);
  r.metrics.setGauge("raft.commitNumLogs", numProcessed);

  if (removed) leaderLoopRemoved(r);
  return removed;
}

function leaderLoopRemoved(r: RaftStruct): void {
  if (r.conf.shutdownOnRemove) {
    r.logger.info("removed ourself, shutting down");
    shutdown(r);
  } else {
    r.logger.info("removed ourself, transitioning to follower");
    setState(r, "Follower");
  }
}

/**
 * Takes the entry that came, and those of every caller who waits at this
 * moment, up to `maxAppendEntries` more: they share one write.
 *
 * Go: (*Raft).leaderLoop, raft.go · Paper: §5.3 · Task: run
 */
export function* leaderLoopApply(
  r: RaftStruct,
  leaderState: LeaderState,
  first: LogFuture,
  stepDown: boolean,
): Task<void> {
  const ready = [first];
  for (let more = 0; more < r.conf.maxAppendEntries; more++) {
    const next = r.applyCh.tryReceive();
    if (!next) break;
    ready.push(next.value);
  }
  if (!stepDown) yield* dispatchLogs(r, leaderState, ready);
  else for (const future of ready) future.respond(ErrNotLeader);
}

/**
 * A question comes here twice. New: the followers are asked. Decided: it is
 * answered, and who leads no more steps down.
 *
 * Go: (*Raft).leaderLoop, raft.go · Paper: thesis §6.4 · Task: run
 */
export function leaderLoopVerify(
  r: RaftStruct,
  leaderState: LeaderState,
  question: VerifyFuture,
): void {
  if (question.quorumSize === 0) {
    verifyLeader(r, leaderState, question);
    return;
  }
  leaderState.notify.delete(question);
  for (const s of leaderState.replState.values()) s.notify.delete(question);
  if (question.votes >= question.quorumSize) {
    question.respond(undefined);
    return;
  }
  r.logger.warn("new leader elected, stepping down");
  setState(r, "Follower");
  question.respond(ErrNotLeader);
}

/**
 * Counts this server, and asks the others by a heartbeat at once.
 *
 * Go: (*Raft).verifyLeader, raft.go · Paper: thesis §6.4 · Task: run
 */
export function verifyLeader(
  r: RaftStruct,
  leaderState: LeaderState,
  question: VerifyFuture,
): void {
  question.votes = 1;
  question.quorumSize = quorumSize(r);
  if (question.quorumSize === 1) {
    question.respond(undefined);
    return;
  }
  leaderState.notify.add(question);
  for (const s of leaderState.replState.values()) {
    s.notify.set(question, s.requestsSent);
    asyncNotifyCh(s.notifyCh);
  }
}

/**
 * Steps down when fewer than a majority of the voters have been heard within
 * the lease. The answer is the longest silence, in milliseconds, among those
 * who have: the lease is good for that much less.
 *
 * Go: (*Raft).checkLeaderLease, raft.go · Paper: thesis §6.2 · Task: run
 * Paper differs: it is no lease to read by, only a way to notice that the
 * cluster is out of reach.
 */
export function checkLeaderLease(
  r: RaftStruct,
  { replState }: LeaderState,
): number {
  const now = r.runtime.clock.now();
  let contacted = 0;
  let longestMs = 0;
  for (const { id } of voters(r.configurations.latest)) {
    const s = replState.get(id);
    if (!s) {
      contacted++; // ourself
      continue;
    }
    const silenceMs = now - s.lastContactMs;
    if (silenceMs <= r.conf.leaderLeaseTimeoutMs) {
      contacted++;
      longestMs = Math.max(longestMs, silenceMs);
    } else {
      const fields = { peer: id, silenceMs };
      const often = silenceMs > 3 * r.conf.leaderLeaseTimeoutMs;
      if (often) r.logger.debug("failed to contact", fields);
      else r.logger.warn("failed to contact", fields);
    }
    r.metrics.addSample("raft.leader.lastContact", silenceMs);
  }
  if (contacted < quorumSize(r)) {
    r.logger.warn("failed to contact quorum of nodes, stepping down");
    setState(r, "Follower");
    r.metrics.incrCounter("raft.transition.leader_lease_timeout", 1);
  }
  return longestMs;
}

/** The latest configuration is committed. Go: none, repeated upstream. */
function settleConfiguration({ configurations }: RaftStruct): void {
  configurations.committed = configurations.latest;
  configurations.committedIndex = configurations.latestIndex;
}

/**
 * How many votes make a majority of the latest configuration.
 *
 * Go: (*Raft).quorumSize, raft.go · Paper: §5.2
 */
export function quorumSize(r: RaftStruct): number {
  return Math.floor(voters(r.configurations.latest).length / 2) + 1;
}

/**
 * Gives new entries their places, stores them in one write, counts this
 * server's own copy, and only then wakes the tasks that send them on.
 *
 * Go: (*Raft).dispatchLogs, raft.go · Paper: §5.3 · Task: run
 */
export function* dispatchLogs(
  r: RaftStruct,
  { commitment, inflight, replState }: LeaderState,
  futures: readonly LogFuture[],
): Task<void> {
  const now = r.runtime.clock.now();
  const term = getCurrentTerm(r);
  let lastIndex = getLastIndex(r);
  r.metrics.setGauge("raft.leader.dispatchNumLogs", futures.length);

  const logs: Log[] = [];
  for (const future of futures) {
    lastIndex++;
    future.dispatch = now;
    logs.push(future.place(lastIndex, term));
    inflight.push(future);
  }

  const error = yield* r.logs.StoreLogs(logs);
  if (error) {
    r.logger.error("Failed to commit logs", { error });
    for (const future of futures) future.respond(error);
    setState(r, "Follower");
    return;
  }
  commitment.match(r.localID, lastIndex);
  setLastLog(r, { index: lastIndex, term });
  for (const s of replState.values()) asyncNotifyCh(s.triggerCh);
  measureSince(r, "raft.leader.dispatchLog", now);
}

/**
 * Hands every entry up to `index` that was not handed over yet to the state
 * machine's task, in order. `future` waits for the entry at `index`.
 *
 * Go: (*Raft).processLogs, raft.go · Paper: §5.3 · Task: run
 */
export function* processLogs(
  r: RaftStruct,
  index: number,
  future: LogFuture | undefined,
): Task<void> {
  if (index <= getLastApplied(r)) {
    r.logger.warn("skipping application of old log", { index });
    return;
  }
  for (let i = getLastApplied(r) + 1; i <= index; i++) {
    if (future?.log && future.Index() === i) {
      yield* processLog(r, future.log, future);
    } else {
      const log = yield* r.logs.GetLog(i);
      if (log instanceof Error) {
        r.logger.error("Failed to get log", { index: i, error: log });
        throw log;
      }
      yield* processLog(r, log, undefined);
    }
    setLastApplied(r, i);
  }
}

/**
 * Hands one committed entry over. Parks while 128 others wait for the state
 * machine.
 *
 * Go: (*Raft).processLog, raft.go · Task: run
 */
export function* processLog(
  r: RaftStruct,
  log: Log,
  future: LogFuture | undefined,
): Task<void> {
  switch (log.type) {
    case LogType.Command:
    case LogType.Barrier:
    case LogType.Configuration: {
      const event = yield* select({
        fsm: sending(r.fsmMutateCh, { log, future }),
        shutdown: r.shutdownCh,
      });
      if (event.case === "shutdown") future?.respond(ErrRaftShutdown);
      return;
    }
    case LogType.Noop:
      future?.respond(undefined);
      return;
    default:
      throw new Error(`unrecognized log type: ${logTypeName(log.type)}`);
  }
}

/**
 * Takes one request of another server to the function that answers it.
 *
 * Go: (*Raft).processRPC, raft.go · Task: run
 */
export function* processRPC(r: RaftStruct, rpc: RPC): Task<void> {
  const error = checkRPCHeader(r, rpc);
  if (error) {
    respond(rpc, undefined, error);
    return;
  }
  const { command } = rpc;
  switch (command.kind) {
    case "AppendEntriesRequest":
      yield* appendEntries(r, rpc, command);
      break;
    case "RequestVoteRequest":
      yield* requestVote(r, rpc, command);
      break;
    case "TimeoutNowRequest":
      timeoutNow(r, rpc);
      break;
    default:
      command satisfies never;
      r.logger.error("Got unexpected command", { command });
      respond(rpc, undefined, new Error("unexpected command"));
  }
}

/**
 * Answers a leader: refuse an old one, accept a new one, check that the logs
 * agree up to the new entries, store these, learn what is committed.
 *
 * Go: (*Raft).appendEntries, raft.go · Paper: §5.3, Figure 2 · Task: run
 * Paper differs: there every AppendEntries of the leader is contact; here only
 * one that succeeds.
 */
export function* appendEntries(
  r: RaftStruct,
  rpc: RPC,
  a: AppendEntriesRequest,
): Task<void> {
  const start = r.runtime.clock.now();
  const resp: AppendEntriesResponse = {
    kind: "AppendEntriesResponse",
    rpcHeader: getRPCHeader(r),
    term: getCurrentTerm(r),
    lastLog: getLastIndex(r),
    success: false,
    noRetryBackoff: false,
  };
  resp.success =
    (yield* appendEntriesAcceptLeader(r, a, resp)) &&
    (yield* appendEntriesMatchPrevious(r, a, resp)) &&
    (yield* appendEntriesStore(r, a));
  if (resp.success) {
    yield* appendEntriesCommit(r, a);
    setLastContact(r);
  }
  respond(rpc, resp);
  measureSince(r, "raft.rpc.appendEntries", start);
}

/**
 * Refuses a leader of an older term; follows any other, whatever this server
 * was before.
 *
 * Go: (*Raft).appendEntries, raft.go · Paper: §5.1, §5.2 · Task: run
 */
function* appendEntriesAcceptLeader(
  r: RaftStruct,
  a: AppendEntriesRequest,
  resp: AppendEntriesResponse,
): Task<boolean> {
  if (a.term < getCurrentTerm(r)) return false;
  if (a.term > getCurrentTerm(r) || getState(r) !== "Follower") {
    setState(r, "Follower");
    yield* setCurrentTerm(r, a.term);
    resp.term = a.term;
  }
  setLeader(r, r.trans.DecodePeer(a.leader));
  return true;
}

/**
 * Whether this log has the entry before the new ones, with the same term.
 *
 * Go: (*Raft).appendEntries, raft.go · Paper: §5.3 · Task: run
 * Differs: an entry inside the snapshot is committed, so it matches; v1.1.1
 * looks for it in the log and refuses (upstream #86).
 */
function* appendEntriesMatchPrevious(
  r: RaftStruct,
  a: AppendEntriesRequest,
  resp: AppendEntriesResponse,
): Task<boolean> {
  if (a.prevLogEntry < getLastSnapshot(r).index) return true;
  const last = getLastEntry(r);
  const previous =
    a.prevLogEntry === last.index
      ? last
      : yield* logPosition(r, a.prevLogEntry);
  if (previous instanceof Error) {
    r.logger.warn("failed to get previous log", {
      previous: a.prevLogEntry,
      last: last.index,
      error: previous,
    });
    resp.noRetryBackoff = true;
    return false;
  }
  if (a.prevLogTerm !== previous.term) {
    r.logger.warn("previous log term mis-match", {
      ours: previous.term,
      remote: a.prevLogTerm,
    });
    resp.noRetryBackoff = true;
    return false;
  }
  return true;
}

/**
 * Stores the entries that are new here. An entry that conflicts is deleted
 * with everything after it; one that is here already is left alone.
 *
 * Go: (*Raft).appendEntries, raft.go · Paper: §5.3 · Task: run
 */
function* appendEntriesStore(
  r: RaftStruct,
  a: AppendEntriesRequest,
): Task<boolean> {
  const start = r.runtime.clock.now();
  const newEntries = yield* appendEntriesFindNew(r, a.entries);
  if (newEntries === undefined) return false;
  const last = newEntries.at(-1);
  if (last) {
    const error = yield* r.logs.StoreLogs(newEntries);
    if (error) {
      r.logger.error("Failed to append to logs", { error });
      return false;
    }
    for (const entry of newEntries) processConfigurationLogEntry(r, entry);
    setLastLog(r, last);
  }
  measureSince(r, "raft.rpc.appendEntries.storeLogs", start);
  return true;
}

/**
 * The entries from the first one that is not in this log. `undefined` says
 * that the log could not be read or cut.
 *
 * Go: (*Raft).appendEntries, raft.go · Paper: §5.3 · Task: run
 */
function* appendEntriesFindNew(
  r: RaftStruct,
  entries: readonly Log[],
): Task<readonly Log[] | undefined> {
  for (const [i, entry] of entries.entries()) {
    if (entry.index <= getLastSnapshot(r).index) continue;
    if (entry.index > getLastLog(r).index) return entries.slice(i);
    const stored = yield* r.logs.GetLog(entry.index);
    if (stored instanceof Error) {
      r.logger.warn("failed to get log entry", {
        index: entry.index,
        error: stored,
      });
      return undefined;
    }
    if (entry.term !== stored.term) {
      const cut = yield* appendEntriesTruncate(r, entry.index);
      return cut ? entries.slice(i) : undefined;
    }
  }
  return [];
}

/**
 * Deletes this log from `index` on, and falls back to the configuration known
 * to be committed if the latest one goes with it.
 *
 * Go: (*Raft).appendEntries, raft.go · Paper: §5.3 · Task: run
 * Differs: the last entry in memory is corrected at once. v1.1.1 leaves it,
 * and if the next write fails it names an entry that is gone.
 */
function* appendEntriesTruncate(r: RaftStruct, index: number): Task<boolean> {
  const last = getLastLog(r).index;
  r.logger.warn("clearing log suffix", { from: index, to: last });
  const before = yield* logPosition(r, index - 1);
  const error =
    before instanceof Error ? before : yield* r.logs.DeleteRange(index, last);
  if (before instanceof Error || error) {
    r.logger.error("Failed to clear log suffix", { error });
    return false;
  }
  setLastLog(r, before);

  const { configurations } = r;
  if (index <= configurations.latestIndex) {
    configurations.latest = configurations.committed;
    configurations.latestIndex = configurations.committedIndex;
  }
  return true;
}

/** An entry's index and term; nothing stands at or before 0. Go: none. */
function* logPosition(r: RaftStruct, index: number) {
  const snapshot = getLastSnapshot(r);
  if (index === 0) return { index: 0, term: 0 };
  if (index === snapshot.index) return snapshot;
  return yield* r.logs.GetLog(index);
}

/**
 * Learns from the leader what is committed. Only entries that this request has
 * checked count: what lies behind them may still be cut off.
 *
 * Go: (*Raft).appendEntries, raft.go · Paper: §5.3, Figure 2 · Task: run
 */
function* appendEntriesCommit(
  r: RaftStruct,
  a: AppendEntriesRequest,
): Task<void> {
  const bound = r.behaviour.commitBound(r, a);
  const index = Math.min(a.leaderCommitIndex, bound);
  if (index <= getCommitIndex(r)) return;
  const start = r.runtime.clock.now();
  setCommitIndex(r, index);
  if (r.configurations.latestIndex <= index) settleConfiguration(r);
  yield* processLogs(r, index, undefined);
  measureSince(r, "raft.rpc.appendEntries.processLogs", start);
}

/**
 * A configuration in the log is in force at once. The one before it is then
 * known to be committed: a leader never appends a second while one is open.
 *
 * Go: (*Raft).processConfigurationLogEntry, raft.go · Paper: §6 · Task: run
 */
export function processConfigurationLogEntry(r: RaftStruct, entry: Log): void {
  if (entry.type !== LogType.Configuration) return;
  settleConfiguration(r);
  r.configurations.latest = decodeConfiguration(entry.data);
  r.configurations.latestIndex = entry.index;
}

/**
 * Answers a candidate. The vote is on disk before the answer leaves.
 *
 * Go: (*Raft).requestVote, raft.go · Paper: §5.2, §5.4.1 · Task: run
 */
export function* requestVote(
  r: RaftStruct,
  rpc: RPC,
  req: RequestVoteRequest,
): Task<void> {
  const start = r.runtime.clock.now();
  observe(r, { kind: "RequestVote", request: req });
  const resp: RequestVoteResponse = {
    kind: "RequestVoteResponse",
    rpcHeader: getRPCHeader(r),
    term: getCurrentTerm(r),
    granted: false,
  };
  const candidate = r.trans.DecodePeer(req.candidate);
  const refusal = yield* requestVoteRefusal(r, req, candidate, resp);
  if (refusal === undefined) resp.granted = true;
  else r.logger.warn(`rejecting vote request: ${refusal}`, { from: candidate });
  respond(rpc, resp);
  measureSince(r, "raft.rpc.requestVote", start);
}

/**
 * The ladder of a vote: each rung may refuse, and says why. Who comes down all
 * of them has the vote, and this server's silence is measured from now.
 *
 * Go: (*Raft).requestVote, raft.go · Paper: §5.2, §5.4.1, §6 · Task: run
 * Differs: a server outside the configuration, or without a vote in it, gets
 * none (upstream #477, #526); the newer term of a non-voter still counts.
 * Paper differs: who has this term's vote gets it again without a look at the
 * log. A candidate is ignored for as long as a leader is known, and not only
 * within the shortest election timeout; the leader itself, and a server that it
 * hands over to, are heard all the same.
 */
export function* requestVoteRefusal(
  r: RaftStruct,
  req: RequestVoteRequest,
  candidate: string,
  resp: RequestVoteResponse,
): Task<string | undefined> {
  const { servers } = r.configurations.latest;
  if (servers.length > 0 && !servers.some((s) => s.address === candidate)) {
    return "not in our configuration";
  }

  const leader = getLeader(r);
  if (leader !== "" && leader !== candidate && !req.leadershipTransfer) {
    return `we have a leader: ${leader}`;
  }

  if (req.term < getCurrentTerm(r)) return "our term is newer";
  if (req.term > getCurrentTerm(r)) {
    r.logger.debug("newer term in a vote request", { term: req.term });
    setState(r, "Follower");
    yield* setCurrentTerm(r, req.term);
    resp.term = req.term;
  }
  if (servers.length > 0 && !r.behaviour.mayLead(r, candidate)) {
    return "the candidate is not a voter";
  }

  const lastVote = yield* readLastVote(r);
  if (lastVote instanceof Error) return `no last vote: ${lastVote.message}`;
  if (lastVote.term === req.term && lastVote.candidate) {
    r.logger.info("duplicate RequestVote for same term", { term: req.term });
    const same = equalBytes(lastVote.candidate, req.candidate);
    return same ? undefined : "we have voted in this term";
  }

  const last = getLastEntry(r);
  if (last.term > req.lastLogTerm) return "our last term is greater";
  if (last.term === req.lastLogTerm && last.index > req.lastLogIndex) {
    return "our last index is greater";
  }

  const error = yield* r.behaviour.persistVote(r, req.term, req.candidate);
  if (error) return `failed to persist vote: ${error.message}`;
  setLastContact(r);
  return undefined;
}

interface LastVote {
  readonly term: number;
  readonly candidate: Uint8Array | undefined;
}

/** Whom this server last voted for. Go: none, a part of requestVote. */
function* readLastVote(r: RaftStruct): Task<LastVote | Error> {
  const term = yield* r.stable.GetUint64(keyLastVoteTerm);
  if (term instanceof Error && !isNotFound(term)) return term;
  const candidate = yield* r.stable.Get(keyLastVoteCand);
  if (candidate instanceof Error && !isNotFound(candidate)) return candidate;
  return {
    term: term instanceof Error ? 0 : term,
    candidate: candidate instanceof Error ? undefined : candidate,
  };
}

/** A vote on its way to the candidate's loop. Go: voteResult, raft.go */
export interface VoteResult {
  readonly term: number;
  readonly granted: boolean;
  readonly voterID: ServerID;
}

/**
 * Begins a term: raises it, votes for itself, and asks every other voter, each
 * by a task of its own. All answers, its own too, come back by the channel
 * that is returned. It has room for all of them, so an answer that comes too
 * late waits in it and blocks nobody.
 *
 * Without its own vote on disk there is no channel: the candidate waits for
 * its timer.
 *
 * Go: (*Raft).electSelf, raft.go · Paper: §5.2 · Task: run
 */
export function* electSelf(
  r: RaftStruct,
): Task<Channel<VoteResult> | undefined> {
  const { servers } = r.configurations.latest;
  const respCh = new Channel<VoteResult>("voteCh", servers.length);

  yield* setCurrentTerm(r, getCurrentTerm(r) + 1);

  const last = getLastEntry(r);
  const req: RequestVoteRequest = {
    kind: "RequestVoteRequest",
    rpcHeader: getRPCHeader(r),
    term: getCurrentTerm(r),
    candidate: r.trans.EncodePeer(r.localID, r.localAddr),
    lastLogIndex: last.index,
    lastLogTerm: last.term,
    leadershipTransfer: r.candidateFromLeadershipTransfer,
  };

  for (const server of voters(r.configurations.latest)) {
    if (server.id !== r.localID) {
      goFunc(r, `askPeer ${server.id}`, askPeer(r, server, req, respCh));
      continue;
    }
    const error = yield* r.behaviour.persistVote(r, req.term, req.candidate);
    if (error) {
      r.logger.error("Failed to persist vote", { error });
      return undefined;
    }
    respCh.trySend({ term: req.term, granted: true, voterID: r.localID });
  }
  return respCh;
}

/**
 * Asks one voter. A voter that cannot be reached has not granted.
 *
 * Go: (*Raft).electSelf, raft.go · Paper: §5.2 · Task: askPeer
 */
function* askPeer(
  r: RaftStruct,
  peer: Server,
  req: RequestVoteRequest,
  respCh: Channel<VoteResult>,
): Task<void> {
  const start = r.runtime.clock.now();
  const resp = yield* r.trans.RequestVote(peer.id, peer.address, req);
  measureSince(r, "raft.candidate.electSelf", start);
  if (resp instanceof Error) {
    r.logger.error("Failed to make RequestVote RPC", {
      to: peer.id,
      error: resp,
    });
    respCh.trySend({ term: req.term, granted: false, voterID: peer.id });
    return;
  }
  const { term, granted } = resp;
  respCh.trySend({ term, granted, voterID: peer.id });
}

/**
 * Enters a term: on disk first, then in memory. A server that cannot write
 * its term must not go on, so a failure stops it.
 *
 * Go: (*Raft).setCurrentTerm, raft.go · Paper: Figure 2 · Task: run
 */
export function* setCurrentTerm(r: RaftStruct, term: number): Task<void> {
  const error = yield* r.stable.SetUint64(keyCurrentTerm, term);
  if (error) throw new Error(`failed to save current term: ${error.message}`);
  r.vars.currentTerm = term;
}

/**
 * The leader wants this server to take over: campaign at once, and let the
 * voters leave the leader they know.
 *
 * Go: (*Raft).timeoutNow, raft.go · Paper: thesis §3.10 · Task: run
 * Differs: a server that must not campaign says so; v1.1.1 lets it (upstream
 * #483).
 */
export function timeoutNow(r: RaftStruct, rpc: RPC): void {
  if (!r.behaviour.campaignsUnsettled(r)) {
    respond(rpc, undefined, new Error("cannot take over: not a voter"));
    return;
  }
  setLeader(r, "");
  setState(r, "Candidate");
  r.candidateFromLeadershipTransfer = true;
  respond(rpc, { kind: "TimeoutNowResponse", rpcHeader: getRPCHeader(r) });
}

/**
 * Ends every task of the server. The future is answered when all have ended
 * and the transport is closed; a second call returns a future that is answered
 * already.
 *
 * Go: (*Raft).Shutdown, api.go
 * Differs: entries that wait for the state machine are answered with
 * ErrRaftShutdown (upstream #145).
 */
export function shutdown(r: RaftStruct): Future {
  const future = new DeferError();
  if (r.shutdownCh.closed) {
    future.respond(undefined);
    return future;
  }
  r.shutdownCh.close();
  setState(r, "Shutdown");
  go(r.runtime, "shutdown", shutdownWait(r, future));
  return future;
}

/** Go: (*shutdownFuture).Error, future.go */
function* shutdownWait(r: RaftStruct, future: DeferError): Task<void> {
  yield* r.routines.wait();
  answerWithShutdown(r);
  for (let v = r.verifyCh.tryReceive(); v; v = r.verifyCh.tryReceive()) {
    v.value.respond(ErrRaftShutdown);
  }
  r.trans.Close?.();
  future.respond(undefined);
}
