// What makes a definition invalid: one row per fault, each found beside all others.
import { describe, expect, test } from 'vitest';
import { checkDefinition } from '../../../shared/domain/check-definition.ts';
import { cases, field, sound } from './faulty-definitions.ts';

test('a sound definition has no fault', () => {
  expect(checkDefinition(sound())).toEqual([]);
});

test('a definition in which no pass goes by the key needs none', () => {
  const definition = sound();
  definition.passes = [{ kind: 'tolerance', conditions: [{ field: 'amount', absolute: '1' }] }];
  field(definition, 0, { role: 'DISPLAY' });
  expect(checkDefinition(definition)).toEqual([]);
});

describe('a fault is named with its path', () => {
  test.each(cases)('$title', ({ change, path, message }) => {
    const definition = sound();
    change(definition);
    const fault = checkDefinition(definition).find((one) => one.path === path && message.test(one.message));
    expect(fault, JSON.stringify(checkDefinition(definition))).toBeDefined();
  });

  test('all of them at once', () => {
    const definition = sound();
    delete definition.sources[0]!.anchor;
    field(definition, 1, { tolerance: { percent: '-1' } });
    definition.currencyField = 'nope';
    expect(checkDefinition(definition).map((fault) => fault.path)).toEqual([
      'sources',
      'fields[1].tolerance.percent',
      'currencyField',
    ]);
  });
});
