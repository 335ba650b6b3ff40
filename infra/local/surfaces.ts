// The HTTP surfaces that exist, and the port of each on the local stack. A surface gets its line here with its API.

export type Surface = {
  name: string;
  /** Unless the environment variable says another. */
  port: number;
  portVariable: string;
  /** Output of the stack with the id of its HTTP API. */
  apiIdOutput: string;
  /** Parameter of the stack with the base URL that callers use. */
  urlParameter: string;
};

export const surfaces: readonly Surface[] = [
  {
    name: 'recon',
    port: 8080,
    portVariable: 'RECON_PORT',
    apiIdOutput: 'ReconApiId',
    urlParameter: 'ReconPublicBaseUrl',
  },
  {
    name: 'breaks',
    port: 8081,
    portVariable: 'BREAKS_PORT',
    apiIdOutput: 'BreaksApiId',
    urlParameter: 'BreaksPublicBaseUrl',
  },
];
