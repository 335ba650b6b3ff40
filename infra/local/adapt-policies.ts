// The policies of the template as MiniStack 1.5.33 must read them to decide what AWS would. Each change is one place where
// it differs; nothing else is loosened, so that a right that a function lacks in AWS is lacking here.
import { account, region } from './connection.ts';
import type { Template } from './deploy.ts';

type Statement = { Effect: string; Action: string | string[]; Resource: unknown; Condition?: unknown };

export function adaptPolicies(template: Template): Template {
  const adapted = structuredClone(template);
  for (const { Properties = {} } of Object.values(adapted.Resources)) {
    const document = Properties.PolicyDocument as { Statement: Statement[] } | undefined;
    if (document) document.Statement = document.Statement.filter((one) => !isTlsOnly(one)).map(adaptStatement);
  }
  return adapted;
}

/** The local endpoint has no TLS: what AWS refuses without it would all be refused here. */
function isTlsOnly({ Effect, Condition }: Statement): boolean {
  return Effect === 'Deny' && /"(aws:SecureTransport|s3:TlsVersion)"/.test(JSON.stringify(Condition));
}

function adaptStatement(statement: Statement): Statement {
  const actions = [statement.Action].flat();
  // AWS has no such action: who may send may send ten at once.
  if (actions.includes('sqs:SendMessage')) return { ...statement, Action: [...actions, 'sqs:SendMessageBatch'] };
  // A reference to a secret is its ARN in AWS, and its name here.
  if (actions.includes('secretsmanager:GetSecretValue'))
    return {
      ...statement,
      Resource: `arn:aws:secretsmanager:${region}:${account}:secret:*`,
    };
  return statement;
}
