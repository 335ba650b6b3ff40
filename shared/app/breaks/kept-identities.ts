// A break that is of the same record as one that is known is that break, whatever its number among those of its key now is:
// of two records of one key one may have matched on an earlier day and be carried no more, and the other, which was the
// second, is then the first. Only records that stay where they are have the rows that the ledger knows: those of increments,
// and those of a snapshot that is matched once more.
import type { Engine } from '../../matching/engine.ts';

/**
 * Gives known identities to the rows of `current` whose record the open part of `ledger` knows under another one. What else
 * has such an identity by its number gets one that nothing has. True where any was changed; `moved` then holds both, `old` and `kept`.
 */
export async function keepIdentities(engine: Engine): Promise<boolean> {
  // Where the identity that a row has by its number is that of its record, nothing is to be done: nearly everywhere.
  await engine.run(`CREATE TEMP TABLE lost AS SELECT c.identity, c.source, c.left_row, c.right_row FROM current c
    LEFT JOIN (FROM ledger WHERE state = 'open') l ON l.identity = c.identity
    WHERE coalesce(l.left_row = c.left_row, false) = false
      AND (coalesce(l.right_row = c.right_row, false) = false OR l.source <> c.source)`);
  await engine.run(`CREATE TEMP TABLE free AS SELECT identity, source, left_row, right_row FROM ledger WHERE state = 'open'
    AND identity NOT IN (SELECT identity FROM current WHERE identity NOT IN (SELECT identity FROM lost))`);
  await engine.run(
    `CREATE TEMP TABLE moved AS SELECT c.identity AS old, f.identity AS kept FROM lost c JOIN free f ON f.left_row = c.left_row`,
  );
  await engine.run(`INSERT INTO moved SELECT c.identity, f.identity FROM lost c
    JOIN free f ON f.right_row = c.right_row AND f.source = c.source
    WHERE c.identity NOT IN (SELECT old FROM moved) AND f.identity NOT IN (SELECT kept FROM moved)`);
  const [some] = await engine.rows('SELECT 1 FROM moved LIMIT 1');
  if (!some) return false;
  // Each finds one that is free in a round or two: what it is made of is its own alone.
  const taken = `(SELECT identity FROM current WHERE identity NOT IN (SELECT old FROM moved)
    UNION ALL SELECT identity FROM ledger UNION ALL SELECT kept FROM moved)`;
  await engine.run(`CREATE TEMP TABLE homeless AS SELECT identity AS old, md5('other:' || identity) AS kept FROM lost
    WHERE identity NOT IN (SELECT old FROM moved) AND identity IN (SELECT kept FROM moved)`);
  for (;;) {
    const [again] = await engine.rows(`SELECT 1 FROM homeless WHERE kept IN ${taken} LIMIT 1`);
    if (!again) break;
    await engine.run(`UPDATE homeless SET kept = md5('other:' || kept) WHERE kept IN ${taken}`);
  }
  await engine.run('INSERT INTO moved FROM homeless');
  await engine.run('UPDATE current SET identity = m.kept FROM moved m WHERE m.old = current.identity');
  return true;
}
