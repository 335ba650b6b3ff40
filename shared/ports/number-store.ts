// Integers for dialects that show integers: counted up within a tenant, never given twice. A number that is taken and not
// used leaves a gap.

export type NumberKind = 'definition' | 'source' | 'comment' | 'activity';

export type NumberStore = {
  /** Takes `count` numbers and gives the first: it and the `count - 1` after it are the caller's alone. The very first is 1. */
  take(tenant: string, kind: NumberKind, count: number): Promise<number>;
};
