// Every route of the recon surface in one table: what is not here is not served.
import { authRoutes } from './auth.ts';
import { batchRoutes } from './batches.ts';
import { dataSourceRoutes } from './data-sources.ts';
import { decisionRoutes } from './decisions.ts';
import { fileRoutes } from './files.ts';
import { jobRoutes } from './jobs.ts';
import { projectRoutes } from './projects.ts';
import { resultRoutes } from './results.ts';
import { reviewRoutes } from './reviews.ts';
import { systemRoutes } from './system.ts';
import { userRoutes } from './users.ts';

export const reconRoutes = {
  ...authRoutes,
  ...userRoutes,
  ...projectRoutes,
  ...fileRoutes,
  ...dataSourceRoutes,
  ...jobRoutes,
  ...resultRoutes,
  ...reviewRoutes,
  ...batchRoutes,
  ...decisionRoutes,
  ...systemRoutes,
} as const;

export type ReconRoutes = typeof reconRoutes;
