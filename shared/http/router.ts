// Finds the route of a path by its segments: static before variable, a trailing slash accepted. Building it fails on a
// duplicate. It decides the path first and the method second, so a wrong method is 405 and never slips to a variable.
import type { Route } from '../contracts/route.ts';

export type RouteMatch<R extends Route> =
  | { found: 'route'; route: R; params: Record<string, string> }
  | { found: 'path'; allow: string[] }
  | { found: 'nothing' };

type Node<R extends Route> = { statics: Map<string, Node<R>>; variable?: Node<R>; routes: Map<string, R> };

const emptyNode = <R extends Route>(): Node<R> => ({ statics: new Map(), routes: new Map() });
const segmentsOf = (path: string): string[] => path.replace(/\/$/, '').split('/').slice(1);
const isVariable = (segment: string): boolean => segment.startsWith('{') && segment.endsWith('}');

export function createRouter<R extends Route>(routes: readonly R[]): (method: string, path: string) => RouteMatch<R> {
  const root = emptyNode<R>();
  for (const route of routes) {
    let node = root;
    for (const segment of segmentsOf(route.path)) {
      if (isVariable(segment)) {
        node = node.variable ??= emptyNode();
        continue;
      }
      const next = node.statics.get(segment) ?? emptyNode<R>();
      node.statics.set(segment, next);
      node = next;
    }
    const other = node.routes.get(route.method);
    if (other) throw new Error(`duplicate route: ${route.method} ${route.path} and ${other.path}`);
    node.routes.set(route.method, route);
  }

  return (method, path) => {
    if (!path.startsWith('/')) return { found: 'nothing' };
    const segments = segmentsOf(path).map(decoded);
    const node = find(root, segments, 0);
    if (!node) return { found: 'nothing' };
    const route = node.routes.get(method === 'HEAD' ? 'GET' : method);
    if (!route) return { found: 'path', allow: allowed(node) };
    return { found: 'route', route, params: paramsOf(route, segments) };
  };
}

function find<R extends Route>(node: Node<R>, segments: string[], at: number): Node<R> | undefined {
  const segment = segments[at];
  if (segment === undefined) return node.routes.size > 0 ? node : undefined;
  const literal = node.statics.get(segment);
  const found = literal && find(literal, segments, at + 1);
  if (found) return found;
  // An empty segment is a doubled slash, never a value.
  return node.variable && segment !== '' ? find(node.variable, segments, at + 1) : undefined;
}

function paramsOf(route: Route, segments: string[]): Record<string, string> {
  const params: Record<string, string> = {};
  segmentsOf(route.path).forEach((segment, index) => {
    if (isVariable(segment)) params[segment.slice(1, -1)] = segments[index]!;
  });
  return params;
}

function allowed<R extends Route>(node: Node<R>): string[] {
  const methods = [...node.routes.keys()];
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort();
}

/** Emulators hand over a path already decoded, so a segment that does not decode is taken as it is. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
