// How every client of the local stack reaches the emulator. The account and region are the emulator's own; the
// credentials are no secret, they name that account.
export const account = '000000000000';
export const region = 'us-east-1';

export function connection(endpoint: string) {
  return {
    endpoint,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    useQueueUrlAsEndpoint: false,
  };
}
