// Data sources, flat and under a project, with the same effect.
import {
  changeDataSource,
  createDataSource,
  deleteDataSource,
  listDataSources,
  visibleDataSource,
} from '../../../shared/app/data-sources/data-sources.ts';
import type { SignedInActor } from '../../../shared/app/identity/identify.ts';
import type { dataSourceRoutes } from '../../../shared/contracts/recon/data-sources.ts';
import type { DataSource } from '../../../shared/domain/data-source.ts';
import { fail, ok } from '../../../shared/domain/result.ts';
import type { Handlers, Input } from '../../../shared/http/handlers.ts';
import { defined } from '../defined.ts';
import { created, data, message } from '../envelope.ts';
import { presentDataSource } from '../present/file.ts';
import type { ReconDeps } from '../recon-deps.ts';

type CreateBody = Input<(typeof dataSourceRoutes)['createDataSource'], SignedInActor>['body'];

export function dataSourceHandlers(deps: ReconDeps): Handlers<typeof dataSourceRoutes, SignedInActor> {
  async function present(source: DataSource) {
    const profiled = source.uploadId !== undefined && source.columns.length === 0;
    return presentDataSource(source, profiled ? await deps.uploads.get(source.tenant, source.uploadId!) : undefined);
  }
  async function list(actor: SignedInActor, filter: { projectId?: string; sourceType?: string }) {
    const sources = await listDataSources(deps, actor, filter);
    if (!sources.ok) return sources;
    return ok(data({ data_sources: await Promise.all(sources.value.map(present)) }));
  }
  async function create(actor: SignedInActor, body: CreateBody) {
    const source = await createDataSource(
      deps,
      actor,
      defined({
        projectId: body.project_id,
        name: body.name,
        sourceType: body.source_type,
        uploadId: body.file_id,
        columns: body.schema?.columns,
        primaryKey: body.schema?.primary_key,
      }),
    );
    return source.ok ? ok(created(await present(source.value))) : source;
  }
  return {
    listDataSources: ({ actor, query }) =>
      list(actor, defined({ projectId: query.project_id, sourceType: query.source_type })),
    createDataSource: ({ actor, body }) => create(actor, body),
    listProjectDataSources: ({ actor, params, query }) =>
      list(actor, defined({ projectId: params.project_id, sourceType: query.source_type })),
    async createProjectDataSource({ actor, params, body }) {
      if (body.project_id !== undefined && body.project_id !== params.project_id)
        return fail('REQUEST_INVALID', 'project_id differs between path and body', { field: 'project_id' });
      return create(actor, { ...body, project_id: params.project_id });
    },
    async getDataSource({ actor, params }) {
      const source = await visibleDataSource(deps, actor, params.id);
      return source.ok ? ok(data(await present(source.value))) : source;
    },
    async updateDataSource({ actor, params, body }) {
      const change = defined({
        name: body.name,
        columns: body.schema?.columns,
        primaryKey: body.schema?.primary_key,
      });
      const source = await changeDataSource(deps, actor, params.id, change);
      return source.ok ? ok(data(await present(source.value))) : source;
    },
    async deleteDataSource({ actor, params }) {
      const deleted = await deleteDataSource(deps, actor, params.id);
      return deleted.ok ? ok(message('Data source deleted successfully')) : deleted;
    },
  };
}
