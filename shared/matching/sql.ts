// Quoting. Every name and value that reaches SQL text goes through here; nothing else builds literals.

export function identifier(name: string): string {
  if (name.includes('\0')) throw new Error('a SQL identifier cannot hold NUL');
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(value: string): string {
  if (value.includes('\0')) throw new Error('a SQL literal cannot hold NUL');
  return `'${value.replaceAll("'", "''")}'`;
}
