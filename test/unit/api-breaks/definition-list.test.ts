// The list of definitions over HTTP: filters, pages, items; and the schema that those who feed sources export.
import { describe, expect, it } from 'vitest';
import { sampleBody } from './harness.ts';
import { openWithSample, path } from './open-definition.ts';

describe('the list', () => {
  async function openList() {
    const opened = await openWithSample({ owner: 'Custody Ops' });
    for (const [code, owner] of [
      ['CASH', 'Operations EMEA'],
      ['FX', null],
      ['BONDS', 'operations'],
    ]) {
      opened.clock.advance(3_600_000);
      await opened.send('POST', path, {
        ...sampleBody(),
        code,
        owner,
        name: `${code} recon`,
        description: null,
        notes: null,
      });
    }
    await opened.send('PATCH', `${path}/2`, { status: 'PUBLISHED' });
    return opened;
  }

  it.each([
    ['', [1, 2, 3, 4]],
    ['status=PUBLISHED', [2]],
    ['owner=operations', [2, 4]],
    ['owner=OPS', [1]],
    ['search=fx', [3]],
    ['search=general%20LEDGER', [1]],
    ['search=recon', [2, 3, 4]],
    ['updatedAfter=2026-01-05T10:30:00Z', [2, 3, 4]],
    ['updatedAfter=2026-01-05T11:00:00Z&updatedBefore=2026-01-06', [2, 4]],
    ['updatedBefore=2026-01-05', []],
    ['status=PUBLISHED&owner=custody', []],
  ])('admin-list-filters: %s', async (query, ids) => {
    const { send } = await openList();
    const { body } = await send('GET', `${path}?${query}`);
    expect(body.items.map(({ id }: { id: number }) => id)).toEqual(ids);
    expect(body.totalElements).toBe(ids.length);
  });

  it('admin-pagination, admin-list-item: pages from 0, totals', async () => {
    const { send } = await openList();
    const { body } = await send('GET', `${path}?page=1&size=3`);
    expect(body).toEqual({
      items: [
        {
          id: 4,
          code: 'BONDS',
          name: 'BONDS recon',
          status: 'DRAFT',
          makerCheckerEnabled: true,
          updatedAt: '2026-01-05T12:00:00.000Z',
          owner: 'operations',
          updatedBy: 'admin.ops',
          lastIngestionAt: null,
        },
      ],
      totalElements: 4,
      totalPages: 2,
      page: 1,
      size: 3,
    });
    expect((await send('GET', `${path}?page=9`)).body).toMatchObject({ items: [], totalElements: 4, totalPages: 1 });
  });

  it.each(['page=-1', 'size=0', 'size=1001', 'page=x', 'status=OPEN', 'updatedAfter=yesterday', 'page=1&page=2'])(
    'err-422: %s',
    async (query) => {
      const { send } = await openWithSample();
      expect((await send('GET', `${path}?${query}`)).status).toBe(422);
    },
  );
});

it('schema-export, mapping-required: every source with its nulls and its endpoint, every field with its mappings', async () => {
  const { send, one } = await openWithSample();
  const { status, body } = await send('GET', `${one}/schema`);
  expect(status).toBe(200);
  expect(body).toEqual({
    definitionId: 1,
    code: 'CUSTODY_GL',
    name: 'Custody vs GL',
    sources: [
      {
        code: 'CUSTODY_FEED',
        adapterType: 'CSV_FILE',
        anchor: true,
        connectionConfig: null,
        arrivalExpectation: 'Weekdays by 18:00',
        arrivalTimezone: 'America/New_York',
        arrivalSlaMinutes: 60,
        adapterOptions: null,
        ingestionEndpoint: '/api/admin/reconciliations/1/sources/CUSTODY_FEED/batches',
        dropFolder: 'drop/default/custody_gl/CUSTODY_FEED/',
      },
      {
        code: 'GL_LEDGER',
        adapterType: 'DATABASE',
        anchor: false,
        connectionConfig: null,
        arrivalExpectation: null,
        arrivalTimezone: null,
        arrivalSlaMinutes: null,
        adapterOptions: null,
        ingestionEndpoint: '/api/admin/reconciliations/1/sources/GL_LEDGER/batches',
        dropFolder: 'drop/default/custody_gl/GL_LEDGER/',
      },
    ],
    fields: [
      {
        displayName: 'Trade ID',
        canonicalName: 'tradeId',
        role: 'KEY',
        dataType: 'STRING',
        comparisonLogic: 'EXACT_MATCH',
        thresholdPercentage: null,
        formattingHint: null,
        required: true,
        mappings: [
          { sourceCode: 'CUSTODY_FEED', sourceColumn: 'trade_id', required: true },
          { sourceCode: 'GL_LEDGER', sourceColumn: 'trade_id', required: true },
        ],
      },
    ],
  });
});
