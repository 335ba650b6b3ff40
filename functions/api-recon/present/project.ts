// Projects in recon's words.
import type { Project } from '../../../shared/domain/project.ts';

export function presentProject(project: Project, ownerName: string) {
  return {
    id: project.projectId,
    name: project.name,
    description: project.description,
    owner_id: project.ownerId,
    owner_name: ownerName,
    settings: {
      collaboration_enabled: project.settings.collaborationEnabled,
      max_concurrent_users: project.settings.maxConcurrentUsers,
    },
    created_at: project.createdAt,
    updated_at: project.updatedAt,
  };
}
