// The AWS adapters keep what the ports promise, on the emulator.
import { inject } from 'vitest';
import { emulator } from './stores.ts';
import { portSuites } from './suites.ts';

portSuites(emulator(inject('awsEndpoint')));
