// Data sources: every upload is one of the same id, and others can be made of the same file. Seen by who sees the project.
import { type DataSource, sourceTypeOf } from '../../domain/data-source.ts';
import type { Actor } from '../../domain/principal.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import { everyItem } from '../every-item.ts';
import type { UploadDeps } from '../files/upload-deps.ts';
import { visibleUpload } from '../files/visible-upload.ts';
import { visibleProject, visibleProjects } from '../projects/visible-project.ts';

export type NewDataSource = {
  projectId: string;
  name: string;
  sourceType?: string;
  uploadId?: string;
  columns?: string[];
  primaryKey?: string;
};

type SourceDeps = Pick<UploadDeps, 'projects' | 'uploads' | 'objects' | 'dataSources' | 'clock' | 'ids'>;

export async function createDataSource(
  deps: SourceDeps,
  actor: Actor,
  command: NewDataSource,
): Promise<Result<DataSource>> {
  const project = await visibleProject(deps, actor, command.projectId);
  if (!project.ok) return { ...project, fields: { field: 'project_id' } };
  let sourceType = command.sourceType ?? 'csv';
  if (command.uploadId !== undefined) {
    const upload = await visibleUpload(deps, actor, command.uploadId);
    if (!upload.ok) return { ...upload, fields: { field: 'file_id' } };
    if (upload.value.projectId !== command.projectId)
      return fail('REQUEST_INVALID', 'The file belongs to another project', { field: 'file_id' });
    sourceType = command.sourceType ?? sourceTypeOf(upload.value.fileName);
  }
  const fault = schemaFault(command);
  if (fault) return fail('REQUEST_INVALID', fault, { field: 'schema.primary_key' });
  const source: DataSource = {
    tenant: actor.tenant,
    dataSourceId: deps.ids.uuid(),
    projectId: command.projectId,
    name: command.name,
    sourceType,
    ...(command.uploadId !== undefined && { uploadId: command.uploadId }),
    columns: command.columns ?? [],
    ...(command.primaryKey !== undefined && { primaryKey: command.primaryKey }),
    createdAt: new Date(deps.clock.now()).toISOString(),
    version: 1,
  };
  await deps.dataSources.create(source);
  return ok(source);
}

export async function visibleDataSource(
  deps: Pick<UploadDeps, 'projects' | 'dataSources'>,
  actor: Actor,
  dataSourceId: string,
): Promise<Result<DataSource>> {
  const source = await deps.dataSources.get(actor.tenant, dataSourceId);
  const project = source && (await visibleProject(deps, actor, source.projectId));
  return source && project?.ok ? ok(source) : fail('NOT_FOUND', 'There is no such data source');
}

export async function listDataSources(
  deps: Pick<UploadDeps, 'projects' | 'dataSources'>,
  actor: Actor,
  filter: { projectId?: string; sourceType?: string },
): Promise<Result<DataSource[]>> {
  let projectIds: string[];
  if (filter.projectId !== undefined) {
    const project = await visibleProject(deps, actor, filter.projectId);
    if (!project.ok) return project;
    projectIds = [filter.projectId];
  } else {
    projectIds = (await visibleProjects(deps, actor)).map(({ projectId }) => projectId);
  }
  const lists = await Promise.all(
    projectIds.map((id) => everyItem((cursor) => deps.dataSources.list(actor.tenant, id, cursor))),
  );
  return ok(lists.flat().filter((one) => filter.sourceType === undefined || one.sourceType === filter.sourceType));
}

export async function changeDataSource(
  deps: Pick<UploadDeps, 'projects' | 'dataSources'>,
  actor: Actor,
  dataSourceId: string,
  change: Pick<Partial<NewDataSource>, 'name' | 'columns' | 'primaryKey'>,
): Promise<Result<DataSource>> {
  const found = await visibleDataSource(deps, actor, dataSourceId);
  if (!found.ok) return found;
  const { primaryKey: before, ...source } = found.value;
  const primaryKey = change.columns === undefined ? (change.primaryKey ?? before) : change.primaryKey;
  const changed: DataSource = {
    ...source,
    name: change.name ?? source.name,
    columns: change.columns ?? source.columns,
    ...(primaryKey !== undefined && { primaryKey }),
  };
  const fault = schemaFault(changed);
  if (fault) return fail('REQUEST_INVALID', fault, { field: 'schema.primary_key' });
  return (await deps.dataSources.update(changed)) ? ok(changed) : fail('CONCURRENT_CHANGE');
}

export async function deleteDataSource(
  deps: Pick<UploadDeps, 'projects' | 'dataSources'>,
  actor: Actor,
  dataSourceId: string,
): Promise<Result<undefined>> {
  const found = await visibleDataSource(deps, actor, dataSourceId);
  if (!found.ok) return found;
  await deps.dataSources.delete(found.value);
  return ok(undefined);
}

function schemaFault({ columns = [], primaryKey }: Pick<NewDataSource, 'columns' | 'primaryKey'>): string | undefined {
  if (primaryKey === undefined || columns.length === 0 || columns.includes(primaryKey)) return undefined;
  return `The primary key ${primaryKey} is not one of the columns`;
}
