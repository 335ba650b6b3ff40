// Every route of the break management surface in one table: what is not here is not served.
import { activityRoutes } from './activity.ts';
import { runRoutes } from './runs.ts';
import { systemRoutes } from './system.ts';

export const breaksRoutes = {
  ...activityRoutes,
  ...runRoutes,
  ...systemRoutes,
} as const;

export type BreaksRoutes = typeof breaksRoutes;
