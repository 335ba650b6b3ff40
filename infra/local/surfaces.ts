// The HTTP surfaces that exist, and the port of each on the local stack. A surface gets its line here with its API.

export type Surface = {
  name: string;
  /** Unless the environment variable says another. */
  port: number;
  portVariable: string;
  /** Output of the stack with the id of its HTTP API. */
  apiIdOutput: string;
};

export const surfaces: readonly Surface[] = [
  { name: 'recon', port: 8080, portVariable: 'RECON_PORT', apiIdOutput: 'ReconApiId' },
];
