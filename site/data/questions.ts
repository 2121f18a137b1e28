// Guarantees one entry for every question and every statement that readers
// left under a course on HashiCorp Raft, in the order in which they came, in
// English and in Chinese, with an answer of at most three sentences.
//
// The page /questions draws this list; a lesson opens with one of its
// questions. Words in backquotes are names of the source. "v1.1.1" is upstream
// as published; "ours" is raft/ with its default settings.
//
// Absent: who asked, and the readers' own words. Both languages are our own
// wording of what was asked.

export interface InBothLanguages {
  readonly en: string;
  readonly zh: string;
}

export interface ReaderQuestion {
  /** The comment it came in; a second number where one held two questions. */
  readonly id: `C${number}` | `C${number}-${number}`;
  readonly kind: "question" | "statement";
  /** How many readers agreed, where that was recorded. */
  readonly likes?: number;
  /** What was asked or, for a statement, what was said. */
  readonly question: InBothLanguages;
  /** The same question, in words that others look for it with. */
  readonly inOtherWords?: InBothLanguages;
  /** For a statement: where the site takes it up. */
  readonly answer: InBothLanguages;
  /** The lesson that answers it; null when it is no lesson's subject. */
  readonly lesson: number | null;
  /** Set while that lesson is not written. */
  readonly coming?: true;
  /** The address in raft/ that answers it: `raft.ts#runFollower`. */
  readonly place?: string;
  /** The claim of the lesson's suite that proves the answer. */
  readonly claim?: string;
  /** Why no claim does, where the lesson is written. */
  readonly unproved?: string;
}

export const questions: readonly ReaderQuestion[] = [
  {
    id: "C1",
    kind: "statement",
    likes: 21,
    question: {
      en: "If you prefer Java, look at DLedger.",
      zh: "想看 Java 实现的，可以看 DLedger。",
    },
    answer: {
      en: "Lesson 20 sets DLedger's names beside upstream's.",
      zh: "第 20 课会把 DLedger 的命名和这个库的命名并排对照。",
    },
    lesson: 20,
    coming: true,
  },
  {
    id: "C2",
    kind: "question",
    likes: 8,
    question: {
      en: "Raft keeps the logs of several nodes identical. How do Consul, InfluxDB and IPFS make use of that?",
      zh: "Raft 说到底是让各节点的日志保持一致，那 Consul、InfluxDB、IPFS 具体是怎么用它的？",
    },
    answer: {
      en: "The log is the means and the state machine the end: each product plugs in its own `FSM` and hands its own bytes to `Apply`. Consul's servers keep catalog, KV, sessions and ACLs that way, InfluxDB Enterprise's meta nodes keep cluster metadata but no data points, and IPFS itself uses no Raft, while IPFS Cluster offers it for the shared pinset. Two logs need to agree on the committed prefix only; an uncommitted tail may differ and be cut off.",
      zh: "日志只是手段，一致的状态机才是目的：每个产品实现自己的 `FSM`，再把自己的字节交给 `Apply`。Consul 的 server 用它保存服务目录、KV、会话和 ACL；InfluxDB Enterprise 只在 meta 节点之间用它保存集群元数据，时序数据不经过 Raft；IPFS 本身不用 Raft，IPFS Cluster 可以选它来同步共享的 pinset。另外，各节点的日志只需要在已提交的前缀上一致，未提交的尾部可以不同，也可能被截掉。",
    },
    lesson: 17,
    coming: true,
  },
  {
    id: "C3",
    kind: "question",
    likes: 7,
    question: {
      en: "Why does pipelined replication make replication faster?",
      zh: "流水线（pipeline）复制为什么能提高复制性能？",
    },
    inOtherWords: {
      en: "How does pipelining improve performance and throughput?",
      zh: "pipeline（流水线）怎样提高吞吐量、降低延迟，让复制更快？",
    },
    answer: {
      en: "In RPC mode each follower has one request in flight, so a round trip carries at most `MaxAppendEntries` entries, 64 by default. After one success `replicate` switches to two tasks, one that sends without waiting at a next index of its own, one that reads the answers in order and moves the real next index, and the latencies overlap. An error, a refusal or a newer term ends the pipeline, and deeper is not always faster: v1.1.1 has up to 130 requests in flight over a network, 1.5.0 has 2 (#541), and ours leaves the number to the transport, 18 in memory.",
      zh: "RPC 模式下，每个跟随者同时只有一个请求在途，一次往返最多带 `MaxAppendEntries` 条日志条目，默认 64 条。成功一次之后，`replicate` 就分成两个任务：一个不等答复一直发，只推进自己手里的 nextIndex；另一个按顺序读答复，推进真正的 nextIndex，于是网络延迟就重叠起来了。遇到错误、拒绝或更高的任期，流水线就结束，退回 RPC 模式；而且并不是越深越快，v1.1.1 的网络传输最多有 130 个在途请求，1.5.0 把默认值降到 2（#541），这里由传输层决定，内存传输是 18。",
    },
    lesson: 9,
    place: "replication.ts#pipelineReplicate",
    claim:
      "the sender does not wait: four requests leave before the first answer",
  },
  {
    id: "C4",
    kind: "question",
    likes: 6,
    question: {
      en: "I see the leader write its log and tell the followers. Where does it decide that a majority has answered, and when does it commit? The channels are torture.",
      zh: "我看到领导者写了本地日志，也通知了跟随者，可是在哪里判断多数节点已经答复？又是什么时候提交的？各种通道绕来绕去，实在跟不下去。",
    },
    inOtherWords: {
      en: "Where is the quorum counted?",
      zh: "法定人数（多数派、过半）在哪里统计，日志何时提交？",
    },
    answer: {
      en: "No line waits for a majority: each `replicate` listens to its own follower, and a successful answer raises that follower's number through `match`, as the leader's own write did in `dispatchLogs`. Each raise runs `recalculate`: the highest index that a majority of the voters hold is committed if it is above the commit index and not below `startIndex`, where the leader's term begins; `commitCh` then wakes `leaderLoop`, which hands the entries to `runFSM`. A follower learns of it from a later AppendEntries, within two commit timeouts and one message's flight, unless its `replicate` is blocked or backing off.",
      zh: "没有哪一行在等多数：每个 `replicate` 只听自己那一个跟随者，收到成功的答复，就用 `match` 更新它的匹配索引；领导者在 `dispatchLogs` 里写完本地日志后，也这样更新自己的。每次有匹配索引前进，就跑一遍 `recalculate`：多数投票成员都已存下的最大索引，如果大于 commitIndex、又不小于本任期的起点 `startIndex`，就是已提交；随后 `commitCh` 唤醒 `leaderLoop`，由它把日志条目交给 `runFSM`。跟随者要等之后的某个 AppendEntries 才知道，最迟是两个 CommitTimeout 加一次消息传输的时间，前提是对应的 `replicate` 没有被阻塞、也没有在退避。",
    },
    lesson: 8,
    place: "commitment.ts#Commitment.recalculate",
    claim:
      "the commit index is the highest index that a majority of the voters hold",
  },
  {
    id: "C5",
    kind: "question",
    likes: 2,
    question: {
      en: "What do the two conditions in `runFollower` mean, `latestIndex == 0` and `latestIndex == committedIndex && !hasVote(latest, localID)`?",
      zh: "`runFollower` 里的 `latestIndex == 0` 和 `latestIndex == committedIndex && !hasVote(latest, localID)` 这两个判断是什么道理？",
    },
    answer: {
      en: "Both are reasons not to campaign when the heartbeat timer fires: the first server has never seen a configuration, so it knows nobody to ask; the second has a committed latest configuration in which it is no voter. v1.1.1 asks for the equality because an uncommitted configuration may still be rolled back, but a non-voter whose latest configuration is not known to be committed then campaigns, and can win with the votes of others. Ours lets a server campaign only as a voter of its latest configuration; the quirk `nonvoter-campaigns` brings v1.1.1's rule back.",
      zh: "这两个判断都是“心跳超时了也不参选”的理由：前者是这台服务器从没见过任何配置，不知道该向谁要票；后者是它最新的配置已提交，而它在里面不是投票成员。v1.1.1 要求两个索引相等，是因为未提交的配置还可能被回滚，代价是：一个非投票成员只要不知道最新配置已提交，就会去参选，甚至靠别人的票当选。我们默认只让最新配置里的投票成员参选；打开 `nonvoter-campaigns` 开关，就回到 v1.1.1 的规则。",
    },
    lesson: 3,
    place: "raft.ts#runFollower",
    claim:
      "a non-voter and a stranger to a settled configuration wait, and warn once",
  },
  {
    id: "C6",
    kind: "question",
    likes: 2,
    question: {
      en: "Where is the main function?",
      zh: "翻遍了也没找到 main 函数，入口在哪里？",
    },
    inOtherWords: {
      en: "What is the entry point of the library?",
      zh: "程序的入口函数、启动流程从哪里开始？",
    },
    answer: {
      en: "There is none, because this is a library: `func main` does not occur in v1.1.1. The `main` is your program's; it calls `NewRaft`, whose last lines start three tasks, `run`, `runFSM` and `runSnapshots`. Start reading at `run`, which calls `runFollower`, `runCandidate` or `runLeader` by the server's role.",
      zh: "没有 main，因为这是一个库：在 v1.1.1 里搜 `func main` 一条也搜不到。main 在你自己的程序里，它调用 `NewRaft`，而 `NewRaft` 最后几行启动三个任务：`run`、`runFSM` 和 `runSnapshots`。从 `run` 读起就行，它按服务器当前的角色调用 `runFollower`、`runCandidate` 或 `runLeader`。",
    },
    lesson: 1,
    place: "api.ts#NewRaft",
    claim: "NewRaft starts exactly three tasks: run, runFSM and runSnapshots",
  },
  {
    id: "C7",
    kind: "question",
    likes: 2,
    question: {
      en: "The badge of the repository says that the build failed, on every tag I tried. Is the code broken?",
      zh: "仓库的徽章显示 build failed，换了好几个 tag 都一样，是代码有问题吗？",
    },
    answer: {
      en: "The badge is an image of the default branch's CI; every tag's README loads the same image, so it says nothing about a tag. v1.1.1 builds with Go 1.19.8; of three full runs of its tests all failed `TestFileSS_BadPerm`, because we ran them as root, and one also panicked with “timed out waiting for shutdown”, as many of these tests depend on timing. Our suites run on a virtual clock and seeded random numbers, so a slow machine changes no outcome.",
      zh: "徽章是一张图片，显示的是默认分支的 CI 结果，每个 tag 的 README 加载的都是同一张，所以它说明不了某个 tag 的好坏。v1.1.1 用 Go 1.19.8 可以编译；我们完整跑了三遍测试，`TestFileSS_BadPerm` 因为是用 root 跑的，每次都失败，其中一遍还 panic 了，报 “timed out waiting for shutdown”，这套测试里有不少依赖时间。我们的测试用虚拟时钟和带种子的随机数，机器再慢，结果也不变。",
    },
    lesson: 1,
    place: "runtime/random.ts#",
    claim: "the same seed gives the same trace, to the last letter",
  },
  {
    id: "C8",
    kind: "statement",
    question: {
      en: "I am going to read the source against the theory.",
      zh: "打算对照着理论把源码读一遍。",
    },
    answer: {
      en: "Lesson 1 says in which order; each function that answers to a section of the paper names it.",
      zh: "第 1 课讲先后顺序；对应论文某一节的函数都标明了那一节。",
    },
    lesson: 1,
    place: "raft.ts#",
  },
  {
    id: "C9",
    kind: "question",
    likes: 1,
    question: {
      en: "When does a candidate become a follower again?",
      zh: "候选人在什么情况下会变回跟随者？",
    },
    inOtherWords: {
      en: "When does a candidate step down, or go back to being a follower?",
      zh: "候选人什么时候退回、降为跟随者（下台）？",
    },
    answer: {
      en: "On a vote answer with a higher term, on an AppendEntries of its own term or a higher one, and on a vote request with a higher term; v1.1.1 has a fourth exit, an InstallSnapshot with a higher term. Losing is not among them: when `electionTimer` fires the server is still a candidate, and `run` enters `runCandidate` again, one term higher. In v1.1.1 a heartbeat may change role and term beside the main task, so that a late vote for the old term still counts; ours sends such a heartbeat through the RPC channel.",
      zh: "三种情况：投票答复里带着更高的任期；收到任期不低于自己的 AppendEntries；收到任期更高的投票请求，v1.1.1 还有第四种，即任期更高的 InstallSnapshot。落选不算：`electionTimer` 到点时它仍是候选人，`run` 会再进一次 `runCandidate`，任期加一。v1.1.1 的心跳可能绕过主任务直接改掉角色和任期，于是迟到的旧任期的票还会被算进去；我们让这样的心跳走 RPC 通道，由主任务处理。",
    },
    lesson: 4,
    place: "raft.ts#runCandidate",
    claim: "an AppendEntries of its own term makes a candidate a follower",
  },
  {
    id: "C10",
    kind: "question",
    likes: 1,
    question: {
      en: "Should I read the big paper first and the code afterwards?",
      zh: "是不是应该先读完那篇大论文，再来看代码？",
    },
    answer: {
      en: "Read §5 and Figure 2 of the short paper, then run a lesson's scenario, then read the function; take chapters of the thesis when you need them, 4 for membership, 3.10 for transfer, 6.4 for reads. The paper alone misleads here: v1.1.1 sends heartbeats beside replication, refuses votes while it knows a leader, and names fields differently. Pre-vote, chapter 9.6, is not in v1.1.1; it came with 1.7.0.",
      zh: "先读短论文的第 5 节和图 2，再跑一遍课里的场景，然后读函数；博士论文用到哪章读哪章：成员变更看第 4 章，领导权转移看 3.10，读请求看 6.4。只看论文会被带偏：v1.1.1 的心跳和日志复制是分开发的，知道领导者时会拒绝投票，字段名也和论文不同。9.6 节的预投票（pre-vote）不在 v1.1.1 里，1.7.0 才加入。",
    },
    lesson: 1,
    place: "raft.ts#",
    unproved: "It asks for advice, which no test can hold.",
  },
  {
    id: "C11-1",
    kind: "question",
    likes: 1,
    question: {
      en: "A candidate votes for itself and asks the others. What if no votes arrive within the random time?",
      zh: "候选人先投自己一票，再向别人要票，如果在随机时间内一张票都没收到，会怎样？",
    },
    answer: {
      en: "`electionTimer`, at least one and less than two `ElectionTimeout`s, fires; `runCandidate` returns, still a candidate, and `run` calls it again. `electSelf` then stores a term one higher and asks every other voter anew; a voter that cannot be reached counts as a refusal. The number of rounds has no bound, and an answer to the round before goes to a channel that nobody reads.",
      zh: "`electionTimer`（不短于一个 `ElectionTimeout`，不到两个）到点，`runCandidate` 返回，角色还是候选人，`run` 就再调用它一次。`electSelf` 把加一后的任期存盘，重新向其他每个投票成员要票；联系不上的，按拒绝处理。轮数没有上限，上一轮迟到的答复会落进一个已经没人读的通道。",
    },
    lesson: 4,
    place: "raft.ts#electSelf",
    claim: "losing a round demotes nobody",
  },
  {
    id: "C11-2",
    kind: "question",
    likes: 1,
    question: {
      en: "By what rule do the other servers answer a vote request?",
      zh: "其他节点收到投票请求后，按什么规则决定投不投？",
    },
    answer: {
      en: "`requestVote` goes down a ladder: refuse if it knows a leader other than the candidate and the transfer flag is not set; refuse an older term; adopt a newer one and become follower; after a vote in this term grant only the same candidate. Then it refuses if its own last entry has a higher term, or the same term and a higher index; otherwise it stores the vote first and grants it afterwards. v1.1.1 stores the term and then the candidate, so a crash between the two writes can turn an old vote into a new one; ours stores the candidate first, and a vote that is half written matches no request.",
      zh: "`requestVote` 一级一级往下判断：已知领导者不是这个候选人、又没带转移标志，拒绝；任期更旧，拒绝；任期更新，采纳它并变成跟随者；本任期投过票，只对同一个候选人再次同意。接着比较最后一条日志条目：自己的任期更大，或任期相同而索引更大，就拒绝；否则先把票存盘，再答复同意。v1.1.1 先写任期、再写候选人，若在两次写入之间崩溃，旧票可能被当成新任期的票；我们先写候选人，写了一半的票不会匹配任何请求。",
    },
    lesson: 5,
    place: "raft.ts#requestVote",
    claim: "a log whose last term is newer wins, and only then the longer one",
  },
  {
    id: "C12",
    kind: "question",
    question: {
      en: "What is the difference between `startStopReplication` and `replicate`? Both look like log replication.",
      zh: "`startStopReplication` 和 `replicate` 有什么区别？看上去都是在做日志复制。",
    },
    inOtherWords: {
      en: "What is the manager of the replication tasks, and what is a worker?",
      zh: "谁管理复制任务，谁真正发送日志？",
    },
    answer: {
      en: "Manager and worker: `startStopReplication` runs on the main task, returns at once and makes the set of workers equal the latest configuration; `replicate` is the long-lived task that it starts for each peer, and which starts that peer's `heartbeat`. A removed peer's worker receives the last index on `stopCh` and makes one more attempt to send; a leader that steps down closes `stopCh`, which gives 0, and the worker leaves. v1.1.1 keeps a worker on the old address when a peer's address changes; ours follows the new one.",
      zh: "一个是管事的，一个是干活的：`startStopReplication` 跑在主任务上，立刻返回，只负责让工作任务的集合和最新配置一致；`replicate` 是它为每个对端启动的常驻任务，并由它再启动该对端的 `heartbeat`。被移除的对端，会从 `stopCh` 收到最后的索引，再尽力发一次；领导者下台则是关闭 `stopCh`，收到的值是 0，任务直接退出。对端只改了地址时，v1.1.1 的任务仍然发往旧地址，我们会改用新地址。",
    },
    lesson: 6,
    place: "raft.ts#startStopReplication",
    claim:
      "after each change the workers are those of the latest configuration",
  },
  {
    id: "C13",
    kind: "question",
    question: {
      en: "Where is the source that you speak of?",
      zh: "讲的源码在哪里能看到？",
    },
    answer: {
      en: "At github.com/hashicorp/raft, tag v1.1.1, of 23 July 2019; ours is `raft/` in this repository, with upstream's names for functions and, a few apart, for files. raft.go holds the roles, votes and appends, replication.go the sending to each peer, commitment.go the majority, api.go start-up and the public calls. Beside them, configuration.go holds membership, fsm.go the state machine and snapshot.go the snapshots.",
      zh: "上游在 github.com/hashicorp/raft 的 v1.1.1 标签，日期是 2019 年 7 月 23 日；我们的实现在本仓库的 `raft/` 目录，函数沿用上游的名字，文件除少数几个外也是。raft.go 是角色、投票和追加，replication.go 是对每个对端的发送，commitment.go 是多数的计算，api.go 是启动和对外接口。此外，configuration.go 管成员，fsm.go 管状态机，snapshot.go 管快照。",
    },
    lesson: 1,
    place: "raft.ts#run",
    claim: "run goes on with the loop of the new role",
  },
  {
    id: "C14",
    kind: "question",
    question: {
      en: "The logs are scattered over many machines. What experience and which tools help to find a fault?",
      zh: "日志分散在很多台机器上，排查问题有什么经验和工具？",
    },
    answer: {
      en: "Merge the output of all servers by term and index rather than by wall clock: the pair names the same entry everywhere. v1.1.1 offers log levels, `Stats`, observers, metrics and `LeaderCh`; lines to search for are “Heartbeat timeout from”, “Rejecting vote request” and “Failed to contact quorum”. Its `Stats` asks the main goroutine for the configuration and hangs when that is stuck, where ours is to read a copy.",
      zh: "把各台服务器的输出按任期和索引合并，不要按墙上时钟：这一对数字在每台机器上指的都是同一条日志条目。v1.1.1 提供日志级别、`Stats`、观察者、指标和 `LeaderCh`；值得搜的几行是“Heartbeat timeout from”“Rejecting vote request”“Failed to contact quorum”。要小心，它的 `Stats` 要向主 goroutine 要配置，主 goroutine 卡住它也跟着卡住；我们会改成读一份拷贝。",
    },
    lesson: 19,
    coming: true,
  },
  {
    id: "C15",
    kind: "statement",
    likes: 6,
    question: {
      en: "For C++ there is baidu/braft, for Java sofastack/sofa-jraft.",
      zh: "C++ 可以看 baidu/braft，Java 可以看 sofastack/sofa-jraft。",
    },
    answer: {
      en: "Lesson 20 sets the names of braft and SOFAJRaft beside upstream's.",
      zh: "第 20 课会把 braft 和 SOFAJRaft 的命名和这个库并排对照。",
    },
    lesson: 20,
    coming: true,
  },
  {
    id: "C16",
    kind: "statement",
    likes: 3,
    question: {
      en: "The same reader's two libraries once more, braft and SOFAJRaft.",
      zh: "同样的推荐又发了一遍：braft 和 SOFAJRaft。",
    },
    answer: {
      en: "See C15: lesson 20.",
      zh: "见 C15，也在第 20 课。",
    },
    lesson: 20,
    coming: true,
  },
  {
    id: "C17",
    kind: "question",
    question: {
      en: "Only the leader takes writes. How does it keep up, and what if the writes outgrow it?",
      zh: "只有领导者能写，性能怎么保证？写请求多到一台扛不住怎么办？",
    },
    answer: {
      en: "One leader gives one order; a batch costs it one write to its own disk and a round trip to the faster half, and v1.1.1 shares that cost among up to `MaxAppendEntries` + 1 waiting commands, 65 by default. More servers add fault tolerance and stale reads, not write throughput, because the quorum grows with them. Past that, batch in the application, take a faster log store, keep bulk data out of Raft, or shard into many groups, for which this library has no support.",
      zh: "一个领导者换来唯一的顺序；每批的代价是一次本地写盘，加上到较快那一半节点的一次往返，v1.1.1 让最多 `MaxAppendEntries` + 1 条（默认 65 条）等待中的命令分摊它。加服务器不会提高写吞吐，因为多数派也跟着变大，换来的是容错和可以读旧数据的副本。再不够，就在应用里攒批、换更快的日志存储、把大块数据放到 Raft 之外，或者分片成多个 Raft 组，最后这一项这个库没有支持。",
    },
    lesson: 18,
    coming: true,
  },
  {
    id: "C18",
    kind: "question",
    question: {
      en: "What exactly is replicated? How does it differ from MySQL's binlog? Both look like commands run locally, so does Raft inherit the binlog's problems?",
      zh: "复制的到底是什么？和 MySQL 的 binlog 本质区别在哪？都是把命令拿到本地执行，binlog 的那些问题 Raft 会不会也有？",
    },
    answer: {
      en: "A `Log` is replicated: index, term, type and opaque bytes, which only your `FSM` reads, in index order, after commit. MySQL's primary commits its own change and its followers copy it; a Raft entry is stored by a majority first and applied afterwards, so a failover, apart from defects of v1.1.1 that ours mends, neither loses a committed entry nor keeps two histories. Shared is the rest: a command that reads time, random numbers or map order makes replicas differ, followers lag, and a command that a client retries can be applied twice.",
      zh: "复制的是 `Log`：索引、任期、类型和一段不透明的字节，只有你的 `FSM` 会解读它，而且是在已提交之后按索引顺序进行。MySQL 由主库自己提交，从库再去抄；Raft 的日志条目先由多数节点存下，然后才应用到状态机，所以切换领导者时不会丢掉已提交的日志条目，也不会留下两份历史（v1.1.1 的几处缺陷除外，我们已修正）。一样会遇到的是：命令里用了时间、随机数或 map 的遍历顺序，各副本就会不同；跟随者会落后；客户端重试的命令可能被应用两次。",
    },
    lesson: 7,
    place: "log.ts#Log",
    claim: "what is replicated is the entry, field by field",
  },
  {
    id: "C19",
    kind: "question",
    question: {
      en: "`requestVote` refuses a candidate that is not the known leader. So the first server to time out need not win, and voting can succeed only after most servers have lost their leader?",
      zh: "`requestVote` 里只要知道领导者、候选人又不是它，就拒绝。那是不是先超时的不一定当选，要等大多数节点都丢了领导者信息，投票才能成功？",
    },
    answer: {
      en: "Right about winning, since a win needs a majority of grants, but not about starting: each server campaigns on its own timer, and an early one loses some rounds and asks again at higher terms. A follower that hears nothing more forgets its leader when its timer fires with a last contact at least one `HeartbeatTimeout` old; the timer is not reset on contact, so that takes between one and three of them. While it refuses for this reason, a voter does not adopt the candidate's term.",
      zh: "当选确实如此，因为要拿到多数同意；但发起选举不用等别人：每台服务器看自己的定时器，先超时的会落选几轮，再用更高的任期继续要票。跟随者收不到消息后，要等自己的定时器到点、且距上次联系已满一个 `HeartbeatTimeout`，才会忘掉领导者；定时器不会因为收到消息而重置，所以要花一到三个 `HeartbeatTimeout`。因为这个理由拒绝时，投票方不会采纳候选人的任期。",
    },
    lesson: 5,
    place: "raft.ts#requestVote",
    claim:
      "a voter refuses until its own timer rings, however long it hears nothing",
  },
  {
    id: "C20",
    kind: "question",
    question: {
      en: "Followers time out at different moments, so the check for a known leader will probably refuse the first candidate. How should I understand that?",
      zh: "各个跟随者的超时时间不一样，`requestVote` 里“已有领导者就拒绝”这个条件大概率会成立，该怎么理解？",
    },
    answer: {
      en: "It often holds, and is meant to: a refused round costs one to two election timeouts, each live follower's own timer in time blanks its leader, and candidates go on asking. It keeps a server that can send but hears nothing from deposing a leader whom the others hear; the leader itself and a candidate with the `LeadershipTransfer` flag pass. It is not pre-vote: the lonely server's term keeps rising, and once it hears again its refusal of an append carries that term, and the leader steps down through `handleStaleTerm`.",
      zh: "确实经常成立，这是有意的：被拒一轮多花一到两个选举超时，而每个活着的跟随者都会等到自己的定时器把领导者清空，候选人也会一直再要票。它防的是一台发得出、却收不到消息的服务器把别人还联系得上的领导者拉下台；领导者自己来要票，或请求带着 `LeadershipTransfer` 标志，则放行。但它不是预投票：那台服务器的任期一直在涨，等它又能收到消息，就会带着更高的任期拒绝 AppendEntries，领导者经 `handleStaleTerm` 下台。",
    },
    lesson: 5,
    place: "raft.ts#requestVote",
    claim:
      "a server that can send and hears nothing does not depose the leader",
  },
  {
    id: "C21",
    kind: "statement",
    question: {
      en: "I have only begun with Go, and find solid content here.",
      zh: "刚开始学 Go，内容很扎实。",
    },
    answer: {
      en: "No Go is needed: the page “How to read this code” sets each Go idiom beside what stands for it here.",
      zh: "不懂 Go 也能读：“怎么读这份代码”那一页把 Go 的惯用写法和这里的对应写法放在一起。",
    },
    lesson: null,
  },
];
