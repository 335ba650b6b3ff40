// Entry of the function that asks the directory who somebody is: the only one that may stand in the directory's network. It has
// no right but to read its own secret, and answers with groups; sessions and tokens are made by whoever asked.
import { createArgon2Hasher } from '../../shared/adapters/crypto/argon2-hasher.ts';
import { createSecretsManagerSource } from '../../shared/adapters/secrets-manager/secret-source.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createInvocationLog } from '../../shared/lambda/invocation-log.ts';
import { required } from '../environment.ts';
import { createHandler } from './handler.ts';
import { openDirectory } from './open-directory.ts';

const secret = createSecretsManagerSource(required('DIRECTORY_SECRET_ARN'));
const directory = openDirectory({ secret, hasher: createArgon2Hasher(), clock: systemClock });

export const handler = createHandler(directory, createInvocationLog('directory'));
