// The middy stack of an API function: one log line for each invocation, tracing, body decode with its limit, and a last resort
// that turns anything thrown into the surface's 500 without saying why. What depends on the route comes after the match, in http/.
import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Api, RefusedRequest, SurfaceEnvelope } from '../http/api.ts';
import { json } from '../http/api.ts';
import type { HttpReply } from '../http/message.ts';
import { toRequest, toResult } from './http-event.ts';
import type { InvocationLog } from './invocation-log.ts';

type Stage = MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>;

type Parts = {
  api: Api;
  envelope: Pick<SurfaceEnvelope, 'fault' | 'tooLarge'>;
  /** `/recon` behind a shared custom domain; empty otherwise. */
  basePath: string;
  log: InvocationLog;
  /** Powertools' middleware; a process outside Lambda has none. */
  tracing?: Stage;
  now?: () => number;
};

export type HttpFunction = (
  event: APIGatewayProxyEventV2,
  context: { awsRequestId?: string },
) => Promise<APIGatewayProxyStructuredResultV2>;

export function createHttpFunction(parts: Parts): HttpFunction {
  const now = parts.now ?? Date.now;
  const requests = new WeakMap<object, { request: RefusedRequest; startedAt: number }>();

  const logged: Stage = {
    after: ({ context, response }) => writeLine(context, response),
    onError: ({ context, response }) => writeLine(context, response),
  };
  const lastResort: Stage = {
    onError: (invocation) => {
      const known = requests.get(invocation.context)?.request;
      const request =
        known ?? ({ ...emptyRequest, requestId: 'req_unknown', receivedAt: now() } satisfies RefusedRequest);
      parts.log.fault(invocation.error, { requestId: request.requestId });
      invocation.response = toResult(json(500, parts.envelope.fault(request)) satisfies HttpReply);
    },
  };
  const decoded: Stage = {
    before: ({ event, context }) => {
      const startedAt = now();
      requests.set(context, {
        request: toRequest(event, { basePath: parts.basePath, tooLarge: parts.envelope.tooLarge, now: startedAt }),
        startedAt,
      });
    },
  };

  function writeLine(context: object, response: APIGatewayProxyStructuredResultV2 | null | undefined): void {
    const invocation = requests.get(context);
    parts.log.line({
      requestId: invocation?.request.requestId,
      method: invocation?.request.method,
      path: invocation?.request.path,
      status: response?.statusCode,
      durationMs: invocation && now() - invocation.startedAt,
    });
  }

  const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use([logged, ...(parts.tracing ? [parts.tracing] : []), lastResort, decoded])
    .handler(async (_event, context) => toResult(await parts.api(requests.get(context)!.request)));
  return handler as unknown as HttpFunction;
}

const emptyRequest = { method: '', path: '', query: '', headers: {}, body: new Uint8Array(), sourceAddress: '' };
