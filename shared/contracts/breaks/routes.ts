// Every route of the break management surface in one table: what is not here is not served.
import { activityRoutes } from './activity.ts';
import { authRoutes } from './auth.ts';
import { runRoutes } from './runs.ts';
import { systemRoutes } from './system.ts';

export const breaksRoutes = {
  ...authRoutes,
  ...activityRoutes,
  ...runRoutes,
  ...systemRoutes,
} as const;

export type BreaksRoutes = typeof breaksRoutes;
