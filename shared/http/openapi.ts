// OpenAPI 3.1 out of the same route objects that are served: nothing in it is written by hand twice.
// It refuses what JSON Schema cannot say (transforms, dates, bigint), because zod throws on them.
import { z } from 'zod';
import type { Route, RouteTable } from '../contracts/route.ts';

export type ApiDescription = {
  title: string;
  version: string;
  description: string;
  servers: { url: string; description: string }[];
  /** Error code → status and meaning, of the surface. */
  errors: Readonly<Record<string, { status: number; meaning: string }>>;
  /** Codes that follow from what a route is. */
  implied: Readonly<Record<'every' | 'bearer' | 'idempotent' | 'body', readonly string[]>>;
  /** Named schemas that routes refer to. */
  schemas: Readonly<Record<string, z.ZodType>>;
  errorSchema: z.ZodType;
};

type Json = Record<string, unknown>;

export function openApiOf(routes: RouteTable, api: ApiDescription): Json {
  const paths: Record<string, Json> = {};
  const errors: Json = {};
  for (const [name, route] of Object.entries(routes)) {
    const path = (paths[route.path] ??= {});
    path[route.method.toLowerCase()] = operationOf(name, route, api, errors);
  }
  const named = Object.fromEntries(
    Object.entries(api.schemas).map(([name, schema]) => [name, schemaOf(schema, 'input')]),
  );
  return withSharedParts({
    openapi: '3.1.0',
    info: {
      title: api.title,
      version: api.version,
      description: api.description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: api.servers,
    tags: [...new Set(Object.values(routes).map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        ...(Object.values(routes).some(({ auth }) => auth === 'ticket') && { ticket: ticketScheme }),
      },
      headers: rateHeaders,
      responses: errors,
      schemas: { Error: schemaOf(api.errorSchema, 'output'), ...named },
    },
  });
}

function operationOf(name: string, route: Route, api: ApiDescription, errors: Json): Json {
  const body = requestBodyOf(route);
  return {
    operationId: name,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description && { description: route.description }),
    ...(route.extension && { 'x-extension': true }),
    ...(route.roles && { 'x-roles': route.roles }),
    security: securityOf(route),
    parameters: [
      ...parametersOf(route.params, 'path'),
      ...parametersOf(route.query, 'query'),
      ...(route.idempotent ? [idempotencyKey] : []),
    ],
    ...(body && { requestBody: body }),
    responses: { ...successOf(route), ...errorsOf(route, api, errors) },
  };
}

/** One of those listed. */
function securityOf({ auth }: Route): Json[] {
  if (auth === 'none') return [];
  return auth === 'ticket' ? [{ bearer: [] }, { ticket: [] }] : [{ bearer: [] }];
}

const ticketScheme = {
  type: 'apiKey',
  in: 'query',
  name: 'token',
  description: 'A single-use ticket, never a JWT: addresses are written into logs and histories',
};

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as { properties?: Json; required?: string[] };
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property as { description?: string };
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description && { description }),
      schema: rest,
    };
  });
}

function requestBodyOf(route: Route): Json | undefined {
  if (route.multipart) {
    const fields = route.body ? (schemaOf(route.body, 'input') as { properties?: Json; required?: string[] }) : {};
    const { file, json } = route.multipart;
    const binary = { type: 'string', contentMediaType: 'application/octet-stream' };
    if (json !== undefined && route.body) {
      const properties = { [json]: schemaOf(route.body, 'input'), [file]: binary };
      const schema = { type: 'object', properties, required: [...(route.bodyOptional ? [] : [json]), file] };
      const encoding = { [json]: { contentType: 'application/json' } };
      return { required: true, content: { 'multipart/form-data': { schema, encoding } } };
    }
    const schema = {
      type: 'object',
      properties: { [file]: binary, ...fields.properties },
      required: [file, ...(fields.required ?? [])],
    };
    return { required: true, content: { 'multipart/form-data': { schema } } };
  }
  if (!route.body) return undefined;
  return { required: !route.bodyOptional, content: { 'application/json': { schema: schemaOf(route.body, 'input') } } };
}

function successOf(route: Route): Json {
  const headers = Object.fromEntries(
    Object.keys(rateHeaders).map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  );
  if (!('download' in route.result))
    return {
      [route.status]: {
        description: 'Success',
        headers,
        content: { 'application/json': { schema: schemaOf(route.result, 'output') } },
      },
      ...(route.pending && { 202: pendingOf(route.pending) }),
    };
  const { download, link, pending } = route.result;
  return {
    [route.status]: {
      description: 'The file, or where it is when asked with redirect=false',
      headers,
      content: Object.fromEntries([
        ...download
          .filter((type) => type !== 'application/json')
          .map((type) => [type, { schema: { type: 'string', contentMediaType: type } }]),
        ['application/json', { schema: download.includes('application/json') ? {} : schemaOf(link, 'output') }],
      ]),
    },
    202: {
      description: 'The file is still being made: ask again after the seconds of Retry-After',
      headers: { 'Retry-After': { schema: { type: 'integer' } } },
      content: { 'application/json': { schema: schemaOf(pending, 'output') } },
    },
    307: {
      description: 'The file is larger than a reply may be: fetch it from Location, without the Authorization header',
      headers: { Location: { schema: { type: 'string', format: 'uri' } } },
    },
  };
}

function pendingOf(schema: z.ZodType): Json {
  return {
    description: 'The work goes on: ask at Location after the seconds of Retry-After',
    headers: { Location: { schema: { type: 'string' } }, 'Retry-After': { schema: { type: 'integer' } } },
    content: { 'application/json': { schema: schemaOf(schema, 'output') } },
  };
}

/** Responses of one status and the same codes are one component, put into `shared`. */
function errorsOf(route: Route, api: ApiDescription, shared: Json): Json {
  const { every, bearer, idempotent, body } = api.implied;
  const codes = new Set([
    ...route.errors,
    ...every,
    ...(route.auth === 'none' ? [] : bearer),
    ...(route.idempotent ? idempotent : []),
    ...(route.body || route.multipart ? body : []),
  ]);
  const byStatus = Map.groupBy([...codes].sort(), (code) => {
    const error = api.errors[code];
    if (!error) throw new Error(`${route.method} ${route.path} declares the unknown error ${code}`);
    return error.status;
  });
  const responses: Json = {};
  for (const [status, ofStatus] of [...byStatus].sort(([a], [b]) => a - b)) {
    const name = ofStatus.join('.');
    shared[name] ??= {
      description: ofStatus.map((code) => `\`${code}\`: ${api.errors[code]?.meaning}`).join('. '),
      ...((status === 429 || status === 503) && { headers: { 'Retry-After': { schema: { type: 'integer' } } } }),
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
    };
    responses[status] = { $ref: `#/components/responses/${name}` };
  }
  return responses;
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'throw',
    // A format says what its pattern says, in one word.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  });
  return rest;
}

/**
 * A schema that refers to itself, or has a name, carries its parts beside it as `$defs`, and refers to them from its own top.
 * In a document references count from the document's top: the parts move there, each once.
 */
function withSharedParts(document: Json & { components: Json & { schemas: Json } }): Json {
  const { schemas } = document.components;
  const moved = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(moved);
    if (typeof value !== 'object' || value === null) return value;
    const { $defs, ...rest } = value as Json;
    for (const [name, part] of Object.entries(($defs ?? {}) as Json)) {
      const there = schemas[name];
      const here = moved(part);
      if (there !== undefined && JSON.stringify(there) !== JSON.stringify(here))
        throw new Error(`two schemas are called ${name}`);
      schemas[name] = here;
    }
    return Object.fromEntries(
      Object.entries(rest).map(([key, one]) => [
        key,
        key === '$ref' && typeof one === 'string' ? one.replace('#/$defs/', '#/components/schemas/') : moved(one),
      ]),
    );
  };
  const { components, ...rest } = document;
  const outside = moved(rest) as Json;
  const { schemas: _, ...others } = components;
  for (const [name, schema] of Object.entries(schemas)) schemas[name] = moved(schema);
  return { ...outside, components: { ...(moved(others) as Json), schemas } };
}

const rateHeaders = {
  'X-RateLimit-Limit': { description: 'Requests allowed per window', schema: { type: 'integer' } },
  'X-RateLimit-Remaining': { description: 'Requests left in this window', schema: { type: 'integer' } },
  'X-RateLimit-Reset': { description: 'End of the window, Unix time in seconds', schema: { type: 'integer' } },
};

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'A repeat with the same key within a day does nothing and answers as the first success did',
  schema: { type: 'string', maxLength: 255 },
};
