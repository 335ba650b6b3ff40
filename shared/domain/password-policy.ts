// What a new password must be. Sign-in never asks: a password that was once accepted stays good until it is changed.

export const passwordPolicy = {
  charactersMin: 10,
  charactersMax: 128,
  needs: ['lower case', 'upper case', 'digit'],
} as const;

const classes: Record<(typeof passwordPolicy.needs)[number], RegExp> = {
  'lower case': /\p{Ll}/u,
  'upper case': /\p{Lu}/u,
  digit: /\p{Nd}/u,
};

/** What is wrong with a new password, as a sentence; undefined when it is good. */
export function passwordFault(password: string, email: string): string | undefined {
  const characters = [...password].length;
  const { charactersMin, charactersMax, needs } = passwordPolicy;
  if (characters < charactersMin) return `The password must have at least ${charactersMin} characters`;
  if (characters > charactersMax) return `The password must have at most ${charactersMax} characters`;
  const missing = needs.find((need) => !classes[need].test(password));
  if (missing) return `The password must have at least one ${missing}${missing === 'digit' ? '' : ' letter'}`;
  const name = email.split('@')[0]!;
  if (name.length >= 4 && password.toLowerCase().includes(name.toLowerCase()))
    return 'The password must not contain the name of the e-mail address';
  return undefined;
}
