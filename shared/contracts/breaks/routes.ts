// Every route of the break management surface in one table: what is not here is not served.
import { activityRoutes } from './activity.ts';
import { systemRoutes } from './system.ts';

export const breaksRoutes = {
  ...activityRoutes,
  ...systemRoutes,
} as const;

export type BreaksRoutes = typeof breaksRoutes;
