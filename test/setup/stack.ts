// (to come: the deployed stack for the end-to-end tests)
export { default } from './emulator.ts';
