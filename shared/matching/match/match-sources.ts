// The exact-key pass over loaded sources: pairs each leg's records with the anchor's and writes matches and breaks.
// A pure function of record content: reads no file names, clocks or row order. It loads nothing and stores no state.
import type { Result } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import type { Matched, MatchRequest } from './matched.ts';

export type { Matched, MatchProgress, MatchRequest } from './matched.ts';

export async function matchSources(_engine: Engine, _request: MatchRequest): Promise<Result<Matched>> {
  throw new Error('being written');
}
