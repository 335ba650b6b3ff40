// A DuckDB that stays open between requests: opening one takes longer than a page. Each piece of work has a connection, and with
// it temporary tables, of its own. After a failure the next work gets a new one.
import { type Engine, openEngine } from '../../matching/engine.ts';

export type KeptEngine = { use<T>(work: (engine: Engine) => Promise<T>): Promise<T>; close(): Promise<void> };

type Kept = { engine: Promise<Engine>; users: number; dropped: boolean };

export function keepEngine(settings: Parameters<typeof openEngine>[0]): KeptEngine {
  let kept: Kept | undefined;
  const drop = async (one: Kept): Promise<void> => {
    one.dropped = true;
    if (kept === one) kept = undefined;
    if (one.users === 0) await one.engine.then((engine) => engine.close()).catch(() => undefined);
  };
  return {
    async use(work) {
      kept ??= { engine: openEngine(settings), users: 0, dropped: false };
      const own = kept;
      own.users += 1;
      let failed = true;
      try {
        const connection = await (await own.engine).fork();
        try {
          const answer = await work(connection);
          failed = false;
          return answer;
        } finally {
          connection.close();
        }
      } finally {
        own.users -= 1;
        if (failed || own.dropped) await drop(own);
      }
    },
    async close() {
      if (kept) await drop(kept);
    },
  };
}
