// Every route of the break management surface in one table: what is not here is not served.
import { systemRoutes } from './system.ts';

export const breaksRoutes = {
  ...systemRoutes,
} as const;

export type BreaksRoutes = typeof breaksRoutes;
