// One surface: an HTTP API whose every request goes to one function. The function checks who asks; the API holds the
// rate, writes who asked for what, and lets browsers of any origin ask without cookies.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CorsHttpMethod,
  HttpApi,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** For all callers together; each caller's own limit is the function's. Below the account's default of 10,000. */
const requestsPerSecond = 500;
const requestsBurst = 1_000;

export class HttpSurface extends Construct {
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, props: { stage: string; surface: string }) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', {
      apiName: `tieout-${props.stage}-${props.surface}`,
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins: ['*'],
        allowMethods: [CorsHttpMethod.ANY],
        allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'x-api-key', 'x-request-id', 'if-match'],
        exposeHeaders: ['location', 'retry-after', 'x-request-id', 'content-disposition'],
        allowCredentials: false,
        maxAge: Duration.hours(1),
      },
    });
    const accessLog = new LogGroup(this, 'AccessLog', {
      logGroupName: `/tieout/${props.stage}/access-${props.surface}`,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: requestsPerSecond, burstLimit: requestsBurst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        // No query string: a single-use ticket may be in it.
        format: AccessLogFormat.custom(
          JSON.stringify({
            requestId: '$context.requestId',
            at: '$context.requestTimeEpoch',
            address: '$context.identity.sourceIp',
            method: '$context.httpMethod',
            path: '$context.path',
            status: '$context.status',
            bytes: '$context.responseLength',
            latencyMs: '$context.responseLatency',
            error: '$context.error.message',
          }),
        ),
      },
    });
  }

  /** Apart from the constructor, because the function is told the URL of the API. */
  answerWith(lambda: IFunction): void {
    const route = new HttpRoute(this, 'Default', {
      httpApi: this.api,
      routeKey: HttpRouteKey.DEFAULT,
      integration: new HttpLambdaIntegration('Function', lambda),
    });
    acknowledge(route, {
      'AwsSolutions-APIG4':
        'The function checks the token of every route that declares one; signing in, health and the OpenAPI document are public by specification.',
    });
  }
}
