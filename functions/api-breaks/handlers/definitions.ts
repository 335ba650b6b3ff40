// Reconciliation definitions, for administrators.
import {
  patchDefinition,
  replaceDefinition,
  retireDefinition,
} from '../../../shared/app/definitions/change-definition.ts';
import { createDefinition } from '../../../shared/app/definitions/create-definition.ts';
import {
  type Defined,
  type DefinitionDeps,
  definitionByNumber,
} from '../../../shared/app/definitions/definition-deps.ts';
import { lastIngestions, listDefinitions } from '../../../shared/app/definitions/list-definitions.ts';
import type { definitionRoutes } from '../../../shared/contracts/breaks/definitions.ts';
import type { BreaksActor } from '../../../shared/domain/breaks-actor.ts';
import type {
  AccessEntry,
  CanonicalField,
  ConfigurationGraph,
  GraphSource,
} from '../../../shared/domain/graph/graph.ts';
import type { ReportTemplate } from '../../../shared/domain/graph/report-template.ts';
import { fail, ok, type Result } from '../../../shared/domain/result.ts';
import type { Handlers, Input } from '../../../shared/http/handlers.ts';
import { page } from '../envelope.ts';
import { presentDefinition, presentListed, presentSchema } from '../present/definition.ts';

type Body = Input<(typeof definitionRoutes)['createDefinition' | 'replaceDefinition'], BreaksActor>['body'];

export function definitionHandlers(deps: DefinitionDeps): Handlers<typeof definitionRoutes, BreaksActor> {
  async function presented(found: Result<Defined>) {
    if (!found.ok) return found;
    const [lastIngestionAt = null] = await lastIngestions(deps, [found.value]);
    return ok(presentDefinition(found.value, lastIngestionAt));
  }

  return {
    async listDefinitions({ actor, query }) {
      const { page: at, size, ...filter } = query;
      const found = page(await listDefinitions(deps, actor.tenant, filter), { page: at, size });
      const times = await lastIngestions(deps, found.items);
      return ok({ ...found, items: found.items.map((one, index) => presentListed(one, times[index] ?? null)) });
    },
    async createDefinition({ actor, body }) {
      return presented(await createDefinition(deps, actor, { graph: graphOf(body), status: body.status }));
    },
    async getDefinition({ actor, params }) {
      return presented(await definitionByNumber(deps, actor.tenant, params.id));
    },
    async replaceDefinition({ actor, params, body }) {
      const { version, status, id } = body;
      if (id !== undefined && id !== params.id)
        return fail('REQUEST_INVALID', `This is definition ${params.id}`, { field: 'id' });
      const replacement = { number: params.id, version, graph: graphOf(body), ...(status && { status }) };
      return presented(await replaceDefinition(deps, actor, replacement));
    },
    async patchDefinition({ actor, params, body }) {
      if (Object.keys(body).length === 0)
        return fail('REQUEST_INVALID', 'Give makerCheckerEnabled, notes or status: there is nothing to change');
      return presented(await patchDefinition(deps, actor, { number: params.id, ...body }));
    },
    async retireDefinition({ actor, params }) {
      return presented(await retireDefinition(deps, actor, params.id));
    },
    async exportSchema({ actor, params }) {
      const found = await definitionByNumber(deps, actor.tenant, params.id);
      return found.ok ? ok(presentSchema(found.value)) : found;
    },
  };
}

/** What a person writes, without what only we do. */
function graphOf(body: Body): ConfigurationGraph {
  const { code, name, description, owner, notes, makerCheckerEnabled } = body;
  const { autoTriggerEnabled, autoTriggerCron, autoTriggerTimezone, autoTriggerGraceMinutes } = body;
  const { sources, canonicalFields, reportTemplates, accessControlEntries } = body;
  const { passes, currencyField, rejectsMax, calendars } = body;
  return {
    code,
    name,
    description,
    owner,
    notes,
    makerCheckerEnabled,
    autoTriggerEnabled,
    autoTriggerCron,
    autoTriggerTimezone,
    autoTriggerGraceMinutes,
    // Words are checked by the domain, with the other faults.
    sources: sources.map(
      ({ id: _, ingestionEndpoint: _endpoint, dropFolder: _folder, arrivalWatched: _watched, ...source }) => source,
    ) as GraphSource[],
    canonicalFields: canonicalFields as CanonicalField[],
    reportTemplates: reportTemplates as ReportTemplate[],
    accessControlEntries: accessControlEntries as AccessEntry[],
    ...(passes && { passes }),
    ...(currencyField !== undefined && { currencyField }),
    ...(rejectsMax !== undefined && { rejectsMax }),
    ...(calendars && { calendars }),
  };
}
