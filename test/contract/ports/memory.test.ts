// The memory twins keep what the ports promise.

import { memory } from './stores.ts';
import { portSuites } from './suites.ts';

portSuites(memory);
