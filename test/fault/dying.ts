// Ports each call of which goes by way of another function: to count the calls of a use case, and to die at any of them.
type Call = (name: string, run: () => Promise<unknown>) => Promise<unknown>;

/** The methods of the ports that are named; everything else as it is. */
export function through<Deps extends object>(deps: Deps, names: readonly (keyof Deps & string)[], call: Call): Deps {
  const wrap = <Port extends object>(name: string, port: Port): Port =>
    Object.fromEntries(
      Object.entries(port).map(([method, of]) => [
        method,
        typeof of === 'function' ? (...given: unknown[]) => call(`${name}.${method}`, () => of.apply(port, given)) : of,
      ]),
    ) as Port;
  return { ...deps, ...Object.fromEntries(names.map((name) => [name, wrap(name, deps[name] as object)])) };
}

export class Died extends Error {}

/** A process that dies before its call number `at` (from 0), or after it took effect. */
export function dyingAt(at: number, when: 'before' | 'after'): Call {
  let count = -1;
  let died = false;
  return async (_name, run) => {
    if (died) throw new Died();
    count += 1;
    if (count === at) died = true;
    if (died && when === 'before') throw new Died();
    const answer = await run();
    if (died) throw new Died();
    return answer;
  };
}
