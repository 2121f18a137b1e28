/**
 * Functions of v1.1.1 that are several here, or long: which of their lines
 * became what. `in` and `lines` are theirs; `of` is the symbol of ours, and
 * `on` a text that stands on one line of it only.
 *
 * Absent: the cases of a `select`, which are found by their channel, and what
 * a lesson binds by an excerpt's `go`.
 */

export interface Part {
  readonly in: string;
  readonly lines: readonly [start: number, end: number];
  readonly of: string;
  readonly on?: string;
}

type Row = readonly [start: number, end: number, of: string, on?: string];

function parts(name: string, rows: readonly Row[]): Part[] {
  return rows.map(([start, end, of, on]) => ({
    in: name,
    lines: [start, end],
    of,
    ...(on === undefined ? {} : { on }),
  }));
}

export const goParts: readonly Part[] = [
  ...parts("NewRaft", [
    [447, 451, "api.ts#NewRaft", "stable.GetUint64(keyCurrentTerm)"],
    [453, 457, "api.ts#NewRaft", "logs.LastIndex()"],
    [459, 465, "api.ts#NewRaft", "logs.GetLog(lastIndex)"],
    [462, 464, "api.ts#NewRaft", "if (lastLog instanceof Error)"],
    [507, 508, "api.ts#NewRaft", 'setState(r, "Follower");'],
    [517, 519, "api.ts#NewRaft", "yield* setCurrentTerm("],
    [521, 524, "api.ts#NewRaft", "yield* restoreSnapshot(r);"],
    [526, 535, "api.ts#NewRaft", "for (let i = getLastSnapshot"],
    [536, 537, "api.ts#NewRaft", '"initial configuration"'],
    [539, 542, "api.ts#NewRaft", "trans.SetHeartbeatHandler("],
    [544, 545, "api.ts#NewRaft", 'goFunc(r, "run",'],
    [546, 546, "api.ts#NewRaft", 'goFunc(r, "runFSM",'],
    [547, 547, "api.ts#NewRaft", 'goFunc(r, "runSnapshots",'],
    [548, 548, "api.ts#NewRaft", "return new Raft(r);"],
  ]),
  ...parts("(*Raft).runFollower", [
    [190, 194, "raft.ts#runFollower", "if (sinceLastContact(r) <"],
    [196, 198, "raft.ts#runFollower", "const lastLeader = getLeader(r);"],
    [200, 204, "raft.ts#reasonNotToCampaign", "if (latestIndex === 0)"],
    [205, 210, "raft.ts#reasonNotToCampaign", "latestIndex === committedIndex"],
    [211, 215, "raft.ts#runFollower", "if (reason === undefined)"],
  ]),
  ...parts("(*Raft).runCandidate", [
    [268, 329, "raft.ts#runCandidate", "while (getState(r) ==="],
    [274, 280, "raft.ts#runCandidate", "if (vote.term > getCurrentTerm(r))"],
    [282, 287, "raft.ts#runCandidate", "if (vote.granted)"],
    [289, 295, "raft.ts#runCandidate", "if (grantedVotes >= votesNeeded)"],
  ]),
  ...parts("(*Raft).runLeader", [
    [365, 374, "raft.ts#runLeader", "notifyLeadership(r, true);"],
    [376, 378, "raft.ts#runLeader", "= setupLeaderState(r);"],
    [382, 387, "raft.ts#runLeader", "setLastContact(r);"],
    [389, 392, "raft.ts#runLeader", "s.stopCh.close();"],
    [394, 397, "raft.ts#runLeader", "of leaderState.inflight"],
    [399, 402, "raft.ts#runLeader", "of leaderState.notify"],
    [404, 410, "raft.ts#runLeader", "r.leaderState = undefined;"],
    [412, 419, "raft.ts#runLeader", 'setLeader(r, "");'],
    [421, 435, "raft.ts#runLeader", "notifyLeadership(r, false);"],
    [438, 439, "raft.ts#runLeader", "startStopReplication("],
    [441, 452, "raft.ts#runLeader", "yield* dispatchLogs("],
    [454, 455, "raft.ts#runLeader", "yield* leaderLoop("],
  ]),
  ...parts("(*Raft).leaderLoop", [
    [621, 628, "raft.ts#leaderLoopCommit", "settleConfiguration(r);"],
    [630, 650, "raft.ts#leaderLoopCommit", "let future = inflight[0];"],
    [658, 665, "raft.ts#leaderLoopRemoved"],
  ]),
  ...parts("(*Raft).appendEntries", [
    [1229, 1232, "raft.ts#appendEntriesAcceptLeader", "if (a.term <"],
    [1234, 1241, "raft.ts#appendEntriesAcceptLeader", "if (a.term >"],
    [1243, 1244, "raft.ts#appendEntriesAcceptLeader", "setLeader(r,"],
    [1246, 1271, "raft.ts#appendEntriesMatchPrevious"],
    [1265, 1270, "raft.ts#appendEntriesMatchPrevious", "if (a.prevLogTerm !=="],
    [1273, 1326, "raft.ts#appendEntriesStore"],
    [1277, 1304, "raft.ts#appendEntriesFindNew"],
    [1291, 1300, "raft.ts#appendEntriesTruncate"],
    [1306, 1313, "raft.ts#appendEntriesStore", "r.logs.StoreLogs(newEntries)"],
    [1320, 1322, "raft.ts#appendEntriesStore", "setLastLog(r, last);"],
    [1328, 1339, "raft.ts#appendEntriesCommit"],
    [1341, 1344, "raft.ts#appendEntries", "if (resp.success)"],
  ]),
  ...parts("(*Raft).requestVote", [
    [1369, 1374, "raft.ts#requestVote", "const resp: RequestVoteResponse"],
    [1376, 1378, "raft.ts#requestVote", "respond(rpc, resp);"],
    [1386, 1455, "raft.ts#requestVote", "yield* requestVoteRefusal("],
    [1386, 1395, "raft.ts#requestVoteRefusal", "if (leader !=="],
    [1397, 1400, "raft.ts#requestVoteRefusal", "if (req.term <"],
    [1402, 1409, "raft.ts#requestVoteRefusal", "if (req.term >"],
    [1411, 1421, "raft.ts#requestVoteRefusal", "yield* readLastVote(r)"],
    [1423, 1431, "raft.ts#requestVoteRefusal", "if (lastVote.term === req"],
    [1433, 1439, "raft.ts#requestVoteRefusal", "if (last.term > req"],
    [1441, 1445, "raft.ts#requestVoteRefusal", "if (last.term === req"],
    [1447, 1451, "raft.ts#requestVoteRefusal", "r.behaviour.persistVote(r,"],
    [1453, 1453, "raft.ts#requestVote", "resp.granted = true"],
    [1454, 1455, "raft.ts#requestVoteRefusal", "setLastContact(r);"],
  ]),
  ...parts("(*Raft).electSelf", [
    [1604, 1605, "raft.ts#electSelf", "yield* setCurrentTerm(r,"],
    [1607, 1616, "raft.ts#electSelf", "const req: RequestVoteRequest"],
    [1618, 1631, "raft.ts#askPeer"],
    [1633, 1636, "raft.ts#electSelf", "for (const server of voters("],
    [1637, 1641, "raft.ts#electSelf", "r.behaviour.persistVote(r,"],
    [1642, 1650, "raft.ts#electSelf", "respCh.trySend("],
    [1651, 1653, "raft.ts#electSelf", "askPeer(r, server, req, respCh)"],
  ]),
  ...parts("(*Raft).replicate", [
    [138, 173, "replication.ts#replicateByRequest"],
    [169, 172, "replication.ts#replicateByRequest", "if (s.allowPipeline)"],
  ]),
  ...parts("(*Raft).replicateTo", [
    [200, 206, "replication.ts#replicateToBackOff"],
    [200, 206, "replication.ts#replicateTo", "replicateToBackOff(r, s)"],
    [208, 213, "replication.ts#replicateTo", "yield* setupAppendEntries("],
    [215, 221, "replication.ts#replicateTo", "yield* r.trans.AppendEntries("],
    [224, 228, "replication.ts#replicateTo", "if (response.term > request"],
    [230, 231, "replication.ts#replicateTo", "r.behaviour.contacted("],
    [233, 240, "replication.ts#replicateTo", "if (response.success)"],
    [235, 236, "replication.ts#replicateTo", "updateLastAppended(r, s,"],
    [238, 239, "replication.ts#replicateTo", "s.failures = 0;"],
    [240, 240, "replication.ts#replicateTo", "s.allowPipeline = true;"],
    [241, 249, "replication.ts#replicateTo", "s.nextIndex = Math.max("],
    [251, 261, "replication.ts#replicateTo", "if (s.stopCh.tryReceive())"],
    [263, 266, "replication.ts#replicateTo", "while (s.nextIndex <= last"],
  ]),
  ...parts("(*Raft).pipelineReplicate", [
    [418, 419, "replication.ts#pipelineReplicate", "let nextIndex ="],
    [421, 448, "replication.ts#pipelineReplicate", "for (let shouldStop"],
  ]),
  ...parts("(*Raft).runFSM", [
    [52, 86, "fsm.ts#runFSMCommit"],
    [65, 68, "fsm.ts#runFSMCommit", "LogType.Command"],
    [70, 81, "fsm.ts#runFSMCommit", "LogType.Configuration"],
  ]),
];
