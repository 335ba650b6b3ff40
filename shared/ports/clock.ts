// Time and chance come from outside, so that a test can hold them.
export type Clock = { /** Milliseconds since the epoch. */ now(): number };
export type Ids = {
  /** A new UUIDv7. */
  uuid(): string;
  /** 256 bits of chance, as 43 characters that a URL takes as they are. */
  secret(): string;
};
