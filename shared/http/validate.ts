// Turns what came over the wire into the typed input of a route, or names the field that is wrong.
// It never guesses: an unknown JSON field, a repeated query key and a second reading of a value are refused.
import { z } from 'zod';
import type { Route } from '../contracts/route.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import type { HttpRequest, UploadedPart } from './message.ts';
import { parseMultipart } from './multipart.ts';

export type RawInput = { params: unknown; query: unknown; body: unknown; file: UploadedPart | undefined };

export async function validate(
  route: Route,
  params: Record<string, string>,
  request: HttpRequest,
): Promise<Result<RawInput>> {
  // A segment that cannot be an id names nothing.
  const checkedParams = route.params?.safeParse(params);
  if (checkedParams && !checkedParams.success) return fail('NOT_FOUND');

  const query = readQuery(route.query, request.query);
  if (!query.ok) return query;

  if (route.multipart) {
    const parts = await parseMultipart(request, route.multipart);
    if (!parts.ok) return parts;
    const { file, fields } = parts.value;
    const body =
      route.multipart.json === undefined
        ? readFields(route, fields)
        : readJsonPart(route, route.multipart.json, fields);
    return body.ok ? ok({ params: checkedParams?.data, query: query.value, body: body.value, file }) : body;
  }
  const body = readBody(route, request);
  if (!body.ok) return body;
  return ok({ params: checkedParams?.data, query: query.value, body: body.value, file: undefined });
}

function readQuery(schema: z.ZodObject | undefined, raw: string): Result<unknown> {
  if (!schema) return ok(undefined);
  const values = new Map<string, string[]>();
  for (const [key, value] of new URLSearchParams(raw)) values.set(key, [...(values.get(key) ?? []), value]);
  const given: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(schema.shape)) {
    const list = values.get(key);
    if (!list) continue;
    if (isArray(field as z.ZodType)) given[key] = list;
    else if (list.length === 1) given[key] = list[0];
    else return fail('REQUEST_INVALID', `The query parameter ${key} is given more than once`, { field: key });
  }
  const checked = schema.safeParse(given);
  return checked.success ? ok(checked.data) : invalid(checked.error);
}

function readFields(route: Route, fields: Record<string, string>): Result<unknown> {
  return parsed(route.body ?? z.strictObject({}), fields);
}

function readJsonPart(route: Route, name: string, fields: Record<string, string>): Result<unknown> {
  const { [name]: text, ...others } = fields;
  const [other] = Object.keys(others);
  if (other !== undefined) return fail('REQUEST_INVALID', `Unknown field: ${other}`, { field: other });
  if (text === undefined && !route.bodyOptional)
    return fail('REQUEST_INVALID', `The part ${name} is required`, { field: name });
  const value = parseJson(text ?? '{}', `The part ${name}`);
  return value.ok
    ? parsed(route.body ?? z.strictObject({}), value.value, [name])
    : { ...value, fields: { field: name } };
}

function readBody(route: Route, request: HttpRequest): Result<unknown> {
  if (request.method === 'GET' || request.method === 'HEAD') return ok(undefined);
  const schema = route.body ?? z.strictObject({});
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(request.body).trim();
  } catch {
    return fail('REQUEST_INVALID', 'The body is not valid UTF-8');
  }
  if (text === '') {
    if (!route.body) return ok(undefined);
    if (route.bodyOptional) return parsed(schema, {});
    return fail('REQUEST_INVALID', 'A JSON body is required');
  }
  const value = parseJson(text, 'The body');
  return value.ok ? parsed(schema, value.value) : value;
}

/** A JSON object that is not nested so deep that looking at it would exhaust the stack. */
function parseJson(text: string, what: string): Result<object> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail('REQUEST_INVALID', `${what} is not valid JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return fail('REQUEST_INVALID', `${what} must be a JSON object`);
  let level: unknown[] = [value];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > depthMax) return fail('REQUEST_INVALID', `${what} is nested more than ${depthMax} deep`);
    level = level.flatMap((one) => Object.values(one as object).filter((part) => typeof part === 'object' && part));
  }
  return ok(value);
}
/** Far more than any body has that a person wrote. */
const depthMax = 100;

function parsed(schema: z.ZodType, value: unknown, at: string[] = []): Result<unknown> {
  const checked = schema.safeParse(value);
  return checked.success ? ok(checked.data) : invalid(checked.error, at);
}

/** The first fault is the message; all faults are listed, each with its path. */
function invalid(error: z.ZodError, at: string[] = []): Result<never> {
  const issues = error.issues.map((issue) => ({ ...issue, path: [...at, ...issue.path] }));
  const faults = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ field: [...issue.path, key].join('.'), message: `Unknown field: ${key}` }))
      : [{ field: issue.path.join('.'), message: messageOf(issue) }],
  );
  const first = faults[0]!;
  return fail('REQUEST_INVALID', first.message, { field: first.field, ...(faults.length > 1 && { faults }) });
}

function messageOf(issue: z.core.$ZodIssue): string {
  const name = issue.path.join('.');
  // A schema's own sentence already says what it is about; zod's own do not.
  if (!/^(Invalid|Too )/.test(issue.message)) return issue.message;
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) return `${name} is required`;
  if (issue.code === 'too_small') return `${name} must ${atLeast(issue)}`;
  if (issue.code === 'too_big') return `${name} must ${measured(issue.origin, 'at most', issue.maximum)}`;
  if (issue.code === 'invalid_value') return `${name} must be one of ${issue.values.join(', ')}`;
  return `${name}: ${issue.message}`;
}

function atLeast({ origin, minimum }: z.core.$ZodIssueTooSmall): string {
  return origin === 'string' && minimum === 1 ? 'not be empty' : measured(origin, 'at least', minimum);
}

function measured(origin: string, bound: string, limit: number | bigint): string {
  if (origin === 'string') return `have ${bound} ${limit} characters`;
  return origin === 'array' || origin === 'set' ? `hold ${bound} ${limit}` : `be ${bound} ${limit}`;
}

function isArray(schema: z.ZodType): boolean {
  if (schema instanceof z.ZodArray) return true;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return isArray(schema.unwrap() as z.ZodType);
  return false;
}
