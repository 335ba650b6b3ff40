// A project: what one person's files, data sources and reconciliations are kept under.
export type Project = {
  tenant: string;
  projectId: string;
  name: string;
  description: string;
  ownerId: string;
  settings: { collaborationEnabled: boolean; maxConcurrentUsers: number };
  createdAt: string;
  updatedAt: string;
  /** Raised by every change; writes are conditional on it. */
  version: number;
};

export const projectSettingsDefault: Project['settings'] = { collaborationEnabled: true, maxConcurrentUsers: 5 };
