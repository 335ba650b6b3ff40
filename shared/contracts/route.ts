// How an HTTP route is declared: once, as data. Router, validation, OpenAPI and handler types all come from this object.
// It holds no code that runs per request, and imports nothing but zod.
import type { z } from 'zod';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Which counter a request uses up. `probe` is never refused. */
export type RateClass = 'auth' | 'general' | 'upload' | 'probe';

/**
 * A result that is a file of one of these content types. One too large for a reply is a 307 to a download; `link` is the
 * body for callers who ask for the address itself, `pending` the body of a 202 while the file is still being made.
 */
export type FileDownload = { download: readonly string[]; link: z.ZodType; pending: z.ZodType };

export type Route = {
  method: Method;
  /** Absolute from the surface's base; `{name}` is one segment. */
  path: string;
  tag: string;
  summary: string;
  description?: string;
  /** `ticket`: a bearer token, or a single-use ticket in the query parameter `token`, for links that can carry no header. */
  auth: 'none' | 'bearer' | 'ticket';
  /** Roles that may call it; any role when absent. */
  roles?: readonly string[];
  /** `general` when absent. */
  rate?: RateClass;
  params?: z.ZodObject;
  query?: z.ZodObject;
  /** JSON body, or what is beside the file of a multipart body: text fields, or one JSON part. Strict: an unknown field is refused. */
  body?: z.ZodObject;
  /** True: the JSON body, or the JSON part, may be left out. */
  bodyOptional?: boolean;
  /** The body is multipart with exactly one file in the part of this name; with `json`, `body` is the JSON in that other part. */
  multipart?: { file: string; json?: string };
  /** The whole body of a success, envelope and all. */
  result: z.ZodType | FileDownload;
  status: 200 | 201 | 202 | 204;
  /** Present: the work may last longer than the request. The body of the 202 whose Location says where to ask for it. */
  pending?: z.ZodType;
  /** Error codes of the surface that this route may answer besides those that every route may. */
  errors: readonly string[];
  /** An `Idempotency-Key` header makes a repeat answer as the first time did. */
  idempotent?: true;
  /** Not in the specification of the surface. */
  extension?: true;
};

type ParamNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamNames<Rest>
  : never;

/** The path's variables and the declared `params` must be the same names. */
type WithParams<Path extends string> = [ParamNames<Path>] extends [never]
  ? { params?: never }
  : { params: z.ZodObject<Record<ParamNames<Path>, z.ZodType>> };

/** Declares a route; a variable without a schema, or a schema without a variable, does not compile. */
export function route<const R extends Route>(declaration: R & WithParams<R['path']>): R {
  return declaration;
}

export type RouteTable = Readonly<Record<string, Route>>;
