// The OpenAPI description of the recon surface, made from its routes.
import { definitionSchema } from '../../shared/contracts/definition.ts';
import { reconError } from '../../shared/contracts/recon/envelope.ts';
import { impliedErrors, reconErrors } from '../../shared/contracts/recon/errors.ts';
import { reconRoutes } from '../../shared/contracts/recon/routes.ts';
import { openApiOf } from '../../shared/http/openapi.ts';

export const apiVersion = '1.0.0';

export function describeRecon(publicBaseUrl: string): Record<string, unknown> {
  return openApiOf(reconRoutes, {
    title: 'Tieout: reconciliation API',
    version: apiVersion,
    description:
      'Projects, files, reconciliation jobs and their results. Files are best sent with the form that `POST /api/files/presigned` gives, which takes every size; `POST /api/files/upload` takes up to 4 MiB. Operations marked `x-extension` are not in the 378 specification.',
    servers: [{ url: publicBaseUrl, description: 'This deployment' }],
    errors: reconErrors,
    implied: impliedErrors,
    schemas: { Definition: definitionSchema },
    errorSchema: reconError,
  });
}
