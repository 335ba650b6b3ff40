// A secret that the deployment holds; adapters keep it for a while, so asking each time is cheap.
export type SecretSource = { read(): Promise<Uint8Array> };
