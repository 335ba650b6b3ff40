// Test support: the parties of docs/linking.md, and a pass that links them.
import type { FuzzyField, FuzzyPass, Pass } from '../../../../shared/domain/definition.ts';
import type { FieldSpec, Row } from '../match/records-from-rows.ts';
import { exact } from './pass-rules.ts';
import { row } from './run-passes.ts';

export const parties: FieldSpec[] = [
  { name: 'id', sqlType: 'VARCHAR', role: 'KEY' },
  { name: 'party', sqlType: 'VARCHAR' },
  { name: 'booked', sqlType: 'DATE' },
  { name: 'amount', sqlType: 'DECIMAL(18,2)' },
];

const all: FuzzyField[] = [{ field: 'party' }, { field: 'booked' }, { field: 'amount' }];

export function alike(more: Partial<FuzzyPass> = {}): Pass[] {
  return [exact, { kind: 'fuzzy', name: 'alike', fields: all, ...more }];
}

export const ledger: Row[] = [
  row('L1', 'Acme Trading Limited', '2024-01-05', '1200.00'),
  row('L2', 'Müller & Söhne GmbH', '2024-01-06', '88.10'),
  row('L3', 'Northwind Traders', '2024-01-09', '45.00'),
  row('L4', 'Société Générale S.A.', '2024-02-01', '9800.50'),
  row('L5', 'Ødegård Bakeri AS', '2024-02-11', '310.00'),
  row('L6', 'Blue Sky Airlines', '2024-02-14', '705.25'),
];

export const bank: Row[] = [
  row('P1', 'ACME TRADING LTD', '2024-01-05', '1200.00'),
  row('P2', 'Mueller und Soehne', '2024-01-06', '88.10'),
  row('P3', 'Northwnd Traders', '2024-01-09', '45.00'),
  row('P4', 'Societe Generale SA', '2024-02-02', '9800.50'),
  row('P5', 'Odegard Bakeri', '2024-02-11', '310.00'),
  row('P6', 'Some Other Company', '2023-07-30', '12.00'),
];
