// Passwords to strings that say how they were made, and back to yes or no.
export type PasswordHasher = {
  hash(password: string): Promise<string>;
  /** `outdated`: made with weaker parameters than today's; hash it again while the password is at hand. */
  verify(password: string, hash: string): Promise<{ matches: boolean; outdated: boolean }>;
  /** Does the work of a verification for an account that does not exist, so that time does not tell. */
  pretend(password: string): Promise<void>;
};
