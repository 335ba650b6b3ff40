// The OpenAPI description of the break management surface, made from its routes.
import { breaksError } from '../../shared/contracts/breaks/envelope.ts';
import { breaksErrors, impliedErrors } from '../../shared/contracts/breaks/errors.ts';
import { breaksRoutes } from '../../shared/contracts/breaks/routes.ts';
import { openApiOf } from '../../shared/http/openapi.ts';

export const apiVersion = '1.0.0';

export function describeBreaks(publicBaseUrl: string): Record<string, unknown> {
  return openApiOf(breaksRoutes, {
    title: 'Tieout: break management API',
    version: apiVersion,
    description:
      'Reconciliation definitions, their batches and runs, and the breaks that makers and checkers work through. Operations and fields marked as extensions are not in the document that this surface follows. Callers are limited to 60 sign-ins, 300 uploads and 3,000 other requests a minute unless the deployment says otherwise.',
    servers: [{ url: publicBaseUrl, description: 'This deployment' }],
    errors: breaksErrors,
    implied: impliedErrors,
    schemas: {},
    errorSchema: breaksError,
  });
}
