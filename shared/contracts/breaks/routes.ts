// Every route of the break management surface in one table: what is not here is not served.
import { activityRoutes } from './activity.ts';
import { authRoutes } from './auth.ts';
import { batchRoutes } from './batches.ts';
import { breakRoutes } from './breaks.ts';
import { definitionRoutes } from './definitions.ts';
import { exportRoutes } from './exports.ts';
import { runRoutes } from './runs.ts';
import { systemRoutes } from './system.ts';

export const breaksRoutes = {
  ...authRoutes,
  ...activityRoutes,
  ...exportRoutes,
  ...runRoutes,
  ...breakRoutes,
  ...definitionRoutes,
  ...batchRoutes,
  ...systemRoutes,
} as const;

export type BreaksRoutes = typeof breaksRoutes;
