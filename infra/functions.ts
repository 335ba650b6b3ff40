// Every function that is deployed: its entry, its size, what starts it and what it may touch. The stack, the bundler and
// the limits' test read this table; a name here without its entry file fails the build.
// Nothing is granted that is not written here.

export const queueNames = ['received', 'plan', 'match', 'settle', 'notify'] as const;
export type QueueName = (typeof queueNames)[number];

/** First parts of object keys; a lifecycle and a grant each go by them. */
export const prefixes = [
  'drop/',
  'uploads/',
  'batches/',
  'runs/',
  'scratch/',
  'exports/',
  'decisions/',
  'unclaimed/',
  'outbox/',
] as const;
export type Prefix = (typeof prefixes)[number];

/** Each is an HTTP API of its own, because their paths collide. */
export const httpSurfaces = ['recon', 'breaks'] as const;
export type HttpSurfaceName = (typeof httpSurfaces)[number];

export type Trigger =
  | { kind: 'queue'; queue: QueueName; concurrencyMax: number }
  /** Every dead-letter queue. */
  | { kind: 'dead-letters' }
  | { kind: 'every-minute' }
  | { kind: 'http'; surface: HttpSurfaceName }
  /** Invoked by other functions that name it in `invokes`. */
  | { kind: 'invoke' };

export type FunctionSpec = {
  name: string;
  /** From the top of the project. */
  entry: string;
  memoryMb: number;
  timeoutSeconds: number;
  /** Has DuckDB (a layer), scratch space and the ENGINE_ variables; every other bundle must not import it. */
  engine: boolean;
  trigger: Trigger;
  grants: {
    table: 'none' | 'read' | 'write';
    read: readonly Prefix[];
    write: readonly Prefix[];
    delete: readonly Prefix[];
    sends: readonly QueueName[];
    invokes: readonly string[];
    /** The key that tokens are signed with. */
    signingKey: boolean;
    /** Mail, from the sender of the deployment. */
    mail?: true;
    /** How the directory is reached, with the password of the account that searches in it. */
    directorySecret?: true;
  };
  /** Stands in the network of the directory, where the deployment names one. */
  inDirectoryNetwork?: true;
};

/** The longest that work may take before another worker repeats it (the queue waits six times as long). */
export const workTimeoutSeconds = 180;

/** The most that every AWS account may have without asking; 1.7 processors. */
export const engineMemoryMb = 3_008;
/** Left to Node, the reader of workbooks and DuckDB's allocations outside its limit: 230–300 MB were measured. */
export const outsideEngineMb = 900;
export const engineThreads = 2;
/** Inputs, spilled tables and results of one task. */
export const engineScratchMb = 8_192;

export const functions: readonly FunctionSpec[] = [
  {
    name: 'ingest',
    entry: 'functions/ingest/index.ts',
    memoryMb: engineMemoryMb,
    timeoutSeconds: workTimeoutSeconds,
    engine: true,
    trigger: { kind: 'queue', queue: 'received', concurrencyMax: 10 },
    grants: {
      table: 'write',
      read: ['drop/', 'uploads/', 'batches/', 'unclaimed/'],
      write: ['batches/', 'unclaimed/'],
      delete: ['drop/'],
      sends: ['received', 'plan', 'notify'],
      invokes: [],
      signingKey: false,
    },
  },
  {
    name: 'plan',
    entry: 'functions/plan/index.ts',
    memoryMb: engineMemoryMb,
    timeoutSeconds: workTimeoutSeconds,
    engine: true,
    trigger: { kind: 'queue', queue: 'plan', concurrencyMax: 10 },
    grants: {
      table: 'write',
      read: ['drop/', 'uploads/', 'batches/', 'runs/', 'decisions/'],
      write: ['batches/', 'runs/'],
      delete: [],
      sends: queueNames,
      invokes: [],
      signingKey: false,
    },
  },
  {
    name: 'match',
    entry: 'functions/match/index.ts',
    memoryMb: engineMemoryMb,
    timeoutSeconds: workTimeoutSeconds,
    engine: true,
    trigger: { kind: 'queue', queue: 'match', concurrencyMax: 50 },
    grants: {
      table: 'write',
      read: ['batches/', 'runs/', 'scratch/'],
      write: ['runs/', 'scratch/'],
      delete: [],
      sends: ['plan', 'match', 'settle'],
      invokes: [],
      signingKey: false,
    },
  },
  {
    name: 'settle',
    entry: 'functions/settle/index.ts',
    memoryMb: engineMemoryMb,
    timeoutSeconds: workTimeoutSeconds,
    engine: true,
    trigger: { kind: 'queue', queue: 'settle', concurrencyMax: 10 },
    grants: {
      table: 'write',
      read: ['batches/', 'runs/'],
      write: ['runs/'],
      delete: [],
      sends: ['plan', 'settle'],
      invokes: [],
      signingKey: false,
    },
  },
  {
    name: 'sweep',
    entry: 'functions/sweep/index.ts',
    memoryMb: 512,
    timeoutSeconds: 50,
    engine: false,
    trigger: { kind: 'every-minute' },
    grants: { table: 'write', read: [], write: [], delete: [], sends: queueNames, invokes: [], signingKey: false },
  },
  {
    name: 'dead-letter',
    entry: 'functions/dead-letter/index.ts',
    memoryMb: 512,
    timeoutSeconds: 60,
    engine: false,
    trigger: { kind: 'dead-letters' },
    grants: {
      table: 'write',
      read: ['drop/', 'unclaimed/'],
      write: ['unclaimed/'],
      delete: ['drop/'],
      sends: ['plan', 'notify'],
      invokes: [],
      signingKey: false,
    },
  },
  {
    name: 'notify',
    entry: 'functions/notify/index.ts',
    memoryMb: 512,
    timeoutSeconds: workTimeoutSeconds,
    engine: false,
    // A new SES account may send one mail a second.
    trigger: { kind: 'queue', queue: 'notify', concurrencyMax: 2 },
    grants: {
      table: 'write',
      read: [],
      write: ['outbox/'],
      delete: [],
      sends: [],
      invokes: [],
      signingKey: false,
      mail: true,
    },
  },
  {
    name: 'query',
    entry: 'functions/query/index.ts',
    memoryMb: engineMemoryMb,
    // An export outlives the request that asked for it: the next one finds it made.
    timeoutSeconds: workTimeoutSeconds,
    engine: true,
    trigger: { kind: 'invoke' },
    grants: {
      table: 'read',
      read: ['batches/', 'runs/', 'exports/', 'decisions/'],
      write: ['exports/', 'decisions/'],
      delete: [],
      sends: [],
      invokes: [],
      signingKey: false,
    },
  },
  {
    name: 'directory',
    entry: 'functions/directory/index.ts',
    memoryMb: 512,
    // Longer than a sign-in may take at the directory itself, shorter than the request waits.
    timeoutSeconds: 20,
    engine: false,
    trigger: { kind: 'invoke' },
    inDirectoryNetwork: true,
    grants: {
      table: 'none',
      read: [],
      write: [],
      delete: [],
      sends: [],
      invokes: [],
      signingKey: false,
      directorySecret: true,
    },
  },
  {
    name: 'api-recon',
    entry: 'functions/api-recon/index.ts',
    memoryMb: 1_769,
    timeoutSeconds: 29,
    engine: false,
    trigger: { kind: 'http', surface: 'recon' },
    grants: {
      table: 'write',
      read: ['uploads/', 'exports/'],
      write: ['uploads/'],
      delete: ['uploads/'],
      sends: ['received', 'plan'],
      invokes: ['query'],
      signingKey: true,
    },
  },
  {
    name: 'api-breaks',
    entry: 'functions/api-breaks/index.ts',
    memoryMb: 1_769,
    timeoutSeconds: 29,
    engine: false,
    trigger: { kind: 'http', surface: 'breaks' },
    grants: {
      table: 'write',
      read: ['exports/'],
      // A form for a drop folder is signed with the right to put there.
      write: ['batches/', 'drop/'],
      delete: [],
      sends: ['received', 'plan', 'notify'],
      invokes: ['query', 'directory'],
      signingKey: true,
    },
  },
];
